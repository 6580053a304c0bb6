// `relay` from a datagram socket that anybody may send to: each of its peers gets a socket of its own to where the other
// side is connected, so that an answer finds its way back.

import SockLanguage
import SocketCore

/// A relay of datagrams that is at work.
final class DatagramRelay: JoinsChannels {
  /// One who has sent something, and what stands for it on the other side.
  final class Peer {
    let address: SocketAddress
    let channel: Channel
    /// When something last passed, in monotonic nanoseconds.
    var movedAt = MonotonicClock.now

    init(_ address: SocketAddress, _ channel: Channel) {
      self.address = address
      self.channel = channel
    }
  }

  let number: Int
  /// What all send to.
  let shared: Channel
  /// Connected to where it all goes.
  let target: Channel
  private(set) var peers: [SocketAddress: Peer] = [:]
  /// How many there have been.
  private(set) var peersSeen = 0
  /// Bytes that have gone to the target, and come from there.
  private(set) var counts = [0, 0]
  private(set) var movedAt = MonotonicClock.now
  /// The step's `idle`, in nanoseconds.
  let idle: Int64?
  private let observer: (any RelayObserver)?

  /// More are not known at a time: the one who has been quiet for longest goes.
  static let mostPeers = 1024
  /// Where nothing says how long a peer may be quiet, in nanoseconds.
  private static let patience: Int64 = 60_000_000_000

  init(_ number: Int, _ shared: Channel, _ target: Channel, idle: Int64?, _ observer: (any RelayObserver)?) {
    self.number = number
    self.shared = shared
    self.target = target
    self.idle = idle
    self.observer = observer
    observer?.relayBegan(number, shared.info, target.info, at: shared.scheduler.transcript.now)
  }

  deinit { observer?.relayEnded(number, at: shared.scheduler.transcript.now) }

  var joined: [Channel] { [shared, target] + peers.values.map(\.channel) }

  func passed(_ bytes: UnsafeRawBufferPointer, from side: RelaySide, _ peer: Peer) {
    movedAt = MonotonicClock.now
    peer.movedAt = movedAt
    counts[side.rawValue] += bytes.count
    _ = observer?.relayMoved(number, bytes, from: side, at: shared.scheduler.transcript.now)
  }

  func add(_ peer: Peer) {
    peers[peer.address] = peer
    peersSeen += 1
  }

  /// It is not known any more, and what stands for it is closed.
  func remove(_ peer: Peer) {
    peers[peer.address] = nil
    peer.channel.scheduler.transcript.record(.closed, peer.channel)
    peer.channel.release()
  }

  /// Forgets those that have been quiet for too long, and one more where there are too many.
  func removeQuiet(_ now: Int64) {
    let patience = idle ?? DatagramRelay.patience
    for peer in peers.values where now - peer.movedAt >= patience { remove(peer) }
    if peers.count >= DatagramRelay.mostPeers { removeQuietest() }
  }

  /// False: there is none.
  @discardableResult
  func removeQuietest() -> Bool {
    guard let quietest = peers.values.min(by: { $0.movedAt < $1.movedAt }) else { return false }
    remove(quietest)
    return true
  }

  /// When the first of them has been quiet for too long; `Int64.max`: there is none.
  var quietAt: Int64 {
    peers.values.map { $0.movedAt + (idle ?? DatagramRelay.patience) }.min() ?? .max
  }
}

extension StepCall {
  /// Datagrams of one socket in a turn.
  private static let datagramsInTurn = 64

  /// Whether it stands between many and one: the first side is not connected, and the second one is.
  func isForManyPeers(_ first: RelayEnds, _ second: RelayEnds) -> Bool {
    guard first.reading === first.writing, second.reading === second.writing, first.reading.isDatagram,
      second.reading.isDatagram
    else { return false }
    return first.reading.socket?.isConnected == false && second.reading.socket?.isConnected == true
  }

  func beginDatagramRelay(_ first: RelayEnds, _ second: RelayEnds, idle: Int64?) throws(Failure) -> DatagramRelay {
    for channel in [first.reading, second.reading] { try channel.requireOpen("relay") }
    if let reader = first.reading.reader, reader !== task { throw busy(first.reading) }
    if let name = first.reading.socket?.localName, name == second.reading.socket?.peerName {
      throw leadsBack(first.reading)
    }
    run.relayCount += 1
    let relay = DatagramRelay(run.relayCount, first.reading, second.reading, idle: idle, run.relayObserver)
    task.step.work = relay
    return relay
  }

  func relayDatagrams(_ relay: DatagramRelay) throws(Failure) -> Value? {
    try relay.shared.requireOpen("relay")
    try relay.target.requireOpen("relay")
    var hasMore = try passOnQuestions(relay)
    for peer in relay.peers.values where try passOnAnswers(of: peer, relay) { hasMore = true }
    let now = MonotonicClock.now
    relay.removeQuiet(now)
    if task.isLate {
      throw lateness(relay.shared, "the relay between \(relay.shared.label) and \(relay.target.label) had not ended")
    }
    if let idle = relay.idle, !hasMore, now - relay.movedAt >= idle { return finish(relay) }
    try scheduler.wait(task, reading: [relay.shared] + relay.peers.values.map(\.channel), writing: [], turns: [])
    let quietAt = min(relay.quietAt, relay.idle.map { relay.movedAt + $0 } ?? .max)
    scheduler.arm(task, at: hasMore ? 0 : min(task.step.deadline, quietAt))
    return nil
  }

