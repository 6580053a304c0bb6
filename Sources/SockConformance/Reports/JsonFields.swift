// JSON objects (RFC 8259) of one line each, and their fields by name and kind: what reports and workers are read with.

import SockLanguage
import SockRuntime

/// What was wrong with one line, without the file's name.
struct JsonError: Error {
  let message: String
}

struct JsonFields {
  private let map: Map

  private init(_ map: Map) { self.map = map }

  init(_ line: ArraySlice<UInt8>) throws(JsonError) {
    guard case .map(let map) = try JsonFields.call(.parse_json, Value.string(ByteString(line))) else {
      throw JsonError(message: "the line is not a JSON object")
    }
    self.map = map
  }

  private static func call(_ function: BuiltinFunction, _ value: Value) throws(JsonError) -> Value {
    do throws(Failure) {
      return try withUnsafePointer(to: value) { pointer throws(Failure) in
        try Builtins.call(function, UnsafeBufferPointer(start: pointer, count: 1), BuiltinContext())
      }
    } catch {
      // The function's name says nothing to someone who has called none.
      let prefix = "\(function.rawValue): "
      throw JsonError(message: error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message)
    }
  }

  private static func wrong(_ key: String, _ type: String) -> JsonError {
    JsonError(message: "`\(key)` is missing, or is not \(type)")
  }

  func has(_ key: String) -> Bool { map[key] != nil }

  func string(_ key: String) throws(JsonError) -> String {
    guard case .string(let value)? = map[key] else { throw JsonFields.wrong(key, "a string") }
    return value.text
  }

  /// Nil where it is missing or null.
  func optional(_ key: String) throws(JsonError) -> String? {
    switch map[key] {
    case nil, .nothing?: return nil
    default: return try string(key)
    }
  }

  func integer(_ key: String) throws(JsonError) -> Int {
    guard case .integer(let value)? = map[key], value >= 0 else { throw JsonFields.wrong(key, "a positive integer") }
    return value
  }

  /// Nanoseconds, up to a hundred days: sums of many stay numbers.
  func duration(_ key: String) throws(JsonError) -> Int64 {
    let value = try integer(key)
    guard value <= 8_640_000_000_000_000 else { throw JsonFields.wrong(key, "a duration of at most 100 days, in nanoseconds") }
    return Int64(value)
  }

  func boolean(_ key: String) throws(JsonError) -> Bool {
    guard case .boolean(let value)? = map[key] else { throw JsonFields.wrong(key, "true or false") }
    return value
  }

  /// The bytes of a string in Base64.
  func base64(_ key: String) throws(JsonError) -> [UInt8] {
    guard case .string(let bytes) = try JsonFields.call(.unbase64, Value(try string(key))) else {
      throw JsonFields.wrong(key, "a string")
    }
    return bytes.array
  }

  func strings(_ key: String) throws(JsonError) -> [String] {
    var strings: [String] = []
    for item in try list(key) {
      guard case .string(let string) = item else { throw JsonFields.wrong(key, "a list of strings") }
      strings.append(string.text)
    }
    return strings
  }

  func objects(_ key: String) throws(JsonError) -> [JsonFields] {
    var objects: [JsonFields] = []
    for item in try list(key) {
      guard case .map(let map) = item else { throw JsonFields.wrong(key, "a list of objects") }
      objects.append(JsonFields(map))
    }
    return objects
  }

  /// Nil where there is none.
  func object(_ key: String) -> JsonFields? {
    guard case .map(let map)? = map[key] else { return nil }
    return JsonFields(map)
  }

  private func list(_ key: String) throws(JsonError) -> [Value] {
    guard case .list(let value)? = map[key] else { throw JsonFields.wrong(key, "a list") }
    return Array(value.items)
  }
}
