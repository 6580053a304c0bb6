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
      "values as bytes, one for each field of a format: `u8 u16 u24` … `u64` and `i8` … `i64` by whole bytes, `f32 f64`, "
        + "with `le` behind them for little-endian; `b1` … `b63` bits and `flag` for true or false, which fill whole "
        + "bytes; `varint` (LEB128), `mqtt_varint`, `quic_varint`; `bytes[N]`, `cstr`, `u16:bytes` behind their number, `bytes`. `NAME:` in front of "
        + "each makes one map of the values; `_:` stands for zeros",
      #"pack("dup:flag _:b7 topic:u16:bytes", {topic: "a/b", dup: true})"#, #""\x80\0\x03a/b""#)
  }

  static var unpack: FunctionRow {
    FunctionRow(
      .unpack, ["format", "s", "at"], .listOrMapOrNil,
      "the values that bytes stand for, from an index on, by a format as in `pack`: a list, or a map where the fields have "
        + "names; nil when there are too few bytes, and an error when some are left over: `rest` at the format's end takes "
        + "those, `..` leaves them alone",
      #"unpack("id:u16 qr:flag _:b7 name:u8:bytes ..", x"12 34 80 02 61 62 ff")"#, #"{id: 4660, qr: true, name: "ab"}"#)
  }
}
