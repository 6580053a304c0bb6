// A recording as a script that plays one side of it and expects what the other side said.

import SockLanguage

/// What a script is made of, and how it should look.
package struct RecordedScriptRequest {
  /// Sessions of the same client with the same server; the last one is repeated, and the others say what varies.
  package var recordings: [Recording] = []
  package var role = RecordedSide.client
  /// For the comment at its top: `a capture, x.pcapng`.
  package var source = ""
  /// For the test's name: `2026-11-29 19:10`.
  package var date = ""
  /// Where a server listens for its client, unless it is told otherwise.
  package var address = ""
  /// What starts the client, with `{address}`, `{host}` and `{port}` in it; nil when nobody knows.
  package var command: String?
  /// A program was the client, and not a person: where it was silent it meant it.
  package var keepsSilence = false
  /// Options of `connect tls:` and `starttls`, as ` ca "ca.pem"`.
  package var options = ""
  package var secrets = Secrets()
  /// What a secret's `param` is by itself, by its name: `env("PW")`.
  package var secretSources: [String: String] = [:]
  /// Where the address is told at which a server listens: the path of a pipe.
  package var tellsAddress: String?
  /// False ends the work: there is no script then.
  package var mayGoOn: () -> Bool = { true }

  package init() {}
}

package enum RecordedScript {
  /// The script's text; nil when there is nothing that could be repeated.
  package static func text(_ request: RecordedScriptRequest, path: String) -> [UInt8]? {
    let all = request.recordings.flatMap(\.connections)
    // One script speaks to one server, by streams or by datagrams.
    let isDatagram = all.first { $0.hasData }?.isDatagram
    let candidates = request.recordings.map { recording in
      Recording(recording.connections.filter { $0.hasData && !$0.isEncrypted && $0.isDatagram == isDatagram })
    }
    guard let base = candidates.last(where: { !$0.connections.isEmpty }) else { return nil }
    let others = candidates.dropLast().filter { comparable($0, base) }.map(\.connections)
    var turns = RecordedTurns.all(of: base.connections, role: request.role)
    RecordedTurns.compare(&turns, with: others.map { RecordedTurns.all(of: $0, role: request.role) })
    var meanings = RecordedMeanings(base.connections, others: others, role: request.role)
    meanings.find(in: &turns, while: request.mayGoOn)
    guard request.mayGoOn() else { return nil }
    // Once to see which names are used, and once with those.
    var draft = RecordedWriter(request, base.connections, turns)
    _ = draft.write()
    for turn in turns {
      for unit in turn.units {
        for case .varying(let value) in unit.parts {
          value.isNeeded = value.isUsed
          value.expression = ""
        }
      }
    }
    guard request.mayGoOn() else { return nil }
    var writer = RecordedWriter(request, base.connections, turns)
    let text = writer.write()
    let names = Set(request.secrets.all.map(\.name))
    let hidden = SavedSecrets(request.secrets, names: names, isRecorded: true).replaced(in: text, named: path)
    let parsed = Parser.parse(SourceFile(name: path, text: hidden))
    return parsed.diagnostics.isEmpty ? Formatter.format(parsed) : Array(hidden.utf8)
  }

  /// Shorter ones stand in what was said by chance, in bytes.
  private static let shortestSecret = 4

  /// Why secrets cannot stand in a script by these names, in words.
  package static func problem(with secrets: [(name: String, value: [UInt8])]) -> String? {
    var names: Set<String> = []
    for (name, value) in secrets {
      let parsed = Parser.parse(SourceFile(name: name, text: "param secret \(name) = nil\nsend \"${\(name)}\"\n"))
      let isChannel = name.first == "c" && !name.dropFirst().isEmpty && name.dropFirst().allSatisfy(\.isNumber)
      if !parsed.diagnostics.isEmpty || isChannel || RecordedWriter.ownNames.contains(name) {
        return "\(name)=…: no secret of a script can have that name"
      }
      if !names.insert(name).inserted { return "\(name)=…: two have that name" }
      if value.count < shortestSecret {
        let size = "\(value.count) byte\(value.count == 1 ? "" : "s")"
        return "\(name)=…: its value has \(size), and a recording has so few by chance"
      }
    }
    return nil
  }

  /// How many sessions are not compared, because their client did something else than in the last one.
  package static func others(in request: RecordedScriptRequest) -> Int {
    let candidates = request.recordings.map { Recording($0.connections.filter { $0.hasData && !$0.isEncrypted }) }
    guard let base = candidates.last(where: { !$0.connections.isEmpty }) else { return 0 }
    return candidates.count { !comparable($0, base) }
  }

  /// As many connections of the same kinds.
  private static func comparable(_ one: Recording, _ other: Recording) -> Bool {
    one.connections.count == other.connections.count
      && zip(one.connections, other.connections).allSatisfy {
        $0.isDatagram == $1.isDatagram && $0.transport == $1.transport
      }
  }
}

