// One direction of a channel on which faults lie: what has gone in, and when and how it comes out.

import Glibc
import SockLanguage
import SocketCore

/// Bytes or datagrams on their way, in order, with the time at which each may leave.
final class FaultPipe {
  enum Step {
    case bytes([UInt8])
    case stop(FaultRules.Stop)
  }

  struct Piece {
    var step: Step
    /// In monotonic nanoseconds.
    let due: Int64
    /// Whom a datagram goes to or comes from.
    var peer: SocketAddress?
  }

  /// `sent` or `received`, for the transcript.
  let word: String
  private(set) var rules = FaultRules()
  private var queue: [Piece] = []
  private var first = 0
  /// Of the first piece, so much has left.
  private var taken = 0
  /// Bytes that have gone in and not come out.
  private(set) var count = 0
  /// Of a message whose end has not come.
  private var partial: [UInt8] = []
  /// How far that has been decoded, where a declaration says how long it is.
  var progress: MessageProgress?
  /// What has changed places with the message behind it; and until when that is waited for.
  private var heldBack: (bytes: [UInt8], peer: SocketAddress?, until: Int64)?
  /// Since the stop was set.
  private var bytesPassed = 0
  private var messagesPassed = 0
  /// The stop has come: what goes in behind it is lost, or waits.
  private var isStopped = false
  /// Nothing leaves.
  private(set) var isHeld = false
  /// Nothing goes in.
  private(set) var isStalled = false
  private var lastDue: Int64 = 0
  /// When the rate has room for more.
  private var freeAt: Int64 = 0
  private var random = SplitMix(state: 0)
  /// So many bytes go as they are before the next that does not.
  private var soundBytes = Int.max
  private unowned(unsafe) let channel: Channel
  /// It has been known where messages end: where that is taken away, what comes passes as it is.
  var hasMeasured = false
  /// How long the message at the beginning is; nil: it is not all there.
  var measure: ((UnsafeRawBufferPointer) throws(Failure) -> Int?)?

  /// What it holds at most before it takes no more, in bytes.
  static let capacity = 1 << 20
  private static let capacityOfSlow = 1 << 16
  /// A message that nothing follows has changed places with nothing: it goes on after this time, in nanoseconds.
  private static let patience: Int64 = 100_000_000
  /// A rate lets pass a piece in so many parts of a second.
  private static let piecesInSecond = 50.0

  init(_ word: String, on channel: Channel) {
    self.word = word
    self.channel = channel
  }

  /// What goes in comes out whole, however little it is.
  var isPackets: Bool { channel.isDatagram || channel.socket?.type == .seqpacket }

  /// Nothing is to be done, and nothing on its way.
  var isIdle: Bool { rules.isEmpty && count == 0 && !isHeld && !isStalled }

  var hasRoom: Bool { room > 0 }

  /// How many bytes it takes now.
  var room: Int {
    if isStalled { return 0 }
    // Of what is slow little is kept: it is cut into small pieces. A message whose end has not come may be larger.
    let most = rules.rate == nil ? FaultPipe.capacity : FaultPipe.capacityOfSlow
    return max(0, min(most - (count - partial.count), FaultPipe.capacity - partial.count))
  }

  /// What of it acts now, in words; nil: nothing does.
  /// - Parameter withTime: what comes late or slowly counts.
  func effect(withTime: Bool) -> String? {
    var acting = rules
    if !isStopped, !isHeld, !isStalled { acting.stop = nil }
    if !withTime { (acting.delay, acting.jitter, acting.rate) = (0, 0, nil) }
    let words = acting.words
    return words.isEmpty ? nil : words
  }

  /// Nothing leaves, whatever time it is.
  var isStill: Bool { isHeld || isStalled }

  // MARK: - What holds

  /// - Parameter seed: what chance follows from.
  func set(_ rules: FaultRules, seed: UInt64?, setsStop: Bool) {
    self.rules = rules
    if let seed { random = SplitMix(state: seed) }
    soundBytes = nextCorruption()
    if setsStop {
      removeStops()
      (isHeld, isStalled) = (false, false)
      bytesPassed = 0
      messagesPassed = 0
      isStopped = false
      if case .bytes(0) = rules.point, rules.stop != nil { stop(at: MonotonicClock.now) }
    }
    if rules.isEmpty { releaseAll() }
  }

  /// What was kept goes on; and what is on its way leaves at once, where nothing delays it any more.
  func release() {
    (isHeld, isStalled, isStopped) = (false, false, false)
    rules.stop = nil
    removeStops()
    if rules.isEmpty { releaseAll() }
  }

  private func releaseAll() {
    (isHeld, isStalled, isStopped) = (false, false, false)
    finishMessages()
    queue = queue[first...].map { Piece(step: $0.step, due: 0, peer: $0.peer) }
    first = 0
    removeStops()
    (lastDue, freeAt) = (0, 0)
  }

