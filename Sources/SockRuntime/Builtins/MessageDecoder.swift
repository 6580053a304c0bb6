// Bytes to the fields of a message.

import SockLanguage

/// What of a message has been decoded before its bytes came to an end: from there it goes on when more have come, so
/// that one which comes in many pieces costs what it costs in one.
final class LayoutProgress: MessageProgress {
  /// The messages and lists that were begun and are not whole, the innermost one first.
  fileprivate let levels: [DecodedLevel]
  /// Up to here no end of a line or a string was found.
  fileprivate let searched: Int
  fileprivate let made: Int

  fileprivate init(_ layout: MessageLayout, needs: Int, _ levels: [DecodedLevel], searched: Int, made: Int) {
    self.levels = levels
    self.searched = searched
    self.made = made
    super.init(layout, needs: needs)
  }

  /// From which byte on it goes on.
  var place: Int { max(levels.first?.at ?? 0, searched) }
}

/// One message or list, up to the field or element that has not come whole.
final class DecodedLevel {
  /// Where that begins, and how many bits of the byte there are taken.
  let at: Int
  let bit: Int
  /// The fields, or nil for a list.
  let map: Map?
  let list: List?
  /// Which field it is; of a list how many elements had no bytes.
  let index: Int
  /// Handed back to who goes on with it: a copy of all slots for each piece would be what is to be saved.
  var slots = LayoutSlots()
  let outer: [DecodedPart]

  init(_ map: Map, _ place: (at: Int, bit: Int), index: Int, _ slots: LayoutSlots, _ outer: [DecodedPart]) {
    self.map = map
    list = nil
    self.index = index
    self.slots = slots
    self.outer = outer
    at = place.at
    bit = place.bit
  }

  init(_ list: List, at: Int, empty: Int) {
    map = nil
    self.list = list
    index = empty
    outer = []
    self.at = at
    bit = 0
  }
}

/// What bounds fields while a length in front of them does not.
struct DecodedPart {
  let limit: Int
  let mayGrow: Bool
  /// The field; nil: it is not there.
  let length: LayoutField?
}

struct MessageDecoder {
  let bytes: UnsafeRawBufferPointer
  var at: Int
  /// How many bits of the byte at `at` are taken.
  private var bit = 0
  /// No byte from here on is the field's.
  var limit: Int
  /// The limit is only what has come: more may.
  var mayGrow: Bool
  var depth = 0
  /// From where the pointers of names count.
  private var origin = 0
  let trace: LayoutTrace?
  /// About so many bytes were made since the memory and the clock were looked at.
  private var made = 0
  /// Of a message that goes on: what was begun of it, the outermost last, and the same when it stops again.
  private var levels: [DecodedLevel] = []
  private var isResuming = false
  /// They are for who goes on with them.
  private var keepsLevels = false
  private var searched = 0

  /// How deep messages and lists may stand in each other.
  static let deepest = 128
  /// So many elements without any bytes are as many as a list may have.
  private static let mostEmpty = 1000

  /// Decodes the message at the beginning of the bytes, which are all that will come.
  ///
  /// - Returns: the fields, and how many bytes they take.
  static func decode(
    _ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer, trace: LayoutTrace? = nil
  ) throws(LayoutStop) -> (fields: Map, size: Int) {
    var decoder = MessageDecoder(bytes, false, trace)
    let fields = try decoder.message(layout, [])
    return (fields, decoder.at)
  }

