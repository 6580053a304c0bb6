// The table of builtin functions: one row for each, from which the checker, completion, `help` and the reference are
// made. The rows are in Functions/. A new function is a case in BuiltinFunction.swift, a row there, and what it does in
// the runtime.

package enum FunctionTable {
  /// In the order of `BuiltinFunction.allCases`. Built at the first use.
  package static let rows: [FunctionRow] = BuiltinFunction.allCases.map(row)

  package static subscript(function: BuiltinFunction) -> FunctionRow { row(function) }

  /// How many arguments a call has at least, and at most (nil: any number). Cheap: it is asked at each call.
  package static func arity(of function: BuiltinFunction) -> (required: Int, most: Int?) {
    switch function {
    case .now, .free_port, .uuid: (0, 0)
    case .inherited: (0, 1)
    case .certificate: (0, nil)
    case .len, .str, .float, .type, .inspect, .upper, .lower, .title, .trim, .lines, .escape_regex, .reverse,
      .keys, .values, .pop, .shift, .unhex, .hexdump, .base64, .unbase64, .base64url, .unbase64url, .urlencode,
      .urldecode, .json, .parse_json, .ord, .chr, .crc32, .inet_checksum, .md5, .sha1, .sha256, .sha384, .sha512,
      .format_duration, .random_bytes, .sum, .abs, .floor, .exists, .readfile, .removefile, .listdir, .mkdir:
      (1, 1)
    case .encode: (1, 2)
    case .int, .join, .sort, .regex, .hex, .random, .round, .env, .output, .resolve: (1, 2)
    case .split: (1, 3)
    case .starts, .ends, .matches, .map, .filter, .repeat, .remove, .crc16, .percentile, .writefile, .appendfile,
      .chmod, .decode:
      (2, 2)
    case .find, .unpack, .format_time, .parse_time, .golden: (2, 3)
    case .replace, .insert, .hmac: (3, 3)
    case .tls_exporter: (3, 4)
    case .hkdf, .pbkdf2: (5, 5)
    case .format, .pack, .min, .max: (1, nil)
    case .push: (2, nil)
    }
  }

  private static func row(_ function: BuiltinFunction) -> FunctionRow {
    switch function {
    case .len: .len
    case .str: .str
    case .int: .int
    case .float: .float
    case .type: .type
    case .inspect: .inspect
    case .upper: .upper
    case .lower: .lower
    case .title: .title
    case .trim: .trim
    case .lines: .lines
    case .split: .split
    case .join: .join
    case .replace: .replace
    case .find: .find
    case .matches: .matches
    case .regex: .regex
    case .escape_regex: .escape_regex
    case .starts: .starts
    case .ends: .ends
    case .repeat: .repeat
    case .reverse: .reverse
    case .sort: .sort
    case .map: .map
    case .filter: .filter
    case .keys: .keys
    case .values: .values
    case .push: .push
    case .pop: .pop
    case .shift: .shift
    case .insert: .insert
    case .remove: .remove
    case .hex: .hex
    case .unhex: .unhex
    case .hexdump: .hexdump
    case .base64: .base64
    case .unbase64: .unbase64
    case .base64url: .base64url
    case .unbase64url: .unbase64url
    case .urlencode: .urlencode
    case .urldecode: .urldecode
    case .json: .json
    case .parse_json: .parse_json
    case .format: .format
    case .ord: .ord
    case .chr: .chr
    case .pack: .pack
    case .unpack: .unpack
    case .decode: .decode
    case .encode: .encode
    case .crc16: .crc16
    case .crc32: .crc32
    case .inet_checksum: .inet_checksum
    case .md5: .md5
    case .sha1: .sha1
    case .sha256: .sha256
    case .sha384: .sha384
    case .sha512: .sha512
    case .hmac: .hmac
    case .hkdf: .hkdf
    case .pbkdf2: .pbkdf2
    case .now: .now
    case .format_time: .format_time
    case .parse_time: .parse_time
    case .format_duration: .format_duration
    case .random: .random
    case .random_bytes: .random_bytes
    case .uuid: .uuid
    case .min: .min
    case .max: .max
    case .sum: .sum
    case .percentile: .percentile
    case .abs: .abs
    case .floor: .floor
    case .round: .round
    case .exists: .exists
    case .readfile: .readfile
    case .writefile: .writefile
    case .appendfile: .appendfile
    case .removefile: .removefile
    case .listdir: .listdir
    case .mkdir: .mkdir
    case .chmod: .chmod
    case .golden: .golden
    case .env: .env
    case .output: .output
    case .free_port: .free_port
    case .inherited: .inherited
    case .resolve: .resolve
    case .certificate: .certificate
    case .tls_exporter: .tls_exporter
    }
  }
}

extension FunctionRow {
  /// - Parameters:
  ///   - expression: an example, which calls the function.
  ///   - value: what that gives, as a script would write it.
  init(
    _ function: BuiltinFunction, _ parameters: [String], _ result: FunctionResult, _ summary: String,
    _ expression: String, _ value: String, details: [String] = [],
    declaring declaration: String = ""
  ) {
    let arity = FunctionTable.arity(of: function)
    self.init(
      function: function, parameters: parameters, required: arity.required, isVariadic: arity.most == nil,
      result: result, summary: summary, example: (expression, value), exampleDeclaration: declaration,
      details: details)
  }

  /// How it is called: `split(s [, separator])`.
  package var signature: String {
    var text = "\(function.rawValue)("
    for (index, parameter) in parameters.enumerated() {
      let isOptional = index >= required
      if isOptional { text += index == 0 ? "[" : " [" }
      text += index == 0 ? parameter : ", \(parameter)"
      if isOptional { text += "]" }
    }
    if isVariadic { text += ", …" }
    return text + ")"
  }
}
