// The table of builtin functions: one row for each, from which the checker, completion, `help` and the
// reference are made. A new function is a case in BuiltinFunction.swift and a row here.

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

  private static func make(
    _ function: BuiltinFunction, _ parameters: [String], _ result: FunctionResult, _ summary: String,
    _ expression: String, _ value: String
  ) -> FunctionRow {
    let arity = arity(of: function)
    return FunctionRow(
      function: function, parameters: parameters, required: arity.required, isVariadic: arity.most == nil,
      result: result, summary: summary, example: (expression, value))
  }

  // MARK: - The rows

  private static func row(_ function: BuiltinFunction) -> FunctionRow {
    switch function {
    // Any value
    case .len:
      make(function, ["x"], .integer, "bytes of a string, elements of a list or range, entries of a map",
        #"len("ok\r\n")"#, "4")
    case .str:
      make(function, ["x"], .string, "the value as `print` shows it", "str(1 + 1)", #""2""#)
    case .int:
      make(function, ["s", "base"], .integer,
        "the integer that a string is, in a base from 2 to 36 (10), or a float without its fraction",
        #"int("ff", 16)"#, "255")
    case .float:
      make(function, ["x"], .float, "a number, or the number that a string is, as a float", #"float("0.5")"#, "0.5")
    case .type:
      make(function, ["x"], .string, "the name of the value's type", "type([])", #""list""#)
    case .inspect:
      make(function, ["x"], .string, "the value as a script would write it", #"inspect([1, "a"])"#,
        #""[1, \"a\"]""#)

    // Strings
    case .upper:
      make(function, ["s"], .string, "with the letters a to z in upper case", #"upper("ok")"#, #""OK""#)
    case .lower:
      make(function, ["s"], .string, "with the letters A to Z in lower case", #"lower("OK")"#, #""ok""#)
    case .trim:
      make(function, ["s"], .string, "without the white space at both ends", #"trim(" ok\r\n")"#, #""ok""#)
    case .lines:
      make(function, ["s"], .list, "its lines, without their LF or CRLF", #"lines("a\r\nb\n")"#, #"["a", "b"]"#)
    case .split:
      make(function, ["s", "separator"], .list,
        "its parts between separators (a string or regex; white space without one)", #"split("a,b", ",")"#,
        #"["a", "b"]"#)
    case .join:
      make(function, ["list", "separator"], .string, "the elements as one string, a separator between them",
        #"join(["a", "b"], ", ")"#, #""a, b""#)
    case .replace:
      make(function, ["s", "from", "to"], .string, "with each `from` (a string or regex) replaced; for a regex, `$1`, `${name}`, `$0` in `to` are its groups, and `$$` is a `$`",
        #"replace("a-b", "-", "+")"#, #""a+b""#)
    case .find:
      make(function, ["s", "part", "from"], .integerOrNil,
        "where the part (a string or regex) first stands, from an index on", #"find("hello", "l")"#, "2")
    case .starts:
      make(function, ["s", "prefix"], .boolean, "whether the string starts with another",
        #"starts("250 ok", "250")"#, "true")
    case .ends:
      make(function, ["s", "suffix"], .boolean, "whether the string ends with another", #"ends("a.sock", ".sock")"#,
        "true")
    case .repeat:
      make(function, ["s", "count"], .any, "a string or list so many times over", #"repeat("ab", 3)"#, #""ababab""#)
    case .reverse:
      make(function, ["x"], .any, "a string's bytes or a list's elements, last first", "reverse([1, 2])", "[2, 1]")

    // Lists and maps
    case .sort:
      make(function, ["list"], .list, "a new list of the same numbers or strings, in ascending order", "sort([2, 1])",
        "[1, 2]")
    case .keys:
      make(function, ["map"], .list, "its keys, in the order of insertion", "keys({a: 1, b: 2})", #"["a", "b"]"#)
    case .values:
      make(function, ["map"], .list, "its values, in the order of insertion", "values({a: 1, b: 2})", "[1, 2]")
    case .push:
      make(function, ["list", "value"], .list, "appends to the list itself, and gives it", "push([1], 2, 3)",
        "[1, 2, 3]")
    case .pop:
      make(function, ["list"], .any, "takes the last element from the list; nil when there is none", "pop([1, 2])",
        "2")

    // Encodings
    case .hex:
      make(function, ["s"], .string, "its bytes in hex digits", #"hex("AB")"#, #""4142""#)
    case .unhex:
      make(function, ["s"], .string, "the bytes that hex digits stand for", #"unhex("41 42")"#, #""AB""#)
    case .base64:
      make(function, ["s"], .string, "its bytes in Base64", #"base64("sock")"#, #""c29jaw==""#)
    case .unbase64:
      make(function, ["s"], .string, "the bytes that Base64 stands for", #"unbase64("c29jaw==")"#, #""sock""#)
    case .urlencode:
      make(function, ["s"], .string, "with `%` escapes, for a part of a URL", #"urlencode("a b/c")"#,
        #""a%20b%2Fc""#)
    case .urldecode:
      make(function, ["s"], .string, "with its `%` escapes decoded", #"urldecode("a%20b")"#, #""a b""#)
    case .json:
      make(function, ["x"], .string, "the value as JSON", #"json({ok: [true, nil]})"#, #""{\"ok\":[true,null]}""#)
    case .parse_json:
      make(function, ["s"], .any, "the value that JSON text stands for", #"parse_json("[1, null]")"#, "[1, nil]")
    case .format:
      make(function, ["format", "value"], .string, "printf's: `%d %x %o %b %c %s %e %f %g %%`, with flags and widths",
        #"format("%03d %s", 7, "ok")"#, #""007 ok""#)

    // Bytes
    case .ord:
      make(function, ["s"], .integer, "the number of the first byte", #"ord("A")"#, "65")
    case .chr:
      make(function, ["n"], .string, "the string of one byte", "chr(65)", #""A""#)
    case .pack:
      make(function, ["format", "value"], .string,
        "values as bytes: `u8 u16 u24` … `u64` and `i8` … `i64` by whole bytes, `f32 f64 bytes[N] cstr varint bytes`; "
          + "`le` for little-endian",
        #"pack("u16 u8le bytes", 258, 3, "x")"#, #""\x01\x02\x03x""#)
    case .unpack:
      make(function, ["format", "s", "at"], .listOrNil,
        "the values that bytes stand for, from an index on; nil when there are too few, and an error when some are left "
          + "over: `rest` at the format's end takes those",
        #"unpack("u16 rest", "\x01\x02ab")"#, #"[258, "ab"]"#)

    // Digests
    case .crc32:
      make(function, ["s"], .integer, "the CRC-32 of zlib and Ethernet", #"crc32("123456789")"#, "3421780262")
    case .md5:
      make(function, ["s"], .string, "the MD5 digest, 16 bytes", #"hex(md5(""))"#,
        #""d41d8cd98f00b204e9800998ecf8427e""#)
    case .sha1:
      make(function, ["s"], .string, "the SHA-1 digest, 20 bytes", #"hex(sha1(""))"#,
        #""da39a3ee5e6b4b0d3255bfef95601890afd80709""#)
    case .sha256:
      make(function, ["s"], .string, "the SHA-256 digest, 32 bytes", #"hex(sha256(""))"#,
        #""e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#)
    case .hmac:
      make(function, ["name", "key", "data"], .string, "the HMAC by a digest: `md5`, `sha1`, `sha256`…",
        #"len(hmac("sha256", "key", "data"))"#, "32")

    // Numbers
    case .random:
      make(function, ["from", "to"], .integer, "a random integer, both ends included", "random(7, 7)", "7")
    case .random_bytes:
      make(function, ["n"], .string, "so many random bytes", "len(random_bytes(16))", "16")
    case .now:
      make(function, [], .float, "seconds since 1970, with a fraction", "now() > 0", "true")
    case .min:
      make(function, ["value"], .any, "the least of its arguments, or of a list", "min(3, 1, 2)", "1")
    case .max:
      make(function, ["value"], .any, "the greatest of its arguments, or of a list", "max([3, 1, 2])", "3")
    case .abs:
      make(function, ["n"], .number, "the number without its sign", "abs(-2)", "2")
    case .floor:
      make(function, ["n"], .integer, "the greatest integer not above the number", "floor(-0.5)", "-1")

    // The system
    case .env:
      make(function, ["name", "default"], .stringOrNil, "an environment variable, or the default",
        #"env("NO_SUCH_NAME", "none")"#, #""none""#)
    case .readfile:
      make(function, ["path"], .string, "the bytes of a file", #"readfile("/dev/null")"#, #""""#)
    case .writefile:
      make(function, ["path", "data"], .integer, "makes the file hold the data and no more; the bytes written",
        #"writefile("${tmpdir}/a", "ok")"#, "2")
    case .free_port:
      make(function, [], .integer, "a port of loopback that nothing is bound to now", "free_port() > 0", "true")
    case .resolve:
      make(function, ["host", "port"], .any,
        "the addresses of a host name, as a list; for an address, its host name by reverse look-up",
        #"resolve("127.0.0.1", 25)[0].port"#, "25")
    case .certificate:
      make(function, ["name"], .map,
        "a certificate for the names, signed by an authority of this run: files `cert`, `key` and `ca`; in a map at the "
          + "end `valid`, `usage`, `rsa`, `sha1` and `self` say otherwise",
        #"ends(certificate("localhost").cert, ".crt")"#, "true")
    }
  }
}

extension FunctionRow {
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