  /// Decodes the message at the beginning of the bytes, of which more may come, or goes on where it stopped.
  ///
  /// - Parameter progress: of the same message, whose bytes up to there have not changed; nil where it has not been
  ///   begun, and once it is whole, or none.
  /// - Returns: the fields, and how many bytes they take. Of too few it is said how many there must be.
  static func decode(
    _ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer, from progress: inout MessageProgress?
  ) throws(LayoutStop) -> (fields: Map, size: Int) {
    var decoder = MessageDecoder(bytes, true, nil)
    decoder.keepsLevels = true
    if let known = progress as? LayoutProgress, known.layout === layout {
      guard bytes.count >= known.needs else { throw .more(known.needs) }
      decoder.levels = known.levels
      decoder.isResuming = !known.levels.isEmpty
      decoder.searched = known.searched
      decoder.made = known.made
    }
    progress = nil
    do throws(LayoutStop) {
      let fields = try decoder.message(layout, [])
      return (fields, decoder.at)
    } catch {
      if case .more(let count) = error {
        progress = LayoutProgress(
          layout, needs: count, decoder.levels, searched: decoder.searched, made: decoder.made)
      }
      throw error
    }
  }

  /// Where the strings stand that a message at the beginning of the bytes gives.
  static func strings(_ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
    let trace = LayoutTrace()
    // It has been decoded before.
    _ = try? decode(layout, bytes, trace: trace)
    return trace.strings
  }

  /// Decodes a message that is all of the bytes.
  static func decodeWhole(
    _ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer, trace: LayoutTrace? = nil
  ) throws(LayoutStop) -> Map {
    let (fields, size) = try decode(layout, bytes, trace: trace)
    if size < bytes.count {
      throw .wrong(.parse, "\(ByteDifference.bytes(bytes.count - size)) left over", at: size)
    }
    return fields
  }

  private init(_ bytes: UnsafeRawBufferPointer, _ mayGrow: Bool, _ trace: LayoutTrace?) {
    self.bytes = bytes
    self.mayGrow = mayGrow
    self.trace = trace
    at = 0
    limit = bytes.count
  }

  /// Into a message or an element that stands in another one.
  mutating func descend() throws(LayoutStop) {
    guard depth < MessageDecoder.deepest else {
      throw .wrong(.limit, "stands more than \(MessageDecoder.deepest) deep", at: at)
    }
    depth += 1
  }

  // MARK: - A message

  mutating func message(_ layout: MessageLayout, _ arguments: [Value]) throws(LayoutStop) -> Map {
    try descend()
    let level = resumed()
    if level == nil {
      try account(for: MessageDecoder.bytesOfMap + layout.fields.count * MessageDecoder.bytesOfField)
    }
    let map = level?.map ?? Map(room: layout.fields.count)
    if !layout.numbers.isEmpty {
      try numbered(map, layout)
    } else if layout.needsSlots {
      try fill(map, layout, arguments, level)
    } else {
      var none = LayoutSlots()
      for index in (level?.index ?? 0)..<layout.fields.count {
        let place = (at: at, bit: bit)
        do throws(LayoutStop) {
          try take(layout.fields[index], into: map, &none)
        } catch {
          throw stopped(error, layout.fields[index]) { DecodedLevel(map, place, index: index, none, []) }
        }
      }
    }
    depth -= 1
    return map
  }

  // MARK: - Stopping and going on

  /// What of the message or list that begins here has been decoded already.
  @inline(__always)
  mutating func resumed() -> DecodedLevel? {
    guard isResuming, let level = levels.popLast() else { return nil }
    isResuming = !levels.isEmpty
    (at, bit) = (level.at, level.bit)
    return level
  }

  /// A field has not come whole, or is wrong.
  @inline(never)
  mutating func stopped(
    _ stop: LayoutStop, _ field: LayoutField, _ level: () -> DecodedLevel
  ) -> LayoutStop {
    switch stop {
    case .wrong(let problem): problem.isIn(field)
    case .more: if keepsLevels { levels.append(level()) }
    }
    return stop
  }

  /// An element has not come whole, or is wrong.
  @inline(never)
  mutating func stopped(
    _ stop: LayoutStop, elementOf list: List, at start: Int, empty: Int = 0
  ) -> LayoutStop {
    switch stop {
    case .wrong(let problem): problem.isIn(element: list.items.count)
    case .more: if keepsLevels { levels.append(DecodedLevel(list, at: start, empty: empty)) }
    }
    return stop
  }

