// A test's transcript as conversations of packets: who spoke to whom, with handshakes and sequence numbers.

import SockRuntime

/// What two ends said to each other over one connection, or all datagrams of one socket.
struct Conversation {
  private struct Event {
    let line: TranscriptLine
    /// Whether the channel that the event is of is the conversation's first end.
    let isOfFirst: Bool
  }

  private let isDatagram: Bool
  /// The client's end, when that is known.
  private let first: Endpoint
  private let second: Endpoint
  private let events: [Event]
  /// Both ends are channels of the test: what one received the other has sent.
  private let hasBothEnds: Bool
  /// Local addresses of the test's datagram channels: what came from there is written where it was sent.
  private let known: Set<Endpoint>
  private let note: String?
  /// When the test was over, in nanoseconds since its beginning.
  private let end: Int64

  /// The two ends of a TCP connection as one channel sees them.
  private struct Ends: Hashable {
    let local: Endpoint
    let peer: Endpoint
  }

  /// The conversations of a test, in the order in which they began.
  static func all(of record: TestRecord) -> [Conversation] {
    var lines: [Int: [TranscriptLine]] = [:]
    for line in record.transcript { lines[line.channel, default: []].append(line) }
    for (channel, records) in Dictionary(grouping: record.records, by: \.channel) {
      lines[channel] = encrypted(lines[channel] ?? [], records)
    }
    let channels = record.channels.filter { lines[$0.number] != nil && !isListener($0, lines[$0.number] ?? []) }
    let listening = Set(record.channels.filter { $0.kind == "listener" }.compactMap { $0.local.flatMap { Endpoint($0)?.port } })
    let datagramEnds = Set(channels.filter { $0.kind == "udp" }.compactMap { $0.local.flatMap(Endpoint.init) })
    var ends: [Int: Ends] = [:]
    // Two connections may have the same ends, one after the other.
    var numbers: [Ends: [Int]] = [:]
    for channel in channels where channel.kind == "tcp" {
      guard let local = channel.local.flatMap(Endpoint.init), let peer = channel.peer.flatMap(Endpoint.init),
        local.host.count == peer.host.count
      else { continue }
      ends[channel.number] = Ends(local: local, peer: peer)
      numbers[Ends(local: local, peer: peer), default: []].append(channel.number)
    }
    let labels = Labels(record)
    var conversations: [Conversation] = []
    var taken: Set<Int> = []
    for channel in channels where !taken.contains(channel.number) {
      let own = lines[channel.number] ?? []
      if channel.kind == "udp" {
        conversations += datagrams(channel, own, known: datagramEnds, end: record.duration)
        continue
      }
      let isServer = own.contains { $0.event == "accepted" }
      guard let seen = ends[channel.number] else {
        guard own.contains(where: \.isData) else { continue }
        conversations.append(
          synthetic(channel, own, label: labels[channel.number], isServer: isServer, end: record.duration))
        continue
      }
      // The same connection seen from its other end.
      let partner = numbers[Ends(local: seen.peer, peer: seen.local)]?.first { other in
        other != channel.number && !taken.contains(other)
          && (lines[other] ?? []).contains { $0.event == "accepted" } != isServer
      }
      let isFirst = !isServer && !(listening.contains(seen.local.port) && !own.contains { $0.event == "connected" })
      var events = own.map { Event(line: $0, isOfFirst: isFirst) }
      if let partner {
        taken.insert(partner)
        events += (lines[partner] ?? []).map { Event(line: $0, isOfFirst: !isFirst) }
        events = events.enumerated().sorted { ($0.element.line.at, $0.offset) < ($1.element.line.at, $1.offset) }
          .map(\.element)
      }
      conversations.append(
        Conversation(
          isDatagram: false, first: isFirst ? seen.local : seen.peer, second: isFirst ? seen.peer : seen.local,
          events: events, hasBothEnds: partner != nil, known: [], note: nil, end: record.duration))
    }
    return conversations
  }

  /// What went over the wire of a channel that speaks TLS: its records from where it begins, and no plain text.
  private static func encrypted(_ lines: [TranscriptLine], _ records: [TranscriptLine]) -> [TranscriptLine] {
    guard let first = records.first?.at, let last = records.last?.at else { return lines }
    var before: [TranscriptLine] = []
    var after: [TranscriptLine] = []
    for line in lines where !line.isData || line.at < first {
      // The goodbye of a channel goes out while it is closed.
      let isLast = line.at < last && (line.event == "closed" || line.event == "shut down")
      if isLast { after.append(line.moved(to: last)) } else { before.append(line) }
    }
    let joined = (before + records).enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
    return joined.map(\.element) + after
  }

  private static func isListener(_ channel: ChannelInfo, _ lines: [TranscriptLine]) -> Bool {
    channel.kind == "listener" || lines.contains { $0.event == "listening" }
  }

