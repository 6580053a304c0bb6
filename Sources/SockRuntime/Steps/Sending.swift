// `send`: bytes leave at once where the kernel takes them, in pieces and at a pace where the script wants it, and are
// gathered with `autoflush off`.

import Glibc
import SockLanguage
import SocketCore

extension StepCall {
  func send() throws(Failure) -> Value? {
    try borrowedChannel().borrowed { channel throws(Failure) in try send(channel) }
  }

  @inline(__always)
  private func send(_ channel: Channel) throws(Failure) -> Value? {
    if channel.kind == .stream || channel.kind == .datagram, task.step.work == nil, channel.isOpen, channel.isFreeToSend,
      channel.outputFailure == nil, options.segmentation == .asWritten, run.mutator == nil, site.operandCount > 0,
      let data = (regs + site.operands).borrowedString
    {
      // The commonest cases first: straight to the kernel, and a line to what is gathered.
      if channel.autoflush || channel.kind == .datagram {
        if site.words.isEmpty, channel.readiness.canWrite, channel.output == nil || channel.output?.count == 0 {
          return try data.borrowed { string throws(Failure) in try sendAtOnce(string, channel) }
        }
      } else if site.words.isEmpty || site.words.isOnly(.line) {
        let count = data._withUnsafeGuaranteedRef { gather($0, channel, isLine: site.has(.line)) }
        if channel.output?.count ?? 0 < Channel.gatheredLimit { return .integer(count) }
        return try advance(Outgoing(Departure(bytes: .empty, count: count), on: channel), channel)
      }
    }
    try channel.requireOpen("send")
    if let outgoing = task.step.work as? Outgoing {
      try tellOutputFailure(channel)
      return try advance(outgoing, channel)
    }
    return try begin(sendingOn: channel)
  }

  /// Offers a string as it is, and keeps what is not taken at once.
  @inline(__always)
  private func sendAtOnce(_ string: ByteString, _ channel: Channel) throws(Failure) -> Value? {
    let outcome = channel.offer(string.bytes)
    if case .done(let count) = outcome, count == string.count { return .integer(count) }
    return try goOn(after: outcome, Departure(bytes: string, count: string.count), channel)
  }

  /// What has no pace was offered for the first time.
  private func goOn(after outcome: IOOutcome, _ departure: Departure, _ channel: Channel) throws(Failure) -> Value? {
    switch outcome {
    case .done(let count):
      if count >= departure.bytes.count || channel.isDatagram { return .integer(departure.count) }
      return try advance(Outgoing(departure, on: channel, sent: count), channel)
    case .wouldBlock: return try advance(Outgoing(departure, on: channel), channel)
    case .end: throw cannotSend(.brokenPipe, channel)
    case .failed(let error): throw cannotSend(error, channel)
    }
  }

  /// The first performance of what is no common case.
  private func begin(sendingOn channel: Channel) throws(Failure) -> Value? {
    if channel.kind == .listener { throw .type("\(channel.label) listens; `accept` a connection to send on") }
    if channel.kind == .bare, channel.socket?.type == .stream {
      throw broken(channel, .socketNotConnected, "cannot send on \(channel.label)")
    }
    if site.has(.oob) { try requireUrgent(channel) }
    guard let operand else { throw .type("send needs data") }
    let string = try operand.data("send")
    try tellOutputFailure(channel)
    // What was printed before stands before; waiting for its reader is part of this step's time.
    if channel.kind == .standard, !output.isEmpty { try begin(channel) }
    if channel.kind == .standard || channel.kind == .process, let failure = output.flush() { throw failure }
    if channel.kind == .standard, let beforeWriting = output.beforeWriting {
      if site.has(.line) { channel.eol.withUnsafeBytes(beforeWriting) } else { beforeWriting(string.bytes) }
    }
    if channel.outputDescriptor < 0 { throw Failure(.closed, "\(channel.label) takes no input any more") }
    guard var departure = try departure(of: string, on: channel) else { return nil }
    // A change within a secret would be hidden nowhere.
    if let mutator = run.mutator, !holdsSecret(string) {
      departure.bytes = mutator.departing(departure.bytes, string, on: channel, site, task)
      // On a stream nothing of it is left to be offered.
      if departure.bytes.isEmpty, !channel.isDatagram, departure.passed.isEmpty { return .integer(departure.count) }
    }
    if let terminal = channel.terminal { try prepare(departure.bytes, for: terminal, channel) }
    if gathers(departure, channel) {
      guard channel.isFreeToSend else { return try advance(Outgoing(departure, on: channel), channel) }
      channel.gather(departure.bytes.bytes)
      if channel.output?.count ?? 0 < Channel.gatheredLimit { return .integer(departure.count) }
      departure.bytes = .empty
      return try advance(Outgoing(departure, on: channel), channel)
    }
    if departure.pace == nil, departure.passed.isEmpty, channel.isFreeToSend, channel.mayTakeMore, channel.output?.count ?? 0 == 0 {
      return try goOn(
        after: channel.offer(departure.bytes.bytes, flags: departure.flags, to: departure.destination), departure,
        channel)
    }
    return try advance(Outgoing(departure, on: channel), channel)
  }

