// pack and unpack.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct PackTests {
  @Test func packs() throws {
    let cases: [([Value], String)] = [
      (["u8 u16 u24 u32", 1, 2, 3, 4], "01 0002 000003 00000004"),
      (["u40 u48le u56", 5, 6, 7], "0000000005 060000000000 00000000000007"),
      (["i40 i48 i56le", -5, -6, -7], "fffffffffb fffffffffffa f9ffffffffffff"), (["u64", .integer(.max)], "7fffffffffffffff"),
      (["i8 i16 i32 i64", -1, -2, -3, -4], "ff fffe fffffffd fffffffffffffffc"),
      (["u16le u32le i24le u64le", 1, 2, -2, 3], "0100 02000000 feffff 0300000000000000"),
      (["f32 f64", 1.5, -2], "3fc00000 c000000000000000"), (["f32le f64le", 1.5, -2], "0000c03f 00000000000000c0"),
      (["u8le i8", 255, -128], "ff80"), (["bytes[2] cstr bytes", "ab", "c", "de"], "6162 6300 6465"),
      (["varint varint varint varint", 0, 127, 128, 300], "00 7f 8001 ac02"),
      (["varint", .integer(.max)], "ffffffffffffffff7f"), (["bytes u8", "ab", 1], "616201"),
      (["  u8\t\n u8 ", 1, 2.0], "0102"), ([""], ""), (["bytes[0]", ""], ""),
    ]
    for (arguments, expected) in cases {
      #expect(try Equality.equal(try call(.pack, arguments), bytes(expected)), "\(inspected(arguments[0]))")
    }
  }

  @Test func integersThatDoNotFit() {
    let cases: [(String, Int, String)] = [
      ("u8", 256, "0 to 255"), ("u8", -1, "0 to 255"), ("u16le", 65_536, "0 to 65535"),
      ("u24", 1 << 24, "0 to 16777215"), ("u40", 1 << 40, "0 to 1099511627775"),
      ("u32", 1 << 32, "0 to 4294967295"), ("u64", -1, "0 to 9223372036854775807"), ("i8", 128, "-128 to 127"),
      ("i8", -129, "-128 to 127"), ("i16", 32_768, "-32768 to 32767"), ("i24", 1 << 23, "-8388608 to 8388607"),
      ("i32", 1 << 31, "-2147483648 to 2147483647"), ("varint", -1, "0 to 9223372036854775807"),
    ]
    for (format, number, bounds) in cases {
      let found = outcome(.pack, [Value(format), .integer(number)])
      #expect(found == "range: pack: argument 2, \(number), does not fit \(format) (\(bounds))")
    }
  }

  @Test func packRefuses() {
    check(
      .pack,
      [
        (["u8", 1.5], "range: pack: argument 2 must be a whole number, not 1.5"),
        (["u8", "1"], "type: pack: argument 2 must be an int, not a string"),
        (["f32", 1e300], "range: pack: argument 2 is too large for f32"),
        (["f64", nil], "type: pack: argument 2 must be a number, not nil"),
        (["bytes[2]", "abc"], "range: pack: argument 2 has 3 bytes where bytes[2] takes just 2"),
        (["cstr", bytes("6100")], "range: pack: argument 2 has a NUL at byte 1, which would end its cstr there"),
        (["u8 u8", 1], "range: pack: the format has 2 fields, but there are 1 values"),
        (["u8", 1, 2], "range: pack: the format has 1 fields, but there are 2 values"),
      ])
    let names = [
      "u7", "u16be", "lele", "le", "bytes[", "bytes[]", "bytes[-1]", "bytes[x]", "bytes[99999999999999999999]",
      "bytes[1073741825]", "cstrle", "U8", "u8,u8", "é",
    ]
    for name in names {
      let found = outcome(.pack, [Value("u8 " + name), 1, 2])
      #expect(
        found.hasPrefix("parse: pack: \"\(name)\" at byte 3 of the format is no field: those are u8 u16"), "\(found)")
    }
  }

  @Test func unpacks() {
    check(
      .unpack,
      [
        (["u8 u16 u24 u32", bytes("01 0002 000003 00000004")], "[1, 2, 3, 4]"),
        (["u40 u48le i56", bytes("0000000005 060000000000 fffffffffffff9")], "[5, 6, -7]"),
        (["i8 i16 i24 i32 i64", bytes("ff fffe fffffd fffffffc fffffffffffffffb")], "[-1, -2, -3, -4, -5]"),
        (["u16le i24le", bytes("0100 feffff")], "[1, -2]"),
        (["f32 f64le", bytes("3fc00000 00000000000000c0")], "[1.5, -2]"),
        (["bytes[2] cstr rest", bytes("6162 6300 6465")], #"["ab", "c", "de"]"#),
        (["u8 varint rest", bytes("10 ac02 00")], #"[16, 300, "\0"]"#), (["u8 bytes", bytes("01")], #"[1, ""]"#),
        (["u8", bytes("ff01"), 1], "[1]"), (["rest", "abc", 1], #"["bc"]"#), (["rest", "abc", 3], #"[""]"#),
        // Too few bytes.
        (["u8", ""], "nil"), (["u16", "a"], "nil"), (["u24", "ab"], "nil"), (["f32", "abc"], "nil"),
        (["f64", "abcdefg"], "nil"), (["cstr", "abc"], "nil"), (["bytes[4]", "abc"], "nil"),
        (["varint", bytes("8080")], "nil"),
        (["u8 varint rest", bytes("10")], "nil"), (["u8", "a", 2], "nil"), (["u8", "a", .integer(.max)], "nil"),
        // Too many, and what fits no integer.
        (["u8", "ab"], "range: unpack: 1 byte is left over (with `rest` at its end the format gives them as one more value)"),
        (["", "ab"], "range: unpack: 2 bytes are left over (with `rest` at its end the format gives them as one more value)"),
        (
          ["u64", bytes("8000000000000000")],
          "range: unpack: the u64 at byte 0, 9223372036854775808, does not fit an int (take it as bytes[8], or as i64)"
        ),
        (["varint", bytes("ffffffffffffffffff01")], "range: unpack: the varint at byte 0 does not fit an int"),
        (["varint", bytes("ffffffffffffffff7f")], "[9223372036854775807]"),
        (
          ["rest u8", "ab"],
          "parse: unpack: rest takes all that is left, so it must be the last field (or write bytes[N])"
        ),
        (["u8", 5], "type: unpack: argument 2 must be a string, not an int"),
        (["u8", "a", -1], "range: unpack: argument 3 must be 0 or more, not -1"),
      ])
  }

  @Test func roundTrips() throws {
    let context = BuiltinContext()
    for size in ["8", "16", "24", "32", "64"] {
      for order in size == "8" ? [""] : ["", "le"] {
        for (letter, numbers) in [("u", [0, 1, 0x7F, 0xFF]), ("i", [0, 1, -1, 0x7F, -0x80])] {
          for number in numbers {
            let format = Value(letter + size + order)
            let packed = try call(.pack, [format, .integer(number)], context)
            #expect(inspected(try call(.unpack, [format, packed], context)) == "[\(number)]")
          }
        }
      }
    }
    for shift in 0..<63 {
      let packed = try call(.pack, ["varint", .integer(1 << shift)], context)
      #expect(outcome(.len, [packed]) == "\(shift / 7 + 1)")
      #expect(inspected(try call(.unpack, ["varint", packed], context)) == "[\(1 << shift)]")
    }
  }

  /// More formats than are kept, each used again.
  @Test func manyFormats() throws {
    let context = BuiltinContext()
    for _ in 0..<2 {
      for count in 0..<600 {
        let text = Value(String(repeating: "x", count: count))
        let packed = try call(.pack, [Value("bytes[\(count)]"), text], context)
        #expect(try Equality.equal(packed, text))
      }
    }
  }
}
