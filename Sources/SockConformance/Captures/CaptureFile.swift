// Reads the packets of a capture: pcap (the libpcap file format, draft-ietf-opsawg-pcap) and pcapng
// (draft-ietf-opsawg-pcapng). What is read comes from outside: no length in it is believed before it is checked.

import Glibc
import SocketCore

/// A frame, as it stood in a capture.
package struct CapturedFrame {
  /// In nanoseconds since 1970; the time of the frame before, where the capture has none.
  package let at: Int64
  /// What the frame begins with: a number of https://www.tcpdump.org/linktypes.html.
  package let linkType: Int
  /// What of it was kept.
  package let bytes: ArraySlice<UInt8>
  /// How long it was on the wire; more than `bytes` holds when it was cut.
  package let length: Int
  /// A comment of pcapng on it.
  package var comment: String?
}

/// What is wrong with a capture: nothing of it can be used.
package struct CaptureError: Error {
  package let message: String
}

package struct CaptureFile {
  /// Where the file ends before it should, or makes no sense any more: what is wrong, in words; nil: it is whole.
  package private(set) var damage: String?
  /// A file is not read beyond it, in bytes.
  private static let largest = 1 << 30
  package private(set) var frames: [CapturedFrame] = []

  private let bytes: [UInt8]
  private var isBig = false

  /// The whole file.
  package static func read(_ path: String) throws(CaptureError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CaptureError(message: "cannot be read: \(Errno(rawValue: errno).message)") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw CaptureError(message: "cannot be read: \(Errno(rawValue: errno).message)")
      }
      bytes += chunk[..<count]
      guard bytes.count <= largest else { throw CaptureError(message: "is larger than \(largest >> 20) MiB") }
    }
  }

  /// - Parameter bytes: the whole file.
  package init(_ bytes: [UInt8]) throws(CaptureError) {
    self.bytes = bytes
    guard bytes.count >= 4 else {
      throw CaptureError(message: bytes.isEmpty ? "is empty" : "is no capture: it has \(bytes.count) bytes")
    }
    switch bytes.number(at: 0, size: 4, isBig: true) {
    case 0xA1B2_C3D4: try readPcap(isBig: true, isNano: false)
    case 0xD4C3_B2A1: try readPcap(isBig: false, isNano: false)
    case 0xA1B2_3C4D: try readPcap(isBig: true, isNano: true)
    case 0x4D3C_B2A1: try readPcap(isBig: false, isNano: true)
    case 0x0A0D_0D0A: try readPcapng()
    case let magic where (magic ?? 0) >> 16 == 0x1F8B: throw CaptureError(message: "is packed by gzip; unpack it first")
    default: throw CaptureError(message: "is no capture: it begins neither as pcap nor as pcapng does")
    }
  }

  /// No frame of a network is longer, in bytes; what says so is damage (the limit of libpcap).
  private static let longestFrame = 262_144 * 4

  // MARK: - pcap

  private mutating func readPcap(isBig: Bool, isNano: Bool) throws(CaptureError) {
    guard bytes.count >= 24, let link = bytes.number(at: 20, size: 4, isBig: isBig) else {
      throw CaptureError(message: "is cut within its first 24 bytes")
    }
    // The upper bits say whether frames end with a checksum.
    let linkType = Int(link & 0xFFFF)
    var at = 24
    while at < bytes.count {
      guard let seconds = bytes.number(at: at, size: 4, isBig: isBig),
        let fraction = bytes.number(at: at + 4, size: 4, isBig: isBig),
        let kept = bytes.number(at: at + 8, size: 4, isBig: isBig),
        let length = bytes.number(at: at + 12, size: 4, isBig: isBig)
      else { return damaged(at, "it is cut in the head of packet \(frames.count + 1)") }
      guard kept <= Self.longestFrame else {
        return damaged(at, "packet \(frames.count + 1) would have \(kept) bytes")
      }
      guard at + 16 + Int(kept) <= bytes.count else { return damaged(at, "it is cut in packet \(frames.count + 1)") }
      let time = Int64(seconds) * 1_000_000_000 + Int64(min(fraction, 999_999_999)) * (isNano ? 1 : 1000)
      frames.append(
        CapturedFrame(
          at: time, linkType: linkType, bytes: bytes[(at + 16)..<(at + 16 + Int(kept))],
          length: max(Int(length), Int(kept))))
      at += 16 + Int(kept)
    }
  }

  private mutating func damaged(_ at: Int, _ what: String) {
    damage = "\(what), at byte \(at); what stands before is used"
  }

  // MARK: - pcapng

  private struct Interface {
    let linkType: Int
    /// Units of a time stamp in a second, or the power of two of them.
    var perSecond: UInt64 = 1_000_000
    var offset: Int64 = 0
    let snapLength: Int
  }

  private mutating func readPcapng() throws(CaptureError) {
    var interfaces: [Interface] = []
    var at = 0
    while at < bytes.count {
      guard bytes.count - at >= 12 else { return damaged(at, "it is cut in the head of a block") }
      if bytes.number(at: at, size: 4, isBig: true) == 0x0A0D_0D0A {
        switch bytes.number(at: at + 8, size: 4, isBig: true) {
        case 0x1A2B_3C4D: isBig = true
        case 0x4D3C_2B1A: isBig = false
        default:
          if at == 0 { throw CaptureError(message: "is no pcapng: its byte order is neither") }
          return damaged(at, "a section has no byte order")
        }
        interfaces = []
      }
      guard let type = bytes.number(at: at, size: 4, isBig: isBig),
        let size = bytes.number(at: at + 4, size: 4, isBig: isBig)
      else { return damaged(at, "it is cut in the head of a block") }
      guard size >= 12, size % 4 == 0 else { return damaged(at, "a block would have \(size) bytes") }
      guard Int(size) <= bytes.count - at else { return damaged(at, "it is cut in a block of \(size) bytes") }
      let body = (at + 8)..<(at + Int(size) - 4)
      switch type {
      case 1: if let interface = interface(body) { interfaces.append(interface) }
      case 6, 2: addPacket(body, interfaces, isOld: type == 2)
      case 3: addSimplePacket(body, interfaces)
      default: break
      }
      at += Int(size)
    }
  }

  private func interface(_ body: Range<Int>) -> Interface? {
    guard body.count >= 8, let link = bytes.number(at: body.lowerBound, size: 2, isBig: isBig),
      let snap = bytes.number(at: body.lowerBound + 4, size: 4, isBig: isBig)
    else { return nil }
    var interface = Interface(linkType: Int(link), snapLength: Int(snap))
    var at = body.lowerBound + 8
    while at + 4 <= body.upperBound, let code = bytes.number(at: at, size: 2, isBig: isBig),
      let size = bytes.number(at: at + 2, size: 2, isBig: isBig), code != 0
    {
      let value = (at + 4)..<(at + 4 + Int(size))
      guard value.upperBound <= body.upperBound else { break }
      if code == 9, size == 1 {
        let power = Int(bytes[value.lowerBound] & 0x7F)
        let base: UInt64 = bytes[value.lowerBound] & 0x80 != 0 ? 2 : 10
        var units: UInt64 = 1
        for _ in 0..<min(power, base == 2 ? 62 : 18) { units *= base }
        interface.perSecond = units
      } else if code == 14, size == 8, let offset = bytes.number(at: value.lowerBound, size: 8, isBig: isBig) {
        interface.offset = Int64(bitPattern: offset)
      }
      at = value.upperBound + (4 - Int(size) % 4) % 4
    }
    return interface
  }

  private mutating func addPacket(_ body: Range<Int>, _ interfaces: [Interface], isOld: Bool) {
    let at = body.lowerBound
    // The older block has two bytes for the interface, and how many packets were dropped behind them.
    guard body.count >= 20, let number = bytes.number(at: at, size: isOld ? 2 : 4, isBig: isBig),
      number < interfaces.count, let high = bytes.number(at: at + 4, size: 4, isBig: isBig),
      let low = bytes.number(at: at + 8, size: 4, isBig: isBig),
      let kept = bytes.number(at: at + 12, size: 4, isBig: isBig),
      let length = bytes.number(at: at + 16, size: 4, isBig: isBig), Int(kept) <= body.count - 20
    else { return }
    let interface = interfaces[Int(number)]
    let (seconds, rest) = (high << 32 | low).quotientAndRemainder(dividingBy: interface.perSecond)
    // In two steps, as one product would be too large.
    let nanoseconds = Double(rest) / Double(interface.perSecond) * 1e9
    let whole = Int64(clamping: seconds).addingReportingOverflow(interface.offset)
    let time = (whole.overflow ? 0 : whole.partialValue).multipliedReportingOverflow(by: 1_000_000_000)
    let data = (at + 20)..<(at + 20 + Int(kept))
    frames.append(
      CapturedFrame(
        at: (time.overflow ? 0 : time.partialValue) &+ Int64(nanoseconds), linkType: interface.linkType,
        bytes: bytes[data], length: max(Int(length), data.count),
        comment: comment(from: at + 20 + (data.count + 3) / 4 * 4, to: body.upperBound)))
  }

  /// The first comment among the options of a block.
  private func comment(from start: Int, to end: Int) -> String? {
    var at = start
    while at + 4 <= end, let code = bytes.number(at: at, size: 2, isBig: isBig),
      let size = bytes.number(at: at + 2, size: 2, isBig: isBig), code != 0, at + 4 + Int(size) <= end
    {
      if code == 1 { return String(decoding: bytes[(at + 4)..<(at + 4 + Int(size))], as: UTF8.self) }
      at += 4 + (Int(size) + 3) / 4 * 4
    }
    return nil
  }

  private mutating func addSimplePacket(_ body: Range<Int>, _ interfaces: [Interface]) {
    guard let interface = interfaces.first, body.count >= 4,
      let length = bytes.number(at: body.lowerBound, size: 4, isBig: isBig)
    else { return }
    let limit = interface.snapLength > 0 ? interface.snapLength : Int.max
    let kept = min(Int(length), limit, body.count - 4)
    frames.append(
      CapturedFrame(
        at: frames.last?.at ?? 0, linkType: interface.linkType,
        bytes: bytes[(body.lowerBound + 4)..<(body.lowerBound + 4 + kept)], length: Int(length)))
  }
}

extension RandomAccessCollection where Element == UInt8, Index == Int {
  /// The unsigned number at a place, if it is there in full.
  func number(at: Int, size: Int, isBig: Bool) -> UInt64? {
    guard at >= startIndex, size <= endIndex - at, at <= endIndex else { return nil }
    var number: UInt64 = 0
    for offset in 0..<size {
      let byte = UInt64(self[at + offset])
      number = isBig ? number << 8 | byte : number | byte << (8 * UInt64(offset))
    }
    return number
  }
}
