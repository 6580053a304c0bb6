// The format of `pack` and `unpack`, as "id:u16 flags:b4 _:b4 name:u8:bytes ..": read by the checker where it stands in
// the text, and by the functions.

/// A parsed format: its fields in their order.
package struct BinaryFormat {
  /// How a number of bytes, or an integer, is written without a fixed size.
  package enum VariableInteger: String, CaseIterable, Sendable {
    /// LEB128 without sign: 7 bits a byte, the lowest first; nine bytes hold what an int holds.
    case varint
    /// The same in one to four bytes, up to 268,435,455: MQTT 5.0, section 1.5.5.
    case mqttVarint = "mqtt_varint"
    /// One, two, four or eight bytes in network order, of which the first two bits say how many: RFC 9000, section 16.
    case quicVarint = "quic_varint"
    /// LEB128 of an integer with a sign: 0, -1, 1, -2 … are 0, 1, 2, 3 …
    case zigzag
    /// Decimal digits on a line of their own, with a minus in front of what is less than zero: a length of RESP.
    case decimal
  }

  package enum Kind: Equatable, Sendable {
    /// So many bytes, 1 to 8, in network order or reversed.
    case unsigned(size: Int, isLittle: Bool)
    case signed(size: Int, isLittle: Bool)
    case float32(isLittle: Bool)
    case float64(isLittle: Bool)
    /// So many bits, 1 to 63, the highest first. Those that stand in a row fill whole bytes.
    case bits(Int)
    /// One bit, as true or false. It is one of a row of bits.
    case flag
    case variable(VariableInteger)
    /// Exactly so many bytes.
    case bytes(Int)
    /// Bytes, and in front of them how many there are.
    case counted(Count)
    /// Bytes and a NUL.
    case terminated
    /// Labels, of which the last may point at others in front of them: RFC 1035, section 4.1.4.
    case domainName
    /// All that is left; in `pack`, all of the value.
    case rest
    /// All that is left, which does not matter.
    case ignored
  }

  /// How the number of a field's bytes is written.
  package enum Count: Equatable, Sendable {
    case unsigned(size: Int, isLittle: Bool)
    case variable(VariableInteger)
  }

  package struct Field: Sendable {
    /// nil: it has none, or it is `_`.
    package let name: String?
    /// It is called `_`: no value stands for it.
    package let isSkipped: Bool
    package let kind: Kind
    /// Without its name, as messages show it.
    package let type: String

    /// A value stands for it.
    package var hasValue: Bool {
      if case .ignored = kind { return false }
      return !isSkipped
    }
  }

  /// What is wrong with a format.
  package struct Problem: Error, Equatable {
    /// The field to blame, and where it begins, in bytes.
    package let field: String
    package let offset: Int
    /// As "is no field".
    package let reason: String
    package let cure: String

    /// - Parameter quoted: the field as messages show text.
    package func message(_ quoted: String) -> String { "\(quoted) at byte \(offset) of the format \(reason)" }
  }

  package let fields: [Field]
  /// Its values have names: `unpack` gives a map, and `pack` takes one.
  package let hasNames: Bool
  /// How many values stand for it.
  package let valueCount: Int

  /// The greatest number of bytes that a field may have, as `bytes[N]`.
  package static let greatestCount = 1 << 30

  package static let types =
    "u8 u16 u24 to u64, i8 to i64, f32 f64 (`le` behind them: little-endian), b1 to b63, flag, varint, mqtt_varint, "
    + "quic_varint, zigzag, decimal, cstr, dns_name, bytes[N], u16:bytes, bytes, rest and `..`"

  /// - Parameter text: fields with white space between them.
  package init(_ text: [UInt8]) throws(Problem) {
    var fields: [Field] = []
    var names: Set<String> = []
    /// The first that has none, and is not `_`.
    var nameless: (field: String, offset: Int)?
    /// A row of bits that fill no whole bytes yet, by its first field.
    var open: (field: String, offset: Int, bits: Int)?
    var at = 0
    while true {
      while at < text.count, BinaryFormat.isSpace(text[at]) { at += 1 }
      guard at < text.count else { break }
      let start = at
      while at < text.count, !BinaryFormat.isSpace(text[at]) { at += 1 }
      let shown = String(decoding: text[start..<at], as: UTF8.self)
      let field = try BinaryFormat.field(shown, at: start)
      if fields.last?.kind == .ignored {
        throw Problem(field: shown, offset: start, reason: "stands behind `..`, which takes all that is left",
          cure: "put `..` at the end")
      }
      if let count = field.kind.bitCount {
        if open == nil { open = (shown, start, 0) }
        open?.bits += count
        if let bits = open?.bits, bits % 8 == 0 { open = nil }
      } else {
        try BinaryFormat.close(open)
      }
      if let name = field.name {
        guard names.insert(name).inserted else {
          throw Problem(field: shown, offset: start, reason: "has a name that stands there already",
            cure: "give it another, or call it `_` if it does not matter")
        }
      } else if field.hasValue {
        nameless = nameless ?? (shown, start)
      }
      if !names.isEmpty, let nameless {
        throw Problem(
          field: nameless.field, offset: nameless.offset,
          reason: "has no name, and others have",
          cure: "write NAME:\(nameless.field), or _:\(nameless.field) if it does not matter")
      }
      fields.append(field)
    }
    try BinaryFormat.close(open)
    self.fields = fields
    hasNames = !names.isEmpty
    valueCount = fields.reduce(0) { $0 + ($1.hasValue ? 1 : 0) }
  }

  private static func close(_ open: (field: String, offset: Int, bits: Int)?) throws(Problem) {
    guard let open else { return }
    let left = 8 - open.bits % 8
    throw Problem(
      field: open.field, offset: open.offset,
      reason: "begins a row of \(open.bits) bits, which fill no whole bytes",
      cure: "write `_:b\(left)` behind it if \(left == 1 ? "1 more is" : "\(left) more are") not used")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  // MARK: - A field

  private static func field(_ text: String, at offset: Int) throws(Problem) -> Field {
    if text == ".." { return Field(name: nil, isSkipped: false, kind: .ignored, type: text) }
    var name: String?
    var type = text[...]
    // What stands before the first colon is a name, unless it is how a number of bytes is written.
    if let colon = text.firstIndex(of: ":"), count(text[..<colon]) == nil {
      let word = String(text[..<colon])
      guard isName(word) else {
        throw Problem(
          field: text, offset: offset, reason: "has no name in front of its colon",
          cure: "a name has letters, digits and `_`")
      }
      name = word
      type = text[text.index(after: colon)...]
    }
    guard let kind = kind(String(type)) else {
      throw Problem(field: text, offset: offset, reason: "is no field", cure: "fields are \(types)")
    }
    let isSkipped = name == "_"
    return Field(name: isSkipped ? nil : name, isSkipped: isSkipped, kind: kind, type: String(type))
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return false }
    let letters = text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
    }
    return letters && !(0x30...0x39).contains(first)
  }

  /// What a type's name stands for; nil: nothing.
  package static func kind(_ type: String) -> Kind? {
    switch type {
    case "cstr": return .terminated
    case "dns_name": return .domainName
    case "flag": return .flag
    case "bytes", "rest": return .rest
    default: break
    }
    if let form = VariableInteger(rawValue: type) { return .variable(form) }
    if type.hasSuffix(":bytes"), let count = count(type.dropLast(6)) { return .counted(count) }
    if type.hasPrefix("bytes["), type.hasSuffix("]") {
      guard let count = number(type.dropFirst(6).dropLast()), count <= greatestCount else { return nil }
      return .bytes(count)
    }
    if type.hasPrefix("b"), let count = number(type.dropFirst()), (1...63).contains(count) { return .bits(count) }
    let isLittle = type.hasSuffix("le")
    let base = isLittle ? type.dropLast(2) : type[...]
    guard let bits = number(base.dropFirst()), bits > 0, bits <= 64, bits % 8 == 0 else { return nil }
    switch (base.first, bits) {
    case ("u", _): return .unsigned(size: bits / 8, isLittle: isLittle)
    case ("i", _): return .signed(size: bits / 8, isLittle: isLittle)
    case ("f", 32): return .float32(isLittle: isLittle)
    case ("f", 64): return .float64(isLittle: isLittle)
    default: return nil
    }
  }

  /// How a type writes a number of bytes; nil: it does not.
  package static func count(_ type: Substring) -> Count? {
    switch kind(String(type)) {
    case .unsigned(let size, let isLittle): .unsigned(size: size, isLittle: isLittle)
    // There is no number of bytes below zero.
    case .variable(.zigzag): nil
    case .variable(let form): .variable(form)
    default: nil
    }
  }

  /// Decimal digits alone.
  private static func number(_ digits: Substring) -> Int? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
  }
}

extension BinaryFormat.Kind {
  /// How many bits it has; nil where it begins at a whole byte.
  package var bitCount: Int? {
    switch self {
    case .bits(let count): count
    case .flag: 1
    default: nil
    }
  }
}
