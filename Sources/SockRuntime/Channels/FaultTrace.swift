// What is remembered of the faults on a channel, for accounts of failures: also when the channel has gone.

import SocketCore

/// The two names by which an end of a connection is known, while it lasts and later.
struct ChannelEnd {
  let number: Int32
  private let own: SocketAddress?
  private let peer: SocketAddress?
  private let pairedWith: Int32
  private let isDatagram: Bool

  init(_ channel: Channel) {
    number = Int32(truncatingIfNeeded: channel.number)
    own = channel.socket?.localName
    peer = channel.socket?.peerName
    pairedWith = channel.pairedWith
    isDatagram = channel.isDatagram
  }

  /// Both are ends of one connection, as far as their names say: those of Unix sockets do not.
  func isConnected(to other: ChannelEnd) -> Bool {
    if number == other.number { return false }
    if pairedWith != 0 { return pairedWith == other.number }
    guard let own, let otherOwn = other.own, own.port != nil else { return false }
    // A datagram socket that anybody may send to has no peer.
    let isTo = peer.map { $0 == otherOwn } ?? isDatagram
    let isFrom = other.peer.map { $0 == own } ?? other.isDatagram
    return isTo && isFrom && (peer != nil || other.peer != nil)
  }
}

final class FaultTrace {
  let end: ChannelEnd
  /// The other side of a relay that the channel was in.
  private(set) var relayed: ChannelEnd?
  private let label: String
  private weak var layer: FaultLayer?
  /// Where the script has said what holds.
  private var sites: [StepSite] = []
  /// The stop that has come.
  var ending: String?
  /// What was last done to bytes or messages.
  var lastAct: String?

  init(_ channel: Channel, _ layer: FaultLayer) {
    end = ChannelEnd(channel)
    label = channel.label
    self.layer = layer
  }

  func add(_ setting: FaultSetting) {
    if setting.clears, setting.direction == nil, ending == nil, lastAct == nil { sites.removeAll() }
    if !setting.clears, !setting.releases, sites.last !== setting.site { sites.append(setting.site) }
  }

  func noteRelay(_ other: ChannelEnd) { relayed = other }

  /// The channel is still there.
  var isAlive: Bool { layer != nil }

  /// Nothing of it will be told again.
  var isOver: Bool { !isAlive && ending == nil && lastAct == nil }

  /// What may have led to a failure, with its place; nil: nothing has.
  /// - Parameters:
  ///   - late: something did not come in time; else something came, or the end.
  ///   - name: what the channel is called.
  func words(late: Bool, name: String?) -> String? {
    var parts: [String] = []
    if let ending {
      parts = [ending]
    } else if let layer {
      let sent = layer.outgoing.effect(withTime: late)
      let received = layer.incoming.effect(withTime: late)
      if sent == received {
        if let sent { parts = [sent] }
      } else {
        parts = [sent.map { "\($0), sent" }, received.map { "\($0), received" }].compactMap { $0 }
      }
    }
    if parts.isEmpty, let lastAct { parts = [lastAct] }
    guard !parts.isEmpty else { return nil }
    let places = sites.suffix(FaultTrace.mostPlaces).map { site in
      "\(site.file.name):\(SourceSite(file: site.file, range: site.range).position.line)"
    }
    return "\(name ?? label) has a fault of this script: \(parts.joined(separator: "; "))"
      + (places.isEmpty ? "" : " (\(places.joined(separator: ", ")))")
  }

  private static let mostPlaces = 3
}

/// The faults of a run that accounts may have to tell of.
struct FaultTraces {
  private(set) var all: [FaultTrace] = []
  /// Of more the oldest are forgotten.
  private static let kept = 256

  mutating func add(_ trace: FaultTrace) {
    if all.count >= FaultTraces.kept {
      all.removeAll(where: \.isOver)
      if all.count >= FaultTraces.kept { all.removeFirst(all.count - FaultTraces.kept / 2) }
    }
    all.append(trace)
  }
}

/// A step that joins channels: what goes wrong on one of them is seen on the others.
protocol JoinsChannels: AnyObject {
  var joined: [Channel] { get }
}
