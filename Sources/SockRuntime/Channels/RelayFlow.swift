// What a relay knows of its two directions, and whom it tells what passes.

import SocketCore

/// One of the two sides of a relay.
package enum RelaySide: Int, Sendable {
  /// The one in front: mostly the client's.
  case first
  /// The one behind: mostly the server's.
  case second

  package var other: RelaySide { self == .first ? .second : .first }
}

/// Told what passes through relays, while they are at work. A run without one only looks whether there is one.
///
/// Times are nanoseconds since the run's start, as in its transcript. All calls come from the run's own thread, those of
/// one relay in the order in which things happened. A relay is known by a number of its own, from 1.
package protocol RelayObserver: AnyObject {
  func relayBegan(_ relay: Int, _ first: ChannelInfo, _ second: ChannelInfo, at time: Int64)
  /// The other side's channel has taken these bytes: a piece of a stream, or a whole datagram.
  ///
  /// - Returns: false ends the relay, as if nothing had come any more: what has not passed yet can be read. One of
  ///   datagrams from anybody goes on.
  func relayMoved(_ relay: Int, _ bytes: UnsafeRawBufferPointer, from side: RelaySide, at time: Int64) -> Bool
  /// Nothing more comes from that side.
  ///
  /// - Parameter how: `eof`, `reset`, `truncated` (TLS without close_notify), or another error's code.
  func relaySideEnded(_ relay: Int, _ side: RelaySide, how: String, at time: Int64)
  /// Also when the step was stopped or its time was over.
  func relayEnded(_ relay: Int, at time: Int64)
}

/// A side of a relay: what it is read from and written to, mostly one channel.
struct RelayEnds {
  let reading: Channel
  let writing: Channel

  /// In messages.
  var label: String { reading === writing ? reading.label : "[\(reading.label), \(writing.label)]" }
}

/// One direction of a relay.
final class RelayFlow {
  let side: RelaySide
  /// What comes from here…
  let source: Channel
  /// …goes there.
  let sink: Channel
  /// Bytes that the sink has taken.
  var count = 0
  /// Of a datagram that goes to a stream: so much of it is taken.
  var taken = 0
  /// The source has ended and nothing of it is left; the sink was told, or cannot be.
  var isOver = false
  /// The sink has been told of the end as far as TLS goes.
  var isSaidGoodbye = false
  /// Where nobody looks at the bytes: what carries them without a copy. Taken when there is much, and given back.
  var pipe: RelayPipe?
  /// What was last copied was so much that more may be there.
  var hasFilledBuffer = false
  /// Of `count`, what no copy was made of.
  var unseen = 0
  /// Something is offered that the sink has not taken yet: no other task may send there meanwhile.
  private(set) var isSending = false
  private var turn: Outgoing?

  init(_ side: RelaySide, from source: Channel, to sink: Channel) {
    self.side = side
    self.source = source
    self.sink = sink
  }

  deinit {
    takeBack()
    if unseen > 0 {
      sink.scheduler.transcript.note(.unseen, sink, "\(unseen) bytes from \(source.label) were passed on without a copy")
    }
    if isSending { sink.tls?.abandonWrite() }
  }

  /// What is still in the pipe is what the source has sent, and nothing has read yet.
  func takeBack() {
    guard let pipe else { return }
    self.pipe = nil
    while source.isOpen, pipe.count > 0 {
      let space = source.input.space(source.scheduler.pool)
      guard case .done(let count) = pipe.read(into: space) else { break }
      source.input.filled(count)
    }
  }

  /// What has come and is not passed on yet.
  var hasPending: Bool { !source.input.isEmpty || source.datagram != nil || pipe?.count ?? 0 > 0 }

  /// Makes it the one that sends. False: another task does, and is to end first.
  func begin() -> Bool {
    if isSending { return true }
    let mine = turn ?? Outgoing(Departure(bytes: .empty, count: 0), on: sink)
    turn = mine
    isSending = sink.beginSending(mine)
    return isSending
  }

  /// What was begun is with the sink: other tasks may send there.
  func end() {
    guard isSending, let turn else { return }
    isSending = false
    sink.endSending(turn)
  }
}

/// A relay that is at work: what its step keeps while it waits.
final class Relay: JoinsChannels {
  let number: Int
  let flows: [RelayFlow]
  let labels: [String]
  /// How each side has ended; nil while it has not.
  private(set) var ends: [String?] = [nil, nil]
  /// A side that has gone while something was on its way to it: what is left of it goes on, and then its peer is reset.
  var gone: RelaySide?
  /// Who looks at it wants no more to pass.
  private(set) var isStopped = false
  /// When something last passed, in monotonic nanoseconds.
  var movedAt = MonotonicClock.now
  /// How long nothing may pass, in nanoseconds.
  private let idle: Int64?
  /// A side has ended, of which the other could not be told.
  var isLingering = false
  /// When a side has ended that the other cannot be told of, and nothing says how long to wait.
  private static let lingering: Int64 = 1_000_000_000
  private let observer: (any RelayObserver)?
  /// Nobody looks at what passes, once the transcript has the beginning.
  let maySplice: Bool
  private unowned let transcript: Transcript

  init(_ number: Int, _ first: RelayEnds, _ second: RelayEnds, idle: Int64?, _ observer: (any RelayObserver)?) {
    self.number = number
    self.idle = idle
    self.observer = observer
    labels = [first.label, second.label]
    transcript = first.reading.scheduler.transcript
    maySplice = observer == nil && !transcript.keepsChannels && !first.reading.scheduler.hasSecrets
    var flows: [RelayFlow] = []
    for (side, from, to) in [(RelaySide.first, first, second), (.second, second, first)]
    where from.reading.inputDescriptor >= 0 || !from.reading.input.isEmpty {
      flows.append(RelayFlow(side, from: from.reading, to: to.writing))
    }
    self.flows = flows
    for flow in flows {
      flow.source.faults?.trace?.noteRelay(ChannelEnd(flow.sink))
      flow.sink.faults?.trace?.noteRelay(ChannelEnd(flow.source))
    }
    observer?.relayBegan(number, first.reading.info, second.reading.info, at: transcript.now)
  }

  deinit { observer?.relayEnded(number, at: transcript.now) }

  var isOver: Bool { flows.allSatisfy(\.isOver) }

  var joined: [Channel] { flows.flatMap { [$0.source, $0.sink] } }

  /// How many bytes the other side of this one has taken.
  func count(from side: RelaySide) -> Int { flows.first { $0.side == side }?.count ?? 0 }

  func passed(_ bytes: UnsafeRawBufferPointer, _ flow: RelayFlow) {
    flow.count += bytes.count
    guard let observer, !observer.relayMoved(number, bytes, from: flow.side, at: transcript.now) else { return }
    isStopped = true
  }

  /// Notes how a side has ended; a reset behind an end counts.
  func note(_ how: String, of side: RelaySide) {
    guard ends[side.rawValue] != how else { return }
    ends[side.rawValue] = how
    observer?.relaySideEnded(number, side, how: how, at: transcript.now)
  }

  /// When it ends because nothing has passed; `Int64.max`: never.
  var quietAt: Int64 {
    guard let limit = idle ?? (isLingering ? Relay.lingering : nil) else { return .max }
    let (at, overflows) = movedAt.addingReportingOverflow(limit)
    return overflows ? .max : at
  }
}
