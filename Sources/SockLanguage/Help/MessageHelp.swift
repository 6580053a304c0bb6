// The help of `message`, which is a word of its own only where a declaration begins.

extension BlockHelp {
  /// The words that open a block or declare a name, in the order in which they are listed.
  package static let all: [(word: String, help: BlockHelp)] =
    Keyword.allCases.compactMap { keyword in
      if case .block(let help) = keyword.help { (keyword.rawValue, help) } else { nil }
    } + [(ContextWord.message.rawValue, message)]

  static let message = BlockHelp(
    summary: "declares a message: its fields, as they stand in its bytes",
    synopsis: "message NAME[(VALUE, …)]\n  FIELD[, FIELD…] TYPE [= VALUE | default VALUE] [if CONDITION]\n  …\nend",
    details: [
      "`send NAME {…}` sends one, `expect message NAME {…} as m` and `recv message NAME as m` take one, `framing NAME` "
        + "makes its own end the channel's framing, `encode` and `decode` make bytes of fields and fields of bytes: a "
        + "map with the fields in their order. It stands at the top level of a file, and `import` brings it as `x.NAME`. "
        + "`_` is a field that no value has, of zeros where it is sent.",
      "Types: `u8 u16 u24` to `u64`, `i8` to `i64`, `f32 f64`, `le` behind them for little-endian; `bit`, `bits N` and "
        + "`flag`, the highest bit first, which fill whole bytes in a row; `varint` (LEB128), `zigzag` (LEB128 with a "
        + "sign), `mqtt_varint`, `quic_varint`, `decimal` (digits on a line of their own); `bytes N` and `text N` (UTF-8), `u16:bytes` behind their number, `cstr`, "
        + "`line` up to its CRLF or LF, `rest` or `bytes` for all that is left; `dns_name` with the compression of RFC 1035, whose pointers "
        + "count from the beginning of the outermost message, or of one that stands as `whole NAME`; `ber`, an "
        + "element of ASN.1 as a map of `tag` (its identifier byte, as 0x30) and `value`: a list of elements where it is "
        + "constructed, an integer, true or false, nil, or bytes; another message; "
        + "`list of TYPE` with `count N`, `size BYTES`, `until ELEMENT`, which is not of the list, or `rest`; behind its "
        + "own number `u16:list of TYPE count` or `size`, and `u16:NAME`, a message behind its size; `choose FIELD: 1 TYPE, 2..9 TYPE, else TYPE`; and `nil`, no bytes. A message with values behind "
        + "its name gets them where it is used as a type: `body Publish(flags)`.",
      "`protobuf N TYPE` is a field of protobuf by its number: a `varint` (of 64 bits, with a sign), `zigzag`, `flag`, "
        + "`u32le u64le i32le i64le f32le f64le`, `bytes`, `text` or a message; `protobuf N repeated TYPE` and "
        + "`protobuf N packed TYPE` are lists. All fields of such a message are, they come in any order, each may be "
        + "missing, and the message takes all that is left. What has no declaration is its field `unknown`, a list of maps "
        + "of `number`, `wire` (the wire type) and `value`; there also stand groups, all but the last of a field that "
        + "comes twice, and what is to be wrong, as another `length`. A map of protobuf is repeated messages of a key, 1, "
        + "and a value, 2. "
        + "`protobuf` alone is all that is left as such a list.",
      "A size, a condition and a choice are computed from fields in front of them, also of a message that is one: "
        + "`head.length`. Behind `=` stands a constant, or what is computed: + - * / % << >> & | ^, comparisons, `and or "
        + "not`, `size(FIELD)`, `count(FIELD)`, and `crc32` and `inet_checksum`, of one field, of `FIRST..LAST`, of "
        + "`rest` (all that follows) or of `message`.",
      "Where it is sent, a field that is not given has its constant, is computed, or is zero or empty; a length or a "
        + "number that a later field is read by is computed, too. `default` is for what may be otherwise when it comes. "
        + "What is given is taken as it is, right or wrong; `nil` "
        + "leaves the field out, and a string stands for the bytes of a message or a list. What was decoded has its "
        + "lengths in it, which are given when it is sent again: `remove(fields, \"length\")` lets one be computed. A number in front of a field, as "
        + "of `u16:list`, is always right: for a wrong one it is a field of its own, `n u16 = count(all)`. Where it is read, a constant "
        + "and what is computed are held against what came; a length that is `= size(body)` says where the body ends.",
      "In the fields of `expect message` stand values, regular expressions, ranges, lists of those that will do, maps "
        + "and lists of such, `any`, `absent`, and functions. What is not named may be anything. The failure names the "
        + "field, what was wanted, and what came. `skipping {…}` passes over messages with such fields.",
    ],
    related: ["send", "expect", "recv", "framing", "decode", "encode", "pack"],
    example: HelpExample(
      #"""
      message Packet
        kind u8
        flags bits 4
        _ bits 4
        length u16 = size(body)
        body choose kind: 1 Login, else bytes
      end

      message Login
        name u8:text
        features list of u16 rest
      end

      let [a, b] = socketpair
      a.send Packet {kind: 1, body: {name: "ann", features: [1, 7]}}
      b.expect message Packet {kind: 1, body: {name: /^a/}} as packet
      print packet.length, packet.body.features
      """#, prints: "8 [1, 7]"))
}
