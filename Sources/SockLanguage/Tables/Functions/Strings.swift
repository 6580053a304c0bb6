// Functions on strings.

extension FunctionRow {
  static var upper: FunctionRow {
    FunctionRow(.upper, ["s"], .string, "with the letters a to z in upper case", #"upper("ok")"#, #""OK""#)
  }

  static var lower: FunctionRow {
    FunctionRow(.lower, ["s"], .string, "with the letters A to Z in lower case", #"lower("OK")"#, #""ok""#)
  }

  static var title: FunctionRow {
    FunctionRow(
      .title, ["s"], .string, "with the first letter of each word in upper case, and the others in lower case",
      #"title("content-TYPE")"#, #""Content-Type""#)
  }

  static var trim: FunctionRow {
    FunctionRow(.trim, ["s"], .string, "without the white space at both ends", #"trim(" ok\r\n")"#, #""ok""#)
  }

  static var lines: FunctionRow {
    FunctionRow(.lines, ["s"], .list, "its lines, without their LF or CRLF", #"lines("a\r\nb\n")"#, #"["a", "b"]"#)
  }

  static var split: FunctionRow {
    FunctionRow(
      .split, ["s", "separator", "limit"], .list,
      "its parts between separators (a string or regex; white space without one), so many at most: the last one is the "
        + "rest",
      #"split("Host: a:b", ": ", 2)"#, #"["Host", "a:b"]"#)
  }

  static var join: FunctionRow {
    FunctionRow(
      .join, ["list", "separator"], .string, "the elements as one string, a separator between them",
      #"join(["a", "b"], ", ")"#, #""a, b""#)
  }

  static var replace: FunctionRow {
    FunctionRow(
      .replace, ["s", "from", "to"], .string,
      "with each `from` (a string or regex) replaced; for a regex, `$1`, `${name}`, `$0` in `to` are its groups, and "
        + "`$$` is a `$`; or `to` is a function, which is given what was found, for a regex a match, and gives its text",
      #"replace("a-b", "-", "+")"#, #""a+b""#)
  }

  static var find: FunctionRow {
    FunctionRow(
      .find, ["s", "part", "from"], .integerOrNil,
      "where the part (a string or regex) first stands, from an index on", #"find("hello", "l")"#, "2")
  }

  static var matches: FunctionRow {
    FunctionRow(
      .matches, ["s", "regex"], .list, "all matches of a regex, each as `=~` gives the first",
      #"matches("a=1, b=2", /(\w)=(\d)/)[1][2]"#, #""2""#)
  }

  static var regex: FunctionRow {
    FunctionRow(
      .regex, ["s", "flags"], .regex, "the regex that a string writes, with flags as behind `/…/`",
      #"("HELO x" =~ regex("^helo", "i"))[0]"#, #""HELO""#)
  }

  static var escape_regex: FunctionRow {
    FunctionRow(
      .escape_regex, ["s"], .string, "as a regex that matches just this string; `${…}` in `/…/` does so by itself",
      #"escape_regex("a.b")"#, #""a\\.b""#)
  }

  static var starts: FunctionRow {
    FunctionRow(
      .starts, ["s", "prefix"], .boolean, "whether the string starts with another",
      #"starts("250 ok", "250")"#, "true")
  }

  static var ends: FunctionRow {
    FunctionRow(
      .ends, ["s", "suffix"], .boolean, "whether the string ends with another", #"ends("a.sock", ".sock")"#,
      "true")
  }

  static var `repeat`: FunctionRow {
    FunctionRow(.repeat, ["s", "count"], .any, "a string or list so many times over", #"repeat("ab", 3)"#, #""ababab""#)
  }

  static var reverse: FunctionRow {
    FunctionRow(.reverse, ["x"], .any, "a string's bytes or a list's elements, last first", "reverse([1, 2])", "[2, 1]")
  }
}
