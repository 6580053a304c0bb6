// The builtin functions: one switch from the table's names to what they do.

import SockLanguage

package enum Builtins {
  /// Calls a builtin function through a variable, where the checker could not count the arguments: their wrong number,
  /// too, is a `type` failure that names the function.
  package static func call(
    _ function: BuiltinFunction, _ values: UnsafeBufferPointer<Value>, _ context: BuiltinContext
  ) throws(Failure) -> Value {
    try checkCount(function, values.count)
    return try callChecked(function, values, context)
  }

  /// Fails unless the function takes so many arguments.
  static func checkCount(_ function: BuiltinFunction, _ count: Int) throws(Failure) {
    let arity = FunctionTable.arity(of: function)
    if count < arity.required || count > arity.most ?? .max { throw wrongCount(function, count) }
  }

  /// Calls a builtin function with a number of arguments that it takes. A wrong kind is a `type` failure that names
  /// function and position.
  package static func callChecked(
    _ function: BuiltinFunction, _ values: UnsafeBufferPointer<Value>, _ context: BuiltinContext
  ) throws(Failure) -> Value {
    let arguments = Arguments(function, values)
    switch function {
    case .len: return try ValueFunctions.len(arguments)
    case .str: return try ValueFunctions.str(arguments)
    case .int: return try ValueFunctions.int(arguments)
    case .float: return try ValueFunctions.float(arguments)
    case .type: return Value(arguments[0].typeName)
    case .inspect: return try ValueFunctions.inspect(arguments)
    case .upper: return try TextFunctions.upper(arguments)
    case .lower: return try TextFunctions.lower(arguments)
    case .title: return try TextFunctions.title(arguments)
    case .trim: return try TextFunctions.trim(arguments)
    case .lines: return try TextFunctions.lines(arguments)
    case .split: return try TextFunctions.split(arguments)
    case .join: return try TextFunctions.join(arguments)
    case .replace: return try TextFunctions.replace(arguments)
    case .find: return try TextFunctions.find(arguments)
    case .matches: return try TextFunctions.matches(arguments)
    case .regex: return try TextFunctions.regex(arguments, context)
    case .escape_regex: return try TextFunctions.escapeRegex(arguments)
    case .starts: return try TextFunctions.starts(arguments)
    case .ends: return try TextFunctions.ends(arguments)
    case .repeat: return try TextFunctions.repeated(arguments)
    case .reverse: return try TextFunctions.reverse(arguments)
    case .sort: return try ListFunctions.sort(arguments)
    case .map, .filter:
      // The machine has them call their function (`Interpreter.callback`); what comes here cannot.
      throw .type("\(function.rawValue) calls a function, and here nothing can be called")
    case .keys: return try ListFunctions.keys(arguments)
    case .values: return try ListFunctions.values(arguments)
    case .push: return try ListFunctions.push(arguments)
    case .pop: return try ListFunctions.pop(arguments)
    case .shift: return try ListFunctions.shift(arguments)
    case .insert: return try ListFunctions.insert(arguments)
    case .remove: return try ListFunctions.remove(arguments)
    case .hex: return try Encodings.hex(arguments)
    case .unhex: return try Encodings.unhex(arguments)
    case .hexdump: return try Encodings.hexdump(arguments, context)
    case .base64: return try Encodings.base64(arguments)
    case .unbase64: return try Encodings.unbase64(arguments)
    case .base64url: return try Encodings.base64url(arguments)
    case .unbase64url: return try Encodings.unbase64url(arguments)
    case .urlencode: return try Encodings.urlencode(arguments)
    case .urldecode: return try Encodings.urldecode(arguments)
    case .json: return try JsonWriter.json(arguments)
    case .parse_json: return try JsonReader.parse(arguments)
    case .format: return try Printf.format(arguments)
    case .ord: return try ValueFunctions.ord(arguments)
    case .chr: return try ValueFunctions.chr(arguments)
    case .pack: return try PackFormat.pack(arguments, context)
    case .unpack: return try PackFormat.unpack(arguments, context)
    case .decode: return try MessageFunctions.decode(arguments, context)
    case .encode: return try MessageFunctions.encode(arguments, context)
    case .crc16: return try Checksums.crc16(arguments)
    case .crc32: return try Checksums.crc32(arguments)
    case .inet_checksum: return try Checksums.internet(arguments)
    case .md5: return try Digests.digest(.md5, arguments)
    case .sha1: return try Digests.digest(.sha1, arguments)
    case .sha256: return try Digests.digest(.sha256, arguments)
    case .sha384: return try Digests.digest(.sha384, arguments)
    case .sha512: return try Digests.digest(.sha512, arguments)
    case .hkdf: return try Digests.hkdf(arguments)
    case .pbkdf2: return try Digests.pbkdf2(arguments)
    case .hmac: return try Digests.hmac(arguments)
    case .now: return TimeFunctions.now()
    case .format_time: return try TimeFunctions.format(arguments)
    case .parse_time: return try TimeFunctions.parse(arguments)
    case .format_duration: return try TimeFunctions.formatDuration(arguments)
    case .random: return try ChanceFunctions.random(arguments, context)
    case .random_bytes: return try ChanceFunctions.randomBytes(arguments, context)
    case .uuid: return try ChanceFunctions.uuid(context)
    case .min: return try ListFunctions.extreme(arguments, -1)
    case .max: return try ListFunctions.extreme(arguments, 1)
    case .sum: return try ListFunctions.sum(arguments)
    case .percentile: return try ListFunctions.percentile(arguments)
    case .abs: return try ValueFunctions.abs(arguments)
    case .floor: return try ValueFunctions.floor(arguments)
    case .round: return try ValueFunctions.round(arguments)
    case .exists: return try FileFunctions.exists(arguments, context.permissions)
    case .readfile: return try FileFunctions.readFile(arguments, context.permissions)
    case .writefile, .appendfile: return try FileFunctions.writeFile(arguments, context.permissions)
    case .removefile: return try FileFunctions.remove(arguments, context.permissions)
    case .listdir: return try FileFunctions.list(arguments, context.permissions)
    case .mkdir: return try FileFunctions.makeFolder(arguments, context.permissions)
    case .chmod: return try FileFunctions.changeMode(arguments, context.permissions)
    case .golden: return try GoldenAnswers.compare(arguments, context)
    case .env: return try SystemFunctions.env(arguments, context.permissions)
    case .free_port: return try SystemFunctions.freePort()
    case .inherited: return try SystemFunctions.inherited(arguments, context)
    case .tls_exporter: return try SystemFunctions.tlsExporter(arguments)
    case .certificate: return try Certificates.make(arguments, context)
    case .output, .resolve:
      // The machine has a task wait for it (`Interpreter.callWaiting`); what comes here cannot.
      throw .type("\(function.rawValue) waits for an answer, and here nothing can wait")
    }
  }

  private static func wrongCount(_ function: BuiltinFunction, _ count: Int) -> Failure {
    let row = FunctionTable[function]
    return .type(
      "\(row.function.rawValue): called with \(count) argument\(count == 1 ? "" : "s"), write \(row.signature)")
  }
}
