// Where the fields of a decoded message stand, for those who show them.

import SockLanguage

/// Where the fields of a decoded message stand, in the order of their bytes, each before those that are in it.
final class LayoutTrace {
  /// A field, or an element of one.
  struct Entry {
    fileprivate enum Step {
      case field(LayoutField)
      case element(Int)
      /// One of a field's that may stand there several times.
      case occurrence(Int, LayoutField)
      /// One of those that have no declaration.
      case unknown(Int, number: Int, wire: Int)
    }
    fileprivate let step: Step
    let type: LayoutType
    /// The entry that it is in; -1: none.
    fileprivate let around: Int32
    /// How many messages and lists are around it.
    let depth: Int32
    fileprivate var start = 0
    /// -1: it did not come whole.
    fileprivate var end = -1
    fileprivate(set) var value = Value.nothing

    var range: Range<Int> { start..<end }

    /// The field's, or the element's.
    var name: String {
      switch step {
      case .field(let field): field.name ?? "_"
      case .element(let index): "[\(index)]"
      case .occurrence(let index, let field): "\(field.name ?? "_")[\(index)]"
      case .unknown(let index, let number, let wire):
        "\(MessageDeclaration.unknown)[\(index)] (number \(number), wire type \(wire))"
      }
    }

    fileprivate var pathStep: String {
      switch step {
      case .element: name
      case .field, .occurrence: ".\(name)"
      case .unknown(let index, _, _): ".\(MessageDeclaration.unknown)[\(index)]"
      }
    }
  }

  /// Those that did not come whole, too: what came of them is in them.
  private var records: [Entry] = []
  /// The entry that what comes now is in.
  private var current: Int32 = -1
  /// How many fields and elements that have no entry the decoder is in.
  private var skipped = 0
  /// Where the bytes of each string stand that a field is, or an element has.
  var strings: [Range<Int>] = []

  /// There are no more entries than these.
  private let most: Int
  /// The steps to the one field that is looked for; nil: all are.
  private let wanted: [WantedStep]?
  /// How many of them lead to where the decoder is.
  private var found = 0

  private enum WantedStep: Equatable {
    case name(String)
    case index(Int)
  }

  /// So many elements of a list of plain numbers have entries: one for each would take many times what came.
  static let plainElements = 1000

  init(most: Int = .max) {
    self.most = most
    wanted = nil
  }

  /// For `place`.
  /// - Parameter path: a field, or an element: `.answers[1].ttl`.
  init(of path: String) {
    most = .max
    wanted = path.split(separator: ".").flatMap { part in
      part.split(separator: "[").map { step in
        if step.last == "]", let index = Int(step.dropLast()) { .index(index) } else { .name(String(step)) }
      }
    }
  }

  var entries: some BidirectionalCollection<Entry> { records.lazy.filter { $0.end >= 0 } }

  /// Where the field stands that the trace was made for; nil: it did not come.
  private(set) var place: Range<Int>?

  /// From the outermost message: `.answers[1].ttl`.
  func path(of entry: Entry) -> String {
    var steps = [entry.pathStep]
    var around = entry.around
    while around >= 0 {
      steps.append(records[Int(around)].pathStep)
      around = records[Int(around)].around
    }
    return steps.reversed().joined()
  }

  /// How many elements stand behind the last one of its list that has an entry, and where; nil: it is none such.
  func folded(behind entry: Entry) -> (count: Int, place: Range<Int>)? {
    guard case .element(LayoutTrace.plainElements - 1) = entry.step, entry.type.isPlain, entry.around >= 0,
      case let around = records[Int(entry.around)], case .list(let list) = around.value,
      list.items.count > LayoutTrace.plainElements
    else { return nil }
    return (list.items.count - LayoutTrace.plainElements, entry.end..<around.end)
  }

  // MARK: - While it is decoded

  /// Whether an element gets an entry, where its list's numbers do not all do.
  func has(_ element: Int) -> Bool { element < LayoutTrace.plainElements || wanted != nil }

  /// - Returns: what is to be left once the field has come.
  func enter(_ field: LayoutField, _ depth: Int) -> Int { enter(.field(field), field.type, depth) }

  func enter(_ element: Int, _ type: LayoutType, _ depth: Int) -> Int { enter(.element(element), type, depth) }

  /// One of a field's that may stand there several times.
  func enter(_ occurrence: Int, of field: LayoutField, _ depth: Int) -> Int {
    enter(.occurrence(occurrence, field), field.type, depth)
  }

  /// - Returns: -1: it has no entry.
  private func enter(_ step: Entry.Step, _ type: LayoutType, _ depth: Int) -> Int {
    guard skipped == 0, records.count < most, isWanted(step) else {
      skipped += 1
      return -1
    }
    let mark = records.count
    records.append(Entry(step: step, type: type, around: current, depth: Int32(depth)))
    current = Int32(mark)
    found += LayoutTrace.steps(step)
    return mark
  }

  func leave(_ mark: Int, _ value: Value, _ range: Range<Int>) {
    guard mark >= 0 else {
      skipped -= 1
      return
    }
    records[mark].value = value
    records[mark].start = range.lowerBound
    records[mark].end = range.upperBound
    if found == wanted?.count { place = range }
    current = records[mark].around
    found -= LayoutTrace.steps(records[mark].step)
  }

  /// It turned out to be nothing.
  func forget(_ mark: Int) {
    leave(mark, .nothing, 0..<0)
    if mark >= 0 { records.removeSubrange(mark...) }
  }

  /// The last one of those that have no declaration.
  func note(unknown list: List, _ number: Int, _ wire: Int, _ range: Range<Int>, _ depth: Int) {
    guard case .map(let field)? = list.items.last else { return }
    let mark = enter(.unknown(list.items.count - 1, number: number, wire: wire), .protobuf, depth)
    leave(mark, field[ProtobufKeys.value] ?? .nothing, range)
  }

  // MARK: - The field that is looked for

  private static func steps(_ step: Entry.Step) -> Int {
    switch step {
    case .field, .element: 1
    case .occurrence, .unknown: 2
    }
  }

  private func isWanted(_ step: Entry.Step) -> Bool {
    guard let wanted else { return true }
    let left = wanted[found...]
    switch step {
    case .field(let field): return left.first == .name(field.name ?? "_")
    case .element(let index): return left.first == .index(index)
    case .occurrence(let index, let field): return left.starts(with: [.name(field.name ?? "_"), .index(index)])
    case .unknown(let index, _, _): return left.starts(with: [.name(MessageDeclaration.unknown), .index(index)])
    }
  }
}

extension LayoutType {
  /// It is a number, with nothing in it.
  var isPlain: Bool {
    switch self {
    case .unsigned, .signed, .float32, .float64, .bits, .flag, .variable: true
    default: false
    }
  }

  /// How many bytes each such number takes; nil: that is not the same for all.
  var size: Int? {
    switch self {
    case .unsigned(let size, _), .signed(let size, _): size
    case .float32: 4
    case .float64: 8
    default: nil
    }
  }
}
