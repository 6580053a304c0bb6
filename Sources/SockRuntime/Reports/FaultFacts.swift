// Faults of the script's own that may have led to a failure: on its channel, at the other end, and on relays between.

import SockLanguage
import SocketCore

extension FailureSurroundings {
  private static let mostFaults = 3

  /// What is to be said of them; nothing where the script has laid none.
  var faultFacts: [String] {
    // What an earlier test has had is over.
    let first = group.isTest ? group.firstChannel : 0
    let traces = interpreter.faultTraces.all.filter { $0.isAlive || Int($0.end.number) >= first }
    guard !traces.isEmpty, isOfFaults else { return [] }
    let late = failure.code == .timeout
    let acting = traces.compactMap { trace in
      trace.words(late: late, name: transcript.names[trace.end.number]).map { (trace: trace, words: $0) }
    }
    guard !acting.isEmpty else { return [] }
    let near = reached(by: traces)
    var told = acting.filter { near.numbers.contains($0.trace.end.number) }
    // Where a stranger stands between, nobody knows on which side of it the fault lies.
    if told.isEmpty, near.isOpen { told = acting }
    // What stands on all connections that a listener has accepted is said once.
    var words: [String] = []
    for fact in told.reversed() where !words.contains(fact.words) { words.append(fact.words) }
    let rest = words.count - Self.mostFaults
    return words.prefix(Self.mostFaults).map { "fault     \($0)" }
      + (rest > 0 ? ["fault     \(rest) other channel\(rest == 1 ? " has" : "s have") faults, too"] : [])
  }

  /// Whether a fault may lead to such a failure.
  private var isOfFaults: Bool {
    switch failure.code {
    case .timeout, .mismatch, .truncated, .certificate, .alert, .tls: true
    default: failure.isLossOfPeer && failure.code != .refused
    }
  }

  /// The numbers of all channels that the failed one is joined to, by connections and relays of this script.
  /// `isOpen`: there is none, or some end of them is another's.
  private func reached(by traces: [FaultTrace]) -> (numbers: Set<Int32>, isOpen: Bool) {
    guard let channel = failure.channel else { return ([], true) }
    var ends: [Int32: ChannelEnd] = [:]
    var joined: [Int32: [Int32]] = [:]
    func join(_ one: Int32, _ other: Int32) {
      joined[one, default: []].append(other)
      joined[other, default: []].append(one)
    }
    for trace in traces {
      ends[trace.end.number] = trace.end
      if let relayed = trace.relayed {
        ends[relayed.number] = relayed
        join(trace.end.number, relayed.number)
      }
    }
    for channel in interpreter.scheduler.openChannels {
      let end = ChannelEnd(channel)
      ends[end.number] = end
    }
    let groups = group === interpreter.topLevel ? [group] : [interpreter.topLevel, group]
    for task in groups.flatMap(\.tasks) {
      guard let step = task.step.work as? any JoinsChannels else { continue }
      let numbers = step.joined.map { Int32(truncatingIfNeeded: $0.number) }
      for number in numbers.dropFirst() { join(numbers[0], number) }
    }
    let first = ChannelEnd(channel)
    ends[first.number] = first
    var found: Set<Int32> = [first.number]
    var next = [first]
    var isOpen = channel.process != nil || channel.errorsOf != nil
    while let end = next.popLast() {
      let others = ends.values.filter { $0.isConnected(to: end) || end.isConnected(to: $0) }
      if others.isEmpty { isOpen = true }
      for other in others + (joined[end.number] ?? []).compactMap({ ends[$0] })
      where found.insert(other.number).inserted { next.append(other) }
    }
    return (found, isOpen)
  }
}