  private func finish(_ relay: DatagramRelay) -> Value {
    for peer in relay.peers.values { relay.remove(peer) }
    let idle = Value(StaticString("idle"))
    return .map(
      Map([
        ("upstream", .integer(relay.counts[0])), ("downstream", .integer(relay.counts[1])),
        ("ends", .list(List([idle, idle]))), ("peers", .integer(relay.peersSeen)),
      ]))
  }

  /// Passes on what has come from anybody. True: there may be more.
  private func passOnQuestions(_ relay: DatagramRelay) throws(Failure) -> Bool {
    let shared = relay.shared
    for _ in 0..<StepCall.datagramsInTurn {
      guard case .something = try shared.fill(limits) else { return false }
      if shared.wasTruncated { throw shared.truncation() }
      guard let datagram = shared.datagram else {
        if shared.hasEnded { throw shared.endFailure("a relay waited for datagrams") }
        return false
      }
      let bytes = shared.input.bytes
      // Nobody can be answered who has no address, and what it says reaches nobody.
      guard let sender = datagram.sender else {
        transcript.note(.unseen, shared, "\(bytes.count) bytes of somebody without an address are not passed on")
        shared.consume(bytes.count)
        continue
      }
      let peer: DatagramRelay.Peer
      if let known = relay.peers[sender] { peer = known } else { peer = try newPeer(sender, relay) }
      // What does not fit is lost, as it would be on the way; and so is what nobody listens for.
      switch peer.channel.offer(bytes) {
      case .done: relay.passed(bytes, from: .first, peer)
      case .wouldBlock: note("\(bytes.count) bytes found no room", peer.channel)
      case .failed(let error): note("\(bytes.count) bytes: \(error.message)", peer.channel)
      case .end: break
      }
      shared.consume(bytes.count)
    }
    return true
  }

  /// Passes on what has come for one of them. True: there may be more.
  private func passOnAnswers(of peer: DatagramRelay.Peer, _ relay: DatagramRelay) throws(Failure) -> Bool {
    let channel = peer.channel
    for _ in 0..<StepCall.datagramsInTurn {
      guard channel.isOpen, case .something = try channel.fill(limits) else { return false }
      guard channel.datagram != nil else {
        // Nobody listens there now; who comes later is reached.
        channel.end = nil
        return false
      }
      let bytes = channel.input.bytes
      switch relay.shared.offer(bytes, flags: [], to: peer.address) {
      case .done: relay.passed(bytes, from: .second, peer)
      case .wouldBlock: note("\(bytes.count) bytes found no room", relay.shared)
      case .failed(let error): note("\(bytes.count) bytes to \(peer.address): \(error.message)", relay.shared)
      case .end: break
      }
      channel.consume(bytes.count)
    }
    return true
  }

  /// A datagram that was not passed on stands in the transcript.
  private func note(_ text: String, _ channel: Channel) {
    transcript.note(.unseen, channel, "\(text), and were not passed on")
  }

  /// What it sends would come to itself, as from one more peer each time.
  private func leadsBack(_ channel: Channel) -> Failure {
    let failure = Failure.type("the relay leads back to itself: what goes on comes to \(channel.label) again")
    failure.channel = channel
    return failure
  }

  private func newPeer(_ address: SocketAddress, _ relay: DatagramRelay) throws(Failure) -> DatagramRelay.Peer {
    relay.removeQuiet(MonotonicClock.now)
    // Looked at now and then: whoever goes round comes again.
    let count = relay.peers.count
    if count >= 8, count & (count - 1) == 0,
      relay.peers.values.contains(where: { $0.channel.socket?.localName == address })
    {
      throw leadsBack(relay.shared)
    }
    guard let target = relay.target.socket, let destination = target.peerName else {
      throw .type("\(relay.target.label) is not connected any more")
    }
    // One that was inherited may lead to where a script itself may not connect.
    try permissions.requireConnect(to: destination)
    while true {
      do throws(Errno) {
        let socket = try Socket(domain: target.domain, type: .dgram, protocol: target.protocolNumber)
        if case .failed(let error) = socket.startConnect(to: destination) { throw error }
        let channel = Channel(scheduler: scheduler, kind: .datagram, socket: socket)
        channel.settings = relay.target.settings
        transcript.record(.opened, channel)
        let peer = DatagramRelay.Peer(address, channel)
        relay.add(peer)
        return peer
      } catch {
        // There are no more descriptors: the one who has been quiet for longest gives up its own.
        let isExhausted = error == .tooManyOpenFiles
        guard isExhausted, relay.removeQuietest() else {
          throw Failure("cannot relay datagrams of \(address)", error, relay.target)
        }
      }
    }
  }
}