  /// Goes back to what bounds the bytes around a part. More may have come since that part was begun.
  mutating func bound(by outer: (limit: Int, mayGrow: Bool)) {
    (limit, mayGrow) = (outer.mayGrow ? bytes.count : outer.limit, outer.mayGrow)
  }

  /// What a map takes by itself, and each of its entries, about; what is in strings came with the bytes.
  static let (bytesOfMap, bytesOfField) = (128, 48)

  /// A peer's bytes become values of some hundred times their size, and lists of messages without bytes of any: there
  /// has to be memory for them, and the time that others have set goes on.
  mutating func account(for bytes: Int) throws(LayoutStop) {
    made += bytes
    guard made >= Meter.lookedAtEach else { return }
    do throws(Failure) {
      try Meter.admit(made)
      try Meter.look()
      made = 0
    } catch {
      throw .wrong(error.code, error.message, at: at)
    }
  }

  /// A field that is there.
  @discardableResult
  mutating func take(
    _ field: LayoutField, into map: Map, _ slots: inout LayoutSlots
  ) throws(LayoutStop) -> Value {
    let begin = at
    let mark = trace?.enter(field, depth)
    let value = try take(field.type, &slots, tail: field.tail)
    if field.isHeld, let constant = field.constant { try hold(value, against: constant, from: begin) }
    if field.name != nil { map.set(field.key, value) }
    // Bits end in the byte that they are in.
    if let trace, let mark { trace.leave(mark, value, begin..<(bit > 0 ? at + 1 : at)) }
    return value
  }

  /// The same for one of which something is computed.
  private mutating func fill(
    _ map: Map, _ layout: MessageLayout, _ arguments: [Value], _ level: DecodedLevel?
  ) throws(LayoutStop) {
    var slots = LayoutSlots()
    if let level { swap(&slots, &level.slots) } else { slots = LayoutSlots(layout, arguments) }
    var outer = level?.outer ?? []
    for index in (level?.index ?? 0)..<layout.fields.count {
      let field = layout.fields[index]
      let place = (at: at, bit: bit)
      let around = outer.count
      do throws(LayoutStop) {
        slots.begin(index, at: at)
        for length in field.opened { try open(length, layout, slots, &outer) }
        if let condition = field.condition, try !isTrue(condition, slots) {
          slots.set(index, .nothing)
        } else {
          slots.set(index, try take(field, into: map, &slots))
        }
        slots.end(index, at: at)
        for _ in 0..<field.closedCount { try close(&outer) }
      } catch {
        throw stopped(error, field) {
          DecodedLevel(map, place, index: index, slots, Array(outer.prefix(around)))
        }
      }
    }
    for (index, field) in layout.fields.enumerated() where field.isVerified {
      try verify(field, index, slots)
    }
  }

  private func isTrue(_ condition: LayoutExpression, _ slots: LayoutSlots) throws(LayoutStop) -> Bool {
    do throws(LayoutSlots.Stop) {
      return try slots.isTrue(condition, bytes)
    } catch {
      throw stop(error)
    }
  }

  private func integer(_ expression: LayoutExpression, _ slots: LayoutSlots) throws(LayoutStop) -> Int {
    switch expression {
    case .constant(.integer(let number)): return number
    case .slot(let slot): if case .integer(let number)? = slots.value(slot) { return number }
    default: break
    }
    do throws(LayoutSlots.Stop) {
      return try slots.integer(expression, bytes)
    } catch {
      throw stop(error)
    }
  }

  private func stop(_ reason: LayoutSlots.Stop) -> LayoutStop {
    switch reason {
    case .unknown: .wrong(.parse, "depends on what is not known", at: at)
    case .wrong(let text): .wrong(.parse, text, at: at)
    }
  }

  // MARK: - Lengths

