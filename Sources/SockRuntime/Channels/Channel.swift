// Anything that bytes come from and go to: a socket, a process's standard streams, our own.

import Glibc
import SockLanguage
import SocketCore
import TLS

package final class Channel {
  enum Kind: UInt8 {
    /// A connected (or connecting) stream or seqpacket socket.
    case stream
    case datagram
    case listener
    case process
    /// stdin, stdout, stderr.
    case standard
    /// Opened by its path: a terminal, a serial line, a FIFO.
    case device
    /// Made by `socket`: not bound, listening or connected yet.
    case bare
    /// A pipe, file or terminal that the channel owns: a process's standard error, or what another process has sent.
    case pipe
  }

  /// Whether steps may act on it.
  enum Use: UInt8 {
    case open
    /// Its framing function, or that of a fault, looks at what has come: until that has answered, everything stays as it is.
    case framing
    case closed
  }

  /// For transcripts and messages; in order of creation.
  let number: Int
  /// Owned: a failure that outlives its run may hold the last channel of it, which tells the scheduler of its end.
  let scheduler: Scheduler
  var name: String? {
    didSet { scheduler.transcript.name(self) }
  }
  var kind: Kind
  /// Its names, its options and how it is shut down, whatever carries its bytes.
  let socket: Socket?
  var transport: Transport
  /// -1 when closed, or when there is no such direction.
  var inputDescriptor: Int32
  var outputDescriptor: Int32

  var input = InputBuffer()
  /// What is gathered (`autoflush off`) or what the kernel would not take yet.
  var output: OutputQueue?

  var readiness = ChannelReadiness()
  /// Whether another connection waits when one has been accepted.
  var accepts = TryFirst()
  /// Nil while more can come.
  var end: StreamEnd?
  private(set) var use = Use.open
  var isOpen: Bool { use == .open }
  var isClosed: Bool { use == .closed }
  var autoflush = true
  var isNonblocking = false
  /// Goes up with each consumption: whoever has looked further into `input` knows by it whether that still holds.
  var consumptions = 0
  /// What its framing function has said about what `input` holds; nil until it was asked.
  var framingAnswers: FramingAnswers?
  /// Nil where none has come, and for streams.
  var datagram: Datagram?
  /// Something that came was lost: the next reading step says so.
  var wasTruncated = false
  /// What was gathered could not be sent: the next step that sends says so. What has come can still be received.
  var outputFailure: Errno?

  /// The tasks that wait for this channel.
  var reader: Task?
  var writer: Task?
  /// The `send` that is under way, which its task owns.
  var outgoing: Unmanaged<Outgoing>?
  var settings: ChannelSettings?
  var process: ProcessState?
  /// What most channels never need.
  private(set) var extras: ChannelExtras?
  var ownExtras: ChannelExtras {
    if let extras { return extras }
    let fresh = ChannelExtras()
    extras = fresh
    return fresh
  }
  /// A listener has accepted it.
  var isAccepted = false
  /// The number of the channel that `socketpair` made with it; 0: it is none of a pair.
  var pairedWith: Int32 = 0
  /// What its `bind` has made; shared with the channels of the same socket.
  var socketFile: SocketFile?
  let openedAt: Int64

  init(scheduler: Scheduler, kind: Kind, socket: Socket?, transport: Transport, input: Int32, output: Int32) {
    self.scheduler = scheduler
    self.kind = kind
    self.socket = socket
    self.transport = transport
    inputDescriptor = input
    outputDescriptor = output
    number = scheduler.nextChannelNumber()
    openedAt = scheduler.transcript.now
    readiness.emptiesShort = !isShared && socket?.type != .seqpacket && terminal == nil
    readiness.mayStopAtDescriptors = socket?.domain == .unix && socket?.type == .stream
    if kind != .standard {
      scheduler.own(input, self)
      if output != input { scheduler.own(output, self) }
    }
    scheduler.opened(self)
    if kind != .stream { scheduler.transcript.name(self) }
  }

  convenience init(scheduler: Scheduler, kind: Kind, socket: Socket) {
    self.init(
      scheduler: scheduler, kind: kind, socket: socket, transport: .socket(Unmanaged.passUnretained(socket)),
      input: socket.fileDescriptor, output: socket.fileDescriptor)
  }

  /// A channel that nothing can reach any more is closed, as in Perl.
  deinit {
    if !isClosed { release() }
  }

  var label: String {
    if let name { return name }
    switch kind {
    case .listener: return "listener"
    case .process: return "process"
    case .device: return "device"
    case .pipe: return "pipe"
    default: return "conn"
    }
  }

  /// Something comes before a script's first byte, unless that is over.
  var hasHandshake: Bool { tls != nil || extras?.headerReader != nil }

  /// Without closing a descriptor, which is others' too (stdin, stdout, stderr).
  func markClosed() { use = .closed }

  /// Calls what asks a function of the channel's framing or of a fault; no step may act on it until that has returned.
  func whileFraming<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let before = use
    use = .framing
    defer { if use == .framing { use = before } }
    return try body()
  }

  @inline(__always)
  func requireOpen(_ verb: @autoclosure () -> String) throws(Failure) {
    if !isOpen { throw notOpen(verb()) }
  }

  /// For what may be done to a closed channel, too.
  func requireNoFraming(_ verb: String) throws(Failure) {
    if use == .framing { throw notOpen(verb) }
  }

  @inline(never)
  private func notOpen(_ verb: String) -> Failure {
    let failure =
      isClosed
      ? Failure(.closed, "cannot \(verb): \(label) is closed")
      : Failure(.busy, "cannot \(verb): the framing or fault function of \(label) is at work, and only looks")
    failure.channel = self
    return failure
  }

  /// Closes the descriptors at once. What is still gathered is lost; `close` as a step flushes first.
  func release() {
    use = .closed
    if inputDescriptor >= 0, socket?.fileDescriptor != -1 {
      tls?.close()
      extras?.faults?.leave()
    }
    scheduler.forget(self)
    socketFile = nil
    extras?.entering.removeAll()
    extras?.arrived.removeAll()
    input.release(scheduler.pool)
    output = nil
    scheduler.disown(inputDescriptor)
    scheduler.disown(outputDescriptor)
    if let socket {
      socket.close()
    } else if let process {
      process.child.close(.stdin)
      process.child.close(.stdout)
    } else if kind == .device {
      SystemCall.close(max(inputDescriptor, outputDescriptor))
    } else if kind == .pipe {
      if inputDescriptor >= 0 { SystemCall.close(inputDescriptor) }
      if outputDescriptor >= 0, outputDescriptor != inputDescriptor { SystemCall.close(outputDescriptor) }
    }
    inputDescriptor = -1
    outputDescriptor = -1
    scheduler.roomWasFreed()
  }

  /// The poller that knew it is gone, in a copy of the process: whoever waits for it here says so anew.
  func isNotWatched() {
    // What it could not send yet is the first process's to send.
    if readiness.isWatchedForWriting { output = nil }
    readiness.forgetPoller()
    reader = nil
    writer = nil
  }

  /// Whether reads and writes keep message boundaries.
  var isDatagram: Bool { kind == .datagram }

  var eol: [UInt8] {
    if let eol = settings?.eol { return eol }
    if let terminal { return terminal.endOfLine }
    return socket != nil ? [0x0D, 0x0A] : [0x0A]
  }

  /// For changing settings of this channel only: an accepted one shares its listener's until then.
  func ownSettingsCopy() -> ChannelSettings {
    let copy = settings?.copy() ?? ChannelSettings()
    settings = copy
    return copy
  }

  /// For reports.
  var info: ChannelInfo {
    let kindName: String
    switch (kind, socket?.domain, socket?.type) {
    case (.process, _, _): kindName = "process"
    case (.standard, _, _): kindName = "standard"
    case (.device, _, _): kindName = "device"
    case (.pipe, _, _): kindName = "pipe"
    case (_, .unix?, _): kindName = "unix"
    case (_, .packet?, _): kindName = "packet"
    case (_, _, .raw?): kindName = "raw"
    case (_, _, .dgram?): kindName = socket?.hasNoPorts == true ? "icmp" : "udp"
    case (.listener, _, _): kindName = "listener"
    default: kindName = "tcp"
    }
    return ChannelInfo(
      number: number, label: label, kind: kindName, local: socket?.localName?.description,
      peer: kind == .listener ? nil : socket?.peerName?.description)
  }

  /// Whom a `connect` has reached, by name or number: whose certificate `starttls` wants to see.
  var target: String? { extras?.target ?? socket?.peerName?.host }

  /// As failures name it: `conn, tcp 127.0.0.1:41234 to 127.0.0.1:2525`.
  var summary: String {
    var text = label
    guard let socket else {
      if let process { text += ", process \(process.child.pid) (\(process.command))" }
      if let path = terminal?.path { text += ", device \(path)" }
      if let errorsOf { text += ", standard error of process \(errorsOf.child.pid) (\(errorsOf.command))" }
      return text
    }
    let kindName: String
    switch (socket.domain, socket.type) {
    case (.unix, _): kindName = "unix"
    case (.packet, _): kindName = "packet"
    case (_, .raw): kindName = "raw"
    case (_, .dgram): kindName = socket.hasNoPorts ? "icmp" : "udp"
    case (_, .stream): kindName = "tcp"
    default: kindName = "socket"
    }
    text += tls == nil && extras?.acceptor == nil ? ", \(kindName)" : ", tls over \(kindName)"
    // An end without a name, as those of a pair, has nothing to show.
    func shown(_ name: SocketAddress?) -> String? { name.map(\.description).flatMap { $0 == "unix:" ? nil : $0 } }
    if let local = shown(socket.localName) { text += " \(local)" }
    if kind == .listener { return text + ", listening" }
    if let peer = shown(socket.peerName) { text += " to \(peer)" }
    if let source = extras?.proxyHeader?.source { text += " for \(source)" }
    return text
  }
}

