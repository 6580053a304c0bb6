// What kind of channel a name stands for, and which verbs and properties that kind has.

package struct ChannelNature: Equatable, Sendable {
  package enum Kind: Sendable {
    /// A connected socket, in its bytes or in packets of its own.
    case stream
    case datagram, listener, process
    /// stdin, stdout, stderr; a pipe.
    case standard, pipe
    /// A terminal, a serial line.
    case device
    /// Made by `socket`, and not connected yet.
    case bare
  }

  package var kind: Kind
  /// A Unix-domain socket.
  package var isLocal: Bool
  /// A program that runs on a terminal.
  package var hasTerminal: Bool

  package init(_ kind: Kind, isLocal: Bool = false, hasTerminal: Bool = false) {
    self.kind = kind
    self.isLocal = isLocal
    self.hasTerminal = hasTerminal
  }

  private func isOneOf(_ kinds: Kind...) -> Bool { kinds.contains(kind) }
  private var isSocket: Bool { isOneOf(.stream, .datagram, .listener, .bare) }

  func takes(_ verb: Verb) -> Bool {
    switch verb {
    case .accept: kind == .listener
    case .listen: kind == .bare
    case .bind, .connect: isOneOf(.bare, .datagram)
    case .multicast: isOneOf(.bare, .datagram)
    case .starttls: kind == .stream
    case .signal, .wait, .stop: kind == .process
    case .resize: hasTerminal || kind == .device
    case .shutdown: isOneOf(.stream, .process)
    case .reset: kind == .stream
    case .send: !isOneOf(.listener, .pipe)
    case .recv, .expect, .framing, .autoflush, .eol, .interact: kind != .listener
    case .sockopt: isSocket
    default: true
    }
  }

  /// `serve` stands behind its dot.
  var serves: Bool { kind == .listener }

  func has(_ property: ChannelProperty) -> Bool {
    switch property {
    case .peerhost, .peerport, .peername, .peerpath, .connected: isOneOf(.stream, .datagram, .bare)
    case .sockhost, .sockport, .sockname, .hostpath, .sockdomain, .socktype, .protocol: isSocket
    case .atmark, .proxied: kind == .stream
    case .tls: isOneOf(.stream, .listener)
    case .arrival: kind == .datagram
    case .peercred, .fds: isLocal && isOneOf(.stream, .datagram)
    case .stderr, .termsig, .coredump, .usage: kind == .process
    case .echo, .columns, .rows, .screen, .cursor: hasTerminal || kind == .device
    case .fileno, .opened: true
    }
  }
}
