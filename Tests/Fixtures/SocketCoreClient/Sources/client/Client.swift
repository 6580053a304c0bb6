// Each part prints one line.
import SocketCore
import SocketCoreTasks

/// The longest that anything here may take.
var soon: Deadline { Deadline(after: .seconds(20)) }

func serve(_ peer: Socket) throws(SocketError) {
  // Its task may keep the object for longer.
  defer { peer.close() }
  let reader = SocketReader(peer)
  try peer.send("Welcome; type help for command list.\n", within: soon)
  while let line = try reader.readLine(within: soon) {
    if line == "quit" { return }
    try peer.send("\(line)?\n", within: soon)
  }
}

func echo(_ peer: Socket) throws {
  defer { peer.close() }
  while let bytes = try peer.receive(atMost: 4096, within: soon) { try peer.send(bytes, within: soon) }
}

/// A name of the standard library stays what it is.
func elapsed<C: Clock>(_ clock: C, _ body: () throws -> Void) rethrows -> C.Duration {
  let start = clock.now
  try body()
  return start.duration(to: clock.now)
}

@main
enum Client {
  static func main() async throws {
    print("clock:", elapsed(ContinuousClock()) {} >= .zero)
    let listener = try Socket.listening(at: SocketAddress(loopbackPort: 0))
    guard let address = listener.localName else { return }
    try await manual(listener, address)
    try await echoes(listener, address)
    try await tries(listener, address)
    try datagrams()
    try await unixDomain(CommandLine.arguments[1])
    try errors(listener, address)
    try options()
  }

  /// IO::Socket's manual has this server and this client.
  static func manual(_ listener: Socket, _ address: SocketAddress) async throws {
    try await withTaskExecutorPreference(BlockingThreads()) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          let socket = try Socket.connected(to: "localhost:\(address.port ?? 0)", family: .inet, within: soon)
          let reader = SocketReader(socket)
          var lines = [try reader.readLine(within: soon) ?? ""]
          for text in ["date", "who"] {
            try socket.send(text + "\n", within: soon)
            lines.append(try reader.readLine(within: soon) ?? "")
          }
          try socket.send("quit\n", within: soon)
          print("manual:", lines, try reader.readLine(within: soon) as Any)
        }
        let peer = try listener.accept(within: soon)
        group.addTask { try serve(peer) }
        try await group.waitForAll()
      }
    }
  }

  /// An echo server whose accept loop gives each connection to a task.
  static func echoes(_ listener: Socket, _ address: SocketAddress) async throws {
    let answers = try await withTaskExecutorPreference(BlockingThreads()) {
      try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
        let count = 10
        for number in 0..<count {
          // One that is made here and used there.
          let client = try Socket.connected(toFirstOf: [address], within: soon)
          group.addTask {
            try client.send("client \(number)", within: soon)
            try client.shutdown(.write)
            return try SocketReader(client).readAll(within: soon).map { $0 }
          }
        }
        for _ in 0..<count {
          let peer = try listener.accept(within: soon)
          group.addTask {
            try echo(peer)
            return nil
          }
        }
        var answers: [String] = []
        for try await answer in group { if let answer { answers.append(String(decoding: answer, as: UTF8.self)) } }
        return answers.sorted()
      }
    }
    print("echo:", answers.count, answers.first ?? "", answers.last ?? "")
  }

  /// The calls that do not wait give sockets away, too.
  static func tries(_ listener: Socket, _ address: SocketAddress) async throws {
    let early = try Socket.connected(toFirstOf: [address], within: soon)
    try listener.wait(reading: true, writing: false, within: soon)
    switch listener.tryAccept() {
    case .connection(let peer): await Task.detached { print("tryAccept:", peer.isConnected) }.value
    default: print("tryAccept: none")
    }
    early.close()
  }

  /// A datagram, answered to its sender.
  static func datagrams() throws {
    let server = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    let client = try Socket.connected(toFirstOf: [SocketAddress(loopbackPort: server.localName?.port ?? 0)], type: .dgram)
    try client.send("ping")
    if let (bytes, sender, _) = try server.receiveFrom(atMost: 1500, within: soon) {
      try server.send(String(decoding: bytes, as: UTF8.self).uppercased(), to: sender)
    }
    print("udp:", String(decoding: try client.receive(atMost: 1500, within: soon) ?? [], as: UTF8.self))
  }

  /// A Unix-domain socket by its path.
  static func unixDomain(_ path: String) async throws {
    let unix = try SocketAddress.unix(path: path)
    let local = try Socket.listening(at: unix)
    let visitor = try Socket.connected(toFirstOf: [unix], within: soon)
    let host = try local.accept(within: soon)
    await Task.detached {
      do {
        try visitor.send("hello\n")
        print("unix:", try SocketReader(host).readLine(within: soon) ?? "")
      } catch {
        print("unix: \(error)")
      }
    }.value
  }

  /// A time-out, and one type for all errors.
  static func errors(_ listener: Socket, _ address: SocketAddress) throws {
    do {
      _ = try listener.accept(within: Deadline(after: .milliseconds(20)))
    } catch .timeout {
      print("accept:", SocketError.timeout)
    }
    listener.close()
    do {
      _ = try Socket.connected(to: "127.0.0.1:\(address.port ?? 0)", within: soon)
    } catch {
      print("connect:", error)
    }
    do {
      _ = try Socket.connected(to: "no-such-host.invalid:80", within: soon)
    } catch .resolution(let reason) {
      print("resolve:", !reason.message.isEmpty)
    }
    do {
      _ = try Socket.connected(to: "127.0.0.1:\(address.port ?? 0)", within: soon)
      _ = try Socket(domain: .inet)
    } catch let error as SocketError {
      print("one error:", error.errno == .connectionRefused)
    }
  }

  /// Options by constant and by name.
  static func options() throws {
    let client = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    try client.setOption(.receiveBuffer, to: 65536)
    print("option:", try client.option(named: "SO_RCVBUF") == 131072)
  }
}
