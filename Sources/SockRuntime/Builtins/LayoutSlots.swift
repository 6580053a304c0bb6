// What a message's fields are computed from, while it is decoded or encoded.

import SockLanguage

/// What is wrong with bytes, or with the values that are to become bytes, and in which field.
///
/// Unchecked: an error has to be sendable, and this one never leaves the thread that makes it.
final class LayoutProblem: @unchecked Sendable {
  let code: FailureCode
  /// In words; the path stands in front of it.
  let text: String
  /// What came where another value was to be, and that one: `3 (expected 8)`; nil: no value is wrong.
  let values: String?
  /// In the message; nil where nothing has come.
  var offset: Int?
  /// From the outermost message: `.answers[1].ttl`.
  private(set) var path = ""

  init(_ code: FailureCode, _ text: String, values: String? = nil, at offset: Int? = nil) {
    self.code = code
    self.text = text
    self.values = values
    self.offset = offset
  }

  func isIn(_ field: LayoutField) { isIn(field.name ?? "_") }
  func isIn(_ name: String) { path = ".\(name)\(path)" }
  func isIn(element index: Int) { path = "[\(index)]\(path)" }

  /// - Parameter name: the message's.
  func words(_ name: String) -> String {
    "\(name)\(path): \(text)\(offset.map { ", at byte \($0)" } ?? "")"
  }
}

/// Why there is no message.
enum LayoutStop: Error {
  /// Too few bytes have come: at least so many are needed, from the message's beginning.
  case more(Int)
  case wrong(LayoutProblem)

  static func wrong(_ code: FailureCode, _ text: String, at offset: Int? = nil) -> LayoutStop {
    .wrong(LayoutProblem(code, text, at: offset))
  }
}

/// The fields of one message, as far as they are known.
struct LayoutSlots {
  /// Why an expression has no value.
  enum Stop: Error {
    /// It reads something that is not there yet.
    case unknown
    case wrong(String)
  }

  private struct Slot {
    /// nil: not known yet.
    var value: Value?
    /// Where it begins and ends; -1: not known yet.
    var start = -1
    var end = -1
  }

  /// Fields, and behind them parameters. One array: a message has its slots for as long as it is read.
  private var slots: [Slot]

  /// Of a message in which nothing is computed.
  init() { slots = [] }

  init(_ layout: MessageLayout, _ arguments: [Value]) {
    slots = [Slot](repeating: Slot(), count: layout.slotCount)
    for (index, argument) in arguments.enumerated() where layout.fields.count + index < slots.count {
      slots[layout.fields.count + index].value = argument
    }
  }

  mutating func begin(_ index: Int, at place: Int) { slots[index].start = place }
  mutating func end(_ index: Int, at place: Int) { slots[index].end = place }
  mutating func set(_ index: Int, _ value: Value) { slots[index].value = value }
  func value(_ index: Int) -> Value? { slots[index].value }
  func start(of index: Int) -> Int { slots[index].start }

  /// Bytes have been put in at a place.
  mutating func move(behind place: Int, by count: Int, after index: Int) {
    for at in slots.indices where at > index && slots[at].start >= place {
      slots[at].start += count
      if slots[at].end >= 0 { slots[at].end += count }
    }
  }

  /// From the beginning of the first to the end of the last; nil: one of them is not known yet.
  private func place(of extent: ClosedRange<Int>) -> Range<Int>? {
    for slot in slots[extent] where slot.end < 0 { return nil }
    let (start, end) = (slots[extent.lowerBound].start, slots[extent.upperBound].end)
    return start >= 0 && start <= end ? start..<end : nil
  }

  // MARK: - Computing

  /// - Parameters:
  ///   - bytes: the message, of which checksums are.
  ///   - own: the field whose value it is: in a checksum of itself it is zero.
  func integer(_ expression: LayoutExpression, _ bytes: UnsafeRawBufferPointer, own: Int = -1) throws(Stop) -> Int {
    let value = try self.value(expression, bytes, own: own)
    switch value {
    case .integer(let number): return number
    case .boolean(let isSet): return isSet ? 1 : 0
    case .nothing: throw .wrong("is computed from a field that is not there")
    default:
      if let number = value.wholeNumber { return number }
      throw .wrong("is computed from \(value.articleAndType)")
    }
  }

  func isTrue(_ expression: LayoutExpression, _ bytes: UnsafeRawBufferPointer) throws(Stop) -> Bool {
    switch try value(expression, bytes) {
    case .integer(let number): number != 0
    case let other: other.isTrue
    }
  }

  func value(_ expression: LayoutExpression, _ bytes: UnsafeRawBufferPointer, own: Int = -1) throws(Stop) -> Value {
    switch expression {
    case .constant(let value): return value
    case .slot(let slot):
      guard let value = slots[slot].value else { throw .unknown }
      return value
    case .member(let slot, let key):
      guard let value = slots[slot].value else { throw .unknown }
      guard case .map(let map) = value else { throw .wrong("is computed from a field of \(value.articleAndType)") }
      return map[key] ?? .nothing
    case .size(let extent):
      guard let place = place(of: extent) else { throw .unknown }
      return .integer(place.count)
    case .count(let slot):
      guard let value = slots[slot].value else { throw .unknown }
      switch value {
      case .list(let list): return .integer(list.items.count)
      case .nothing: return .integer(0)
      default: throw .wrong("counts \(value.articleAndType)")
      }
    case .checksum(let kind, let extent):
      guard let place = place(of: extent) else { throw .unknown }
      let part = UnsafeRawBufferPointer(rebasing: bytes[place])
      return .integer(checksum(kind, part, from: place.lowerBound, own: own))
    case .binary(let op, let left, let right):
      return try compute(op, try value(left, bytes, own: own), try value(right, bytes, own: own))
    case .and(let left, let right):
      if try !isTrue(left, bytes) { return .boolean(false) }
      return .boolean(try isTrue(right, bytes))
    case .or(let left, let right):
      if try isTrue(left, bytes) { return .boolean(true) }
      return .boolean(try isTrue(right, bytes))
    case .not(let inner): return .boolean(try !isTrue(inner, bytes))
    case .negate(let inner): return .integer(0 &- (try integer(inner, bytes, own: own)))
    case .complement(let inner): return .integer(~(try integer(inner, bytes, own: own)))
    }
  }

