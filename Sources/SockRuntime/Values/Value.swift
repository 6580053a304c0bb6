// What a script computes with: 16 bytes, of which small things need no allocation.

import SockLanguage
import SocketCore

package enum Value {
  case nothing
  case boolean(Bool)
  case integer(Int)
  case float(Double)
  case string(ByteString)
  case list(List)
  case map(Map)
  case range(IntegerRange)
  case regex(Pattern)
  case match(Match)
  case function(Function)
  case builtin(BuiltinBox)
  case channel(Channel)
  case task(TaskHandle)
  case address(Address)
  case error(Failure)
  case module(Module)
  case message(MessageLayout)
  /// `any` and `absent`, where a message is expected.
  case presence(Presence)
  /// A captured variable in its register; scripts never see one.
  case cell(Cell)

  /// Only nil and false are false.
  @inline(__always)
  package var isTrue: Bool {
    switch self {
    case .nothing: return false
    case .boolean(let value): return value
    default: return true
    }
  }

  /// Whether it is all there is: nothing that is counted or freed hangs on it, and its bytes can be copied.
  @inline(__always)
  package var isScalar: Bool {
    switch self {
    case .nothing, .boolean, .integer, .float: return true
    default: return false
    }
  }

  /// As messages and `type(x)` name it.
  package var typeName: String {
    switch self {
    case .nothing: return "nil"
    case .boolean: return "bool"
    case .integer: return "int"
    case .float: return "float"
    case .string: return "string"
    case .list: return "list"
    case .map: return "map"
    case .range: return "range"
    case .regex: return "regex"
    case .match: return "match"
    case .function, .builtin: return "function"
    case .channel: return "channel"
    case .task: return "task"
    case .address: return "address"
    case .error: return "error"
    case .module: return "module"
    case .message: return "message"
    case .presence: return "pattern"
    case .cell: return "variable"
    }
  }

  package init(_ text: StaticString) { self = .string(ByteString(text)) }
  package init(_ text: String) { self = .string(ByteString(text)) }
  package init(_ bytes: [UInt8]) { self = .string(ByteString(bytes)) }

  /// An integer, or a float that is whole and fits.
  package var wholeNumber: Int? {
    switch self {
    case .integer(let value): return value
    case .float(let value): return Int(exactly: value)
    default: return nil
    }
  }

  package var number: Double? {
    switch self {
    case .integer(let value): return Double(value)
    case .float(let value): return value
    default: return nil
    }
  }
}

/// `1..10`, `0..<n`, `4..`: the integers from `lower` to `upper`, which is included. An open range ends at `Int.max`.
package final class IntegerRange {
  package let lower: Int
  package let upper: Int
  package let isOpen: Bool
  /// Whether it was written with its end left out, as `lower..<end`: a slice takes a negative number that was written
  /// as counting from the end, and `0..<0` has none.
  package let isExclusive: Bool
  package init(lower: Int, upper: Int, isOpen: Bool = false, isExclusive: Bool = false) {
    self.lower = lower
    self.upper = upper
    self.isOpen = isOpen
    self.isExclusive = isExclusive
  }

  /// Which of `count` elements a slice takes: those that are there. Negative ends count from the end.
  package func slice(of count: Int) -> Range<Int> {
    func place(_ written: Int) -> Int { min(max(0, written < 0 ? written &+ count : written), count) }
    let start = place(lower)
    if isOpen { return start..<count }
    // The end that is not taken: for `..n`, the place behind n, which for `..-1` is the end.
    let end = isExclusive ? place(upper + 1) : upper == -1 || upper == .max ? count : place(upper + 1)
    return start..<max(start, end)
  }
}

/// What a field may be beside a value: anything, or not there.
package enum Presence: String, Sendable { case any, absent }

/// A builtin function used as a value.
package final class BuiltinBox {
  package let function: BuiltinFunction
  package init(_ function: BuiltinFunction) { self.function = function }
}

/// A socket address as a value: `.host .port .path .family .packed`.
package final class Address {
  package let address: SocketAddress
  package init(_ address: SocketAddress) { self.address = address }
}
