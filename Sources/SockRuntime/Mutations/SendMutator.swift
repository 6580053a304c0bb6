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

/// One test's: it counts the `send` steps on sockets, and changes one of them. What the probe sends is none of them.
package final class SendMutator {
  /// Which of the steps is changed, from 0; nil: none.
  private let target: Int?
  private var random: SplitMix
  package private(set) var sends: [MutableSend] = []
  package private(set) var mutation: Mutation?
  /// The test is over, and the server is asked whether it still answers.
  package private(set) var isProbing = false
  /// What the test itself ended with; nil: it came to its end.
  package private(set) var failure: Failure?
  let encoded = EncodedMessages()

  /// - Parameter seed: of what the mutation is drawn from.
  package init(target: Int? = nil, seed: UInt64 = 0) {
    self.target = target
    random = SplitMix(state: seed)
  }

  /// How long a step waits that states no time, once the mutation is on its way, in seconds: a server may well have
  /// nothing to say to it.
  static let secondsAfter = 0.25
  /// And a step of the probe.
  static let probeSeconds = 2.0

  /// The time of a step that states none; nil: as ever.
  var stepSeconds: Double? {
    if target == nil { return nil }
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
    guard sends.count - 1 == target else { return bytes }
    var possible = PossibleMutations()
    if bytes.count == operand.count, let message = encoded.message(of: bytes.bytes) {
      possible.add(message)
    } else {
      possible.addPlain(original)
    }
    mutation = possible.draw(&random, inPlaceOf: original)
    guard let mutation else { return bytes }
    return ByteString(mutation.bytes)
  }
}