struct RecordedWriter {
  private let request: RecordedScriptRequest
  private let connections: [RecordedConnection]
  private let turns: [RecordedTurn]
  private let role: RecordedSide
  private var lines: [String] = []
  /// What it calls what it needs itself.
  static let ownNames: Set<String> = [
    "target", "address", "client", "program", "server", "command", "words", "told", "conn", "listener", "error",
  ]
  private var taken = RecordedWriter.ownNames.union(["body"])
  /// Connections that the script has closed.
  private var closed: Set<Int> = []
  var pending: PendingLength?

  init(_ request: RecordedScriptRequest, _ connections: [RecordedConnection], _ turns: [RecordedTurn]) {
    self.request = request
    self.connections = connections
    self.turns = turns
    role = request.role
    taken.formUnion(request.secrets.all.map(\.name))
  }

  mutating func write() -> String {
    for (number, turn) in turns.enumerated() { write(turn, number) }
    var text = head
    let seconds = Double((turns.last?.lastAt ?? 0) - (turns.first?.at ?? 0)) / 1e9
    let whole = seconds * 3 + (role == .server ? Self.waitForClient : 0)
    let limit = whole > Self.longTest ? " timeout \(Int(whole.rounded(.up)))s" : ""
    text += "test \(SourceText.quoted(Array("recorded on \(request.date)".utf8)))\(limit)\n"
    for connection in connections { for note in connection.notes.prefix(3) { text += "  # \(note)\n" } }
    text += (opening + lines + ending).map { "  \($0)\n" }.joined()
    return text + "end\n"
  }

  /// So much time has a test that asks for none, in seconds.
  private static let longTest = 30.0
  /// And so much a client to come, which somebody may have to start by hand.
  private static let waitForClient = 60.0

  // MARK: - Around the conversation

  private var head: String {
    var text = "# Recorded by `sock record`\(request.source.isEmpty ? "" : " from \(request.source)"), "
    text += role == .client ? "to play the client.\n" : "to play the server.\n"
    for secret in request.secrets.all {
      let source = request.secretSources[secret.name] ?? "env(\"\(secret.name.uppercased())\")"
      text += "param secret \(secret.name) = \(source)\n"
    }
    if role == .client {
      return text + "param target = \(quoted(targetAddress))\n\n"
    }
    text += "param address = \(quoted(request.address))\n"
    text += "# What starts the client, in which {address}, {host} and {port} stand for where this listens"
    text += connections.indices.contains(where: isSecured) ? ", and {ca} for whom to trust.\n" : ".\n"
    return text + "param client = \(quoted(request.command ?? ""))\n\n"
  }

  private var targetAddress: String {
    guard let first = connections.first else { return "" }
    let transport = first.isDatagram ? "udp" : first.transport
    return (transport.map { "\($0):" } ?? "") + first.serverAddress
  }

  /// A server listens, and starts its client if it knows how.
  private var opening: [String] {
    guard role == .server else { return [] }
    let isDatagram = connections.contains(where: \.isDatagram)
    return [
      isDatagram ? "bind (address) as server" : "listen (address) as server",
    ] + (request.tellsAddress.map { path in
      [
        "open \(quoted(path)) write as told", "told.send line \"${server.sockhost}:${server.sockport}\"", "told.close",
      ]
    } ?? []) + [
      "let program = nil",
      "if client != \"\"",
      "  program = run [\"sh\", \"-c\", client] to server",
      "end",
    ]
  }

  private var ending: [String] {
    guard role == .server else { return [] }
    return ["if program", "  program.expect exit 0", "end"]
  }

  // MARK: - Turns

  private func name(_ connection: Int) -> String? {
    if connections[connection].isDatagram, role == .server { return "server" }
    return connections.count > 1 ? "c\(connection + 1)" : nil
  }

  private func dot(_ connection: Int) -> String { name(connection).map { "\($0)." } ?? "" }

  private mutating func write(_ turn: RecordedTurn, _ number: Int) {
    let receiver = dot(turn.connection)
    let isOwn = turn.side == role
    let connection = connections[turn.connection]
    guard !closed.contains(turn.connection) else { return }
    switch turn.kind {
    case .opened: open(turn)
    case .data where isOwn:
      if turn.pause >= Self.silence, number > 0 { beSilent(turn, receiver) }
      send(turn, receiver)
    case .data: expect(turn, number)
    case .secured: lines.append("\(receiver)starttls \(role.rawValue)\(role == .client ? request.options : "")")
    case .end where connection.isDatagram: break
    case .end where isOwn:
      let goesOn = turns[(number + 1)...].contains { $0.connection == turn.connection }
      lines.append(goesOn ? "\(receiver)shutdown write" : "\(receiver)close")
      if !goesOn { closed.insert(turn.connection) }
    case .end: lines.append("\(receiver)expect \(isSecured(turn.connection) ? "closed" : "eof")\(deadline(turn))")
    case .reset:
      // Behind one's own end, and in TLS, it is a matter of chance whether the other end closes or resets.
      let hasEnded = turns[..<number].contains {
        $0.connection == turn.connection && $0.side == role && $0.kind == .end
      }
      let how = hasEnded || isSecured(turn.connection) ? "closed" : "reset"
      lines.append(isOwn ? "\(receiver)reset" : "\(receiver)expect \(how)\(deadline(turn))")
      closed.insert(turn.connection)
    }
  }