  private func holdsSecret(_ string: ByteString) -> Bool {
    scheduler.hasSecrets && !(scheduler.secrets?.ranges(in: string.array).isEmpty ?? true)
  }

  // MARK: - What is sent

  /// The bytes after all that is done to them on their way, whom they go to, and at what pace. Nil: the task waits for
  /// the receiver's name to be looked up.
  private func departure(of string: ByteString, on channel: Channel) throws(Failure) -> Departure? {
    var departure = Departure(bytes: string, count: 0, flags: flags)
    if let value = option(.to) {
      guard let found = try destination(value, channel) else { return nil }
      departure.destination = found
    }
    if site.has(.crlf) { departure.bytes = StepCall.crlf(departure.bytes) }
    if site.has(.line) { departure.bytes = try line(departure.bytes, channel) }
    departure.count = departure.bytes.count
    if let value = option(.fds) { departure.passed = try passed(value, with: departure.bytes, on: channel) }
    departure.pace = try pace(of: departure.bytes, on: channel)
    return departure
  }

  /// The channels whose descriptors go with the bytes.
  private func passed(_ value: Value, with bytes: ByteString, on channel: Channel) throws(Failure) -> [Channel] {
    guard let socket = channel.socket, socket.domain == .unix, channel.tls == nil else {
      throw .type("\(channel.label) passes no descriptors: only a Unix-domain socket does (`unix:PATH`, `socketpair`)")
    }
    let channels = try value.passedChannels()
    for passed in channels { _ = try passed.passedDescriptor() }
    guard channels.isEmpty || !bytes.isEmpty || !socket.type.hasEnd else {
      throw .range("descriptors go with bytes: one at least, unless it is a datagram")
    }
    return channels
  }

  private var flags: MessageFlags {
    var flags: MessageFlags = []
    if site.has(.oob) { flags.insert(.outOfBand) }
    if site.has(.more) { flags.insert(.more) }
    if site.has(.dontroute) { flags.insert(.dontRoute) }
    return flags
  }

  /// Lone LFs become CRLF.
  private static func crlf(_ string: ByteString) -> ByteString {
    var builder = ByteBuilder()
    var previous: UInt8 = 0
    for byte in string.bytes {
      if byte == 0x0A, previous != 0x0D { builder.append(UInt8(0x0D)) }
      builder.append(byte)
      previous = byte
    }
    return builder.finish()
  }

  /// With the channel's end of line behind it, so that both leave in one piece.
  private func line(_ string: ByteString, _ channel: Channel) throws(Failure) -> ByteString {
    let eol = channel.eol
    guard string.count + eol.count <= ByteString.maximumCount else { throw .limit("a line of more than 1 GiB") }
    let line = ByteString.allocate(capacity: string.count + eol.count)
    line.append(string.bytes)
    eol.withUnsafeBytes { line.append($0) }
    return line
  }

  /// What `chunks` says, or the segmentation of the whole run.
  private func pace(of bytes: ByteString, on channel: Channel) throws(Failure) -> Pace? {
    var every = 0.0
    if let value = option(.every) {
      guard let seconds = value.number, seconds >= 0 else { throw .type("`every` takes a duration in seconds") }
      every = seconds
    }
    if site.has(.chunks) {
      return Pace(size: try (option(.chunks) ?? .nothing).count("the size of a chunk"), every: every)
    }
    guard channel.socket?.type == .stream, !site.has(.oob) else { return nil }
    switch options.segmentation {
    case .asWritten: return nil
    case .joined:
      channel.autoflush = false
      return nil
    case .pieces(let size): return Pace(size: size, every: every)
    case .halves: return Pace(size: max(1, (bytes.count + 1) / 2), every: every)
    }
  }