  private func checksum(
    _ kind: LayoutChecksum, _ bytes: UnsafeRawBufferPointer, from start: Int, own: Int
  ) -> Int {
    guard own >= 0, slots[own].start >= start, slots[own].end <= start + bytes.count,
      slots[own].end > slots[own].start
    else { return kind == .crc32 ? Checksums.crc32(of: bytes) : Checksums.internet(of: bytes) }
    var copy = Array(bytes)
    for at in (slots[own].start - start)..<(slots[own].end - start) { copy[at] = 0 }
    return copy.withUnsafeBytes { kind == .crc32 ? Checksums.crc32(of: $0) : Checksums.internet(of: $0) }
  }

  private func compute(_ op: BinaryOperator, _ left: Value, _ right: Value) throws(Stop) -> Value {
    if case .string(let a) = left, case .string(let b) = right {
      switch op {
      case .equal: return .boolean(ByteString.equal(a, b))
      case .notEqual: return .boolean(!ByteString.equal(a, b))
      default: throw .wrong("does arithmetic with strings")
      }
    }
    guard let a = left.layoutNumber, let b = right.layoutNumber else {
      switch op {
      case .equal: return .boolean(false)
      case .notEqual: return .boolean(true)
      default:
        let other = left.layoutNumber == nil ? left : right
        throw .wrong("is computed from \(other.articleAndType)")
      }
    }
    let result: (partialValue: Int, overflow: Bool)
    switch op {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .divide, .remainder:
      guard b != 0 else { throw .wrong("is divided by 0") }
      result = op == .divide ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
    case .shiftLeft, .shiftRight:
      guard (0...63).contains(b) else { throw .wrong("is shifted by \(b), and only 0 to 63 bits can be shifted") }
      let shifted = op == .shiftLeft ? a << b : a >> b
      result = (shifted, op == .shiftLeft && shifted >> b != a)
    case .bitAnd: result = (a & b, false)
    case .bitOr: result = (a | b, false)
    case .bitXor: result = (a ^ b, false)
    case .equal: return .boolean(a == b)
    case .notEqual: return .boolean(a != b)
    case .less: return .boolean(a < b)
    case .lessOrEqual: return .boolean(a <= b)
    case .greater: return .boolean(a > b)
    case .greaterOrEqual: return .boolean(a >= b)
    case .contained, .containedNot, .matches, .matchesNot: return .nothing
    }
    if result.overflow { throw .wrong("is computed to more than 64 bits hold") }
    return .integer(result.partialValue)
  }
}

extension Value {
  /// A number of a message's arithmetic: a flag counts as 0 or 1.
  fileprivate var layoutNumber: Int? {
    if case .boolean(let isSet) = self { return isSet ? 1 : 0 }
    return wholeNumber
  }
}

extension LayoutCase {
  /// It is the one for this value of the field.
  func takes(_ value: Value) -> Bool {
    tags.contains { tag in
      switch (tag, value) {
      case (.integer(let a), .integer(let b)): a == b
      case (.integer(let a), .boolean(let b)): a == (b ? 1 : 0)
      case (.string(let a), .string(let b)): ByteString.equal(a, b)
      case (.range(let range), .integer(let number)): range.lower <= number && number <= range.upper
      default: false
      }
    }
  }
}

extension LayoutType {
  /// How protobuf says that a value is written: as a varint, in 8 or in 4 bytes, or behind its size.
  var wireType: Int {
    switch self {
    case .variable, .flag: 0
    case .unsigned(8, _), .signed(8, _), .float64: 1
    case .unsigned, .signed, .float32: 5
    default: 2
    }
  }

  /// As a declaration writes it.
  var spelled: String {
    switch self {
    case .unsigned(let size, let isLittle): "u\(size * 8)\(isLittle ? "le" : "")"
    case .signed(let size, let isLittle): "i\(size * 8)\(isLittle ? "le" : "")"
    case .float32(let isLittle): "f32\(isLittle ? "le" : "")"
    case .float64(let isLittle): "f64\(isLittle ? "le" : "")"
    case .bits(1): "bit"
    case .bits(let count): "bits \(count)"
    case .flag: "flag"
    case .variable(let form): form.rawValue
    case .terminated: "cstr"
    case .bytes(_, let isText): isText ? "text" : "bytes"
    case .counted(let count, let isText): "\(count.spelled):\(isText ? "text" : "bytes")"
    case .prefixed(let count, let inner, _): "\(count.spelled):\(inner.spelled)"
    case .line: "line"
    case .domainName: "dns_name"
    case .ber: "ber"
    case .protobuf: "protobuf"
    case .message(let layout, _): layout.name
    case .whole(let inner): inner.spelled
    case .list(let element, _): "list of \(element.spelled)"
    case .choice: "choose"
    case .nothing: "nil"
    }
  }
}
