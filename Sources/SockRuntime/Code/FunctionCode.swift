// What the compiler makes of one body, and what the machine runs.

import SockLanguage

/// A variable that a function and those inside it share.
package final class Cell {
  package var value: Value
  package init(_ value: Value = .nothing) { self.value = value }
}

/// A function as a value: its code, and the cells of what it closes over.
package final class Function {
  package let code: FunctionCode
  package private(set) var cells: [Cell]
  /// That of its code, at hand for the machine.
  let table: UnsafeMutablePointer<CodeTable>
  let hasCells: Bool
  package init(code: FunctionCode, cells: [Cell] = []) {
    self.code = code
    self.cells = cells
    table = code.table
    hasCells = !cells.isEmpty
  }

  /// Empties a function that is no longer used: what nobody else has captured is freed with it.
  func empty(into teardown: inout Teardown) {
    var owned = cells
    cells = []
    while var cell = owned.popLast() {
      if isKnownUniquelyReferenced(&cell) { teardown.add(cell.value) }
    }
  }

  deinit {
    guard !cells.isEmpty else { return }
    var teardown = Teardown()
    empty(into: &teardown)
    teardown.run()
  }
}

/// An imported file as a value.
package final class Module {
  package let name: String
  package let code: FunctionCode
  package var hasRun = false
  package init(name: String, code: FunctionCode) {
    self.name = name
    self.code = code
  }
}

/// Where a function finds a cell that it captures, at the moment it is made.
package enum CaptureSource {
  /// The maker's register holds the cell.
  case register(Int)
  /// The maker has captured it too.
  case captured(Int)
}

/// Where a failure inside `[start, end)` goes on.
package struct Handler {
  let start: Int
  let end: Int
  let target: Int
  /// Gets the error.
  let register: Int
  /// Cleans up and raises again: `finally`, `with`, `within`. Entered by whatever cannot be caught, too.
  let isCleanup: Bool
}

/// What the machine's loops read of a body: memory of its own, since an object's properties cost a check of exclusive
/// access or a counted reference each, 5 ns or so, and an instruction is to take 2.
package struct CodeTable {
  package fileprivate(set) var instructions: UnsafeMutablePointer<Instruction>
  package fileprivate(set) var constants: UnsafeMutablePointer<Value>
  /// The cells of `loadStatic` and `storeStatic`.
  fileprivate(set) var statics: UnsafeMutablePointer<Unmanaged<Cell>>
  /// What `step` performs.
  fileprivate(set) var steps: UnsafeMutablePointer<Unmanaged<StepSite>>
  /// The code of what `callDirect` calls.
  fileprivate(set) var callees: UnsafeMutablePointer<UnsafeMutablePointer<CodeTable>>
  /// The pieces of the interpolated strings, one string's after another's; and where each string's are.
  fileprivate(set) var pieces: UnsafeMutablePointer<TextPiece>
  fileprivate(set) var texts: UnsafeMutablePointer<Range<Int>>
  /// Where to start when n arguments are given: `entries[n - requiredCount]`.
  package fileprivate(set) var entries: UnsafeMutablePointer<Int32>
  package fileprivate(set) var registerCount = 1
  package internal(set) var parameterCount = 0
  package internal(set) var requiredCount = 0
  let owner: Unmanaged<FunctionCode>
}

