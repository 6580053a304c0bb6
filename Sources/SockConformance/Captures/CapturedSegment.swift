// From a frame to the bytes that TCP or UDP carried: Ethernet, VLAN tags, Linux's cooked captures, loopback, IP.

/// One segment of TCP, or one datagram of UDP.
struct CapturedSegment {
  let at: Int64
  let from: Endpoint
  let to: Endpoint
  let isDatagram: Bool
  var sequence: UInt32 = 0
  var flags: TCPFlags = []
  let payload: ArraySlice<UInt8>
  /// How many bytes of payload there were on the wire; more than `payload` holds when the capture cut them.
  let length: Int
  var comment: String?
}

/// What became of a frame.
enum FrameReading {
  case segment(CapturedSegment)
  /// A part of a packet of IP, which is not put together.
  case fragment
  /// Of this link type nothing can be read.
  case unknownLink(Int)
  /// Neither TCP nor UDP.
  case other
  /// Cut, or no packet.
  case broken

  static func read(_ frame: CapturedFrame) -> FrameReading {
    let bytes = frame.bytes
    let start = bytes.startIndex
    switch frame.linkType {
    case 1: return ethernet(frame, at: start + 12)
    case 113: return network(frame, bytes.number(at: start + 14, size: 2, isBig: true), at: start + 16)
    case 276: return network(frame, bytes.number(at: start, size: 2, isBig: true), at: start + 20)
    case 0, 108:
      // The family's number is in the byte order of the machine that captured: 2 is IPv4, others are IPv6.
      guard bytes.count > 4 else { return .broken }
      return internet(frame, at: start + 4)
    case 12, 14, 101, 228, 229: return internet(frame, at: start)
    default: return .unknownLink(frame.linkType)
    }
  }

  private static func ethernet(_ frame: CapturedFrame, at: Int) -> FrameReading {
    var at = at
    var type = frame.bytes.number(at: at, size: 2, isBig: true)
    // Tags of VLANs, one in the other at most.
    for _ in 0..<2 where type == 0x8100 || type == 0x88A8 {
      at += 4
      type = frame.bytes.number(at: at, size: 2, isBig: true)
    }
    return network(frame, type, at: at + 2)
  }

  private static func network(_ frame: CapturedFrame, _ type: UInt64?, at: Int) -> FrameReading {
    switch type {
    case nil: return .broken
    case 0x0800, 0x86DD: return internet(frame, at: at)
    default: return .other
    }
  }

  private static func internet(_ frame: CapturedFrame, at: Int) -> FrameReading {
    guard let first = frame.bytes.number(at: at, size: 1, isBig: true) else { return .broken }
    switch first >> 4 {
    case 4: return version4(frame, at: at, headLength: Int(first & 0xF) * 4)
    case 6: return version6(frame, at: at)
    default: return .other
    }
  }

  private static func version4(_ frame: CapturedFrame, at: Int, headLength: Int) -> FrameReading {
    let bytes = frame.bytes
    guard headLength >= 20, let whole = bytes.number(at: at + 2, size: 2, isBig: true),
      let part = bytes.number(at: at + 6, size: 2, isBig: true), bytes.endIndex - at >= headLength
    else { return .broken }
    let number = bytes[at + 9]
    guard number == 6 || number == 17 else { return .other }
    guard part & 0x3FFF == 0 else { return .fragment }
    // With segmentation offload a packet says that it has no length.
    let length = whole == 0 ? frame.length - (at - bytes.startIndex) : Int(whole)
    guard length >= headLength else { return .broken }
    return transport(
      frame, number, at: at + headLength, length: length - headLength, from: Array(bytes[(at + 12)..<(at + 16)]),
      to: Array(bytes[(at + 16)..<(at + 20)]))
  }

  private static func version6(_ frame: CapturedFrame, at: Int) -> FrameReading {
    let bytes = frame.bytes
    guard bytes.endIndex - at >= 40, let whole = bytes.number(at: at + 4, size: 2, isBig: true) else { return .broken }
    var next = bytes[at + 6]
    var place = at + 40
    // With segmentation offload a packet says that it has no length.
    var length = whole == 0 ? frame.length - (at - bytes.startIndex) - 40 : Int(whole)
    // Options in front of the packet, of which there are few.
    for _ in 0..<8 {
      switch next {
      case 6, 17:
        return transport(
          frame, next, at: place, length: length, from: Array(bytes[(at + 8)..<(at + 24)]),
          to: Array(bytes[(at + 24)..<(at + 40)]))
      case 44: return .fragment
      case 0, 43, 60:
        guard let after = bytes.number(at: place, size: 1, isBig: true),
          let size = bytes.number(at: place + 1, size: 1, isBig: true)
        else { return .broken }
        next = UInt8(truncatingIfNeeded: after)
        place += (Int(size) + 1) * 8
        length -= (Int(size) + 1) * 8
      default: return .other
      }
    }
    return .broken
  }

  private static func transport(
    _ frame: CapturedFrame, _ number: UInt8, at: Int, length: Int, from: [UInt8], to: [UInt8]
  ) -> FrameReading {
    let bytes = frame.bytes
    guard let source = bytes.number(at: at, size: 2, isBig: true),
      let target = bytes.number(at: at + 2, size: 2, isBig: true)
    else { return .broken }
    let isDatagram = number == 17
    var head = 8
    if !isDatagram {
      guard let offset = bytes.number(at: at + 12, size: 1, isBig: true), bytes.endIndex - at >= 20
      else { return .broken }
      head = Int(offset >> 4) * 4
      guard head >= 20 else { return .broken }
    }
    guard length >= head else { return .broken }
    let start = min(at + head, bytes.endIndex)
    // Behind it Ethernet may have filled up a short frame.
    let end = min(at + length, bytes.endIndex)
    var segment = CapturedSegment(
      at: frame.at, from: Endpoint(host: from, port: UInt16(truncatingIfNeeded: source)),
      to: Endpoint(host: to, port: UInt16(truncatingIfNeeded: target)), isDatagram: isDatagram,
      payload: start <= end ? bytes[start..<end] : [], length: length - head)
    segment.comment = frame.comment
    if !isDatagram {
      segment.sequence = UInt32(truncatingIfNeeded: bytes.number(at: at + 4, size: 4, isBig: true) ?? 0)
      segment.flags = TCPFlags(rawValue: bytes[at + 13])
    }
    return .segment(segment)
  }
}
