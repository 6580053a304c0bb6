// Watches what one test sends, and sends something else in place of one of it.

import SockLanguage

/// What a test has sent in one step, on a socket.
package struct MutableSend {
  /// The step.
  package let site: SourceSite
  /// What of the test itself the step belongs to: the step, or the call that has led to it.
  package let origin: SourceSite
  /// The name in front of the verb, where the step stands in the test itself.
  package let receiver: String?
  /// It went to what was the current connection.
  package let isCurrent: Bool
  /// The name of its channel in the script, if it has one.
  package let channelName: String?
  package let channel: Int
  /// As they were to be sent.
  package let bytes: [UInt8]
  package let peer: String?
}

/// One change of a test: of which of its sends, from 0, and which of those that there are of it.
package struct SendChange: Hashable {
  package let send: Int
  let number: Int
}

/// One test's: it counts the `send` steps on sockets, and changes one of them. What the probe sends is none of them.
package final class SendMutator {
  package enum Purpose {
    case watching
    /// What could be sent in place of each send, too.
    case collecting
    case changing(SendChange)
  }

  private let purpose: Purpose
  private let seed: UInt64
  /// By the numbers of the sends, where they are collected.
  private var possible: [PossibleMutations] = []
  package private(set) var sends: [MutableSend] = []
  package private(set) var mutation: Mutation?
  /// The test is over, and the server is asked whether it still answers.
  package private(set) var isProbing = false
  /// What the test itself ended with; nil: it came to its end.
  package private(set) var failure: Failure?
  let encoded = EncodedMessages()

  /// - Parameter seed: of the places that are changed, and of the order of the changes.
  package init(_ purpose: Purpose = .watching, seed: UInt64 = 0) {
    (self.purpose, self.seed) = (purpose, seed)
  }

  /// How long a step waits that states no time, once the mutation is on its way, in seconds: a server may well have
  /// nothing to say to it.
  static let secondsAfter = 0.25
  /// And a step of the probe.
  static let probeSeconds = 2.0

  /// The time of a step that states none; nil: as ever.
  var stepSeconds: Double? {
    guard case .changing = purpose else { return nil }
    return isProbing ? SendMutator.probeSeconds : mutation == nil ? nil : SendMutator.secondsAfter
  }

  func beginProbe(_ failure: Failure?) {
    isProbing = true
    self.failure = failure
  }

  /// What leaves in place of the bytes.
  /// - Parameter operand: what the script has given, without a line end.
  func departing(
    _ bytes: ByteString, _ operand: ByteString, on channel: Channel, _ site: StepSite, _ task: Task
  ) -> ByteString {
    guard !isProbing, channel.kind == .stream || channel.kind == .datagram else { return bytes }
    let isDirect = task.depth == 1
    let original = bytes.array
    sends.append(
      MutableSend(
        site: site.site, origin: isDirect ? site.site : task.frames[0].site ?? site.site,
        receiver: isDirect ? site.receiverName : nil, isCurrent: task.conn === channel, channelName: channel.name,
        channel: channel.number, bytes: original, peer: channel.info.peer))
    func changes() -> PossibleMutations {
      var possible = PossibleMutations(seed: seed)
      if bytes.count == operand.count, let message = encoded.message(of: bytes.bytes) {
        possible.add(message)
      } else {
        possible.addPlain(original)
      }
      return possible
    }
    switch purpose {
    case .watching: return bytes
    case .collecting:
      possible.append(changes())
      return bytes
    case .changing(let change):
      guard sends.count - 1 == change.send else { return bytes }
      mutation = changes().mutation(change.number, inPlaceOf: original)
      return mutation.map { ByteString($0.bytes) } ?? bytes
    }
  }

  /// The changes of what was collected, each that sends other bytes once, in the order in which they are tried: those
  /// that tell the most first, and of these the kinds by turns; among equals the seed decides.
  ///
  /// Before what the test was compiled from is gone: the layouts of its messages live in that.
  /// - Parameter limit: more are not wanted.
  package func changes(limit: Int) -> [SendChange] {
    var random = SplitMix(state: seed)
    let all = possible.enumerated().flatMap { send, possible in
      possible.changes.enumerated().map { (change: SendChange(send: send, number: $0), possible: $1) }
    }.shuffled(using: &random)
    struct Place: Hashable { let turn: PossibleMutations.Turn, kind: PossibleMutations.Kind }
    var counts: [Place: Int] = [:]
    let ordered = all.enumerated().map { at, one in
      let number = counts[Place(turn: one.possible.turn, kind: one.possible.kind), default: 0]
      counts[Place(turn: one.possible.turn, kind: one.possible.kind)] = number + 1
      return (change: one.change, key: (one.possible.turn.rawValue, number, at))
    }.sorted { $0.key < $1.key }
    var seen = sends.map { _ in Set<Int>() }
    var distinct: [SendChange] = []
    for (change, _) in ordered {
      guard distinct.count < limit else { break }
      let mutation = possible[change.send].mutation(change.number, inPlaceOf: sends[change.send].bytes)
      // A message may be long, and have many changes.
      if let mutation, seen[change.send].insert(mutation.bytes.hashValue).inserted { distinct.append(change) }
    }
    return distinct
  }
}
