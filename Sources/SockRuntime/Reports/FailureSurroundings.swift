// What else is known when a step has failed: what came before it, what lies on other channels, who else waits, and who
// has the port.

import Glibc
import SockLanguage
import SocketCore

extension Interpreter {
  /// Notes what is known of the rest of the run now: unwinding closes channels.
  func addSurroundings(to failure: Failure) {
    // Those that are about to end get the moment for it.
    for group in topLevel === group ? [group] : [topLevel, group] { group.noteEnds(afterLossOfPeer: failure.isLossOfPeer) }
    failure.surroundings = FailureSurroundings(failure: failure, interpreter: self).notes
    if let death = deathBehind(failure) { failure.outcome = failure.outcome ?? ": \(death)" }
  }

  /// The end of a program that is the likely cause of a peer's being gone.
  private func deathBehind(_ failure: Failure) -> String? {
    guard failure.isLossOfPeer || failure.code == .timeout else { return nil }
    let own = failure.channel?.process ?? failure.channel?.errorsOf
    let groups = topLevel === group ? [group] : [topLevel, group]
    let deaths = groups.flatMap(\.endedClients) + groups.flatMap(\.deaths)
    let process = deaths.last { $0 === own } ?? deaths.last { !$0.isExpectedToEnd && !isUnrelated($0, to: failure) }
    guard let process, let ending = process.ending else { return nil }
    return "\(name(of: process)) \(ending)"
  }

  /// Whether the end of a program has, by what can be seen, nothing to do with a failure on a channel.
  private func isUnrelated(_ process: ProcessState, to failure: Failure) -> Bool {
    guard let channel = failure.channel else { return false }
    // Another program is at the other end, or the script itself.
    if channel.process != nil || channel.errorsOf != nil { return true }
    if FailureSurroundings(failure: failure, interpreter: self).otherEnd(of: channel) != nil { return true }
    // The channel was made when it had been gone for a while.
    let opened = channel.openedAt + (MonotonicClock.now - transcript.now)
    if let endedAt = process.endedAt, endedAt < opened { return true }
    // The peer's socket is still there, so whoever has that is.
    guard failure.code == .timeout, let socket = channel.socket, socket.isTCP, let peer = socket.peerName?.port,
      let own = socket.localName?.port
    else { return false }
    return PeerQueue.unread(by: peer, from: own, isTCP: true) != nil
  }

  /// A process as reports name it: by its channel, and its command.
  func name(of process: ProcessState) -> String {
    scheduler.transcript.names[process.channelNumber].map { "\($0) (\(process.command))" } ?? process.command
  }

  /// The same with the arguments that it was given: whether a port or a file is among them is what one looks for.
  func line(of process: ProcessState) -> String {
    let line = process.line(hiding: secrets)
    return scheduler.transcript.names[process.channelNumber].map { "\($0) (\(line))" } ?? line
  }
}

struct FailureSurroundings {
  let failure: Failure
  let interpreter: Interpreter

  var group: TaskGroup { interpreter.group }
  var transcript: Transcript { interpreter.scheduler.transcript }

  var notes: [String] {
    var notes = faultFacts
    if let place = leftover { notes.append("came      \(place)") }
    if let since = silence { notes.append("silent    \(since)") }
    if let queue = peerQueue { notes.append("peer      \(queue)") }
    notes += datagramFacts
    notes += ownEndFacts
    if let secret = secretFound { notes.append("secret    \(secret)") }
    if group.isTest {
      notes += unreadElsewhere.map { "elsewhere \($0)" }
      notes += waiting.map { "waits     \($0)" }
    }
    if let task = failedTask { notes.append("task      \(task)") }
    notes += running
    if let holder { notes.append("held by   \(holder)") }
    if failure.code == .assertion || failure.isOfArgument {
      notes += ValueOrigin(ofValues: failure, interpreter).rows.map { "from      \($0)" }
    }
    let address = addressFacts
    notes += address
    if let tries { notes.append("tried     \(tries)") }
    if let help, !address.contains(where: { $0.hasPrefix("help: ") }) { notes.append("help: \(help)") }
    notes += failure.turns.map { turn in
      let value = Show.inspect(turn.value).text
      let shown = value.count > ByteDifference.longest ? "\(value.prefix(ByteDifference.longest))…" : value
      let file = turn.site.file === failure.place?.site.file ? "" : " of \(turn.site.file.name)"
      let line = "on line \(turn.site.position.line)\(file)"
      if turn.name == TurnSite.conditional { return "loop      \(line), which goes on while: \(FailureReport.code(turn.site))" }
      return "turn      \(turn.name.isEmpty ? "" : "\(turn.name) = ")\(shown), in the loop \(line)"
    }
    return notes
  }

  // MARK: - The failed channel

