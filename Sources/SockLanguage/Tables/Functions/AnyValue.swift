// Functions on values of any kind.

extension FunctionRow {
  static var len: FunctionRow {
    FunctionRow(
      .len, ["x"], .integer, "bytes of a string, elements of a list or range, entries of a map",
      #"len("ok\r\n")"#, "4")
  }

  static var str: FunctionRow {
    FunctionRow(.str, ["x"], .string, "the value as `print` shows it", "str(1 + 1)", #""2""#)
  }

  static var int: FunctionRow {
    FunctionRow(
      .int, ["s", "base"], .integer,
      "the integer that a string is, in a base from 2 to 36 (10), or a float without its fraction",
      #"int("ff", 16)"#, "255")
  }

  static var float: FunctionRow {
    FunctionRow(.float, ["x"], .float, "a number, or the number that a string is, as a float", #"float("0.5")"#, "0.5")
  }

  static var type: FunctionRow {
    FunctionRow(.type, ["x"], .string, "the name of the value's type", "type([])", #""list""#)
  }

  static var inspect: FunctionRow {
    FunctionRow(
      .inspect, ["x"], .string, "the value as a script would write it", #"inspect([1, "a"])"#,
      #""[1, \"a\"]""#)
  }
}