  /// Many programs end TLS without saying so.
  private func isSecured(_ connection: Int) -> Bool {
    connections[connection].transport == "tls" || connections[connection].events.contains { $0.kind == .secured }
  }

  private func opening(of turn: RecordedTurn) -> String {
    let suffix = connections.count > 1 ? " as c\(turn.connection + 1)" : ""
    if role == .client {
      let isTLS = connections[turn.connection].transport == "tls"
      return "connect target\(isTLS ? request.options : "")\(suffix)"
    }
    return "server.accept within \(Int(Self.waitForClient))s\(suffix)"
  }

  private mutating func open(_ turn: RecordedTurn) {
    if role == .server, connections[turn.connection].isDatagram { return }
    lines.append(opening(of: turn))
  }

  /// Shorter ones say nothing, in seconds.
  private static let silence = 1.0
  /// A script does not wait for longer to see that nothing comes, in seconds.
  private static let longestSilence = 3.0

  private mutating func beSilent(_ turn: RecordedTurn, _ receiver: String) {
    if request.keepsSilence {
      lines.append("\(receiver)expect silence \(Int(min(Self.longestSilence, turn.pause / 2) * 1000))ms")
    } else {
      lines.append("# \(Int(turn.pause.rounded())) s of silence")
    }
  }

  /// What was slow may be so again.
  private func deadline(_ turn: RecordedTurn) -> String {
    turn.pause > 1.5 ? " within \(Int((turn.pause * 3).rounded(.up)))s" : ""
  }

  // MARK: - What is sent

  /// So many lines are sent as one value: more would nest deeply.
  private static let mostTerms = 24

  private mutating func send(_ turn: RecordedTurn, _ receiver: String) {
    if turn.units.count == 1, let unit = turn.units.first, unit.isText, unit.bytes.suffix(2) == [0x0D, 0x0A],
      !connections[turn.connection].isDatagram, case .literal(let last)? = unit.parts.last, last.count >= 2
    {
      let parts = unit.parts.dropLast() + [.literal(Array(last.dropLast(2)))]
      lines.append("\(receiver)send line \(text(of: Array(parts), turn.connection))")
      return
    }
    if turn.units.contains(where: { $0.name != nil }) {
      for unit in turn.units {
        if let name = unit.name { lines.append("# \(name)") }
        for terms in binaryTerms(unit.parts, turn.connection).chunks(of: Self.mostTerms) {
          lines.append("\(receiver)send " + terms.joined(separator: " +\n      "))
        }
      }
      return
    }
    let terms = turn.units.flatMap { unit in
      unit.isText ? [text(of: unit.parts, turn.connection)] : binaryTerms(unit.parts, turn.connection)
    }
    var at = 0
    while at < terms.count {
      let end = min(terms.count, at + Self.mostTerms)
      lines.append("\(receiver)send " + terms[at..<end].joined(separator: " +\n      "))
      at = end
    }
  }