/// The code of one body: a file, function, task, test, served connection or deferred statement.
package final class FunctionCode {
  package let name: String
  package let kind: FunctionScope.Kind
  package let file: SourceFile
  package let range: SourceRange
  /// The builtin function that this is; nil for what stands in a script. No failure and no call has its place there.
  let builtin: BuiltinFunction?

  package let table: UnsafeMutablePointer<CodeTable>
  private var constantCount = 0
  /// The source of each instruction.
  package internal(set) var ranges: [SourceRange] = []
  package internal(set) var captures: [CaptureSource] = []
  /// In the order in which they were closed: inner ones first.
  package internal(set) var handlers: [Handler] = []
  package internal(set) var statics: [Cell] = []
  package internal(set) var children: [FunctionCode] = []
  package internal(set) var functions: [Function] = []
  package internal(set) var steps: [StepSite] = []
  package internal(set) var selects: [SelectSite] = []
  package internal(set) var serves: [ServeSite] = []
  package internal(set) var members: [MemberSite] = []
  package internal(set) var regexes: [RegexSite] = []
  package internal(set) var assertions: [AssertionSite] = []
  /// Inner loops first.
  var turns: [TurnSite] = []
  var pieces: [TextPiece] = []
  var texts: [Range<Int>] = []
  package internal(set) var modules: [Module] = []
  package internal(set) var settings: [SettingSite] = []
  package internal(set) var tests: [TestCode] = []
  var setupUses: [SetupUse] = []
  /// Empty unless the compiler was to keep them.
  package internal(set) var names: [NamedPlace] = []

  package init(
    name: String, kind: FunctionScope.Kind, file: SourceFile, range: SourceRange, builtin: BuiltinFunction? = nil
  ) {
    self.name = name
    self.builtin = builtin
    self.kind = kind
    self.file = file
    self.range = range
    table = UnsafeMutablePointer<CodeTable>.allocate(capacity: 1)
    table.initialize(
      to: CodeTable(
        instructions: .allocate(capacity: 0), constants: .allocate(capacity: 0), statics: .allocate(capacity: 0),
        steps: .allocate(capacity: 0), callees: .allocate(capacity: 0), pieces: .allocate(capacity: 0), texts: .allocate(capacity: 0),
        entries: .copy([0]), owner: Unmanaged.passUnretained(self)))
  }

  deinit {
    freeTable()
    table.deallocate()
  }

  private func freeTable() {
    table.pointee.instructions.deallocate()
    table.pointee.constants.deinitialize(count: constantCount)
    table.pointee.constants.deallocate()
    table.pointee.statics.deallocate()
    table.pointee.steps.deallocate()
    table.pointee.callees.deallocate()
    table.pointee.pieces.deallocate()
    table.pointee.texts.deallocate()
    table.pointee.entries.deallocate()
  }

  var registerCount: Int { table.pointee.registerCount }
  var parameterCount: Int { table.pointee.parameterCount }
  var requiredCount: Int { table.pointee.requiredCount }
  var entries: UnsafeMutablePointer<Int32> { table.pointee.entries }

  /// Lays the finished code out for the machine. The statics, steps and functions are complete by then.
  func install(_ code: [Instruction], _ values: [Value], entries: [Int], registerCount: Int) {
    freeTable()
    table.pointee.instructions = .copy(code)
    table.pointee.constants = .copy(values)
    constantCount = values.count
    table.pointee.statics = .copy(statics.map { Unmanaged.passUnretained($0) })
    table.pointee.steps = .copy(steps.map { Unmanaged.passUnretained($0) })
    table.pointee.callees = .copy(functions.map(\.code.table))
    table.pointee.pieces = .copy(pieces)
    table.pointee.texts = .copy(texts)
    table.pointee.entries = .copy(entries.map { Int32(truncatingIfNeeded: $0) })
    table.pointee.registerCount = registerCount
  }

  func site(at pc: Int) -> SourceSite {
    SourceSite(file: file, range: pc < ranges.count ? ranges[pc] : range)
  }
}

extension UnsafeMutablePointer {
  fileprivate static func copy(_ elements: [Pointee]) -> UnsafeMutablePointer {
    let copy = UnsafeMutablePointer.allocate(capacity: elements.count)
    for (at, element) in elements.enumerated() { (copy + at).initialize(to: element) }
    return copy
  }
}

/// A name of `setup` in a function of the file.
struct SetupUse {
  let name: String
  /// Holds true while a test runs.
  let isSet: Cell
}

/// One verb phrase as the machine performs it. Offsets count from `base`; -1: not given.
package final class StepSite {
  let verb: Verb
  let file: SourceFile
  let range: SourceRange
  var words = WordSet()
  var base = 0
  var receiver = -1
  /// The tree's text in front of the dot: `client`.
  var receiverName: String?
  var mayBeMapKey = false
  var operands = -1
  var operandCount = 0
  /// For a command with holes, which is a list of its pieces: whether each fills a hole.
  var commandFillings: [Bool] = []
  /// The address, or its host; and its port when that stands apart.
  var address = -1
  var addressPort = -1
  var within = -1
  /// The word itself, or where its value is.
  var word: String?
  var wordValue = -1
  var optionValues: [(word: OptionWord, offset: Int)] = []
  var optionWords: [(word: OptionWord, text: String)] = []
  /// What `as` names: the channel gets that name, and does not become current.
  var resultName: String?
  /// What `let [a, b] = socketpair` calls the two.
  var pairNames: [String] = []
  /// The phrase as it is written.
  let text: String

  init(verb: Verb, file: SourceFile, range: SourceRange) {
    self.verb = verb
    self.file = file
    self.range = range
    text = file.text(range)
  }

  @inline(__always)
  func has(_ word: OptionWord) -> Bool { words.contains(word) }

  func offset(of word: OptionWord) -> Int {
    for option in optionValues where option.word == word { return option.offset }
    return -1
  }

  func text(of word: OptionWord) -> String? {
    for option in optionWords where option.word == word { return option.text }
    return nil
  }

  /// Whether an `expect` wants the stream to end, and nothing of what comes on it.
  var asksForEnd: Bool { has(.eof) || has(.reset) || has(.closed) || has(.alert) }

  var site: SourceSite { SourceSite(file: file, range: range) }
}

/// A set of option words: one bit each, for as many words as their numbers, which are bytes, can tell apart.
struct WordSet {
  private var bits: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  private var count = 0

  /// A word's place among the cases of its enumeration, which is how Swift stores it. Read here: to ask another module
  /// for it is a call, and a step asks for several words.
  @inline(__always)
  private func number(_ word: OptionWord) -> UInt8 { unsafeBitCast(word, to: UInt8.self) }