  /// Whether the transcript still has all of the test: of a long one the oldest has gone.
  var isWhole: Bool { transcript.lost < (group.isTest ? group.began : 0) }

  func entries(of channel: Channel?) -> [Transcript.Entry] {
    guard let channel else { return [] }
    let number = Int32(truncatingIfNeeded: channel.number)
    // One of the file's top level has a history before the test.
    let isOlder = !group.isTest || channel.number < group.firstChannel
    return transcript.entries(since: isOlder ? .min : group.began).filter {
      $0.channel == number && $0.at <= failure.raisedAt
    }
  }

  /// The bytes that were not as expected had come before the last request was sent.
  private var leftover: String? {
    guard let channel = failure.channel, let unread = failure.unread, unread > 0, !channel.isDatagram else { return nil }
    let entries = entries(of: channel)
    guard isWhole else { return nil }
    let inTest = entries.filter { $0.at >= group.began }
    if group.isTest, unread > inTest.reduce(0, { $1.event == .received ? $0 + $1.count : $0 }) {
      return "before this test began, and was not read until then"
    }
    guard let sent = entries.lastIndex(where: { $0.event == .sent }) else { return nil }
    let since = entries[sent...].reduce(0) { $1.event == .received ? $0 + $1.count : $0 }
    guard unread > since, let read = entries[..<sent].last(where: { $0.event == .received }) else { return nil }
    let readPlace = read.site.map { "with what line \($0.position.line) read, " } ?? ""
    let sentPlace = entries[sent].site.map { " on line \($0.position.line)" } ?? ""
    return "\(readPlace)before \(shown(entries[sent])) was sent\(sentPlace): the rest of an earlier answer?"
  }

  /// Since when the peer says nothing.
  private var silence: String? {
    guard failure.code == .timeout, let channel = failure.channel, channel.input.isEmpty, channel.process == nil, channel.kind != .listener else {
      return nil
    }
    let entries = entries(of: channel)
    guard let last = entries.lastIndex(where: { $0.event == .received }) else {
      guard isWhole else { return nil }
      let sent = entries.filter { $0.event == .sent }
      guard let last = sent.last else { return "from the beginning; nothing was sent on it either" }
      // Of datagrams it is told how many they were, and to whom.
      if channel.isDatagram { return nil }
      return sent.count == 1
        ? "from the beginning; \(shown(last)) is unanswered"
        : "from the beginning; \(sent.count) sends, the last \(shown(last)), are unanswered"
    }
    let sends = entries[last...].count { $0.event == .sent }
    let time = FailureReport.duration(failure.raisedAt - entries[last].at)
    let since = "since \(shown(entries[last])), \(time) before"
    let sent = entries[last...].last { $0.event == .sent }.map(shown)
    switch (sends, sent) {
    case (1, let sent?): return "\(since); \(sent) is unanswered"
    case (2..., let sent?): return "\(since); \(sends) sends after it, the last \(sent), are unanswered"
    default:
      let question = faultFacts.isEmpty ? ": does the peer wait for more?" : ""
      return "\(since); nothing was sent after it\(question)"
    }
  }

  /// Whether a peer on this machine has read what was sent to it: if not, it is busy; if so, it may wait for more.
  private var peerQueue: String? {
    guard failure.code == .timeout, let socket = failure.channel?.socket,
      entries(of: failure.channel).contains(where: { $0.event == .sent })
    else { return nil }
    // What is said of an own end says more.
    if socket.domain == .unix, socket.type.hasEnd, otherEnd(of: failure.channel) == nil {
      return socket.unacknowledged == 0 ? "has read all that was sent to it" : "has not read all that was sent to it"
    }
    guard socket.isTCP, let peer = socket.peerName?.port, let own = socket.localName?.port,
      let unread = PeerQueue.unread(by: peer, from: own, isTCP: true)
    else { return nil }
    return unread == 0
      ? "has read all that was sent to it"
      : "has not read the last \(ByteDifference.bytes(unread)) that were sent to it"
  }

  func shown(_ entry: Transcript.Entry) -> String {
    let masked = interpreter.secrets.isEmpty ? entry.bytes : interpreter.secrets.masked(entry.bytes)
    let text = ByteDifference.quoted(masked.prefix(40))
    return masked.count > 40 ? "\(text)…" : text
  }

  // MARK: - The others

  private static let othersTold = 3
  private static let linesTold = 5

  var openChannels: [Channel] { group.channels.compactMap(\.channel).filter { !$0.isClosed } }