  /// A part begins whose end a length in front of it says.
  private mutating func open(
    _ length: Int, _ layout: MessageLayout, _ slots: LayoutSlots, _ outer: inout [DecodedPart]
  ) throws(LayoutStop) {
    let field = layout.fields[length]
    guard let rule = field.rule, case .integer(let written)? = slots.value(length) else {
      return outer.append(DecodedPart(limit: limit, mayGrow: mayGrow, length: nil))
    }
    outer.append(DecodedPart(limit: limit, mayGrow: mayGrow, length: field))
    let name = field.name ?? "_"
    var size = written
    for step in rule.steps {
      let result: (partialValue: Int, overflow: Bool)
      switch step {
      case .add(let operand): result = size.addingReportingOverflow(try integer(operand, slots))
      case .subtract(let operand): result = size.subtractingReportingOverflow(try integer(operand, slots))
      case .multiply(let operand): result = size.multipliedReportingOverflow(by: try integer(operand, slots))
      case .subtractFrom(let operand): result = try integer(operand, slots).subtractingReportingOverflow(size)
      case .divide(let operand):
        let divisor = try integer(operand, slots)
        // Of the least integer and -1 there is no quotient, and so no remainder either.
        guard divisor != 0, case let rest = size.remainderReportingOverflow(dividingBy: divisor),
          rest.overflow || rest.partialValue == 0
        else {
          throw .wrong(.parse, "`\(name)` is \(written), which is no multiple of \(divisor)", at: at)
        }
        result = size.dividedReportingOverflow(by: divisor)
      }
      if result.overflow { throw .wrong(.parse, "`\(name)` is \(written), which no message can be long", at: at) }
      size = result.partialValue
    }
    // What stands in front of the length may be counted, too.
    let begin = rule.extent.lowerBound <= length ? slots.start(of: rule.extent.lowerBound) : at
    let end = begin.addingReportingOverflow(size)
    guard size >= 0, !end.overflow, end.partialValue >= at else {
      throw .wrong(.parse, "`\(name)` is \(written), which is too small for what stands there already", at: at)
    }
    if end.partialValue > limit {
      if mayGrow { throw .more(end.partialValue) }
      let due = ByteDifference.bytes(end.partialValue - at)
      throw .wrong(.parse, "`\(name)` is \(written): \(due) should follow, and \(there(limit - at))", at: at)
    }
    (limit, mayGrow) = (end.partialValue, false)
  }

  private mutating func close(_ outer: inout [DecodedPart]) throws(LayoutStop) {
    guard let around = outer.popLast() else { return }
    if let length = around.length, at < limit {
      throw .wrong(
        .parse, "\(ByteDifference.bytes(limit - at)) left over of what `\(length.name ?? "_")` says", at: at)
    }
    bound(by: (around.limit, around.mayGrow))
  }

  // MARK: - What a field is to be

  private static func isSame(_ value: Value, _ wanted: Value) -> Bool {
    switch (value, wanted) {
    case (.integer(let a), .integer(let b)): a == b
    case (.string(let a), .string(let b)): ByteString.equal(a, b)
    case (.boolean(let a), .boolean(let b)): a == b
    case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN || Double(Float(b)) == a
    default: false
    }
  }

  func hold(_ value: Value, against wanted: Value, from begin: Int) throws(LayoutStop) {
    if MessageDecoder.isSame(value, wanted) { return }
    let (expected, came) = (Show.inspect(wanted).text, Show.inspect(value).text)
    throw .wrong(
      LayoutProblem(
        .parse, "expected \(expected), received \(came)", values: "\(came) (expected \(expected))", at: begin))
  }

