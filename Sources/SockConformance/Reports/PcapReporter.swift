// `--pcap DIR`: a capture for each test, made from its transcript, for Wireshark and tshark.

import SockLanguage

package final class PcapReporter: Reporter {
  private var folder: ReportFolder
  private var problem: String?

  /// Makes the folder; an error when that fails.
  package init(_ path: String) throws(DiscoveryError) { folder = try ReportFolder(path) }

  package func began(_ options: TestOptions, files: [String]) {}

  package func ended(_ record: TestRecord) {
    let path = folder.path(for: record, suffix: ".pcapng")
    problem = OutputFile.write(PcapReporter.capture(record), to: path) ?? problem
  }

  package func finished(_ summary: Summary) -> String? { problem }

  static func capture(_ record: TestRecord) -> [UInt8] {
    var comment = Printable.text("\(record.file):\(record.line) \(record.title): \(record.verdict.rawValue)")
    if !record.message.isEmpty { comment += ": \(Printable.text(record.message))" }
    comment += "\nMade from the transcript of sock test: the bytes, their order, times and addresses are those of the "
    comment += "test; TCP's handshakes, acknowledgements and the borders of segments are made up."
    var writer = PcapngWriter(comment: comment)
    if !record.keys.isEmpty { writer.add(keys: record.keys) }
    var packets: [Packet] = []
    for conversation in Conversation.all(of: record) { packets += conversation.packets() }
    // The sort is stable: packets of one moment keep their order.
    for (_, packet) in packets.enumerated().sorted(by: { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }) {
      writer.add(packet, startedAt: record.startedAt)
    }
    return writer.bytes
  }
}

/// One packet as it is written.
struct Packet {
  /// Nanoseconds since the test began.
  let at: Int64
  /// From the IP header on.
  let bytes: [UInt8]
  /// How long it was on the wire: more than `bytes` holds when not all of them were kept.
  let length: Int
  /// The step that caused it.
  let comment: String?
}

/// The blocks of a pcapng file: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
struct PcapngWriter {
  private(set) var bytes: [UInt8] = []

  /// LINKTYPE_RAW: packets begin with an IPv4 or IPv6 header.
  private static let linkType: UInt16 = 101

  init(comment: String) {
    var section: [UInt8] = []
    section.append(little: 0x1A2B_3C4D as UInt32)
    section.append(little: 1 as UInt16)
    section.append(little: 0 as UInt16)
    section.append(little: UInt64.max)
    PcapngWriter.option(1, Array(comment.utf8), to: &section)
    PcapngWriter.option(4, Array("sock".utf8), to: &section)
    PcapngWriter.option(0, [], to: &section)
    block(0x0A0D_0D0A, section)
    var interface: [UInt8] = []
    interface.append(little: PcapngWriter.linkType)
    interface.append(little: 0 as UInt16)
    interface.append(little: 0 as UInt32)
    PcapngWriter.option(2, Array("sock".utf8), to: &interface)
    // Time stamps count nanoseconds.
    PcapngWriter.option(9, [9], to: &interface)
    PcapngWriter.option(0, [], to: &interface)
    block(1, interface)
  }

  /// - Parameter startedAt: when the test began, in microseconds since 1970.
  mutating func add(_ packet: Packet, startedAt: Int64) {
    let time = UInt64(max(0, startedAt)) &* 1000 &+ UInt64(max(0, packet.at))
    var body: [UInt8] = []
    body.append(little: 0 as UInt32)
    body.append(little: UInt32(truncatingIfNeeded: time >> 32))
    body.append(little: UInt32(truncatingIfNeeded: time))
    body.append(little: UInt32(clamping: packet.bytes.count))
    body.append(little: UInt32(clamping: packet.length))
    body += packet.bytes
    body.pad()
    if let comment = packet.comment {
      PcapngWriter.option(1, Array(comment.utf8), to: &body)
      PcapngWriter.option(0, [], to: &body)
    }
    block(6, body)
  }

  /// The secrets of TLS, which are to come before the packets that are read with them.
  /// - Parameter keys: lines of an SSLKEYLOGFILE, without their ends.
  mutating func add(keys: [String]) {
    let text = Array(keys.map { $0 + "\n" }.joined().utf8)
    var body: [UInt8] = []
    body.append(little: 0x544C_534B as UInt32)
    body.append(little: UInt32(clamping: text.count))
    body += text
    body.pad()
    block(0x0A, body)
  }

  private mutating func block(_ type: UInt32, _ body: [UInt8]) {
    let length = UInt32(clamping: body.count + 12)
    bytes.append(little: type)
    bytes.append(little: length)
    bytes += body
    bytes.append(little: length)
  }

  private static func option(_ code: UInt16, _ value: [UInt8], to body: inout [UInt8]) {
    let value = value.prefix(Int(UInt16.max))
    body.append(little: code)
    body.append(little: UInt16(truncatingIfNeeded: value.count))
    body += value
    body.pad()
  }
}

extension [UInt8] {
  mutating func append<Number: FixedWidthInteger>(little number: Number) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  mutating func append<Number: FixedWidthInteger>(big number: Number) {
    for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  /// To a multiple of four.
  mutating func pad() {
    while count % 4 != 0 { append(0) }
  }
}
