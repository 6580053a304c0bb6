// A JSON value (RFC 8259) of a message: read and written by the language's own `parse_json` and `json`.

import SockLanguage
import SockRuntime

/// `Value` means another type in what conforms to `ExpressibleByDictionaryLiteral`.
typealias ScriptValue = Value

struct Json {
  let value: ScriptValue

  init(_ value: ScriptValue) { self.value = value }

  static var null: Json { Json(ScriptValue.nothing) }

  // MARK: - Text

  static func parse(_ bytes: ArraySlice<UInt8>) -> Json? {
    call(.parse_json, ScriptValue.string(ByteString(bytes))).map { Json($0) }
  }

  /// Nil for what JSON cannot hold.
  var bytes: [UInt8]? {
    guard case .string(let text)? = Json.call(.json, value) else { return nil }
    return text.array
  }

  private static func call(_ function: BuiltinFunction, _ value: ScriptValue) -> ScriptValue? {
    do throws(Failure) {
      return try withUnsafePointer(to: value) { pointer throws(Failure) in
        try Builtins.call(function, UnsafeBufferPointer(start: pointer, count: 1), BuiltinContext())
      }
    } catch {
      return nil
    }
  }

  // MARK: - Parts

  /// The value of a key; null where there is none.
  subscript(_ key: String) -> Json {
    guard case .map(let map) = value, let found = map[key] else { return .null }
    return Json(found)
  }

  var isNull: Bool { if case .nothing = value { true } else { false } }
  var isObject: Bool { if case .map = value { true } else { false } }

  var string: String? { if case .string(let text) = value { text.text } else { nil } }

  /// A text's bytes, which are UTF-8.
  var text: [UInt8]? { if case .string(let text) = value { text.array } else { nil } }

  var integer: Int? { value.wholeNumber }

  var boolean: Bool? { if case .boolean(let value) = value { value } else { nil } }

  var list: [Json]? {
    guard case .list(let list) = value else { return nil }
    return list.items.map { Json($0) }
  }

  /// Of an object those entries whose values are texts, numbers or truths, as texts.
  var entries: [(key: String, value: String)] {
    guard case .map(let map) = value else { return [] }
    return map.keys.compactMap { key in
      guard case .string(let name) = key, let entry = map[key] else { return nil }
      switch entry {
      case .string(let text): return (name.text, text.text)
      case .integer, .float, .boolean: return Json(entry).bytes.map { (name.text, String(decoding: $0, as: UTF8.self)) }
      default: return nil
      }
    }
  }

  // MARK: - Making

  init(_ text: String) { value = ScriptValue(text) }
  init(_ number: Int) { value = .integer(number) }
  init(_ items: [Json]) { value = .list(List(items.map(\.value))) }
  init(_ numbers: [Int]) { value = .list(List(numbers.map { .integer($0) })) }

  /// Without the keys whose value is nil.
  init(_ entries: KeyValuePairs<String, Json?>) {
    let map = Map()
    for (key, entry) in entries { if let entry { map.set(ScriptValue(key), entry.value) } }
    value = .map(map)
  }

  /// Keys that are known only now.
  init(_ entries: [(key: String, value: Json)]) {
    let map = Map()
    for (key, entry) in entries { map.set(ScriptValue(key), entry.value) }
    value = .map(map)
  }
}

extension Json: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral text: String) { self.init(text) }
  init(integerLiteral number: Int) { self.init(number) }
  init(booleanLiteral isTrue: Bool) { value = .boolean(isTrue) }
  init(arrayLiteral items: Json...) { self.init(items) }
  init(dictionaryLiteral entries: (String, Json)...) { self.init(entries.map { (key: $0.0, value: $0.1) }) }
}