  /// A computed field, held against what came.
  private func verify(_ field: LayoutField, _ index: Int, _ slots: LayoutSlots) throws(LayoutStop) {
    guard let expression = field.value, let came = slots.value(index) else { return }
    if case .nothing = came { return }
    let value: Value
    do throws(LayoutSlots.Stop) {
      value = try slots.value(expression, bytes, own: index)
    } catch {
      throw stop(error)
    }
    switch (came, value) {
    case (.integer(let a), .integer(let b)) where a == b: return
    case (.boolean(let a), .boolean(let b)) where a == b: return
    default: break
    }
    let (computed, received) = (Show.inspect(value).text, Show.inspect(came).text)
    let problem = LayoutProblem(
      .parse, "expected \(computed), as computed, received \(received)",
      values: "\(received) (computed \(computed))", at: slots.start(of: index))
    problem.isIn(field)
    throw .wrong(problem)
  }

  // MARK: - Types

  /// The bytes of so many, or that they have not come.
  @inline(__always)
  mutating func skip(_ count: Int) throws(LayoutStop) -> Int {
    let start = at
    // `count` may be as large as an int: no sum is made of it.
    guard count <= limit - start else { throw tooFew(count) }
    at = start + count
    return start
  }

  @inline(never)
  func tooFew(_ count: Int) -> LayoutStop {
    if mayGrow {
      let sum = at.addingReportingOverflow(count)
      return .more(sum.overflow ? .max : sum.partialValue)
    }
    return .wrong(.parse, "needs \(ByteDifference.bytes(count)), and \(there(limit - at))", at: at)
  }

  func there(_ count: Int) -> String { "\(count) \(count == 1 ? "is" : "are") there" }

  mutating func string(_ count: Int, isText: Bool) throws(LayoutStop) -> Value {
    guard count >= 0 else { throw .wrong(.parse, "would have \(count) bytes", at: at) }
    let start = try skip(count)
    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
    if isText { try requireText(part, start) }
    trace?.strings.append(start..<at)
    return .string(ByteString.copy(part))
  }

  private func requireText(_ part: UnsafeRawBufferPointer, _ start: Int) throws(LayoutStop) {
    if String(validating: part, as: UTF8.self) == nil { throw .wrong(.parse, "is no UTF-8 text", at: start) }
  }