  /// What has come on other channels, and nobody has read.
  private var unreadElsewhere: [String] {
    guard failure.channel != nil, failure.code == .timeout || failure.code == .mismatch else { return [] }
    var told: [String] = []
    let others = openChannels.filter { $0 !== failure.channel && $0.kind != .listener }
    takeWhatComes(others)
    for channel in others {
      guard !channel.input.isEmpty, told.count < FailureSurroundings.othersTold else { continue }
      let bytes = channel.input.bytes
      var text = "\(channel.label) has unread \(interpreter.shown(bytes, of: channel, limit: ByteDifference.longest))"
      if let expected = failure.expected, !expected.isEmpty, bytes.starts(with: expected),
        bytes.count == expected.count || [0x0A, 0x0D].contains(bytes[expected.count])
      {
        text += ", which is what was expected here"
      }
      told.append(text)
    }
    return told
  }

  /// What is on its way to them gets a moment: a peer that answers on the wrong connection has just done so.
  private func takeWhatComes(_ channels: [Channel]) {
    let deadline = Deadline(after: 0.02)
    for channel in channels where channel.input.isEmpty && !channel.hasEnded && channel.inputDescriptor >= 0 {
      let left = max(0, deadline.at - MonotonicClock.now)
      guard SystemCall.poll(channel.inputDescriptor, reading: true, writing: false, timeoutNanoseconds: left) > 0 else {
        continue
      }
      channel.readiness.canRead = true
      do throws(Failure) {
        _ = try channel.fill(interpreter.limits)
      } catch {
        // It holds as much as it may: that is told of it.
        continue
      }
    }
  }

  /// The other tasks that wait for a peer, and in which step.
  private var waiting: [String] {
    guard failure.code == .timeout else { return [] }
    let opposite = otherEnd(of: failure.channel)
    var told: [String] = []
    for task in group.tasks where task.state == .blocked {
      let channel = task.waitChannel?.takeUnretainedValue()
      let isOpposite = channel != nil && channel === opposite
      guard task.depth > 0, channel?.kind != .listener, told.count < FailureSurroundings.othersTold else { continue }
      guard isOpposite || task !== group.main else { continue }
      let frame = task.frames[task.depth - 1]
      let site = frame.code._withUnsafeGuaranteedRef { $0.builtin == nil ? $0.site(at: Int(frame.pc)) : nil }
      guard let site else { continue }
      let place = "\(site.file.name):\(site.position.line): \(FailureReport.code(site))"
      if isOpposite, let own = failure.channel {
        told.append("\(name(of: site)) waits at the other end, \(place): until \(name(of: own)) sends it something")
      } else {
        told.append("another task waits, too, \(place)")
      }
    }
    return told
  }

  /// Which of several tasks has failed, where that has a name.
  private var failedTask: String? {
    guard group.isTest, group.tasks.count > 1, let site = failure.calls.last ?? failure.site else { return nil }
    return interpreter.provenance(in: site.file).task(at: Int(site.range.lower)).map { "`\($0)` has failed" }
  }

  /// A task by what `spawn as` calls it, from a place in it.
  private func name(of site: SourceSite) -> String {
    let name = interpreter.provenance(in: site.file).task(at: Int(site.range.lower))
    return name.map { "the task `\($0)`" } ?? "another task"
  }

  /// The programs that still run where one of them was to answer, and what they have said lately: one that closes a
  /// connection and goes on has mostly said why. Of those of the file's top level, those that have said something.
  private var running: [String] {
    guard failure.code == .timeout || failure.isLossOfPeer else { return [] }
    let own = failure.channel?.process ?? failure.channel?.errorsOf
    func said(_ process: ProcessState) -> [String] {
      // That of the failed channel's own program is told with it; a session tells it when it comes.
      if process === own || group.session != nil { return [] }
      let lines = process.tailOfTest(hiding: interpreter.secrets)
      return lines.suffix(FailureSurroundings.linesTold).map { "stderr    \($0)" }
    }
    // What `output` has run has been ended with its step.
    func alive(_ group: TaskGroup) -> [ProcessState] {
      group.processes.filter { $0.status == nil && $0.channelNumber != 0 }
    }
    var told = alive(group).map { (process: $0, said: said($0)) }
    if group !== interpreter.topLevel {
      told = alive(interpreter.topLevel).map { ($0, said($0)) }.filter { !$0.said.isEmpty } + told
    }
    return told.suffix(FailureSurroundings.othersTold).flatMap { ["process   \(words($0.process))"] + $0.said }
  }

