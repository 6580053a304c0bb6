// Listens in place of a server, passes on what comes, and keeps a record of it.

import Glibc
import SockLanguage
import SocketCore

/// What is to be recorded, and from where to where.
package struct RecordingRequest {
  /// Where to listen: an address of the language, as `127.0.0.1:7000`, `tls:0` or `udp:5353`.
  package var listen = ""
  /// The server: `127.0.0.1:6379`, `tls:mail.example:993`.
  package var target = ""
  /// How many sessions make the recording.
  package var sessions = 1
  /// Starts the client of a session, with `{address}`, `{host}`, `{port}` and `{ca}` in it; nil: somebody else does.
  package var command: String?
  /// Options of `connect tls:` and `starttls` towards the server, as ` ca "ca.pem"`.
  package var options = ""

  package init() {}

  package var isDatagram: Bool { target.hasPrefix("udp:") }
}

package struct RecordingResult {
  /// What was recorded, each session by itself; also when it was interrupted.
  package var recordings: [Recording] = []
  /// Where it listened in the end: `127.0.0.1:7000`.
  package var address = ""
  /// Why it ended before its time, in words.
  package var problem: String?
  /// No connection to the server was made, which has been told.
  package var isUnreached = false
  /// By a signal, which ends the command as usual.
  package var signal: Int32?
}

package enum RecordingRun {
  /// Records until its sessions are over, or a signal comes.
  package static func run(_ request: RecordingRequest) -> RecordingResult {
    var result = RecordingResult()
    let source = SourceFile(name: "<record>", text: script(request))
    let loaded = Loader.load(source) { _, _ in .failure(ReadFailure(message: "it imports nothing")) }
    guard !loaded.hasErrors else {
      result.problem = loaded.diagnostics.first.map(\.message) ?? "the addresses cannot be used"
      return result
    }
    let journal = Journal()
    let interpreter: Interpreter
    let program: Program
    do {
      program = try Compiler.compile(loaded.main)
      interpreter = try Script.makeInterpreter(options(request))
    } catch {
      result.problem = "cannot start: \(error)"
      return result
    }
    interpreter.recorder = journal
    interpreter.relayObserver = journal
    switch interpreter.run(program) {
    case .finished, .exited(0): break
    case .exited(let code): result.problem = "the relay ended with status \(code)"
    case .interrupted(let signal): result.signal = signal
    case .outOfTime: result.problem = "the time is over"
    case .failed(let failure): result.problem = failure.message
    }
    result.recordings = journal.recordings(of: request)
    result.address = journal.address
    result.isUnreached = journal.missed != nil && result.recordings.isEmpty
    return result
  }

  private static func options(_ request: RecordingRequest) -> RunOptions {
    var options = RunOptions()
    options.settings = [
      ("address", Array(request.listen.utf8)), ("target", Array(request.target.utf8)),
      ("command", Array((request.command ?? "").utf8)), ("sessions", Array("\(request.sessions)".utf8)),
    ]
    options.mayFork = true
    options.endsOrphans = true
    options.tellsOfInterrupt = false
    return options
  }

  /// The relay, as a script. What it writes to `journal` is the record.
  private static func script(_ request: RecordingRequest) -> String {
    let isTLS = request.target.hasPrefix("tls:")
    let relay = request.isDatagram
      ? datagrams : streams(request.options, connectOptions: isTLS ? request.options : "")
    return common + relay + sessions(request)
  }

  private static let common = """
    param address
    param target
    param command
    param sessions
    open "/dev/null" write as journal
    let state = {open: 0, made: 0, changed: 0, reached: 0, missed: 0}

    def record(kind, number, data)
      journal.send pack("u8 u32", kind, number) + data
      state.changed += 1
    end

    """

  /// - Parameter options: of TLS, for the connection or for an upgrade.
  private static func streams(_ options: String, connectOptions: String) -> String {
    """
    listen (address) as front

    spawn
      front.serve
        let left = conn
        state.open += 1
        defer state.open -= 1
        state.made += 1
        let number = state.made
        try
          connect (target)\(connectOptions) as right
        catch e
          state.missed += 1
          record(11, number, e.message)
          left.reset
          return
        end
        state.reached += 1
        record(0, number, "${left.peerport} ${right.sockport} ${left.sockport} ${right.peerport}")
        loop
          try
            relay left right as result
            # Neither side has ended: it has asked for TLS, and is to get it.
            if result.ends != [nil, nil]
              break
            end
            right.starttls client\(options)
            left.starttls server
          catch e
            record(9, number, e.message)
            try right.reset
            try left.reset
            break
          end
        end
      end
    end

    """
  }

  private static let datagrams = """
    bind (address) as front
    let peers = {}

    spawn
      loop
        front.recv as data
        let peer = front.peername
        let key = str(peer)
        if key not in peers
          state.made += 1
          let number = state.made
          connect (target) as right
          peers[key] = [right, number]
          record(0, number, "${peer.port} ${right.sockport} ${front.sockport} ${right.peerport}")
          spawn
            loop
              try
                right.recv as answer
                record(2, number, answer)
                front.send answer to (peer)
              catch e
                record(9, number, e.message)
                break
              end
            end
          end
        end
        let [back, own_number] = peers[key]
        record(1, own_number, data)
        back.send data
      end
    end

    """

  private static func sessions(_ request: RecordingRequest) -> String {
    let quiet = request.isDatagram ? "1s" : "500ms"
    let ca = request.listen.hasPrefix("tls:") ? "front.tls.ca" : "\"\""
    return """
      record(10, 0, "${front.sockhost}:${front.sockport}")
      let ca = \(ca)
      let shown_ca = if ca == "" then "" else ", by TLS; its certificates are trusted with ${ca}"
      print "listening on ${front.sockhost}:${front.sockport}, for ${target}${shown_ca}"
      for _session in 1..int(sessions)
        if command != ""
          let trusted = {SSL_CERT_FILE: if ca == "" then env("SSL_CERT_FILE") else ca}
          run ["sh", "-c", command] to front stdin nil stderr inherit env trusted as program
          while program.recv as text
            stdout.send text
          end
          let status = program.wait
          if state.missed > 0 and state.reached == 0
            break
          end
          if status != 0
            print "the client has ended with status ${status}"
          end
          let before = -1
          while state.open > 0 or before != state.changed
            before = state.changed
            sleep 100ms
          end
        else
          let made = state.made
          let seen = state.changed
          while state.changed == seen
            sleep 50ms
          end
          if state.missed > 0 and state.reached == 0
            break
          end
          let before = -1
          while state.open > 0 or before != state.changed
            before = state.changed
            sleep \(quiet)
          end
        end
        record(8, 0, "")
        if command == "" and int(sessions) > 1
          print "session ${_session} of ${sessions} is recorded"
        end
      end
      exit
      """
  }
}