  /// Whether the bytes are kept until a flush.
  private func gathers(_ departure: Departure, _ channel: Channel) -> Bool {
    !channel.autoflush && departure.pace == nil && departure.destination == nil && !site.has(.oob)
      && !channel.isDatagram && departure.passed.isEmpty
  }

  private func destination(_ value: Value, _ channel: Channel) throws(Failure) -> SocketAddress? {
    let text = try AddressText(value, isPortless: channel.socket?.hasNoPorts ?? false)
    let addresses = try lookUp(text, type: .dgram, channel)
    let found = addresses?.first { $0.domain == channel.socket?.domain } ?? addresses?.first
    if let found, (found.family == .packet) != (channel.socket?.domain == .packet) {
      throw .type(
        found.family == .packet
          ? "\(channel.label) is no packet socket and sends nothing to \(found)"
          : "\(channel.label) is a packet socket, which sends to an interface, as `packet:eth0`, not to \(found)")
    }
    if let found { try permissions.requireSend(to: found) }
    // The header of a frame that the kernel writes has its type from the address.
    if let frame = found?.frame, frame.etherType == 0, let type = channel.socket?.etherType {
      return found?.with(etherType: type)
    }
    return found
  }

  /// Appends to what the channel gathers: how many bytes.
  private func gather(_ string: ByteString, _ channel: Channel, isLine: Bool) -> Int {
    let output = channel.output ?? OutputQueue()
    output.append(string.bytes)
    var count = string.count
    if isLine {
      let eol = channel.eol
      eol.withUnsafeBytes { output.append($0) }
      count += eol.count
    }
    if !output.isDirty {
      channel.output = output
      scheduler.markDirty(channel)
    }
    return count
  }

  // MARK: - On the way

  /// Sends what is gathered, and then what is left of the step's own, until it has to wait.
  func advance(_ outgoing: Outgoing, _ channel: Channel) throws(Failure) -> Value? {
    task.step.work = outgoing
    guard channel.beginSending(outgoing) else { return try waitForTurn(channel) }
    // Its own pace does not count against a default deadline: only a stated one holds.
    if outgoing.pace != nil { try beginAtOwnPace() }
    guard try flush(channel) else { return nil }
    // A datagram may be empty, and is sent all the same.
    while outgoing.position < outgoing.bytes.count || channel.isDatagram {
      if outgoing.pace != nil, task.isLate { throw lateness(channel, untaken(outgoing)) }
      let end = outgoing.nextEnd
      if channel.mayTakeMore {
        let piece = UnsafeRawBufferPointer(rebasing: outgoing.bytes.bytes[outgoing.position..<end])
        switch try offer(piece, of: outgoing, channel) {
        case .done(let count):
          outgoing.position += count
          if channel.isDatagram { return finished(outgoing) }
          if let pace = outgoing.pace, outgoing.position == end, end < outgoing.bytes.count {
            // Even without a pause others get their turn, so that a reader in the same script sees the pieces.
            task.waitKind = .timer
            scheduler.arm(task, at: min(task.step.deadline, Deadline(after: pace.every).at))
            return nil
          }
          continue
        case .wouldBlock: break
        case .end: throw cannotSend(.brokenPipe, channel)
        case .failed(let error): throw cannotSend(error, channel)
        }
      }
      try begin(channel)
      if channel.isDatagram, channel.socket?.domain == .unix {
        try waitForReceiver(outgoing, channel)
      } else {
        try waitToWrite(channel) { untaken(outgoing) }
      }
      return nil
    }
    return finished(outgoing)
  }

  /// Offers a piece; with the first one go the descriptors. Each is asked for only now: while the task waited, its
  /// channel may have been closed, and its number be another's.
  private func offer(
    _ piece: UnsafeRawBufferPointer, of outgoing: Outgoing, _ channel: Channel
  ) throws(Failure) -> IOOutcome {
    if outgoing.passed.isEmpty || outgoing.position > 0 {
      return channel.offer(piece, flags: outgoing.flags, to: outgoing.destination)
    }
    var descriptors: [Int32] = []
    for passed in outgoing.passed {
      descriptors.append(try passed.passedDescriptor())
      try passed.becomeShared()
    }
    return channel.offer(piece, flags: outgoing.flags, to: outgoing.destination, passing: descriptors)
  }

