// The functions on strings, numbers, lists and maps, and what each says of wrong arguments.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct BuiltinTextTests {
  @Test func everyFunctionRefusesAWrongNumberOfArguments() {
    for function in BuiltinFunction.allCases {
      let arity = FunctionTable.arity(of: function)
      if arity.required > 0 {
        #expect(outcome(function, []).hasPrefix("type: \(function.rawValue): called with 0 arguments, write "))
      }
      if let most = arity.most {
        let found = outcome(function, [Value](repeating: "x", count: most + 1))
        #expect(found.hasPrefix("type: \(function.rawValue): called with \(most + 1) argument"), "\(found)")
      }
    }
  }

  @Test func everyFunctionThatWantsAStringNamesWhatItGot() {
    let functions: [BuiltinFunction] = [
      .upper, .lower, .trim, .lines, .split, .hex, .unhex, .base64, .unbase64, .urlencode, .urldecode, .parse_json,
      .format, .ord, .pack, .crc32, .md5, .sha1, .sha256, .env, .readfile,
    ]
    for function in functions {
      let found = outcome(function, [5])
      #expect(found == "type: \(function.rawValue): argument 1 must be a string, not an int")
    }
  }

  @Test func noFunctionTrapsOnAnyKindOfArgument() throws {
    let kinds: [Value] = [
      nil, true, 0, -1, .integer(.min), .integer(.max), 0.5, .float(.nan), .float(.infinity), "", "a", [], [1, "a"],
      [:], ["a": 1], .range(IntegerRange(lower: 1, upper: 3)),
      .range(IntegerRange(lower: 0, upper: .max, isOpen: true)),
      try regex("a*"), .builtin(BuiltinBox(.len)), .error(Failure(.eof, "end")),
    ]
    // These would really act: change files, run programs, ask name servers.
    let actors: [BuiltinFunction] = [.writefile, .appendfile, .removefile, .mkdir, .chmod, .output, .resolve]
    for function in BuiltinFunction.allCases where !actors.contains(function) {
      let most = FunctionTable.arity(of: function).most ?? 3
      for a in kinds {
        _ = outcome(function, [a])
        for b in kinds where most > 1 {
          _ = outcome(function, [a, b])
          for c in kinds where most > 2 { _ = outcome(function, [a, b, c]) }
        }
      }
    }
  }

  @Test func len() {
    check(
      .len,
      [
        (["\r\n"], "2"), ([[1, 2, 3]], "3"), ([["a": 1]], "1"), ([.range(IntegerRange(lower: 1, upper: 10))], "10"),
        ([.range(IntegerRange(lower: 3, upper: 1))], "0"),
        (
          [.range(IntegerRange(lower: .min, upper: .max))],
          "range: len: the range holds more integers than an int counts"
        ),
        ([.range(IntegerRange(lower: 4, upper: .max, isOpen: true))], "range: len: the range has no end"),
        ([5], "type: len: argument 1 must be a string, list, map, range or match, not an int"),
      ])
  }

  @Test func int() {
    check(
      .int,
      [
        (["42"], "42"), ([" -7\r\n"], "-7"), (["+7"], "7"), (["007"], "7"), ([3.9], "3"), ([-3.9], "-3"), ([8], "8"),
        (["ff", 16], "255"), (["0xFF", 16], "255"), (["0b101", 2], "5"), (["0o17", 8], "15"), (["z", 36], "35"),
        (["9223372036854775807"], "9223372036854775807"), (["-9223372036854775808"], "-9223372036854775808"),
        (["9223372036854775808"], #"range: int: "9223372036854775808" does not fit 64 bits"#),
        (["-9223372036854775809"], #"range: int: "-9223372036854775809" does not fit 64 bits"#),
        ([1e19], "range: int: 1e19 does not fit 64 bits"),
        ([.float(.nan)], "range: int: nan does not fit 64 bits"),
        ([""], #"parse: int: "" is no integer"#), (["-"], #"parse: int: "-" is no integer"#),
        (["1 2"], #"parse: int: "1 2" is no integer"#),
        (["0x10"], #"parse: int: "0x10" is no decimal integer (write `int(…, 16)`)"#),
        (["1.5"], #"parse: int: "1.5" is no integer (`float(…)` takes fractions)"#),
        (["19", 8], #"parse: int: "19" is no integer of base 8"#),
        (["1", 1], "range: int: argument 2 must be from 2 to 36, not 1"),
        ([nil], "type: int: argument 1 must be a string or a number, not nil"),
        ([5, 16], "type: int: argument 1 must be a string, not an int"),
      ])
  }

  @Test func float() {
    check(
      .float,
      [
        (["0.5"], "0.5"), ([" -1e3 "], "-1000"), (["5"], "5"), ([2], "2"), ([".5"], "0.5"), (["5."], "5"),
        (["1e400"], #"range: float: "1e400" is too large for a float"#), (["1e"], #"parse: float: "1e" is no number"#),
        (["inf"], #"parse: float: "inf" is no number"#), (["0x1p3"], #"parse: float: "0x1p3" is no number"#),
        (["."], #"parse: float: "." is no number"#), ([""], #"parse: float: "" is no number"#),
      ])
  }

  @Test func strTypeInspect() {
    check(
      .str,
      [([1], #""1""#), ([2.0], #""2""#), ([nil], #""nil""#), (["a\n"], #""a\n""#), ([[1, "a"]], #""[1, \"a\"]""#)])
    check(.type, [([1], #""int""#), ([1.5], #""float""#), ([nil], #""nil""#), ([[:]], #""map""#)])
    check(.inspect, [(["a\"b"], #""\"a\\\"b\"""#)])
  }

  @Test func caseAndTrim() {
    check(.upper, [(["az[`{é"], #""AZ[`{é""#), ([bytes("61 ff 00")], #""A\xff\0""#), ([""], #""""#)])
    check(.lower, [(["AZ@["], #""az@[""#)])
    check(.trim, [([" \t a b\r\n\u{0B}"], #""a b""#), (["   "], #""""#), ([""], #""""#)])
  }

  @Test func lines() {
    check(
      .lines,
      [
        (["a\nb\r\n\nc"], #"["a", "b", "", "c"]"#), (["a\n"], #"["a"]"#), ([""], "[]"), (["\n"], #"[""]"#),
        (["a\r"], #"["a\r"]"#), (["\r\n"], #"[""]"#),
      ])
  }

  @Test func split() throws {
    check(
      .split,
      [
        (["  a  b\tc\n"], #"["a", "b", "c"]"#), (["   "], "[]"), ([""], "[]"),
        (["a,b,,c,", ","], #"["a", "b", "", "c", ""]"#),
        (["", ","], #"[""]"#), (["a\r\nb", "\r\n"], #"["a", "b"]"#), (["abc", ""], #"["a", "b", "c"]"#),
        (["aXbxc", try regex("x", "i")], #"["a", "b", "c"]"#), (["a1b22c", try regex(#"\d+"#)], #"["a", "b", "c"]"#),
        (["abc", try regex("")], #"["a", "b", "c"]"#), (["axb", try regex("x*")], #"["a", "b"]"#),
        ([",a", try regex(",")], #"["", "a"]"#), (["", try regex(",")], #"[""]"#),
        (["a", nil], "type: split: argument 2 must be a string or a regex, not nil"),
        (["a", 1], "type: split: argument 2 must be a string or a regex, not an int"),
        (["a,b,c", ",", 2], #"["a", "b,c"]"#), (["a,", ",", 2], #"["a", ""]"#), (["abc", "", 1], #"["abc"]"#),
        (["", "", 2], "[]"), (["a1b2", try regex(#"\d"#), 2], #"["a", "b2"]"#), (["ab", try regex(""), 1], #"["ab"]"#),
      ])
  }

  @Test func join() {
    check(
      .join,
      [
        ([["a", "b"], ", "], #""a, b""#), ([[], ","], #""""#), ([["a", 1, 2.5]], #""a12.5""#),
        ([["a", nil], ","], "type: join: element 1 must be a string or a number, not nil"),
        (["ab", ","], "type: join: argument 1 must be a list, not a string"),
      ])
  }

  @Test func replace() throws {
    check(
      .replace,
      [
        (["a-b-c", "-", "+"], #""a+b+c""#), (["aaa", "aa", "b"], #""ba""#), (["a", "x", "y"], #""a""#),
        (["a$1", "a", "$1"], #""$1$1""#), (["", "a", "b"], #""""#),
        (["a", "", "b"], "range: replace: argument 2 is empty: there is nothing to replace"),
        (["k=v; x=y", try regex(#"(\w)=(\w)"#), "$2=$1"], #""v=k; y=x""#),
        (["ab", try regex("(?<first>a)|(?<second>b)"), "<${first}|${second}>"], #""<a|><|b>""#),
        (["abc", try regex(""), "-"], #""-a-b-c-""#), (["abc", try regex("x*"), "-"], #""-a-b-c-""#),
        (["a b", try regex(" "), "$$ $0$ $x"], #""a$  $ $xb""#), (["abc", try regex("x"), "y"], #""abc""#),
        (["a", try regex("a"), "$1"], "range: replace: the pattern has no group 1 (`$$` is a dollar)"),
        (["a", try regex("a"), "${n}"], #"range: replace: the pattern has no group named "n" (`$$` is a dollar)"#),
        (["a", "a", 1], "type: replace: argument 3 must be a string, not an int"),
      ])
  }

  @Test func find() throws {
    check(
      .find,
      [
        (["hello", "l"], "2"), (["hello", "l", 3], "3"), (["hello", "l", 4], "nil"), (["hello", "lo"], "3"),
        (["hello", "z"], "nil"), (["hello", ""], "0"), (["hello", "", 5], "5"), (["hello", "", 6], "nil"),
        (["hello", "l", -2], "3"), (["hello", "h", -99], "0"), (["a1b2", try regex(#"\d"#)], "1"),
        (["a1b2", try regex(#"\d"#), 2], "3"), (["a1b2", try regex(#"\d"#), 99], "nil"),
        (["a", 1], "type: find: argument 2 must be a string or a regex, not an int"),
        (["a", "a", .integer(.max)], "nil"), (["a", "a", .integer(.min)], "0"),
      ])
  }

  /// Searching for what keeps nearly being there is linear: the naive search would need 4 * 10^10 steps.
  @Test func findIsLinear() throws {
    let text = try call(.repeat, ["a", 400_000])
    let part = try call(.join, [[try call(.repeat, ["a", 200_000]), "b"]])
    let clock = ContinuousClock()
    let time = clock.measure { #expect(outcome(.find, [text, part]) == "nil") }
    #expect(time < .seconds(3))
    let other = try call(.join, [[text, part, text]])
    #expect(outcome(.find, [other, part]) == "400000")
  }

  @Test func startsEndsRepeatReverse() {
    check(
      .starts, [(["abc", "ab"], "true"), (["abc", ""], "true"), (["a", "ab"], "false"), (["abc", "b"], "false")])
    check(.ends, [(["abc", "bc"], "true"), (["abc", ""], "true"), (["c", "bc"], "false"), (["abc", "b"], "false")])
    check(
      .repeat,
      [
        (["ab", 3], #""ababab""#), (["ab", 0], #""""#), (["", .integer(.max)], #""""#), ([[1], 3], "[1, 1, 1]"),
        ([[], .integer(.max)], "[]"), (["-", 5.0], #""-----""#),
        (["ab", .integer(.max)], "limit: repeat: the result would be longer than a string may be (1 GiB)"),
        ([[1], .integer(.max)], "limit: repeat: the list would be longer than 67108864 elements"),
        (["ab", -1], "range: repeat: argument 2 must be 0 or more, not -1"),
        (["ab", 1.5], "range: repeat: argument 2 must be a whole number, not 1.5"),
      ])
    check(
      .reverse,
      [
        (["abc"], #""cba""#), ([[1, 2]], "[2, 1]"), ([""], #""""#),
        ([1], "type: reverse: argument 1 must be a string or a list, not an int"),
      ])
  }

  @Test func sort() {
    check(
      .sort,
      [
        ([[3, 1, 2]], "[1, 2, 3]"), ([["b", "a", "B", ""]], #"["", "B", "a", "b"]"#),
        ([[2.5, 1, 9_007_199_254_740_993]], "[1, 2.5, 9007199254740993]"),
        ([[]], "[]"), ([[1, "a"]], "type: sort: element 1 must be a number like those before it, not a string"),
        ([["a", 1]], "type: sort: element 1 must be a string like those before it, not an int"),
        ([[nil]], "type: sort: element 0 must be a number, a string or a list, not nil"),
        ([[1, .float(.nan)]], "range: sort: element 1 is nan, which has no order"),
      ])
    let list = List([2, 1])
    _ = outcome(.sort, [.list(list)])
    #expect(inspected(.list(list)) == "[2, 1]", "the list itself stays")
  }

  @Test func listsAndMaps() {
    check(.keys, [([["b": 1, "a": 2]], #"["b", "a"]"#), ([[]], "type: keys: argument 1 must be a map, not a list")])
    check(.values, [([["b": 1, "a": 2]], "[1, 2]")])
    let list = List([1])
    #expect(outcome(.push, [.list(list), 2, 3]) == "[1, 2, 3]")
    #expect(outcome(.pop, [.list(list)]) == "3")
    #expect(inspected(.list(list)) == "[1, 2]")
    check(.pop, [([[]], "nil")])
  }

  @Test func numbers() {
    check(
      .min,
      [
        ([3, 1, 2], "1"), ([[3, 1.5]], "1.5"), (["b", "a"], #""a""#), ([[]], "range: min: the list is empty"),
        ([1, "a"], "type: cannot order a string with an int (write `int(…)` around the string)"),
        ([5], "type: min: argument 1 must be a list, or there must be more of them, not an int"),
      ])
    check(.max, [([3, 1, 2], "3"), ([["a", "b"]], #""b""#), ([.integer(.max), 9.3e18], "9.3e18")])
    check(
      .abs,
      [
        ([-2], "2"), ([-2.5], "2.5"),
        ([.integer(.min)], "range: abs: -9223372036854775808 has no positive counterpart of 64 bits"),
        (["a"], "type: abs: argument 1 must be a number, not a string"),
      ])
    check(.floor, [([-0.5], "-1"), ([2.9], "2"), ([3], "3"), ([1e300], "range: floor: 1e300 does not fit 64 bits")])
    check(.ord, [(["A"], "65"), ([bytes("ff00")], "255"), ([""], "range: ord: the string is empty")])
    check(
      .chr,
      [
        ([0], #""\0""#), ([255], #""\xff""#), ([65.0], #""A""#),
        ([256], #"range: chr: argument 1 must be a byte from 0 to 255, not 256 (a character is written "\u{…}")"#),
        ([-1], #"range: chr: argument 1 must be a byte from 0 to 255, not -1 (a character is written "\u{…}")"#),
      ])
  }

  @Test func fileAndSystemFunctions() throws {
    check(.random, [([7, 7], "7"), ([2, 1], "range: random: there is no integer from 2 to 1")])
    for _ in 0..<100 {
      let number = try #require(try call(.random, [1, 6]).wholeNumber)
      #expect((1...6).contains(number))
    }
    check(
      .random_bytes,
      [
        ([0], #""""#), ([-1], "range: random_bytes: argument 1 must be 0 or more, not -1"),
        ([.integer(.max)], "limit: random_bytes: the result would be longer than a string may be (1 GiB)"),
      ])
    let random = try call(.random_bytes, [1000])
    #expect(outcome(.len, [random]) == "1000")
    #expect(try !Equality.equal(random, try call(.random_bytes, [1000])))
    let now = try #require(try call(.now, []).number)
    #expect(now > 1_700_000_000 && now < 1e11)
    check(
      .env,
      [
        (["NO_SUCH_NAME_IN_ANY_ENVIRONMENT"], "nil"), (["NO_SUCH_NAME_IN_ANY_ENVIRONMENT", 5], "5"),
        ([bytes("00")], "nil"), ([""], "nil"),
      ])
    #expect(outcome(.env, ["PATH"]) != "nil")
    #expect(try #require(try call(.free_port, []).wholeNumber) > 0)
    check(
      .readfile,
      [
        (["/dev/null"], #""""#),
        (["/no/such/file"], #"ENOENT: cannot read "/no/such/file": No such file or directory (ENOENT)"#),
        (["/"], #"EISDIR: cannot read "/": Is a directory (EISDIR)"#),
        ([bytes("2f 00")], "range: readfile: a path cannot hold a NUL"),
      ])
    #expect(outcome(.readfile, ["/proc/self/status"]).contains("Threads"), "a file whose size is said to be 0")
    check(
      .writefile,
      [
        (["/dev/null", "abc"], "3"),
        (["/no/such/file", ""], #"ENOENT: cannot write "/no/such/file": No such file or directory (ENOENT)"#),
      ])
    check(
      .writefile, [(["/dev/full", "abc"], #"ENOSPC: cannot write "/dev/full": No space left on device (ENOSPC)"#)])
  }

  /// What it does is the machine's: a task waits for it. A second implementation here would block every task.
  @Test func resolveIsNotAnsweredHere() {
    check(.resolve, [(["127.0.0.1", 25], "type: resolve waits for an answer, and here nothing can wait")])
  }
}