/// Reads what the recorder's script writes to its journal, and what its relays pass on.
private final class Journal: StepObserver, RelayObserver {
  private(set) var address = ""
  /// Why the server could not be connected to, in words.
  private(set) var missed: String?
  private var sessions: [[Int: RecordedConnection]] = [[:]]
  private var kept = 0
  /// Those of this session that no relay has begun for yet.
  private var waiting: [Int] = []
  /// The connection of each that it has begun for, by the number of the client's channel.
  private var byChannel: [Int: Int] = [:]
  /// Of each relay its connection.
  private var connections: [Int: Int] = [:]
  /// A client has asked for TLS on these, and was not answered yet.
  private var asking: Set<Int> = []
  /// More is passed on and not recorded, in bytes.
  private static let capacity = 64 << 20

  func opened(_ channel: Channel, _ site: StepSite, _ task: Task) {}
  func received(_ value: Value, _ bytes: UnsafeRawBufferPointer, _ channel: Channel, _ site: StepSite, _ task: Task) {}

  func sent(_ data: UnsafeRawBufferPointer, _ channel: Channel, _ site: StepSite, _ task: Task) {
    guard channel.name == "journal", data.count >= 5 else { return }
    let kind = data[0]
    let number = data[1..<5].reduce(0) { $0 << 8 | Int($1) }
    let bytes = Array(data[5...])
    switch kind {
    case 0:
      let now = Int64(TimeFunctions.wallTime * 1e9)
      let ports = String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
      var connection = RecordedConnection(serverAddress: "", isDatagram: false, openedAt: now)
      if ports.count == 4 {
        connection.clientPorts = Array(ports[..<2])
        connection.serverPorts = Array(ports[2...])
      }
      sessions[sessions.count - 1][number] = connection
      waiting.append(number)
    case 1, 2: add(number, kind == 1 ? .client : .server, .data, bytes)
    case 8:
      sessions.append([:])
      waiting.removeAll()
      byChannel.removeAll()
    case 9:
      let text = String(decoding: bytes, as: UTF8.self)
      OutputWriter.writeError("sock: connection \(number): \(text)\n")
      sessions[sessions.count - 1][number]?.notes.append(text)
    case 10: address = String(decoding: bytes, as: UTF8.self)
    case 11:
      // A client tries again and again.
      let text = String(decoding: bytes, as: UTF8.self)
      if missed != text { OutputWriter.writeError("sock: \(text)\n") }
      missed = text
    default: break
    }
  }

  // MARK: - Relays

