// Functions between numbers and their bytes.

extension FunctionRow {
  static var ord: FunctionRow {
    FunctionRow(.ord, ["s"], .integer, "the number of the first byte", #"ord("A")"#, "65")
  }

  static var chr: FunctionRow {
    FunctionRow(.chr, ["n"], .string, "the string of one byte", "chr(65)", #""A""#)
  }

  static var pack: FunctionRow {
    FunctionRow(
      .pack, ["format", "value"], .string,
      "values as bytes: `u8 u16 u24` … `u64` and `i8` … `i64` by whole bytes, `f32 f64 bytes[N] cstr varint bytes`; "
        + "`le` for little-endian",
      #"pack("u16 u8le bytes", 258, 3, "x")"#, #""\x01\x02\x03x""#)
  }

  static var unpack: FunctionRow {
    FunctionRow(
      .unpack, ["format", "s", "at"], .listOrNil,
      "the values that bytes stand for, from an index on; nil when there are too few, and an error when some are left "
        + "over: `rest` at the format's end takes those",
      #"unpack("u16 rest", "\x01\x02ab")"#, #"[258, "ab"]"#)
  }
}
