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
  case time = "Time"
  case files = "Files"
  case system = "The system"

  package var functions: [BuiltinFunction] { BuiltinFunction.allCases.filter { $0.family == self } }
}

extension BuiltinFunction {
  package var family: FunctionFamily {
    switch self {
    case .len, .str, .int, .float, .type, .inspect: .values
    case .upper, .lower, .title, .trim, .lines, .split, .join, .replace, .find, .matches, .regex, .escape_regex,
      .starts, .ends, .repeat, .reverse:
      .strings
    case .sort, .map, .filter, .keys, .values, .push, .pop, .shift, .insert, .remove: .collections
    case .hex, .unhex, .hexdump, .base64, .unbase64, .base64url, .unbase64url, .urlencode, .urldecode, .json,
      .parse_json, .format:
      .encodings
    case .ord, .chr, .pack, .unpack, .decode, .encode: .bytes
    case .crc16, .crc32, .inet_checksum, .md5, .sha1, .sha256, .sha384, .sha512, .hmac, .hkdf, .pbkdf2: .digests
    case .now, .format_time, .parse_time, .format_duration: .time
    case .random, .random_bytes, .uuid, .min, .max, .sum, .percentile, .abs, .floor, .round: .numbers
    case .exists, .readfile, .writefile, .appendfile, .removefile, .listdir, .mkdir, .chmod, .golden: .files
    case .env, .output, .free_port, .inherited, .resolve, .certificate, .tls_exporter: .system
    }
  }

  /// How a call can fail, apart from `type` for an argument of a wrong type.
  package var errors: [FailureName] {
    switch self {
    case .str, .type, .inspect, .upper, .lower, .title, .trim, .lines, .join, .find, .escape_regex, .starts, .ends,
      .reverse, .map, .filter, .keys, .values, .push, .pop, .shift, .remove, .base64, .base64url, .urlencode, .crc32,
      .inet_checksum, .md5, .sha1, .sha256, .sha384, .sha512, .now, .env:
      []
    case .len, .split, .replace, .sort, .insert, .ord, .chr, .crc16, .hmac, .hkdf, .pbkdf2, .format_duration, .random,
      .min, .max, .sum, .percentile, .abs, .floor, .round:
      [.range]
    case .matches, .hex, .hexdump: [.limit]
    case .regex: [.parse, .limit]
    case .int, .float, .pack, .unpack, .decode, .encode, .format_time, .parse_time: [.parse, .range]
    case .unhex, .unbase64, .unbase64url, .urldecode: [.parse]
    case .parse_json: [.parse, .limit]
    case .json: [.parse, .range, .limit]
    case .format: [.parse, .range, .limit]
    case .repeat: [.range, .limit]
    case .random_bytes: [.range, .system]
    case .readfile: [.range, .limit, .system]
    case .exists, .writefile, .appendfile, .removefile, .listdir, .mkdir, .chmod: [.range, .system]
    case .golden: [.mismatch, .range, .system]
    case .output: [.timeout, .parse, .range, .limit, .system]
    case .free_port, .inherited, .uuid: [.system]
    case .resolve: [.timeout, .range, .system]
    case .certificate: [.range, .tls, .system]
    case .tls_exporter: [.range, .tls]
    }
  }

  /// The guides that tell the rest.
  package var guides: [Guide] {
    switch self {
    case .certificate, .tls_exporter: [.tls]
    case .golden: [.tests]
    case .regex, .matches, .replace, .find, .split, .escape_regex: [.patterns]
    default: []
    }
  }
}