  /// A channel without Internet addresses, as a TCP connection between made-up ones: 192.0.2.0/24 and 198.51.100.0/24
  /// are for documentation (RFC 5737) and meet nothing real.
  private static func synthetic(
    _ channel: ChannelInfo, _ lines: [TranscriptLine], label: String, isServer: Bool, end: Int64
  ) -> Conversation {
    let local = Endpoint(host: [192, 0, 2, 1], port: UInt16(truncatingIfNeeded: 1024 + channel.number % 60_000))
    let peer = Endpoint(
      host: [198, 51, 100, UInt8(truncatingIfNeeded: 1 + channel.number % 254)],
      port: UInt16(truncatingIfNeeded: 1024 + channel.number % 60_000))
    // A Unix socket without a name is shown as a bare `unix:`.
    var names = [channel.local, channel.peer].compactMap { $0 }.filter { !$0.isEmpty && $0 != "unix:" }
      .joined(separator: " to ")
    if !names.isEmpty { names = " (\(names))" }
    let note = "channel `\(label)`: \(channel.kind)\(names); it has no Internet addresses, these are made up"
    return Conversation(
      isDatagram: false, first: isServer ? peer : local, second: isServer ? local : peer,
      events: lines.map { Event(line: $0, isOfFirst: !isServer) }, hasBothEnds: false, known: [], note: note, end: end)
  }

  /// A datagram socket speaks to many: a conversation for each.
  private static func datagrams(
    _ channel: ChannelInfo, _ lines: [TranscriptLine], known: Set<Endpoint>, end: Int64
  ) -> [Conversation] {
    guard let local = channel.local.flatMap(Endpoint.init) else { return [] }
    var order: [Endpoint] = []
    var byPeer: [Endpoint: [TranscriptLine]] = [:]
    for line in lines where line.isData {
      guard let peer = (line.peer ?? channel.peer).flatMap(Endpoint.init), peer.host.count == local.host.count else {
        continue
      }
      if byPeer[peer] == nil { order.append(peer) }
      byPeer[peer, default: []].append(line)
    }
    return order.map { peer in
      Conversation(
        isDatagram: true, first: local.facing(peer), second: peer,
        events: (byPeer[peer] ?? []).map { Event(line: $0, isOfFirst: true) }, hasBothEnds: false, known: known,
        note: nil, end: end)
    }
  }

  // MARK: - Packets

  func packets() -> [Packet] { isDatagram ? datagramPackets() : streamPackets() }

  private static func comment(_ line: TranscriptLine) -> String? { line.file.map { "\($0):\(line.line)" } }

  private func datagramPackets() -> [Packet] {
    var packets: [Packet] = []
    let wildcard = Endpoint(host: second.host.map { _ in 0 }, port: second.port)
    let isOwn = known.contains(second) || second.isLoopback && known.contains(wildcard)
    for event in events {
      let line = event.line
      let isSent = line.event == ">"
      if !isSent, isOwn { continue }
      let (bytes, length) = PacketBuilder.udp(
        from: isSent ? first : second, to: isSent ? second : first, payload: line.bytes[...], length: line.count)
      packets.append(Packet(at: line.at, bytes: bytes, length: length, comment: Conversation.comment(line)))
    }
    return packets
  }

  private func streamPackets() -> [Packet] {
    var stream = PacketStream(first: first, second: second)
    let opening = events.first { $0.line.event == "connected" || $0.line.event == "accepted" } ?? events.first
    guard let opening else { return [] }
    // Nothing is earlier than the handshake, not even what was received before the `accept`.
    stream.handshake(at: min(opening.line.at, events.first?.line.at ?? 0), note ?? Conversation.comment(opening.line))
    for event in events {
      let line = event.line
      let comment = Conversation.comment(line)
      switch line.event {
      case ">": stream.data(line.bytes, of: line.count, at: line.at, isFromFirst: event.isOfFirst, comment)
      case "<" where !hasBothEnds:
        stream.data(line.bytes, of: line.count, at: line.at, isFromFirst: !event.isOfFirst, comment)
      case "end of stream" where !hasBothEnds: stream.finish(at: line.at, isFromFirst: !event.isOfFirst, comment)
      case "shut down", "closed": stream.finish(at: line.at, isFromFirst: event.isOfFirst, comment)
      case "exited": stream.finish(at: line.at, isFromFirst: !event.isOfFirst, comment)
      case "reset": stream.reset(at: line.at, isFromFirst: event.isOfFirst, comment)
      case "reset by the peer": stream.reset(at: line.at, isFromFirst: !event.isOfFirst, comment)
      default: break
      }
    }
    let last = "closed at the end of the test"
    stream.finish(at: end, isFromFirst: true, last)
    stream.finish(at: end, isFromFirst: false, last)
    return stream.packets
  }
}
