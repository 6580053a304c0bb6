// format: printf's conversions, against what the C library writes.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct FormatTests {
  private func check(_ cases: [([Value], String)], sourceLocation: SourceLocation = #_sourceLocation) {
    SockRuntimeTests.check(.format, cases.map { ($0.0, inspected(Value($0.1))) }, sourceLocation: sourceLocation)
  }

  @Test func integers() {
    check([
      (["%d|%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42, 42], "42|   42|42   |00042|+42| 42"),
      (["%d %i", -42, .integer(.min)], "-42 -9223372036854775808"),
      (["%05d|%-05d|%+05d", -42, 42, 42], "-0042|42   |+0042"),
      (["%.3d|%6.3d|%-6.3d|%06.3d|%.0d|%.d", 7, 7, 7, 7, 0, 0], "007|   007|007   |   007||"),
      (["%x %X %#x %#X %o %#o %b %#b", 255, 255, 255, 255, 8, 8, 5, 5], "ff FF 0xff 0XFF 10 010 101 0b101"),
      (["%#x %#b %#o", 0, 0, 0], "0 0 0"), (["%#08x|%08b", 255, 5], "0x0000ff|00000101"),
      (["%x %u", -1, -1], "ffffffffffffffff 18446744073709551615"), (["%d", 3.0], "3"),
      (["%*d|%-*d|%*d", 4, 1, 4, 1, -4, 1], "   1|1   |1   "), (["%.*d", -1, 5], "5"),
    ])
  }

  @Test func floats() {
    check([
      (["%f %.2f %.0f %#.0f", 1.5, 3.14159, 2.5, 2.0], "1.500000 3.14 2 2."),
      (["%8.2f|%-8.2f|%08.2f|%+.1f|% .1f", 3.14159, 3.14159, -3.14159, 2, 2], "    3.14|3.14    |-0003.14|+2.0| 2.0"),
      (["%e %.2E %g %G", 12345.678, 12345.678, 1e-10, 1e20], "1.234568e+04 1.23E+04 1e-10 1E+20"),
      (
        ["%f %5.1f %05f %-5f|", .float(.infinity), .float(-.infinity), .float(.nan), .float(.infinity)],
        "inf  -inf   nan inf  |"
      ),
      (["%f", .float(-0.0)], "-0.000000"), (["%g", 5], "5"),
    ])
    #expect(outcome(.len, [(try? call(.format, ["%.1000f", 1e308])) ?? nil]) == "\(309 + 1 + 1000)")
  }

  @Test func text() {
    check([
      (["%s|%5s|%-5s|%.2s|%s", "abc", "abc", "abc", "abc", 5], "abc|  abc|abc  |ab|5"),
      (["%q %q", "a\n", [1, "b"]], #""a\n" [1, "b"]"#), (["%c%c|%3c|", 65, "B", 67], "AB|  C|"), (["100%%"], "100%"),
      ([""], ""), (["%s %s", nil, [1]], "nil [1]"),
    ])
    SockRuntimeTests.check(.format, [([bytes("ff 25 73 00"), bytes("fe")], #""\xff\xfe\0""#)])
  }

  @Test func refuses() {
    SockRuntimeTests.check(
      .format,
      [
        (
          ["a %y", 1],
          #"parse: format: "%y" at byte 2 of the format is no conversion: those are d i u x X o b c s q e f g and %"#
        ),
        (["50%"], #"parse: format: "%" at byte 2 of the format has no conversion letter (`%%` is a percent sign)"#),
        (
          ["%ld", 1],
          #"parse: format: "%l" at byte 0 of the format has a length modifier: sock's integers have one size, leave it out"#
        ),
        (["%d %d", 1], #"parse: format: "%d" at byte 3 of the format has no argument left"#),
        (["%*d", 1], #"parse: format: "%*d" at byte 0 of the format has no argument left"#),
        (["x", 1], "range: format: argument 2 is not used by the format"),
        (["x", 1, 2], "range: format: 2 arguments are not used by the format"),
        (["%d", "1"], "type: format: argument 2 must be an int, not a string"),
        (["%d", 1.5], "range: format: argument 2 must be a whole number, not 1.5"),
        (["%f", "1"], "type: format: argument 2 must be a number, not a string"),
        (["%c", 256], "range: format: argument 2 must be from 0 to 255, not 256"),
        (["%c", "ab"], #"parse: format: "%c" at byte 0 of the format wants a string of one byte, not of 2"#),
        (["%.9999f", 1], "limit: format: a float has at most 1100 places"),
        (["%99999999999999999999d", 1], "limit: format: the result would be longer than a string may be (1 GiB)"),
        (
          ["%*d", .integer(.max), 1],
          "range: format: argument 2 must be from -1073741824 to 1073741824, not 9223372036854775807"
        ),
        ([5], "type: format: argument 1 must be a string, not an int"),
      ])
  }
}