  /// Those that have not come yet will not.
  private func removeStops() {
    queue = queue[first...].filter { if case .bytes = $0.step { true } else { false } }
    first = 0
  }

  // MARK: - In

  /// Takes bytes, or a whole datagram, that have come at that time.
  func take(_ bytes: UnsafeRawBufferPointer, from peer: SocketAddress?, at time: Int64) throws(Failure) {
    if isPackets { return try take(message: Array(bytes), peer, time) }
    guard rules.needsMessages else {
      if !partial.isEmpty { finishMessages() }
      return pass(Array(bytes), nil, time)
    }
    partial.append(contentsOf: bytes)
    count += bytes.count
    while let length = try lengthOfMessage() {
      let message = Array(partial[..<length])
      partial.removeFirst(length)
      progress = nil
      count -= length
      try take(message: message, nil, time)
    }
    // It would never be whole.
    guard partial.count < FaultPipe.capacity else {
      let size = "\(FaultPipe.capacity >> 20) MiB"
      let failure = Failure(.limit, "a fault acts on whole messages, and keeps none of more than \(size)")
      failure.channel = channel
      throw failure
    }
  }

  private func lengthOfMessage() throws(Failure) -> Int? {
    guard !partial.isEmpty, let measure else { return nil }
    let bytes = partial
    var length: Int?
    var failure: Failure?
    bytes.withUnsafeBytes { raw in
      do throws(Failure) {
        length = try measure(raw)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return length.flatMap { $0 <= partial.count ? $0 : nil }
  }

  private func take(message whole: [UInt8], _ peer: SocketAddress?, _ time: Int64) throws(Failure) {
    var message = whole
    if let rewrite = rules.rewrite {
      guard let other = try rewrite(ByteString(message)) else { return note("dropped \(message.count) bytes by rewrite") }
      let bytes = Array(other.bytes)
      if bytes != message { note("rewrote \(message.count) bytes as \(bytes.count)") }
      message = bytes
    }
    if happens(rules.drop) { return note("dropped \(message.count) bytes") }
    let isDoubled = happens(rules.duplicate)
    if isDoubled { note("duplicated \(message.count) bytes") }
    if let back = heldBack {
      heldBack = nil
      count -= back.bytes.count
      pass(message: message, peer, time)
      pass(message: back.bytes, back.peer, time)
    } else if happens(rules.reorder) {
      note("\(message.count) bytes change places with what comes next")
      heldBack = (message, peer, time + FaultPipe.patience)
      count += message.count
    } else {
      pass(message: message, peer, time)
    }
    if isDoubled { pass(message: message, peer, time) }
  }

  private func pass(message: [UInt8], _ peer: SocketAddress?, _ time: Int64) {
    pass(message, peer, time)
    guard !isStopped, rules.stop != nil, case .messages(let most) = rules.point else { return }
    messagesPassed += 1
    if messagesPassed >= most { stop(at: time) }
  }

  private func pass(_ given: [UInt8], _ peer: SocketAddress?, _ time: Int64) {
    if isStopped, rules.stop == .cut || rules.stop == .reset { return }
    var bytes = given
    corrupt(&bytes)
    guard !isStopped, rules.stop != nil, case .bytes(let most) = rules.point, bytesPassed + bytes.count >= most else {
      bytesPassed += bytes.count
      return push(bytes[...], peer, time)
    }
    let place = max(0, most - bytesPassed)
    bytesPassed = most
    push(bytes[..<place], peer, time)
    stop(at: time)
    // Of a datagram nothing is left over.
    if rules.stop == .hold || rules.stop == .stall, place < bytes.count, !isPackets {
      push(bytes[place...], peer, time)
    }
  }

  /// The stop has its place behind what has gone in.
  private func stop(at time: Int64) {
    guard let stop = rules.stop, !isStopped else { return }
    isStopped = true
    if stop == .stall, first == queue.count { isStalled = true }
    queue.append(Piece(step: .stop(stop), due: max(lastDue, time), peer: nil))
  }

  private func push(_ bytes: ArraySlice<UInt8>, _ peer: SocketAddress?, _ time: Int64) {
    guard !bytes.isEmpty || isPackets else { return }
    var due = time + rules.delay
    if rules.jitter > 0 { due += Int64((2 * unit() - 1) * Double(rules.jitter)) }
    lastDue = max(lastDue, due)
    count += bytes.count
    guard let rate = rules.rate else {
      queue.append(Piece(step: .bytes(Array(bytes)), due: lastDue, peer: peer))
      return
    }
    freeAt = max(freeAt, lastDue)
    // A datagram leaves whole, when all of it would have passed.
    let size = isPackets ? max(1, bytes.count) : max(1, Int(rate / FaultPipe.piecesInSecond))
    var rest = bytes
    repeat {
      let part = rest.prefix(size)
      rest = rest.dropFirst(size)
      // However slow it is: what comes in 36 years does not come.
      freeAt = min(freeAt, MonotonicClock.span(.infinity)) + MonotonicClock.span(Double(part.count) / rate)
      queue.append(Piece(step: .bytes(Array(part)), due: freeAt, peer: peer))
    } while !rest.isEmpty
    lastDue = freeAt
  }

  /// What is left of messages goes as it is: nothing more comes, or nobody asks for messages any more.
  func finishMessages() {
    let now = MonotonicClock.now
    passHeldBack(now)
    guard !partial.isEmpty else { return }
    let rest = partial
    partial = []
    progress = nil
    count -= rest.count
    pass(rest, nil, now)
  }

  private func passHeldBack(_ now: Int64) {
    guard let back = heldBack else { return }
    heldBack = nil
    count -= back.bytes.count
    pass(message: back.bytes, back.peer, now)
  }

  // MARK: - Chance

  private func unit() -> Double { Double(random.next() >> 11) * 0x1p-53 }

  /// Draws nothing where there is no chance, so that it changes nothing else.
  private func happens(_ chance: Double) -> Bool { chance > 0 && unit() < chance }

  /// How many bytes are left as they are before the next one: as if each was asked.
  private func nextCorruption() -> Int {
    if rules.corrupt <= 0 { return .max }
    if rules.corrupt >= 1 { return 0 }
    let count = log(1 - unit()) / log(1 - rules.corrupt)
    return count < 1e15 ? Int(count) : .max
  }

  private func corrupt(_ bytes: inout [UInt8]) {
    guard rules.corrupt > 0 else { return }
    var at = soundBytes
    while at < bytes.count {
      let other = bytes[at] ^ UInt8(1 + random.next() % 255)
      note("byte \(at) of \(bytes.count) is \(hex(other)) in place of \(hex(bytes[at]))")
      bytes[at] = other
      let more = nextCorruption()
      at = more == .max ? .max : at + 1 + more
    }
    soundBytes = at == .max ? .max : at - bytes.count
  }

  private func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }

  // MARK: - Out

  /// When something next leaves or happens; `Int64.max`: nothing is going to by itself.
  var nextAt: Int64 {
    var at = heldBack?.until ?? .max
    if case .time(let time) = rules.point, rules.stop != nil, !isStopped { at = min(at, time) }
    if !isHeld, !isStalled, first < queue.count { at = min(at, queue[first].due) }
    return at
  }

  /// Does what time alone brings about.
  func lookAtClock(_ now: Int64) {
    if let back = heldBack, back.until <= now { passHeldBack(now) }
    guard case .time(let time) = rules.point, let stop = rules.stop, !isStopped, time <= now else { return }
    isStopped = true
    // It happens to what is on its way, too.
    if stop == .cut || stop == .reset { drop() }
    if taken > 0, case .bytes(let bytes) = queue[first].step {
      // What has begun to leave goes on behind it where it was.
      queue[first].step = .bytes(Array(bytes[taken...]))
      taken = 0
    }
    queue.insert(Piece(step: .stop(stop), due: now, peer: nil), at: first)
  }

  /// The first that may leave now.
  func due(_ now: Int64) -> Piece? {
    guard !isHeld, !isStalled, first < queue.count, queue[first].due <= now else { return nil }
    return queue[first]
  }

  /// The bytes of the first piece that have not left.
  func withBytesDue<Result>(_ piece: Piece, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    guard case .bytes(let bytes) = piece.step else { return nil }
    return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[min(taken, $0.count)...])) }
  }

  /// So many of its bytes have left; a datagram leaves whole.
  func left(_ number: Int) {
    guard first < queue.count, case .bytes(let bytes) = queue[first].step else { return }
    let whole = bytes.count - taken
    let gone = isPackets ? whole : min(number, whole)
    taken += gone
    count -= gone
    if taken >= bytes.count { next() }
  }

  /// A stop has come to the front: what it is, if it ends the stream.
  func reachStop() -> FaultRules.Stop? {
    guard first < queue.count, case .stop(let stop) = queue[first].step else { return nil }
    next()
    channel.faults?.note("\(rules.stopWords.isEmpty ? "\(stop)" : rules.stopWords), \(word)")
    switch stop {
    case .hold: isHeld = true
    case .stall: isStalled = true
    case .cut, .reset:
      drop()
      return stop
    }
    return nil
  }

  private func next() {
    first += 1
    taken = 0
    // Those that have left are dropped many at a time.
    if first == queue.count {
      queue.removeAll(keepingCapacity: true)
      first = 0
    } else if first > 1024 {
      queue.removeFirst(first)
      first = 0
    }
  }

  private func drop() {
    queue.removeAll()
    partial.removeAll()
    heldBack = nil
    (first, taken, count) = (0, 0, 0)
  }

  /// What has been done to bytes or a message.
  private func note(_ text: String) {
    channel.faults?.note("\(text), \(word)")
    channel.faults?.trace?.lastAct = "\(text), \(word)"
  }
}
