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
        + "bytes; `varint` (LEB128), `zigzag` (LEB128 with a sign), `mqtt_varint`, `quic_varint`, "
        + "`decimal` (digits on a line of their own); `bytes[N]`, `cstr`, "
        + "`dns_name`, `u16:bytes` behind their number, `bytes`. `NAME:` in front of each makes one map of the "
        + "values; `_:` stands for zeros",
      #"pack("dup:flag _:b7 topic:u16:bytes", {topic: "a/b", dup: true})"#, #""\x80\0\x03a/b""#)
  }

  private static let ping = "message Ping\n  id u16\n  size u8 = size(data)\n  data bytes\nend\n"

  static var decode: FunctionRow {
    FunctionRow(
      .decode, ["message", "s"], .map,
      "the fields of a declared message, which is all of the bytes: a map; an error that names the field where they are "
        + "none",
      #"decode(Ping, x"0007 02 6869")"#, #"{id: 7, size: 2, data: "hi"}"#, declaring: ping)
  }

  static var encode: FunctionRow {
    FunctionRow(
      .encode, ["message", "fields"], .string,
      "a declared message as bytes, from a map of its fields: what is not given is computed, its constant, or zero or "
        + "empty; what is given is taken as it is, right or wrong",
      #"encode(Ping, {id: 7, data: "hi"})"#, #""\0\x07\x02hi""#, declaring: ping)
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
