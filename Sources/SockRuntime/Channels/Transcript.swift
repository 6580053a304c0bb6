// What went over all channels lately, on one time line: bounded, and cheap enough to be always on.

import Glibc
import SockLanguage
import SocketCore

enum TranscriptEvent: UInt8 {
  case received, sent, opened, ended, reset, closed, accepted, listening, started, exited, shutdown, shutdownReading
  case aborted, secured, cut, broken, through, proxied, unseen, fault

  var word: String {
    switch self {
    case .received: return "<"
    case .sent: return ">"
    case .opened: return "connected"
    case .ended: return "end of stream"
    case .reset: return "reset by the peer"
    case .closed: return "closed"
    case .accepted: return "accepted"
    case .listening: return "listening"
    case .started: return "started"
    case .exited: return "exited"
    case .shutdown: return "shut down"
    case .shutdownReading: return "shut down for reading"
    case .aborted: return "reset"
    case .secured: return "secured"
    case .cut: return "end without close_notify"
    case .broken: return "TLS failed"
    case .through: return "through"
    case .proxied: return "proxied"
    case .unseen: return "unseen"
    case .fault: return "fault"
    }
  }

  /// Whether its bytes are what it says of itself, and not what went over the channel.
  var hasText: Bool {
    switch self {
    case .secured, .broken, .through, .proxied, .unseen, .fault: true
    default: false
    }
  }
}

/// A ring of bytes that holds entries of varying size; the oldest give way.
final class Transcript {
  struct Entry {
    /// Nanoseconds since the run's start.
    var at: Int64
    let channel: Int32
    let event: TranscriptEvent
    /// How many bytes there were; `bytes` holds the first of them.
    var count: Int
    var bytes: [UInt8]
    let site: SourceSite?
    /// Where a datagram came from or went to; kept when the whole transcript is.
    let peer: SocketAddress?

    /// What happened, in words.
    var words: String {
      event.hasText ? "\(event.word): \(Printable.text(String(decoding: bytes, as: UTF8.self)))" : event.word
    }
  }

  /// What stands before an event's bytes. An entry starts at a multiple of its size, so that it never wraps round.
  private struct Header {
    /// Bytes in the ring.
    static let size = 32
    var at: Int64
    var channel: Int32
    var event: UInt8
    /// 1-based position in `files`; 0: none. A session's inputs are a file each.
    var file: UInt16
    var kept: UInt16
    /// 1-based position in `peers`; 0: none.
    var peer: UInt16 = 0
    var count: UInt32
    var lower: UInt32
    var upper: UInt32
  }

  private let ring: UnsafeMutableRawPointer
  /// A power of two, and more than any entry needs.
  private let size: Int
  private var first = 0
  /// When the last of those was that there was no room for any more, in nanoseconds since the run's start.
  private(set) var lost = Int64.min
  private var next = 0
  private var used = 0
  private let start: Int64
  private var files: [SourceFile] = []
  private var lastFile: SourceFile?
  private var lastFileNumber: UInt16 = 0
  /// The step that runs: what it moves is put down to it. Set and taken back by who runs its task, whose code owns it.
  var site: Unmanaged<StepSite>?

  /// The kept part of one event, in bytes: by default enough to see a whole command or header.
  private let excerpt: Int
  /// So many bytes are still kept of events that have more.
  private var wholeLeft = 0
  /// Names and addresses of the channels, kept when the whole is: a closed channel has none any more.
  private(set) var channels: [ChannelInfo] = []
  let keepsChannels: Bool
  private var keptChannels: Set<Int> = []
  /// Whom datagrams were exchanged with, each once.
  private var peers: [SocketAddress] = []
  private var peerNumbers: [SocketAddress: UInt16] = [:]
  /// What channels are called, those without a name of their own left out.
  private(set) var names: [Int32: String] = [:]
  /// So many names are kept: the latest.
  private static let namesKept: Int32 = 1024

