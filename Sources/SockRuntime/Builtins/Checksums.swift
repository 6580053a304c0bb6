// Checksums: crc16 crc32 inet_checksum.

import SockLanguage

/// A CRC of 16 bits, by the names of the catalogue of parametrised CRC algorithms.
private enum Crc16: String, CaseIterable {
  case arc
  case ccittFalse = "ccitt-false"
  case kermit, modbus, usb, x25, xmodem

  /// Whether the lowest bit of each byte comes first.
  var isReflected: Bool {
    switch self {
    case .arc, .kermit, .modbus, .usb, .x25: true
    case .ccittFalse, .xmodem: false
    }
  }

  var start: UInt16 {
    switch self {
    case .arc, .kermit, .xmodem: 0
    case .ccittFalse, .modbus, .usb, .x25: 0xFFFF
    }
  }

  /// What the remainder is combined with at the end.
  var finish: UInt16 {
    switch self {
    case .arc, .ccittFalse, .kermit, .modbus, .xmodem: 0
    case .usb, .x25: 0xFFFF
    }
  }

  /// The remainder that each byte leaves: x^16 + x^15 + x^2 + 1, or CCITT's x^16 + x^12 + x^5 + 1.
  var table: [UInt16] {
    switch self {
    case .arc, .modbus, .usb: Crc16.reflected8005
    case .kermit, .x25: Crc16.reflected1021
    case .ccittFalse, .xmodem: Crc16.plain1021
    }
  }

  private static let reflected8005 = reflectedTable(0xA001)
  private static let reflected1021 = reflectedTable(0x8408)
  private static let plain1021: [UInt16] = (0..<256).map { byte in
    (0..<8).reduce(UInt16(byte) << 8) { crc, _ in crc & 0x8000 != 0 ? 0x1021 ^ (crc << 1) : crc << 1 }
  }

  private static func reflectedTable(_ polynomial: UInt16) -> [UInt16] {
    (0..<256).map { byte in
      (0..<8).reduce(UInt16(byte)) { crc, _ in crc & 1 == 1 ? polynomial ^ (crc >> 1) : crc >> 1 }
    }
  }
}

enum Checksums {
  /// `crc16(s, variant)`: there are many, and none of them is meant when nothing is said.
  static func crc16(_ arguments: Arguments) throws(Failure) -> Value {
    let bytes = try arguments.string(0).bytes
    let name = try arguments.string(1)
    guard let variant = Crc16(rawValue: name.text) else {
      let known = Crc16.allCases.map(\.rawValue).joined(separator: " ")
      throw arguments.range("\(Show.inspect(.string(name)).text) is no variant of CRC-16: those are \(known)")
    }
    Meter.charge(bytes: bytes.count)
    var crc = variant.start
    variant.table.withUnsafeBufferPointer { table in
      if variant.isReflected {
        for byte in bytes { crc = table[Int((crc ^ UInt16(byte)) & 0xFF)] ^ (crc >> 8) }
      } else {
        for byte in bytes { crc = table[Int((crc >> 8) ^ UInt16(byte))] ^ (crc << 8) }
      }
    }
    return .integer(Int(crc ^ variant.finish))
  }

  /// The CRC of IEEE 802.3, as zlib and Ethernet use it, as an integer.
  static func crc32(_ arguments: Arguments) throws(Failure) -> Value {
    .integer(crc32(of: try arguments.string(0).bytes))
  }

  static func crc32(of bytes: UnsafeRawBufferPointer) -> Int {
    Meter.charge(bytes: bytes.count)
    var crc = UInt32.max
    crcTable.withUnsafeBufferPointer { table in
      for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
    }
    return Int(~crc)
  }

  /// The remainder that each byte leaves.
  private static let crcTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
  }

  /// RFC 1071: the complement of the sum of 16-bit words, in which what is carried over comes back at the other end. A
  /// last odd byte is the upper half of a word.
  static func internet(_ arguments: Arguments) throws(Failure) -> Value {
    .integer(internet(of: try arguments.string(0).bytes))
  }

  static func internet(of bytes: UnsafeRawBufferPointer) -> Int {
    Meter.charge(bytes: bytes.count)
    var sum: UInt64 = 0
    var at = 0
    while at + 1 < bytes.count {
      sum += UInt64(bytes[at]) << 8 | UInt64(bytes[at + 1])
      at += 2
    }
    if at < bytes.count { sum += UInt64(bytes[at]) << 8 }
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return Int(~sum & 0xFFFF)
  }
}