  func relayBegan(_ relay: Int, _ first: ChannelInfo, _ second: ChannelInfo, at time: Int64) {
    // One that goes on has got TLS meanwhile.
    if let number = byChannel[first.number] {
      connections[relay] = number
      return add(number, .client, .secured, [])
    }
    func port(_ address: String?) -> Int? { address?.split(separator: ":").last.flatMap { Int($0) } }
    let ports = [port(first.peer), port(second.local)].compactMap { $0 }
    // Those of Unix sockets have no ports.
    let own = waiting.last { sessions[sessions.count - 1][$0]?.clientPorts == ports }
    guard let number = own ?? waiting.last else { return }
    waiting.removeAll { $0 == number }
    connections[relay] = number
    byChannel[first.number] = number
  }

  func relayMoved(_ relay: Int, _ bytes: UnsafeRawBufferPointer, from side: RelaySide, at time: Int64) -> Bool {
    guard let number = connections[relay] else { return true }
    let data = Array(bytes)
    add(number, RecordedSide(side), .data, data)
    if side == .first {
      if UpgradeRequest.asks(data) { asking.insert(number) }
      return true
    }
    return asking.remove(number) == nil || !UpgradeRequest.isGranted(data)
  }

  func relaySideEnded(_ relay: Int, _ side: RelaySide, how: String, at time: Int64) {
    guard let number = connections[relay] else { return }
    let own = RecordedSide(side)
    // Behind its end a reset says only that it was closed.
    let events = sessions[sessions.count - 1][number]?.events ?? []
    guard !events.contains(where: { $0.side == own && $0.kind == .end }) else { return }
    switch how {
    case "eof", FailureCode.truncated.text: add(number, own, .end, [])
    case FailureCode.reset.text: add(number, own, .reset, [])
    default: break
    }
  }

  func relayEnded(_ relay: Int, at time: Int64) { connections[relay] = nil }

  private func add(_ number: Int, _ side: RecordedSide, _ kind: RecordedConnection.Kind, _ bytes: [UInt8]) {
    let at = Int64(TimeFunctions.wallTime * 1e9)
    let session = sessions.count - 1
    guard sessions[session][number] != nil else { return }
    kept += bytes.count
    if kept > Self.capacity {
      if kept - bytes.count <= Self.capacity {
        OutputWriter.writeError(
          "sock: \(Self.capacity >> 20) MiB are recorded; what else goes by is passed on, and not recorded\n")
      }
      let note = "more went by than was recorded"
      if sessions[session][number]?.notes.last != note { sessions[session][number]?.notes.append(note) }
      return
    }
    // In place: a copy of what came before for each piece would take long.
    sessions[session][number]?.events.append(RecordedConnection.Event(side: side, kind: kind, bytes: bytes, at: at))
  }

  func recordings(of request: RecordingRequest) -> [Recording] {
    let parts = request.target.split(separator: ":", maxSplits: 1).map(String.init)
    let transport = parts.count == 2 && ["tls", "udp", "unix"].contains(parts[0]) ? parts[0] : nil
    var address = transport == nil ? request.target : parts[1]
    if !address.contains(":"), Int(address) != nil { address = "127.0.0.1:\(address)" }
    return sessions.filter { !$0.isEmpty }.map { session in
      Recording(
        session.sorted { $0.key < $1.key }.map { _, connection in
          var connection = connection
          connection.serverAddress = address
          connection.isDatagram = request.isDatagram
          connection.transport = request.isDatagram ? nil : transport
          return connection
        })
    }
  }
}

extension RecordedSide {
  fileprivate init(_ side: RelaySide) { self = side == .first ? .client : .server }
}

/// How a client asks for TLS in the middle of a conversation, and how it is granted.
enum UpgradeRequest {
  /// PostgreSQL's SSLRequest.
  private static let postgres: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]
  private static let requests: [[String]] = [["STARTTLS"], ["STLS"], ["AUTH", "TLS"], ["AUTH", "SSL"]]

  /// The last line does: of SMTP (RFC 3207), POP3 (RFC 2595), FTP (RFC 4217), and with a tag before it IMAP (RFC 9051).
  static func asks(_ bytes: [UInt8]) -> Bool {
    if bytes == postgres { return true }
    // No such line is longer.
    guard bytes.last == 0x0A, let line = lines(bytes.suffix(100)).last else { return false }
    let words = line.split(separator: " ").map { $0.uppercased() }
    return requests.contains { words == $0 || Array(words.dropFirst()) == $0 }
  }

  static func isGranted(_ bytes: [UInt8]) -> Bool {
    if bytes == [UInt8(ascii: "S")] { return true }
    return lines(bytes[...]).contains { line in
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map { $0.uppercased() }
      return ["220", "234", "+OK"].contains { line.uppercased().hasPrefix($0) }
        || words.count > 1 && words[1] == "OK" && !words[0].contains("*")
    }
  }

  private static func lines(_ bytes: ArraySlice<UInt8>) -> [String] {
    bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).map { String(decoding: $0, as: UTF8.self) }
  }
}
