// Connections of which both ends are channels of one script: what came was sent by a step of it, and whom it waits for
// is a task of it.

import SockLanguage
import SocketCore

extension FailureSurroundings {
  private var allChannels: [Channel] {
    let groups = group === interpreter.topLevel ? [group] : [interpreter.topLevel, group]
    return groups.flatMap(\.channels).compactMap(\.channel)
  }

  /// The channel of this script that a channel is connected to; nil where its peer is another's.
  func otherEnd(of channel: Channel?) -> Channel? {
    guard let channel else { return nil }
    if channel.pairedWith != 0 { return allChannels.first { $0.number == Int(channel.pairedWith) } }
    guard let socket = channel.socket, channel.kind != .listener else { return nil }
    let (own, peer) = (socket.localName, socket.peerName)
    let others = allChannels.filter { $0 !== channel && !$0.isClosed && $0.kind != .listener }
    if own?.family == .unix {
      // An end has the listener's name, the other one none: with one connection it is known which it is.
      func isNamed(_ name: SocketAddress?) -> Bool { name?.path.map { !$0.isEmpty } ?? false }
      let candidates = others.filter { other in
        isNamed(peer) && other.socket?.localName == peer || isNamed(own) && other.socket?.peerName == own
      }
      return candidates.count == 1 ? candidates[0] : nil
    }
    guard let own, let peer, peer.port != nil else { return nil }
    return others.first { other in
      guard let socket = other.socket, socket.localName == peer else { return false }
      return socket.peerName.map { $0 == own } ?? other.isDatagram
    }
  }

  /// Whether a listener of this script has accepted the other end, which may be closed and forgotten by now.
  private func isOfOwnListener(_ channel: Channel) -> Bool {
    guard let peer = channel.socket?.peerName, !channel.isDatagram else { return false }
    return allChannels.contains { $0.kind == .listener && !$0.isClosed && $0.socket?.localName == peer }
  }

  /// A channel by its name, or by the step that it comes from.
  func name(of channel: Channel) -> String {
    let number = Int32(truncatingIfNeeded: channel.number)
    if let name = transcript.names[number], channel.name != nil { return "`\(name)`" }
    let opening = transcript.entries().first { $0.channel == number && ($0.event == .opened || $0.event == .accepted) }
    guard let site = opening?.site else {
      return channel.isAccepted ? "a connection that was accepted" : "`\(channel.label)`"
    }
    return "the connection of \(site.file.name):\(site.position.line)"
  }

  /// `, FILE:LINE` of the step that an event is of.
  func place(_ entry: Transcript.Entry) -> String {
    entry.site.map { ", \($0.file.name):\($0.position.line)" } ?? ""
  }

  /// What is to be said where both ends are the script's own.
  var ownEndFacts: [String] {
    guard group.isTest, let channel = failure.channel else { return [] }
    switch failure.code {
    case .mismatch, .timeout, .eof, .reset, .truncated: break
    default: return []
    }
    guard let other = otherEnd(of: channel) else {
      guard let unread = failure.unread, unread > 0, isOfOwnListener(channel), let sent = sameBytes(as: channel) else {
        return []
      }
      return ["came      from this script itself: a connection that was accepted has sent it\(place(sent))"]
    }
    if let sent = origin(in: other) {
      return ["came      from this script itself: \(name(of: other)) has sent it\(place(sent))"]
    }
    let number = Int32(truncatingIfNeeded: other.number)
    let events = transcript.entries(since: group.began).filter { $0.channel == number && $0.at <= failure.raisedAt }
    let last = events.last { [.sent, .closed, .shutdown, .aborted].contains($0.event) }
    var text = "is this script itself: \(name(of: other))"
    switch last?.event {
    case .sent?: if let last { text += ", which last sent \(shown(last))\(place(last))" }
    case .some: if let last { text += ", \(last.words)\(place(last))" }
    case nil: if isWhole { text += ", on which nothing was sent" }
    }
    return ["peer      \(text)"]
  }

  /// The last send of this script, on another channel, of just what a channel has received last.
  private func sameBytes(as channel: Channel) -> Transcript.Entry? {
    let number = Int32(truncatingIfNeeded: channel.number)
    let entries = transcript.entries(since: group.began).filter { $0.at <= failure.raisedAt }
    guard let came = entries.last(where: { $0.channel == number && $0.event == .received }) else { return nil }
    return entries.last {
      $0.channel != number && $0.event == .sent && $0.count == came.count && $0.bytes == came.bytes && $0.at <= came.at
    }
  }

  /// The send at the other end that has brought the first byte which is not as expected.
  private func origin(in other: Channel) -> Transcript.Entry? {
    guard let channel = failure.channel, let unread = failure.unread, unread > 0, isWhole else { return nil }
    let (here, there) = (Int32(truncatingIfNeeded: channel.number), Int32(truncatingIfNeeded: other.number))
    let entries = transcript.entries(since: group.began).filter { $0.at <= failure.raisedAt }
    let sent = entries.filter { $0.channel == there && $0.event == .sent }
    let received = entries.filter { $0.channel == here && $0.event == .received }
    guard !channel.isDatagram else {
      return received.last.flatMap { came in sent.last { $0.count == came.count && $0.bytes == came.bytes } }
    }
    var left = received.reduce(0) { $0 + $1.count } - unread + (failure.differsAt ?? 0)
    guard left >= 0 else { return nil }
    for entry in sent {
      if left < entry.count { return entry }
      left -= entry.count
    }
    return nil
  }
}
