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
    case .now, .free_port: (0, 0)
    case .certificate: (0, nil)
    case .len, .str, .float, .type, .inspect, .upper, .lower, .trim, .lines, .reverse, .sort, .keys, .values, .pop,
      .hex, .unhex, .base64, .unbase64, .urlencode, .urldecode, .json, .parse_json, .ord, .chr, .crc32, .md5, .sha1,
      .sha256, .random_bytes, .abs, .floor, .readfile:
      (1, 1)
    case .int, .split, .join, .env, .resolve: (1, 2)
    case .starts, .ends, .repeat, .random, .writefile: (2, 2)
    case .find, .unpack: (2, 3)
    case .replace, .hmac: (3, 3)
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
    case .trim: .trim
    case .lines: .lines
    case .split: .split
    case .join: .join
    case .replace: .replace
    case .find: .find
    case .starts: .starts
    case .ends: .ends
    case .repeat: .repeat
    case .reverse: .reverse
    case .sort: .sort
    case .keys: .keys
    case .values: .values
    case .push: .push
    case .pop: .pop
    case .hex: .hex
    case .unhex: .unhex
    case .base64: .base64
    case .unbase64: .unbase64
    case .urlencode: .urlencode
    case .urldecode: .urldecode
    case .json: .json
    case .parse_json: .parse_json
    case .format: .format
    case .ord: .ord
    case .chr: .chr
    case .pack: .pack
    case .unpack: .unpack
    case .crc32: .crc32
    case .md5: .md5
    case .sha1: .sha1
    case .sha256: .sha256
    case .hmac: .hmac
    case .random: .random
    case .random_bytes: .random_bytes
    case .now: .now
    case .min: .min
    case .max: .max
    case .abs: .abs
    case .floor: .floor
    case .env: .env
    case .readfile: .readfile
    case .writefile: .writefile
    case .free_port: .free_port
    case .resolve: .resolve
    case .certificate: .certificate
    }
  }
}

extension FunctionRow {
  /// - Parameters:
  ///   - expression: an example, which calls the function.
  ///   - value: what that gives, as a script would write it.
  init(
    _ function: BuiltinFunction, _ parameters: [String], _ result: FunctionResult, _ summary: String,
    _ expression: String, _ value: String
  ) {
    let arity = FunctionTable.arity(of: function)
    self.init(
      function: function, parameters: parameters, required: arity.required, isVariadic: arity.most == nil,
      result: result, summary: summary, example: (expression, value))
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
