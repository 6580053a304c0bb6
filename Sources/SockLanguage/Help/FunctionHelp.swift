// What the help says of a function beyond its row in the function table: its family, and how it can fail.

/// Functions for the same kind of value; each is listed and cross-referenced with the others of its family.
package enum FunctionFamily: String, Sendable, CaseIterable {
  case values = "Any value"
  case strings = "Strings"
  case collections = "Lists and maps"
  case encodings = "Encodings"
  case bytes = "Bytes"
  case digests = "Digests"
  case numbers = "Numbers"
  case system = "The system"

  package var functions: [BuiltinFunction] { BuiltinFunction.allCases.filter { $0.family == self } }
}

extension BuiltinFunction {
  package var family: FunctionFamily {
    switch self {
    case .len, .str, .int, .float, .type, .inspect: .values
    case .upper, .lower, .trim, .lines, .split, .join, .replace, .find, .starts, .ends, .repeat, .reverse: .strings
    case .sort, .keys, .values, .push, .pop: .collections
    case .hex, .unhex, .base64, .unbase64, .urlencode, .urldecode, .json, .parse_json, .format: .encodings
    case .ord, .chr, .pack, .unpack: .bytes
    case .crc32, .md5, .sha1, .sha256, .hmac: .digests
    case .random, .random_bytes, .now, .min, .max, .abs, .floor: .numbers
    case .env, .readfile, .writefile, .free_port, .resolve, .certificate: .system
    }
  }

  /// How a call can fail, apart from `type` for an argument of a wrong type.
  package var errors: [FailureName] {
    switch self {
    case .str, .type, .inspect, .upper, .lower, .trim, .lines, .split, .join, .find, .starts, .ends, .reverse, .keys,
      .values, .push, .pop, .hex, .base64, .urlencode, .crc32, .md5, .sha1, .sha256, .now, .env:
      []
    case .len, .replace, .sort, .ord, .chr, .hmac, .random, .min, .max, .abs, .floor: [.range]
    case .int, .float, .pack, .unpack: [.parse, .range]
    case .unhex, .unbase64, .urldecode: [.parse]
    case .parse_json: [.parse, .limit]
    case .json: [.parse, .range, .limit]
    case .format: [.parse, .range, .limit]
    case .repeat: [.range, .limit]
    case .random_bytes: [.range, .system]
    case .readfile: [.range, .limit, .system]
    case .writefile: [.range, .system]
    case .free_port: [.system]
    case .resolve: [.timeout, .range, .system]
    case .certificate: [.range, .tls, .system]
    }
  }
}
