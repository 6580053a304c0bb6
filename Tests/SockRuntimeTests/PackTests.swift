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
        found.hasPrefix("parse: pack: \"\(name)\" at byte 3 of the format is no field (fields are u8 u16"), "\(found)")
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
        (["u8", "ab"], "range: unpack: 1 byte is left over (with `rest` at its end the format gives them as one more value, with `..` it leaves them alone)"),
        (["", "ab"], "range: unpack: 2 bytes are left over (with `rest` at its end the format gives them as one more value, with `..` it leaves them alone)"),
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

  // MARK: Names, bits, counts, varints

  @Test func namesMakeAMap() throws {
    let format: Value = "id:u16 qr:b1 opcode:b4 _:b3 name:u8:bytes .."
    let packet = bytes("1234 88 02 6162 ffff")
    check(.unpack, [([format, packet], #"{id: 4660, qr: 1, opcode: 1, name: "ab"}"#)])
    let map = try call(.unpack, [format, packet])
    #expect(try Equality.equal(try call(.pack, ["id:u16 qr:b1 opcode:b4 _:b3 name:u8:bytes", map]), bytes("1234 88 02 6162")))
    // Values by their places, too.
    #expect(try Equality.equal(try call(.pack, ["a:u8 _:u16le b:u8", 1, 2]), bytes("01 0000 02")))
    check(
      .pack,
      [
        (["id:u16 qos:b2 _:b6", map], "range: pack: the map has no `qos`, which the format has as b2"),
        (["id:u16 name:cstr", map], "range: pack: the map has \"qr\", and the format no such field"),
        (["name:u16", map], "type: pack: `name` must be an int, not a string"),
        (["id:u8", map], "range: pack: `id`, 4660, does not fit u8 (0 to 255)"),
        (["a:u8 b:u8", 1, 2, 3], "range: pack: the format has 2 fields, or gets one map, but there are 3 values"),
      ])
  }

  @Test func bitsCountsAndVarints() throws {
    let cases: [(String, [Value], String)] = [
      ("b1 b7 b12 b4", [1, 2, 0xABC, 0xD], "82 abcd"), ("b63 b1", [.integer(.max), 0], "fffffffffffffffe"),
      ("flag b6 flag", [true, 3, false], "86"), ("u16:bytes u24le:bytes", ["ab", ""], "0002 6162 000000"), ("varint:bytes", [Value(String(repeating: "x", count: 128))], "8001" + String(repeating: "78", count: 128)),
      ("mqtt_varint mqtt_varint", [127, 268_435_455], "7f ffffff7f"),
      // RFC 9000, appendix A.1.
      ("quic_varint quic_varint quic_varint quic_varint", [151_288_809_941_952_652, 494_878_333, 15_293, 37], "c2197c5eff14e88c 9d7f3e7d 7bbd 25"),
      ("quic_varint:bytes _:u8 _:bytes[2] _:cstr _:b8", ["z"], "01 7a 00 0000 00 00"),
    ]
    for (format, values, expected) in cases {
      let packed = try call(.pack, [Value(format)] + values)
      #expect(try Equality.equal(packed, bytes(expected)), "\(format): \(inspected(packed))")
      let back = try call(.unpack, [Value(format), packed])
      #expect(inspected(back) == "[" + values.map { inspected($0) }.joined(separator: ", ") + "]", "\(format)")
      // Cut at each byte it is nil, and never more than there is.
      guard case .string(let whole) = packed else { continue }
      for end in 0..<whole.count { #expect(inspected(try call(.unpack, [Value(format), .string(whole.slice(0..<end))])) == "nil") }
    }
    check(
      .unpack,
      [
        (["mqtt_varint", bytes("ffffffff01")], "range: unpack: the mqtt_varint at byte 0 has more than four bytes"),
        (["u64:bytes", bytes("ffffffffffffffff 00")], "nil"), (["a:varint", bytes("ffffffffffffffffff01")], "range: unpack: `a`, the varint at byte 0 does not fit an int"),
        (["rest:rest", "ab"], #"{rest: "ab"}"#), (["u8 ..", bytes("01 02 03")], "[1]"), (["..", ""], "[]"), (["_:u16 u8", bytes("0001 02")], "[2]"),
      ])
    check(
      .pack,
      [
        (["flag b7", 1, 0], "type: pack: argument 2 must be true or false, not an int"),
        (["b3 b5", 8, 0], "range: pack: argument 2, 8, does not fit b3 (0 to 7)"),
        (["u8:bytes", Value(String(repeating: "x", count: 256))], "range: pack: argument 2 has 256 bytes where u8:bytes takes 255 at most"),
        (["mqtt_varint", 268_435_456], "range: pack: argument 2, 268435456, does not fit mqtt_varint (0 to 268435455)"),
      ])
  }

  @Test(arguments: [
    ("u8 b3", "\"b3\" at byte 3 of the format begins a row of 3 bits, which fill no whole bytes (write `_:b5` behind it if 5 more are not used)"),
    ("b7 u8", "\"b7\" at byte 0 of the format begins a row of 7 bits, which fill no whole bytes (write `_:b1` behind it if 1 more is not used)"),
    ("a:u8 u16", "\"u16\" at byte 5 of the format has no name, and others have (write NAME:u16, or _:u16 if it does not matter)"),
    ("a:u8 a:u8", "\"a:u8\" at byte 5 of the format has a name that stands there already (give it another, or call it `_` if it does not matter)"),
    (".. u8", "\"u8\" at byte 3 of the format stands behind `..`, which takes all that is left (put `..` at the end)"),
    ("9:u8", "\"9:u8\" at byte 0 of the format has no name in front of its colon (a name has letters, digits and `_`)"),
  ])
  func whatIsNoFormat(format: String, message: String) {
    #expect(outcome(.unpack, [Value(format), ""]) == "parse: unpack: \(message)")
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