  /// Own text as a string with what it repeats in holes.
  func text(of parts: [RecordedPart], _ connection: Int) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let bytes): text += SourceText.inner(bytes)
      case .varying(let value):
        text += expression(value, connection).map { "${\($0)}" } ?? SourceText.inner(value.base)
      }
    }
    return "\"\(text)\""
  }

  /// Bytes as values to be joined, each secret by its name: nobody would find it in hex that is cut into lines.
  func terms(_ bytes: [UInt8]) -> [String] {
    for secret in request.secrets.all {
      guard let at = secret.offset(in: bytes) else { continue }
      let behind = Array(bytes[(at + secret.bytes.count)...])
      return terms(Array(bytes[..<at])) + ["\"${\(secret.name)}\""] + terms(behind)
    }
    return SourceText.terms(bytes)
  }

  func binaryTerms(_ parts: [RecordedPart], _ connection: Int) -> [String] {
    var terms: [String] = []
    var literal: [UInt8] = []
    func flush() {
      if !literal.isEmpty { terms += self.terms(literal) }
      literal = []
    }
    for part in parts {
      switch part {
      case .literal(let bytes): literal += bytes
      case .varying(let value):
        if let expression = expression(value, connection) {
          flush()
          terms.append(expression)
        } else {
          literal += value.base
        }
      }
    }
    flush()
    return terms
  }

  /// What the script says for it; nil when it is a literal, or nothing is known.
  func expression(_ value: RecordedValue, _ connection: Int) -> String? {
    let channel = name(connection) ?? "conn"
    switch value.meaning {
    case .pattern, .literal: return nil
    case .ownPort: return "\(channel).sockport"
    case .peerPort: return "\(channel).peerport"
    case .same(let other):
      guard !other.expression.isEmpty else { return nil }
      other.isUsed = true
      return other.expression
    case .offset(let other, let by):
      guard !other.expression.isEmpty else { return nil }
      other.isUsed = true
      let sum = by < 0 ? "- \(-by)" : "+ \(by)"
      if value.isText { return "int(\(other.expression)) \(sum)" }
      let format = value.base.count == 1 ? "u8" : value.base.count == 2 ? "u16" : value.base.count == 4 ? "u32" : nil
      return format.map { "pack(\"\($0)\", unpack(\"\($0)\", \(other.expression))[0] \(sum))" }
    }
  }

  // MARK: - What is expected

  private mutating func expect(_ turn: RecordedTurn, _ number: Int) {
    var limit = deadline(turn)
    var at = 0
    if turn.hasAnyOrder, turn.units.allSatisfy({ $0.isSteady && !$0.parts.contains(where: \.isVarying) }) {
      return expectAnyOrder(turn.units, turn.connection, limit)
    }
    if let count = countOfPlain(turn) {
      return expectDigest(turn.units[..<count].flatMap(\.bytes), turn.connection, limit)
    }
    while at < turn.units.count {
      let unit = turn.units[at]
      let isLast = at == turn.units.count - 1
      if connections[turn.connection].isDatagram {
        expectDatagram(unit, turn.connection, limit)
      } else if !unit.isSteady, let end = regionEnd(turn.units, from: at) {
        let name = expectLines(turn.units[at...end], turn.connection, limit, isCounted: isCounted(at))
        count(name, 0)
        at = end
      } else if unit.isText {
        let endsHere = turns[(number + 1)...].first { $0.connection == turn.connection && $0.side == turn.side }
        let name = expectText(
          unit, turn.connection, limit, isOpen: isLast, isEnd: isLast && endsHere?.kind == .end,
          isCounted: isCounted(at))
        if isCounted(at) { count(name, unit.bytes.count) }
      } else {
        if let name = unit.name { append("# \(name)") }
        expectBinary(unit, turn.connection, limit)
      }
      limit = ""
      finishLength(at)
      if let length = unit.length, !length.value.expression.isEmpty { pending = PendingLength(length: length) }
      at += 1
    }
  }

  /// So many lines of which none varies are compared by their digest.
  private static let longestText = 300

  private func countOfPlain(_ turn: RecordedTurn) -> Int? {
    guard turn.units.count > Self.longestText, !connections[turn.connection].isDatagram else { return nil }
    let isPlain = turn.units.allSatisfy { $0.isSteady && !$0.parts.contains(where: \.isVarying) }
    return isPlain ? turn.units.count : nil
  }

  /// What counts the bytes of units, while those are written; said in the script behind them.
  struct PendingLength {
    let length: RecordedLength
    var constant = 0
    var names: [String] = []
  }

  private func isCounted(_ at: Int) -> Bool { pending?.length.units.contains(at) ?? false }

  private mutating func count(_ name: String?, _ constant: Int) {
    if let name { pending?.names.append(name) } else { pending?.constant += constant }
  }

  private mutating func finishLength(_ at: Int) {
    guard let done = pending, at >= done.length.units.upperBound else { return }
    pending = nil
    done.length.value.isUsed = true
    let constant = done.constant - done.length.lineEnd
    let names = done.names.map { "len(\($0))" }.joined(separator: " + ")
    let sum = names.isEmpty ? "\(constant)"
      : constant == 0 ? names : constant < 0 ? "\(names) - \(-constant)" : "\(constant) + \(names)"
    append("assert int(\(done.length.value.expression)) == \(sum)")
  }

  mutating func append(_ line: String) { lines.append(line) }

  mutating func freshName(_ wish: String) -> String {
    var name = Keyword(rawValue: wish) == nil && Verb(rawValue: wish) == nil ? wish : "\(wish)1"
    var number = 2
    while taken.contains(name) {
      name = "\(wish)\(number)"
      number += 1
    }
    taken.insert(name)
    return name
  }

  func receiver(_ connection: Int) -> String { dot(connection) }
  private func quoted(_ text: String) -> String { SourceText.quoted(Array(text.utf8)) }
}
