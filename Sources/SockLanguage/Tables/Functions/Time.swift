// Functions on time.

extension FunctionRow {
  static var now: FunctionRow {
    FunctionRow(.now, [], .float, "seconds since 1970, with a fraction", "now() > 0", "true")
  }

  private static let letters =
    "`%Y %m %d %H %M %S`, `%F` and `%T` for `%Y-%m-%d` and `%H:%M:%S`, `%R` for `%H:%M`, `%y %e %I %p %j`, names "
    + "`%a %A %b %B`, fractions `%L` (ms) and `%f` (µs), zone `%z %Z`, `%s` since 1970, `%%`"

  static var format_time: FunctionRow {
    FunctionRow(
      .format_time, ["t", "format", "zone"], .string,
      "seconds since 1970 as text, in English, by the clock of a zone (\"UTC\"; \"local\", \"+02:00\"): \(letters)",
      #"format_time(784111777, "%a, %d %b %Y %T GMT")"#, #""Sun, 06 Nov 1994 08:49:37 GMT""#)
  }

  static var parse_time: FunctionRow {
    FunctionRow(
      .parse_time, ["s", "format", "zone"], .number,
      "the seconds since 1970 that a text says, which is written like `format_time`'s format; a `%z` or `%Z` in it counts "
        + "more than the zone",
      #"parse_time("Sun, 06 Nov 1994 08:49:37 GMT", "%a, %d %b %Y %T %Z")"#, "784111777")
  }

  static var format_duration: FunctionRow {
    FunctionRow(
      .format_duration, ["seconds"], .string, "a duration as literals are written, with three digits",
      "format_duration(0.0545)", #""54.5ms""#)
  }
}
