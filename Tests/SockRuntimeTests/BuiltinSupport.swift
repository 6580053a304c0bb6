// What the tests of values and builtin functions share: values from literals, and calls whose outcome is one text.

import SockLanguage
import Testing

@testable import SockRuntime

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(ByteString(value)) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(nilLiteral: ()) { self = .nothing }
  public init(arrayLiteral elements: Value...) { self = .list(List(elements)) }
  public init(dictionaryLiteral elements: (Value, Value)...) {
    let map = Map()
    for (key, value) in elements { map.set(key, value) }
    self = .map(map)
  }
}

/// A string of bytes written in hexadecimal.
func bytes(_ digits: String) -> Value {
  let digits = Array(digits.utf8).filter { $0 != 0x20 }
  return Value(
    stride(from: 0, to: digits.count - 1, by: 2).map {
      ByteClass.digit(digits[$0]) << 4 | ByteClass.digit(digits[$0 + 1])
    })
}

func regex(_ source: String, _ flags: String = "") throws -> Value {
  .regex(try Pattern(source: ByteString(source), flags: ByteString(flags)))
}

func call(
  _ function: BuiltinFunction, _ arguments: [Value], _ context: BuiltinContext = BuiltinContext()
) throws(Failure) -> Value {
  var result: Result<Value, Failure> = .success(.nothing)
  arguments.withUnsafeBufferPointer { buffer in
    do throws(Failure) { result = .success(try Builtins.call(function, buffer, context)) } catch {
      result = .failure(error)
    }
  }
  return try result.get()
}

/// The result as `inspect` shows it, or the failure as `code: message`.
func outcome(_ function: BuiltinFunction, _ arguments: [Value]) -> String {
  do throws(Failure) { return inspected(try call(function, arguments)) } catch {
    return "\(error.code.text): \(error.message)"
  }
}

func inspected(_ value: Value) -> String { Show.inspect(value).text }

/// Checks each call against the outcome beside it.
func check(
  _ function: BuiltinFunction, _ cases: [([Value], String)], sourceLocation: SourceLocation = #_sourceLocation
) {
  for (arguments, expected) in cases {
    let found = outcome(function, arguments)
    let shown = arguments.map(inspected).joined(separator: ", ")
    #expect(found == expected, "\(function.rawValue)(\(shown.prefix(200)))", sourceLocation: sourceLocation)
  }
}

/// The message of the failure that `body` ends in, with its code in front; nil when it does not fail.
func failure(_ body: () throws(Failure) -> Void) -> String? {
  do throws(Failure) {
    try body()
    return nil
  } catch {
    return "\(error.code.text): \(error.message)"
  }
}
