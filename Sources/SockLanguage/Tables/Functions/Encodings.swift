// Functions that write values as text or bytes of another form, and back.

extension FunctionRow {
  static var hex: FunctionRow {
    FunctionRow(
      .hex, ["s", "separator"], .string, "its bytes in hex digits, a separator between them", #"hex("AB", " ")"#,
      #""41 42""#)
  }

  static var unhex: FunctionRow {
    FunctionRow(.unhex, ["s"], .string, "the bytes that hex digits stand for", #"unhex("41 42")"#, #""AB""#)
  }

  static var hexdump: FunctionRow {
    FunctionRow(
      .hexdump, ["s"], .string, "its bytes in lines of 16, each with its offset, in hex digits and as text",
      #"split(hexdump("GET /"))[0..2]"#, #"["0000", "47", "45"]"#)
  }

  static var base64: FunctionRow {
    FunctionRow(.base64, ["s"], .string, "its bytes in Base64", #"base64("sock")"#, #""c29jaw==""#)
  }

  static var unbase64: FunctionRow {
    FunctionRow(
      .unbase64, ["s"], .string,
      "the bytes that Base64 stands for; white space does not count, and the `=` at the end may be left out",
      #"unbase64("c29jaw==")"#, #""sock""#)
  }

  static var base64url: FunctionRow {
    FunctionRow(
      .base64url, ["s"], .string, "its bytes in Base64 for URLs and tokens: `-` and `_`, and no `=` at the end",
      #"base64url(x"fb ff")"#, #""-_8""#)
  }

  static var unbase64url: FunctionRow {
    FunctionRow(
      .unbase64url, ["s"], .string, "the bytes that such Base64 stands for, with or without `=` at the end",
      #"hex(unbase64url("-_8"))"#, #""fbff""#)
  }

  static var urlencode: FunctionRow {
    FunctionRow(
      .urlencode, ["s"], .string, "with `%` escapes, for a part of a URL", #"urlencode("a b/c")"#,
      #""a%20b%2Fc""#)
  }

  static var urldecode: FunctionRow {
    FunctionRow(.urldecode, ["s"], .string, "with its `%` escapes decoded", #"urldecode("a%20b")"#, #""a b""#)
  }

  static var json: FunctionRow {
    FunctionRow(.json, ["x"], .string, "the value as JSON", #"json({ok: [true, nil]})"#, #""{\"ok\":[true,null]}""#)
  }

  static var parse_json: FunctionRow {
    FunctionRow(
      .parse_json, ["s"], .any, "the value that JSON text stands for", #"parse_json("[1, null]")"#, "[1, nil]")
  }

  static var format: FunctionRow {
    FunctionRow(
      .format, ["format", "value"], .string, "printf's: `%d %x %o %b %c %s %e %f %g %%`, with flags and widths",
      #"format("%03d %s", 7, "ok")"#, #""007 ok""#)
  }
}
