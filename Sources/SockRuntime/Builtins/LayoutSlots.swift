// What a message's fields are computed from, while it is decoded or encoded.

import SockLanguage

/// What is wrong with bytes, or with the values that are to become bytes, and in which field.
final class LayoutProblem {
  let code: FailureCode
  /// In words; the path stands in front of it.
  let text: String
  /// In the message; nil where nothing has come.
  var offset: Int?
  /// From the outermost message: `.answers[1].ttl`.
  private(set) var path = ""

  init(_ code: FailureCode, _ text: String, at offset: Int? = nil) {
    self.code = code
    self.text = text
    self.offset = offset
  }

  func isIn(_ field: LayoutField) { path = ".\(field.name ?? "_")\(path)" }
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

  /// Fields, and behind them parameters; nil: not known yet.
  private var values: [Value?]
  /// Where each field begins and ends; -1: not known yet.
  private(set) var starts: [Int]
  private(set) var ends: [Int]

  /// Of a message in which nothing is computed.
  init() { (values, starts, ends) = ([], [], []) }

  init(_ layout: MessageLayout, _ arguments: [Value]) {
    values = [Value?](repeating: nil, count: layout.fields.count)
    for argument in arguments { values.append(argument) }
    starts = [Int](repeating: -1, count: layout.fields.count)
    ends = starts
  }

  mutating func begin(_ index: Int, at place: Int) { starts[index] = place }
  mutating func end(_ index: Int, at place: Int) { ends[index] = place }
  mutating func set(_ index: Int, _ value: Value) { values[index] = value }
  func value(_ index: Int) -> Value? { values[index] }
  mutating func forgetEnd(_ index: Int) { ends[index] = -1 }

  /// Bytes have been put in at a place.
  mutating func move(behind place: Int, by count: Int, after index: Int) {
    for at in starts.indices where at > index && starts[at] >= place {
      starts[at] += count
      if ends[at] >= 0 { ends[at] += count }
    }
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
      guard let value = values[slot] else { throw .unknown }
      return value
    case .member(let slot, let key):
      guard let value = values[slot] else { throw .unknown }
      guard case .map(let map) = value else { throw .wrong("is computed from a field of \(value.articleAndType)") }
      return map[key] ?? .nothing
    case .size(let extent):
      let (start, end) = (starts[extent.lowerBound], ends[extent.upperBound])
      guard start >= 0, end >= 0, extent.allSatisfy({ ends[$0] >= 0 }) else { throw .unknown }
      return .integer(end - start)
    case .count(let slot):
      guard let value = values[slot] else { throw .unknown }
      switch value {
      case .list(let list): return .integer(list.items.count)
      case .nothing: return .integer(0)
      default: throw .wrong("counts \(value.articleAndType)")
      }
    case .checksum(let kind, let extent):
      let (start, end) = (starts[extent.lowerBound], ends[extent.upperBound])
      guard start >= 0, end >= 0, extent.allSatisfy({ ends[$0] >= 0 }) else { throw .unknown }
      return .integer(checksum(kind, UnsafeRawBufferPointer(rebasing: bytes[start..<end]), from: start, own: own))
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
    guard own >= 0, starts[own] >= start, ends[own] <= start + bytes.count, ends[own] > starts[own] else {
      return kind == .crc32 ? Checksums.crc32(of: bytes) : Checksums.internet(of: bytes)
    }
    var copy = Array(bytes)
    for at in (starts[own] - start)..<(ends[own] - start) { copy[at] = 0 }
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
    case .shiftLeft: result = (a << b, false)
    case .shiftRight: result = (a >> b, false)
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
    case .counted(.unsigned(let size, let isLittle), let isText):
      "u\(size * 8)\(isLittle ? "le" : ""):\(isText ? "text" : "bytes")"
    case .counted(.variable(let form), let isText): "\(form.rawValue):\(isText ? "text" : "bytes")"
    case .line: "line"
    case .domainName: "dns_name"
    case .message(let layout, _): layout.name
    case .list(let element, _): "list of \(element.spelled)"
    case .choice: "choose"
    case .nothing: "nil"
    }
  }
}
