// The framings that have a name.

/// What says how long a message is: a length in front of it, in so many bits, or the head of a record.
package enum FramingName: String, CaseIterable, Sendable {
  case u8, u16, u16le, u24, u24le, u32, u32le, varint, tls

  package var summary: String {
    switch self {
    case .u8: "a length of 1 byte in front"
    case .u16: "a length of 2 bytes in front, the high byte first"
    case .u16le: "a length of 2 bytes in front, the low byte first"
    case .u24: "a length of 3 bytes in front, the high byte first"
    case .u24le: "a length of 3 bytes in front, the low byte first"
    case .u32: "a length of 4 bytes in front, the high byte first"
    case .u32le: "a length of 4 bytes in front, the low byte first"
    case .varint: "a length in 7 bits of each byte, as Protocol Buffers and MQTT have it"
    case .tls: "the records of TLS, on a channel that does not speak it"
    }
  }
}