final class ChannelExtras {
  /// Of a listener: what is accepted speaks TLS by it.
  var acceptor: TLSContext?
  /// The name by which a `connect` has reached the other side.
  var target: String?
  /// Of datagrams: the addresses of that name that nothing is sent to.
  var otherAddresses: [SocketAddress] = []
  /// Of a listener: a header of the PROXY protocol comes first on each connection.
  var isProxied = false
  /// Of a listener that is: who has connected, and whose header `select` still waits for.
  var entering: [Channel] = []
  /// The header that comes first is still to be read.
  var headerReader: ProxyHeaderReader?
  /// What it has said.
  var proxyHeader: ProxyHeader?
  /// The tasks that wait until a `send` of another one is over, the first of them first.
  var senders: [Task] = []
  /// Channels of descriptors that came with what was received, and are still to be given to the script.
  var arrived: [Channel] = []
  /// Of a listener or a bound socket: the programs that were run as its clients.
  var clients: [ProcessState] = []
  /// The process whose standard error this is.
  weak var errorsOf: ProcessState?
  /// What goes wrong on it.
  var faults: FaultLayer?
  /// Of a terminal: gets all that comes.
  var screen: TerminalScreen?
}

/// What a script has set on a channel; a channel that sets nothing has none of this.
final class ChannelSettings {
  /// Seconds; nil: none.
  var timeout: Double?
  var eol: [UInt8]?
  /// Lines that come have to end as those that are sent.
  var isEndOfLineStrict = false
  var framing: Framing?
  /// Of a listener: what is to go wrong on what it accepts.
  var faults: [FaultSetting]?

  func copy() -> ChannelSettings {
    let copy = ChannelSettings()
    copy.timeout = timeout
    copy.eol = eol
    copy.isEndOfLineStrict = isEndOfLineStrict
    copy.framing = framing
    copy.faults = faults
    return copy
  }
}

/// How long a message is.
enum Framing {
  /// A plain length in front: its format, as `unpack` names it.
  case prefix(String)
  case function(Value)
  /// The message's own end.
  case message(MessageLayout)

  /// It is that of this very message.
  func isOf(_ layout: MessageLayout) -> Bool { if case .message(let own) = self { own === layout } else { false } }
}