  /// - Parameter tail: how many bytes stand behind what takes all that is left.
  mutating func take(
    _ type: LayoutType, _ slots: inout LayoutSlots, tail: Int
  ) throws(LayoutStop) -> Value {
    switch type {
    case .unsigned(let size, let isLittle):
      let start = try skip(size)
      let bits = BinaryInteger64.load(bytes, at: start, size, isLittle)
      guard let number = Int(exactly: bits) else {
        throw .wrong(.range, "\(bits) does not fit an int (declare it as bytes 8)", at: start)
      }
      return .integer(number)
    case .signed(let size, let isLittle):
      let start = try skip(size)
      return .integer(BinaryInteger64.signed(BinaryInteger64.load(bytes, at: start, size, isLittle), size))
    case .float32(let isLittle):
      let start = try skip(4)
      let bits = BinaryInteger64.load(bytes, at: start, 4, isLittle)
      return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
    case .float64(let isLittle):
      let start = try skip(8)
      return .float(Double(bitPattern: BinaryInteger64.load(bytes, at: start, 8, isLittle)))
    case .bits(let count): return .integer(try takeBits(count))
    case .flag: return .boolean(try takeBits(1) == 1)
    case .variable(let form): return .integer(try variable(form))
    case .terminated:
      guard let end = end(marked: 0) else {
        if mayGrow { throw .more(limit + 1) }
        throw .wrong(.parse, "has no NUL at its end", at: at)
      }
      defer { at = end + 1 }
      trace?.strings.append(at..<end)
      return .string(ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[at..<end])))
    case .bytes(let size?, let isText): return try string(try integer(size, slots), isText: isText)
    case .bytes(nil, let isText): return try string(try left(tail), isText: isText)
    case .counted(let form, let isText):
      let begin = at
      let count = try number(form)
      do throws(LayoutStop) {
        return try string(count, isText: isText)
      } catch {
        if case .wrong(let problem) = error, problem.offset == at { problem.offset = begin }
        throw error
      }
    case .prefixed(let form, let inner, let counts):
      let count = try number(form)
      if counts, case .list(let element, _) = inner {
        return .list(try list(element, .count(.constant(.integer(count))), &slots, tail: 0))
      }
      guard count >= 0 else { throw .wrong(.parse, "would have \(count) bytes", at: at) }
      let around = (limit: limit, mayGrow: mayGrow)
      at = try skip(count)
      (limit, mayGrow) = (at + count, false)
      let value = try take(inner, &slots, tail: 0)
      if at < limit {
        throw .wrong(.parse, "\(ByteDifference.bytes(limit - at)) left over of the \(count) that it has", at: at)
      }
      bound(by: around)
      return value
    case .line: return try line()
    case .domainName: return try domainName()
    case .ber: return .map(try ber())
    case .protobuf:
      let around = (limit: limit, mayGrow: mayGrow)
      (limit, mayGrow) = (at + (try left(tail)), false)
      let list = List()
      while at < limit { try appendProtobuf(to: list) }
      bound(by: around)
      return .list(list)
    case .message(let layout, let arguments):
      var values: [Value] = []
      for argument in arguments { values.append(try value(argument, slots)) }
      return .map(try message(layout, values))
    case .whole(let inner):
      let outer = origin
      origin = at
      let value = try take(inner, &slots, tail: tail)
      origin = outer
      return value
    case .list(let element, let end): return .list(try list(element, end, &slots, tail: tail))
    case .choice(let tag, let cases, let otherwise):
      let value = try value(tag, slots)
      for choice in cases where choice.takes(value) { return try take(choice.type, &slots, tail: tail) }
      guard let otherwise else {
        throw .wrong(.parse, "there is no choice for \(Show.inspect(value).text)", at: at)
      }
      return try take(otherwise, &slots, tail: tail)
    case .nothing: return .nothing
    }
  }

  /// What stands in front of bytes or elements. One that fits no int is more than there is, too.
  mutating func number(_ form: BinaryFormat.Count) throws(LayoutStop) -> Int {
    switch form {
    case .unsigned(let size, let isLittle):
      let start = try skip(size)
      return Int(exactly: BinaryInteger64.load(bytes, at: start, size, isLittle)) ?? .max
    case .variable(let form): return try variable(form)
    }
  }

  func value(_ expression: LayoutExpression, _ slots: LayoutSlots) throws(LayoutStop) -> Value {
    do throws(LayoutSlots.Stop) {
      return try slots.value(expression, bytes)
    } catch {
      throw stop(error)
    }
  }

  /// How many bytes are left for what takes all of them.
  func left(_ tail: Int) throws(LayoutStop) -> Int {
    if mayGrow {
      throw .wrong(
        .type,
        "takes all that is left, and a stream has no end to it: a length in front of it, or a framing, says where", at: at)
    }
    guard limit - at >= tail else {
      throw .wrong(.parse, "\(ByteDifference.bytes(tail)) should follow, and \(there(limit - at))", at: at)
    }
    return limit - at - tail
  }

  mutating func list(
    _ element: LayoutType, _ end: LayoutEnd, _ slots: inout LayoutSlots, tail: Int
  ) throws(LayoutStop) -> List {
    let level = resumed()
    let list = level?.list ?? List()
    let around = (limit: limit, mayGrow: mayGrow)
    var most = Int.max
    switch end {
    case .count(let count):
      most = try integer(count, slots)
      guard most >= 0 else { throw .wrong(.parse, "would have \(most) elements", at: at) }
    case .size(let size):
      let size = try integer(size, slots)
      guard size >= 0 else { throw .wrong(.parse, "would have \(size) bytes", at: at) }
      let start = try skip(size)
      at = start
      (limit, mayGrow) = (start + size, false)
    case .until: break
    case .rest: (limit, mayGrow) = (at + (try left(tail)), false)
    }
    let last: Value? = if case .until(let last) = end { last } else { nil }
    let isCounted = if case .count = end { true } else { false }
    // Where an element ends it, it is mostly a small part of what has come.
    if list.items.isEmpty, last == nil, let size = element.size {
      try reserve(min(most, (limit - at) / size), in: list)
    }
    let isPlain = element.isPlain
    var empty = level?.index ?? 0
    depth += 1
    while last != nil || (isCounted ? list.items.count < most : at < limit) {
      let start = at
      do throws(LayoutStop) {
        let mark = isTraced(list.items.count, isPlain) ? trace?.enter(list.items.count, element, depth) : nil
        let value = try take(element, &slots, tail: 0)
        if let trace, let mark { trace.leave(mark, value, start..<at) }
        if let last, MessageDecoder.isSame(value, last) { break }
        list.items.append(value)
        try account(for: 2 * MemoryLayout<Value>.stride)
      } catch {
        throw stopped(error, elementOf: list, at: start, empty: empty)
      }
      guard at == start else { continue }
      empty += 1
      if !isCounted || empty > MessageDecoder.mostEmpty {
        throw .wrong(.limit, "has \(isCounted ? "too many elements" : "an element") of no bytes", at: at)
      }
    }
    depth -= 1
    bound(by: around)
    return list
  }

  @inline(__always)
  private func isTraced(_ index: Int, _ isPlain: Bool) -> Bool {
    guard let trace else { return false }
    return !isPlain || trace.has(index)
  }

  /// Room for the numbers that have come, once: a list that doubles has them twice for a while.
  private func reserve(_ count: Int, in list: List) throws(LayoutStop) {
    do throws(Failure) {
      try List.admit(count)
    } catch {
      throw .wrong(error.code, error.message, at: at)
    }
    list.items.reserveCapacity(count)
  }

  private mutating func takeBits(_ count: Int) throws(LayoutStop) -> Int {
    guard (limit - at) * 8 - bit >= count else { throw tooFew((count + bit + 7) / 8) }
    return BinaryBits.take(count, bytes, &at, &bit)
  }

  private mutating func variable(_ form: BinaryFormat.VariableInteger) throws(LayoutStop) -> Int {
    switch form.read(bytes, at: at, end: limit) {
    case .whole(let number, let size):
      at += size
      return number
    case .needs(let count): throw tooFew(count)
    case .tooLong: throw .wrong(.range, form.excess, at: at)
    }
  }

  /// Where the next byte stands that ends what has no length.
  mutating func end(marked mark: UInt8) -> Int? {
    // What was searched when less had come is not searched again: that was for this very field.
    let found = UnsafeRawBufferPointer(rebasing: bytes[..<limit]).offset(of: mark, from: max(at, searched))
    if found == nil { searched = limit }
    return found
  }

  private mutating func line() throws(LayoutStop) -> Value {
    guard let end = end(marked: 0x0A) else {
      if mayGrow { throw .more(limit + 1) }
      throw .wrong(.parse, "has no line end", at: at)
    }
    defer { at = end + 1 }
    let last = end > at && bytes[end - 1] == 0x0D ? end - 1 : end
    trace?.strings.append(at..<last)
    return .string(ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[at..<last])))
  }

  // MARK: - Names of domains

  private mutating func domainName() throws(LayoutStop) -> Value {
    switch DomainName.read(bytes, at: at, end: limit, origin: origin) {
    case .whole(let name, let end):
      at = end
      // Two bytes may be a pointer to many.
      try account(for: name.count)
      return .string(name)
    case .needs(let count):
      if mayGrow { throw .more(count) }
      throw .wrong(.parse, DomainName.endless, at: at)
    case .wrong(let text, let place): throw .wrong(.parse, text, at: place)
    }
  }
}