  /// What a program that runs is at.
  private func words(_ process: ProcessState) -> String {
    let number = process.channelNumber
    let isSilent = isWhole && !transcript.entries(since: group.began).contains { $0.channel == number && $0.event == .received }
    var text = "\(interpreter.line(of: process)) still runs"
    let own = waitedFor
    if let activity = ProcessActivity(of: process.child.pid, connections: own.map(\.connection)) {
      text += activity.isBusy ? " and is busy" : " and \(words(activity.wait, own.map(\.channel)))"
      let places = activity.ports.map(String.init) + activity.datagramPorts.map { "udp \($0)" }
        + activity.paths.map { "unix:\(Printable.text($0))" }
      if !places.isEmpty {
        text += ", listens on \(places.joined(separator: ", "))"
      } else if activity.isSeenWhole {
        text += ", listens on no port"
      }
      if activity.hasOwnNetwork { text += ", is in a network of its own" }
    }
    return text + (isSilent && process.errors.isEmpty ? ", has written nothing" : "")
  }

  /// What a program may wait for of this script's: the failed channel first.
  private var waitedFor: [(channel: Channel, connection: ProcessActivity.Connection)] {
    let failed = failure.channel.map { [$0] } ?? []
    return (failed + openChannels.filter { $0 !== failure.channel }).compactMap { channel in
      guard let socket = channel.socket else { return nil }
      if channel.isDatagram, let port = socket.peerName?.port { return (channel, .udp(port)) }
      if socket.isTCP, let theirs = socket.peerName?.port, let ours = socket.localName?.port {
        return (channel, .tcp(theirs: theirs, ours: ours))
      }
      guard socket.domain == .unix, let path = socket.peerName?.path, let first = path.first else { return nil }
      // As /proc/net/unix shows an abstract one.
      return (channel, .unix(String(decoding: first == 0 ? [UInt8(ascii: "@")] + path.dropFirst() : path, as: UTF8.self)))
    }
  }

  private func words(_ wait: ProcessActivity.Wait?, _ channels: [Channel]) -> String {
    switch wait {
    case .connection(let number) where channels[number] === failure.channel:
      channels[number].isDatagram ? "waits for the next datagram there" : "waits for more on this connection"
    case .connection(let number): "waits for more on `\(channels[number].label)`"
    case .input: "waits for its standard input"
    case .peers: "waits for somebody to connect"
    case .otherSocket: "waits for another socket"
    case .events: "waits for events"
    case .time: "sleeps"
    case .thread: "waits for a thread"
    case nil: "waits"
    }
  }

  // MARK: - Ports

  private static let anyHost: [String?] = ["0.0.0.0", "::"]

  /// Who listens where this was to.
  private var holder: String? {
    guard let address = failure.address, failure.code == .system(.addressInUse) else { return nil }
    let holders = openChannels.filter { $0.kind == .listener || $0.isDatagram }
    let other = holders.first { $0.socket?.localName == address }
      ?? holders.first { channel in
        guard let name = channel.socket?.localName, let port = name.port, port == address.port else { return false }
        return FailureSurroundings.anyHost.contains(name.host) || FailureSurroundings.anyHost.contains(address.host)
      }
    if let other {
      let number = Int32(truncatingIfNeeded: other.number)
      let site = transcript.entries().last { $0.channel == number && $0.event == .listening }?.site
      return "the channel `\(other.label)` of this script\(site.map { " (\($0.file.name):\($0.position.line))" } ?? "")"
    }
    guard let port = address.port, let owner = PortOwner.find(port: port) else { return nil }
    if owner.pid == getpid() { return "this script itself" }
    for process in group.processes where process.child.pid == owner.pid {
      return "\(interpreter.name(of: process)), process \(owner.pid) of this script"
    }
    return "\(owner.command), process \(owner.pid)"
  }

  private var tries: String? {
    let words = failure.retry.map { "`\(FailureReport.line($0))` on line \($0.position.line)" } ?? "`retry`"
    return switch failure.tries {
    case 0: nil
    case 1: "once, before the time of \(words) was over"
    default: "\(failure.tries) times, in the time of \(words); this is the last failure"
    }
  }

  private var help: String? {
    if failure.code == .reset, hasLivingProgram {
      return "a program that lives resets a connection when it closes it with bytes unread, or on purpose (SO_LINGER 0)"
    }
    if failure.code == .timeout, let own = failure.channel, let other = otherEnd(of: own),
      group.tasks.contains(where: { $0.state == .blocked && $0.waitChannel?.takeUnretainedValue() === other })
    {
      return "each end waits for the other: one of them has to send before it waits"
    }
    guard failure.code == .refused, let address = failure.address else { return nil }
    if hasLivingProgram {
      // It has been waited for: the time was too short, or it listens elsewhere.
      return failure.tries > 0
        ? "the program that runs needs longer, or was not given this port"
        : "if the server is still starting, put this into `retry within 5s`"
    }
    guard failure.tries == 0, group.isTest, group.deaths.isEmpty else { return nil }
    return "this test has started no server: is \(address) right?"
  }

  /// One that the script has started and that has not ended.
  var hasLivingProgram: Bool { group.processes.contains { $0.status == nil } }
}