  private func finished(_ outgoing: Outgoing) -> Value {
    task.step = StepState()
    return .integer(outgoing.count)
  }

  private func untaken(_ outgoing: Outgoing) -> String {
    let total = outgoing.bytes.count
    return outgoing.pace == nil
      ? "\(total - outgoing.position) of \(total) bytes were not taken by the other side"
      : "\(total - outgoing.position) of \(total) bytes were not sent"
  }

  /// Another task is sending on the channel: what both send must not mix.
  private func waitForTurn(_ channel: Channel) throws(Failure) -> Value? {
    try begin(channel)
    if task.isLate { throw lateness(channel, "another task was still sending on \(channel.label)") }
    scheduler.waitForTurn(task, channel)
    scheduler.arm(task, at: task.step.deadline)
    return nil
  }

  /// Makes this step the one that sends on the channel, for as long as what it gives is kept. Nil: another task is
  /// sending, and this one waits for its turn.
  func turn(_ channel: Channel) throws(Failure) -> Outgoing? {
    let outgoing = task.step.work as? Outgoing ?? Outgoing(Departure(bytes: .empty, count: 0), on: channel)
    if channel.beginSending(outgoing) { return outgoing }
    task.step.work = outgoing
    _ = try waitForTurn(channel)
    return nil
  }

  /// Nothing tells when the queue of a datagram's receiver has room again: the kernel calls a socket writable whose own
  /// buffer has some. It is looked at after a while, and then less and less often.
  private func waitForReceiver(_ outgoing: Outgoing, _ channel: Channel) throws(Failure) {
    if task.isLate { throw lateness(channel, "the receiver's queue stayed full: the datagram was not sent") }
    channel.readiness.canWrite = true
    task.waitKind = .timer
    scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + outgoing.receiverPause))
    outgoing.receiverPause = min(2 * outgoing.receiverPause, Outgoing.longestReceiverPause)
  }

  /// Sends all that is gathered. False: the task has to wait.
  func flush(_ channel: Channel) throws(Failure) -> Bool {
    try tellOutputFailure(channel)
    guard let output = channel.output, output.count > 0 else { return true }
    guard let outgoing = try turn(channel) else { return false }
    while output.count > 0 {
      if channel.mayTakeMore {
        switch channel.offer(output.bytes) {
        case .done(let count):
          output.drop(count)
          continue
        case .wouldBlock: break
        case .end:
          output.removeAll()
          throw cannotSend(.brokenPipe, channel)
        case .failed(let error):
          output.removeAll()
          throw cannotSend(error, channel)
        }
      }
      task.step.work = outgoing
      try waitToWrite(channel) { "\(output.count) gathered bytes were not taken by the other side" }
      return false
    }
    return true
  }

  /// Waits until what faults have delayed has left. False: the task has to wait.
  func deliver(_ channel: Channel, givesUp: Bool) throws(Failure) -> Bool {
    guard let faults = channel.faults, channel.isOpen, !faults.isDelivered(givesUp: givesUp) else { return true }
    try waitToWrite(channel) { "what a fault of this script has delayed had not left" }
    return false
  }

  // MARK: - Errors

  private func cannotSend(_ error: Errno, _ channel: Channel) -> Failure {
    if let failure = channel.faults?.takeFailure() { return failure }
    if let failure = channel.tls?.failure { return Failure("cannot send on \(channel.label)", failure, channel) }
    if channel.isDatagram,
      let failure = channel.datagramFailure("cannot send on \(channel.label)", error, sending: true)
    {
      return failure
    }
    return error == .brokenPipe
      ? broken(channel, error, "cannot send on \(channel.label): the other side has closed")
      : broken(channel, error, "cannot send on \(channel.label)")
  }

  private func broken(_ channel: Channel, _ error: Errno, _ what: String) -> Failure {
    let failure = Failure(what, error)
    failure.channel = channel
    return failure
  }

  private func tellOutputFailure(_ channel: Channel) throws(Failure) {
    guard let error = channel.outputFailure else { return }
    channel.outputFailure = nil
    throw broken(channel, error, "what was gathered could not be sent on \(channel.label)")
  }
}
