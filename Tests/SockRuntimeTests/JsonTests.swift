// JSON, read and written, against the cases that RFC 8259 leaves room for mistakes in.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct JsonTests {
  @Test func reads() {
    check(
      .parse_json,
      [
        (["null"], "nil"), ([" \t\r\n true \n"], "true"), (["false"], "false"), (["0"], "0"), (["-0"], "0"),
        (["-12"], "-12"),
        (["1.5"], "1.5"), (["1e2"], "100"), (["1E+2"], "100"), (["-1.5e-1"], "-0.15"), (["0.0"], "0"), (["0e1"], "0"),
        (["9223372036854775807"], "9223372036854775807"), (["-9223372036854775808"], "-9223372036854775808"),
        (["9223372036854775808"], "9.223372036854776e18"), (["1e-400"], "0"),
        (["1e100000"], "parse: parse_json: the number is too large for a float at line 1, column 1"),
        ([#""""#], #""""#), ([#""a\"\\\/\b\f\n\r\tz""#], #""a\"\\/\x08\x0c\n\r\tz""#),
        ([#""\u0041\u00e9\u20AC""#], "\"Aé€\""),
        ([#""\uD834\uDD1E""#], "\"𝄞\""), ([#""\u0000""#], #""\0""#), (["\"é€𝄞\u{7F}\""], #""é€𝄞\x7f""#),
        ([#""\u2028""#], #""\u{2028}""#),
        (["[]"], "[]"), (["[ ]"], "[]"), (["[1, [2], {}]"], "[1, [2], {}]"), (["{}"], "{}"),
        ([#"{"a": 1, "b": {"": null}, "a": 2}"#], #"{a: 2, b: {"": nil}}"#), ([#"{"1": 2}"#], #"{"1": 2}"#),
      ])
  }

  @Test func refuses() {
    let cases: [(String, String)] = [
      ("", "unexpected end: a value is missing at line 1, column 1"),
      ("  ", "unexpected end: a value is missing at line 1, column 3"),
      ("[1,]", #"unexpected "]" where a value is due at line 1, column 4"#),
      ("[,1]", #"unexpected "," where a value is due at line 1, column 2"#),
      ("[1 2]", #"unexpected "2" where `,` or `]` is due at line 1, column 4"#),
      ("[1", "unexpected end where `,` or `]` is due at line 1, column 3"),
      ("{\"a\":1,}", #"unexpected "}" where a key is due at line 1, column 8"#),
      ("{a:1}", #"unexpected "a" where a key is due at line 1, column 2"#),
      ("{'a':1}", #"unexpected "'" where a key is due at line 1, column 2"#),
      ("{\"a\" 1}", #"unexpected "1" where `:` is due at line 1, column 6"#),
      ("{\"a\":1 \"b\":2}", #"unexpected "\"" where `,` or `}` is due at line 1, column 8"#),
      ("{1:2}", #"unexpected "1" where a key is due at line 1, column 2"#),
      ("[\n  1,\n  x]", #"unexpected "x" where a value is due at line 3, column 3"#),
      ("1 2", #"unexpected "2" after the value at line 1, column 3"#),
      ("nul", "unexpected word (only true, false and null are known) at line 1, column 1"),
      ("NaN", #"unexpected "N" where a value is due at line 1, column 1"#),
      ("True", #"unexpected "T" where a value is due at line 1, column 1"#),
      ("01", "a number may not begin with 0 at line 1, column 1"),
      ("-01", "a number may not begin with 0 at line 1, column 2"),
      ("+1", #"unexpected "+" where a value is due at line 1, column 1"#),
      ("-", "unexpected end where a digit is due at line 1, column 2"),
      ("1.", "unexpected end where a digit is due at line 1, column 3"),
      (".5", #"unexpected "." where a value is due at line 1, column 1"#),
      ("1.e1", #"unexpected "e" where a digit is due at line 1, column 3"#),
      ("1e", "unexpected end where a digit is due at line 1, column 3"),
      ("0x1", #"unexpected "x" after the value at line 1, column 2"#),
      ("-Infinity", #"unexpected "I" where a digit is due at line 1, column 2"#),
      ("2.e3", #"unexpected "e" where a digit is due at line 1, column 3"#),
      ("\"a", "unexpected end: there is no end of the string at line 1, column 1"),
      ("\"a\\", "unexpected end in an escape at line 1, column 4"),
      ("\"\t\"", #"the control character "\t" must be escaped in a string at line 1, column 2"#),
      ("\"a\nb\"", #"the control character "\n" must be escaped in a string at line 1, column 3"#),
      (#""\x41""#, "unknown escape at line 1, column 2"),
      (#""\u12G4""#, "`\\u` wants four hexadecimal digits at line 1, column 2"),
      (#""\u00""#, "`\\u` wants four hexadecimal digits at line 1, column 2"),
      (#""\uD800""#, "the surrogate has no partner at line 1, column 2"),
      (#""\uD800\uD800""#, "the surrogate has no partner at line 1, column 2"),
      (#""\uDC00""#, "the surrogate has no partner at line 1, column 2"),
      (#""\uD800x""#, "the surrogate has no partner at line 1, column 2"),
      ("\u{FEFF}1", "a byte order mark is not allowed at line 1, column 1"),
      ("[1] // c", #"unexpected "/" after the value at line 1, column 5"#),
      ("\u{A0}1", #"unexpected "\u{a0}" where a value is due at line 1, column 1"#),
      ("\u{0C}1", #"unexpected "\x0c" where a value is due at line 1, column 1"#),
    ]
    for (text, message) in cases {
      #expect(outcome(.parse_json, [Value(text)]) == "parse: parse_json: \(message)", "\(text)")
    }
    for invalid in ["22 ff 22", "22 c0 80 22", "22 ed a0 80 22", "22 e2 82 22", "22 f4 90 80 80 22"] {
      #expect(outcome(.parse_json, [bytes(invalid)]) == "parse: parse_json: the text is not UTF-8 at line 1, column 2")
    }
  }

  @Test func writes() throws {
    check(
      .json,
      [
        ([nil], #""null""#), ([true], #""true""#), ([-5], #""-5""#), ([2.0], #""2""#), ([0.1], #""0.1""#),
        ([1e300], #""1e300""#), ([1.5e-7], #""1.5e-7""#), ([-0.0], #""-0.0""#),
        (["a\"\\/\u{8}\u{C}\n\r\t\u{1}\u{7F}é"], #""\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7fé\"""#),
        ([[1, [], [:], nil]], #""[1,[],{},null]""#), ([["a": 1, 2: "b"]], #""{\"a\":1,\"2\":\"b\"}""#),
        ([.float(.nan)], "range: json: JSON has no nan"), ([.float(-.infinity)], "range: json: JSON has no infinity"),
        (
          [bytes("61 ff")], "parse: json: a string is not UTF-8 at its byte 1 (write `hex(…)` or `base64(…)` around it)"
        ),
        ([[.range(IntegerRange(lower: 1, upper: 2))]], "type: json: JSON cannot hold a range"),
        ([[try regex("a")]], "type: json: JSON cannot hold a regex"),
      ])
  }

  @Test func nestingHasALimit() {
    let depth = JsonWriter.maximumDepth
    func nested(_ depth: Int) -> Value {
      Value(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
    }
    #expect(outcome(.parse_json, [nested(depth)]).hasPrefix("[[["))
    #expect(outcome(.parse_json, [nested(depth + 2)]) == "limit: parse_json: the text is nested more than 500 deep")
    #expect(
      outcome(.parse_json, [Value(String(repeating: "[", count: 1_000_000))])
        == "limit: parse_json: the text is nested more than 500 deep")
    let list = List()
    list.items.append(.list(list))
    #expect(outcome(.json, [.list(list)]) == "limit: json: the value is nested more than 500 deep, or contains itself")
  }

  @Test func roundTrip() throws {
    let text = #"{"a":[1,2.5,-3,true,false,null,"x\ny"],"b":{"c":"é","d":[]},"e":9007199254740993}"#
    let value = try call(.parse_json, [Value(text)])
    #expect(Show.text(try call(.json, [value])).text == text)
  }
}
