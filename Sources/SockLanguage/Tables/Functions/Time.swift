// Functions on time.

extension FunctionRow {
  static var now: FunctionRow {
    FunctionRow(.now, [], .float, "seconds since 1970, with a fraction", "now() > 0", "true")
  }

  private static let letters =
    "`%Y` is the year, `%y` that of the century, `%m` the month, `%d` the day (`%e` with a blank for a zero), `%j` the "
    + "day of the year, `%H` the hour (`%I` of twelve, with `%p` for AM and PM), `%M` the minute, `%S` the second, "
    + "`%L` its thousandths, `%f` its millionths, `%s` the seconds since 1970; `%a %A` and `%b %B` name the day and "
    + "the month, short and in full; `%z` is the zone's offset, `%Z` its name, `%%` a `%`. `%F` stands for `%Y-%m-%d`, "
    + "`%T` for `%H:%M:%S`, `%R` for `%H:%M`. A zone is \"UTC\", which it is when nothing is said, \"local\", or an "
    + "offset like \"+02:00\". Names are English wherever it runs."

  static var format_time: FunctionRow {
    FunctionRow(
      .format_time, ["t", "format", "zone"], .string,
      "a time, in seconds since 1970, as text",
      #"format_time(784111777, "%a, %d %b %Y %T GMT")"#, #""Sun, 06 Nov 1994 08:49:37 GMT""#,
      details: [letters])
  }

  static var parse_time: FunctionRow {
    FunctionRow(
      .parse_time, ["s", "format", "zone"], .number,
      "the time, in seconds since 1970, that a text says; it is a float where the text says a fraction",
      #"parse_time("Sun, 06 Nov 1994 08:49:37 GMT", "%a, %d %b %Y %T %Z")"#, "784111777",
      details: [
        "The text is written as `format_time` would write it by the format. Blanks stand for any white space or none, "
          + "names may be short or in full and in any case, and `%Z` reads UTC and GMT. An offset in the text counts "
          + "more than the zone. What the text does not say is as at the beginning of 1970. A day that the month does "
          + "not have, or that is no such day of the week, is an error."
      ])
  }

  static var format_duration: FunctionRow {
    FunctionRow(
      .format_duration, ["seconds"], .string, "a duration in seconds, as literals are written, with three digits",
      "format_duration(0.0545)", #""54.5ms""#)
  }
}