  @inline(__always)
  private func bit(_ word: OptionWord) -> UInt64 { 1 << UInt64(number(word) & 63) }

  /// With a word that the caller writes out, this is the test of one bit.
  @inline(__always)
  func contains(_ word: OptionWord) -> Bool {
    switch number(word) >> 6 {
    case 0: bits.0 & bit(word) != 0
    case 1: bits.1 & bit(word) != 0
    case 2: bits.2 & bit(word) != 0
    default: bits.3 & bit(word) != 0
    }
  }

  mutating func insert(_ word: OptionWord) {
    if contains(word) { return }
    switch number(word) >> 6 {
    case 0: bits.0 |= bit(word)
    case 1: bits.1 |= bit(word)
    case 2: bits.2 |= bit(word)
    default: bits.3 |= bit(word)
    }
    count += 1
  }

  @inline(__always)
  var isEmpty: Bool { count == 0 }

  /// Whether this one is there and no other.
  @inline(__always)
  func isOnly(_ word: OptionWord) -> Bool { count == 1 && contains(word) }
}

/// A `select`: its cases' steps, whose operands are in registers, and where each goes on.
package final class SelectSite {
  struct Case {
    /// Nil for `when after`.
    let step: StepSite?
    /// For `when after`: the register of the duration.
    let duration: Int
    /// The register that holds whether the guard holds; -1 without one.
    let guardRegister: Int
    let target: Int
    /// Where `as` puts the result is done by the target's code, from r[a].
    let range: SourceRange
  }
  /// Which of them have happened is one integer's bits.
  static let maximumCases = 60

  var isAll = false
  var cases: [Case] = []
  /// -1: there is none.
  var otherwise = -1
  /// `select all`: where it goes on when every case has happened.
  var end = 0
  let range: SourceRange
  init(range: SourceRange) { self.range = range }
}

package final class ServeSite {
  let body: Int
  /// Registers; -1: not given.
  let receiver: Int
  let count: Int
  let workers: Int
  let range: SourceRange
  init(body: Int, receiver: Int, count: Int, workers: Int, range: SourceRange) {
    self.body = body
    self.receiver = receiver
    self.count = count
    self.workers = workers
    self.range = range
  }
}

/// A name behind a dot: what it means for each kind of value, found once.
package final class MemberSite {
  let name: String
  let key: Value
  let channel: ChannelProperty?
  let address: AddressProperty?
  let error: ErrorProperty?
  init(name: String) {
    self.name = name
    key = Value(name)
    channel = ChannelProperty(rawValue: name)
    address = AddressProperty(rawValue: name)
    error = ErrorProperty(rawValue: name)
  }
}

/// A piece of an interpolated string: its text itself, or the register of what fills the hole.
enum TextPiece {
  case constant(Int)
  case register(Int)
}

/// An interpolated regular expression: its parts stand in registers from `first`.
package struct RegexSite {
  let first: Int
  let count: Int
  /// Which parts are holes, and so matched literally.
  let isHole: [Bool]
  let flags: ByteString
}

/// A failed `assert` or `check`: the expression's text, and the parts whose values the message shows.
package struct AssertionSite {
  /// A left side of `and` or `or`, and what it has to be for the right side to be evaluated.
  struct Turn {
    let register: Int
    let isTrue: Bool
  }

  /// A part of the condition: its text, where its value stands, and what has let it be evaluated.
  struct Part {
    let text: String
    let register: Int
    private let reached: [Turn]

    init(_ text: String, _ register: Int, _ reached: [Turn]) {
      self.text = text
      self.register = register
      self.reached = reached
    }

    /// Whether its value was computed. The register of a part that was not holds something else.
    func wasComputed(_ registers: UnsafeMutablePointer<Value>) -> Bool {
      reached.allSatisfy { registers[$0.register].isTrue == $0.isTrue }
    }
  }

  /// What one comparison compares: the texts of both sides, and where their values stand.
  struct Sides {
    let left: (text: String, register: Int)
    let right: (text: String, register: Int)
    let isEquality: Bool
    /// What was expected stands on the left: a literal, or what is called so.
    let isTurned: Bool
  }

  let text: String
  let parts: [Part]
  /// Of a condition that is one comparison.
  let sides: Sides?
  let isCheck: Bool
}

/// The body of a loop, and where the element of a turn of `for` stands: for failures in it.
struct TurnSite {
  /// The name in place of an element's: it is a `while` or `loop`, which has none.
  static let conditional = "while"

  let instructions: Range<Int>
  let name: String
  /// -1 where there is no element.
  let register: Int
  /// Of what it goes through, or of its condition.
  let range: SourceRange
}

/// A `param`: its name, whether its value may be shown, whether it has to be given one, and how what `--set` gives is
/// read.
package struct SettingSite {
  let name: String
  let isSecret: Bool
  let isRequired: Bool
  let numberKind: NumberLiteral.Kind?
  let range: SourceRange
}