  /// The latest events: always on, so cheap that a stream does not notice it. The size, in bytes, is a power of two.
  init(size: Int = 256 * 1024, excerpt: Int = 512, keepsChannels: Bool = false, start: Int64 = MonotonicClock.now) {
    precondition(size > 2 * excerpt && size & (size - 1) == 0 && MemoryLayout<Header>.size <= Header.size)
    self.size = size
    self.excerpt = excerpt
    self.keepsChannels = keepsChannels
    self.start = start
    wholeLeft = keepsChannels ? Transcript.wholeSize : 0
    ring = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Header.size)
  }

  /// All bytes of a test, up to 4 MiB, and excerpts of what comes then: a copy of all that streams makes it 2.5 times
  /// slower.
  static func whole() -> Transcript { Transcript(size: 2 * wholeSize, keepsChannels: true) }
  private static let wholeSize = 4 << 20

  /// An empty one of the same kind, on the same time line.
  func another() -> Transcript { Transcript(size: size, excerpt: excerpt, keepsChannels: keepsChannels, start: start) }

  deinit { ring.deallocate() }

  func name(_ channel: Channel) {
    let number = Int32(truncatingIfNeeded: channel.number)
    names[number] = channel.label
    if names.count > 2 * Int(Transcript.namesKept) {
      names = names.filter { $0.key > number - Transcript.namesKept }
    }
  }

  /// Forgets everything: a new test begins.
  func clear() {
    first = 0
    next = 0
    used = 0
    wholeLeft = keepsChannels ? Transcript.wholeSize : 0
    channels.removeAll()
    keptChannels.removeAll()
    peers.removeAll()
    peerNumbers.removeAll()
  }

  var now: Int64 { MonotonicClock.now - start }

  /// - Parameter other: where a datagram goes to or comes from, if not the channel's peer.
  @inline(__always)
  func record(
    _ event: TranscriptEvent, _ channel: Channel, _ bytes: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    with other: SocketAddress? = nil
  ) {
    append(event, channel.number, bytes, peer: keepsChannels ? keep(channel, other) : 0)
  }

  /// An event with something to say of it.
  func note(_ event: TranscriptEvent, _ channel: Channel, _ text: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { record(event, channel, $0) }
  }

  private func append(_ event: TranscriptEvent, _ channel: Int, _ bytes: UnsafeRawBufferPointer, peer: UInt16) {
    let count = bytes.count
    let kept = min(count, max(excerpt, min(wholeLeft, Int(UInt16.max))))
    wholeLeft = max(0, wholeLeft &- kept)
    var header = Header(
      at: now, channel: Int32(truncatingIfNeeded: channel), event: event.rawValue, file: 0,
      kept: UInt16(truncatingIfNeeded: kept), peer: peer, count: UInt32(clamping: count), lower: 0, upper: 0)
    if let site {
      (header.file, header.lower, header.upper) = site._withUnsafeGuaranteedRef {
        (number(of: $0.file), $0.range.lower, $0.range.upper)
      }
    }
    let needed = Transcript.room(kept)
    while used &+ needed > size { drop() }
    (ring + next).storeBytes(of: header, as: Header.self)
    if kept > 0, let source = bytes.baseAddress {
      let start = (next &+ Header.size) & (size &- 1)
      let head = min(kept, size &- start)
      memcpy(ring + start, source, head)
      if head < kept { memcpy(ring, source + head, kept &- head) }
    }
    next = (next &+ needed) & (size &- 1)
    used &+= needed
  }

  /// What an entry takes in the ring that keeps so many bytes.
  @inline(__always)
  private static func room(_ kept: Int) -> Int { (Header.size &+ kept &+ Header.size &- 1) & ~(Header.size &- 1) }

  /// Keeps what is known of a channel. The number of the one whom a datagram is exchanged with; 0: no datagram.
  private func keep(_ channel: Channel, _ other: SocketAddress?) -> UInt16 {
    if keptChannels.insert(channel.number).inserted { channels.append(channel.info) }
    guard channel.isDatagram, let peer = other ?? channel.socket?.peerName else { return 0 }
    return number(of: peer)
  }

  @inline(__always)
  private func number(of file: SourceFile) -> UInt16 {
    file === lastFile ? lastFileNumber : newNumber(of: file)
  }

  private func newNumber(of file: SourceFile) -> UInt16 {
    let at = files.firstIndex { $0 === file } ?? files.count
    if at == files.count {
      guard at < Int(UInt16.max) else { return 0 }
      files.append(file)
    }
    lastFile = file
    lastFileNumber = UInt16(truncatingIfNeeded: at + 1)
    return lastFileNumber
  }

  private func number(of peer: SocketAddress) -> UInt16 {
    if let known = peerNumbers[peer] { return known }
    guard peers.count < Int(UInt16.max) else { return 0 }
    peers.append(peer)
    let number = UInt16(truncatingIfNeeded: peers.count)
    peerNumbers[peer] = number
    return number
  }

  private func read(_ at: Int, _ count: Int, into target: UnsafeMutableRawPointer) {
    let head = min(count, size - at)
    memcpy(target, ring + at, head)
    if head < count { memcpy(target + head, ring, count - head) }
  }

  @inline(__always)
  private func header(at: Int) -> Header { (ring + at).load(as: Header.self) }

  @inline(__always)
  private func drop() {
    let length = Transcript.room(Int(header(at: first).kept))
    lost = header(at: first).at
    first = (first &+ length) & (size &- 1)
    used &-= length
  }

  /// The entries that are still kept, the oldest first.
  /// - Parameter began: only those from then on, in nanoseconds since the run's start. Of the others only the heads are
  ///   looked at: with all copied, each of many failed tests paid for those before it, 0.9 ms.
  func entries(since began: Int64 = .min) -> [Entry] {
    var entries: [Entry] = []
    var at = first
    var left = used
    while left > 0 {
      let head = header(at: at)
      let length = Transcript.room(Int(head.kept))
      defer {
        at = (at + length) & (size - 1)
        left -= length
      }
      if head.at < began { continue }
      var bytes = [UInt8](repeating: 0, count: Int(head.kept))
      bytes.withUnsafeMutableBytes { target in
        if let base = target.baseAddress { read((at + Header.size) & (size - 1), target.count, into: base) }
      }
      let file = head.file > 0 ? files[Int(head.file) - 1] : nil
      entries.append(
        Entry(
          at: head.at, channel: head.channel, event: TranscriptEvent(rawValue: head.event) ?? .closed,
          count: Int(head.count), bytes: bytes,
          site: file.map { SourceSite(file: $0, range: SourceRange(Int(head.lower), Int(head.upper))) },
          peer: head.peer > 0 && Int(head.peer) <= peers.count ? peers[Int(head.peer) - 1] : nil))
    }
    return entries
  }
}
