// Which connection the statements of a session speak to, what becomes of those before, and what waits on them.

import SockLanguage
import SocketCore

extension Session {
  /// What a command names: a variable, `conn`, `listener`, or a number of `:sockets`. Nil: no channel that is known.
  func channel(named text: String) -> Channel? {
    let number = text.first == "#" ? text.dropFirst() : text[...]
    if let number = Int(number) {
      return interpreter.group.channels.compactMap(\.channel).first { $0.number == number && !$0.isClosed }
    }
    switch text {
    case PredefinedName.conn.rawValue where scope.variables[text] == nil: return state.conn
    case PredefinedName.listener.rawValue where scope.variables[text] == nil: return state.listener
    default: break
    }
    guard let variable = scope.variables[text], case .channel(let channel) = value(of: variable) else { return nil }
    return channel
  }

  private func unknown(_ name: String) -> String {
    let shown = Printable.text(name)
    if let variable = scope.variables[name] { return "`\(shown)` is \(value(of: variable).article), and no channel" }
    let near = Suggestion.nearest(name, among: channelNames).map { "did you mean `\($0)`?" }
    return "there is no channel \(shown); \(near ?? ":sockets shows those that are open")"
  }

  /// The names of the session's open channels.
  package var channelNames: [String] {
    scope.variables.values.filter { variable in
      if case .channel(let channel) = value(of: variable) { !channel.isClosed } else { false }
    }.map(\.name).sorted()
  }

  /// Makes a channel the current connection, or the current listener. Not nil: why that could not be done.
  package func use(_ name: String) -> String? {
    guard let channel = channel(named: name) else { return unknown(name) }
    if channel.isClosed {
      let shown = Printable.text(name)
      return "`\(shown)` is closed; `:reconnect \(shown)` makes it anew"
    }
    state.use(channel)
    return nil
  }

  /// Closes a channel; what its peer has not taken yet is given up. Not nil: why that could not be done.
  package func closeChannel(_ name: String) -> String? {
    guard let channel = channel(named: name) else { return unknown(name) }
    if channel.isClosed { return "`\(Printable.text(name))` is closed already" }
    if channel.kind == .standard { return "`\(Printable.text(name))` is the session's own" }
    var problem: String?
    if channel.kind != .listener {
      channel.flushWhatFits()
      let left = channel.output?.count ?? 0
      if left > 0 { problem = "the other side had not taken the last \(ByteDifference.bytes(left)), which are lost" }
    }
    interpreter.scheduler.transcript.record(.closed, channel)
    channel.release()
    state.forget(channel)
    return problem
  }

  // MARK: - Made anew

  /// `:talk` was left by the key for it, which the terminal has shown: the line is not at its beginning.
  package var wasLeftByKey: Bool {
    if case .string(let how) = quietResult { how.text == "escape" } else { false }
  }

  /// The statement that makes a connection anew, or why there is none. The connection itself is closed.
  /// - Parameter name: nil: the current one, or the last that was.
  package func statementToReconnect(_ name: String?) -> Result<String, Problem> {
    let number: Int
    if let name {
      guard let channel = channel(named: name) else { return .failure(Problem(message: unknown(name))) }
      number = channel.number
    } else {
      guard let last = state.lastNumber else {
        return .failure(Problem(message: "nothing has been connected yet"))
      }
      number = last
    }
    guard let text = state.origins[number] else {
      let message = "it was made in a block or a function: enter that again, or `connect`"
      return .failure(Problem(message: message))
    }
    state.isMadeAnew = state.conn?.number == number
    if interpreter.group.channels.contains(where: { $0.channel?.number == number && $0.channel?.isClosed == false }) {
      _ = closeChannel("\(number)")
    }
    return .success(text)
  }

  /// The statement of `statementToReconnect` has been run: what was the current connection is it again.
  package func wasReconnected() {
    guard state.isMadeAnew else { return }
    state.isMadeAnew = false
    if let last = state.origins.keys.max(), let channel = channel(named: "\(last)"), channel !== state.conn {
      state.use(channel)
    }
  }

  package struct Problem: Error { package let message: String }

  /// Notes which statement has made a connection, so that it can be made anew.
  /// - Parameter before: the number of the last channel before the statement ran.
  func noteOrigin(_ statement: Statement, of source: SourceFile, _ value: Value, since before: Int) {
    guard interpreter.scheduler.channelNumber > before, Session.isConnecting(statement) else { return }
    var made: [Channel] = []
    if case .channel(let channel) = value { made.append(channel) }
    if let conn = state.conn { made.append(conn) }
    for name in TreeNames(of: statement).declarations {
      if let variable = scope.variables[name.name], case .channel(let channel) = self.value(of: variable) {
        made.append(channel)
      }
    }
    for channel in made where channel.number > before && channel.kind != .listener {
      state.origins[channel.number] = source.text(statement.range)
    }
    if state.origins.count > Session.originsKept {
      state.origins = state.origins.filter { $0.key > interpreter.scheduler.channelNumber - Session.originsKept }
    }
  }

  private static let originsKept = 1000

  /// It is the step that makes a connection, or gives its result a name: it can be done again as it stands.
  private static func isConnecting(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .expression(let value), .declare(_, let value), .assign(_, _, let value):
      guard case .step(let step) = value.unwrapped else { return false }
      return VerbTable[step.verb].gives.holdsChannel && step.verb != .listen
    default: return false
    }
  }

  /// Of a connection that the last statement has replaced: that it is still there. Of those that quiet statements have
  /// replaced it is told when they are over, by `tellReplacedQuietly`.
  func tellReplaced(isQuiet: Bool) {
    guard let replaced = state.takeReplaced(), isAtTerminal else { return }
    if isQuiet {
      replacedQuietly += 1
      return
    }
    let name = variable(for: replaced) ?? "\(replaced.number)"
    tell("sock: the connection before, to \(Printable.text(self.name(of: replaced))), stays open: `:use \(name)`\n")
  }

  /// Several runs of one statement are over.
  package func tellReplacedQuietly() {
    defer { replacedQuietly = 0 }
    if replacedQuietly == 0 { return }
    let connections = replacedQuietly == 1 ? "one connection stays" : "\(replacedQuietly) connections stay"
    tell("sock: \(connections) open beside the current one: `:sockets` lists them, `:close` ends one\n")
  }

  // MARK: - Spoken to by a person

  /// What `:talk` runs, and says before.
  package struct Talk {
    package let statement: String
    package let greeting: String
  }

  /// - Parameter name: nil: the current connection.
  package func statementToTalk(_ name: String?) -> Result<Talk, Problem> {
    guard let channel = name == nil ? state.conn : channel(named: name ?? "") else {
      return .failure(
        Problem(message: name.map(unknown) ?? "there is no current connection to talk to; `connect` makes one"))
    }
    if channel.isClosed { return .failure(Problem(message: "\(channel.label) is closed; `:reconnect` makes it anew")) }
    var statement = Verb.interact.rawValue
    if channel !== state.conn {
      if let variable = variable(for: channel) { statement = "\(variable).\(statement)" } else { state.use(channel) }
    }
    let end = Show.inspect(Value(channel.eol)).text
    let ends = channel.terminal == nil
      ? "each line goes out with \(end) behind it" : "each key goes out as it is typed"
    let whom = Printable.text(interpreter.masked(self.name(of: channel)))
    return .success(Talk(statement: statement, greeting: "to \(whom): \(ends); Ctrl-] comes back"))
  }

  // MARK: - What waits to be read

  /// What has come on the current connection and waits, as results are shown; nil: nothing has. It stays where it is.
  package var waitingText: String? {
    guard let conn = state.conn, conn.unreadCount > 0, conn.reader == nil else { return nil }
    conn.takeWhatWaits(interpreter.limits, upTo: Session.looked)
    guard !conn.input.isEmpty else { return nil }
    let bytes = interpreter.hidden(conn.input.bytes, of: conn)
    let steps = conn.isDatagram ? "`recv` takes it" : "`recv line` takes a line, `recv quiet 200ms` all of it"
    return ResultText.beginning(of: bytes, as: byteForm, columns: columns) + "unread: \(steps)\n"
  }

  /// So much is looked at of what waits, in bytes.
  static let looked = 64 * 1024

  /// What a `send` should not pass over, as it was before a statement.
  struct StateBefore {
    /// How many bytes waited, by the channels' numbers.
    var unread: [Int: Int] = [:]
    /// The peers of these had hung up.
    var hungUp: Set<Int> = []
  }

  var stateBefore: StateBefore {
    var before = StateBefore()
    guard isAtTerminal else { return before }
    for channel in interpreter.group.channels.compactMap(\.channel) where channel.isOpen && !channel.isDatagram {
      let count = channel.unreadCount
      if count > 0 { before.unread[channel.number] = count } else { state.warned.remove(channel.number) }
      if channel.readiness.hasHungUp || channel.hasEnded { before.hungUp.insert(channel.number) }
    }
    return before
  }

  /// Says once that an answer was left: every later `recv` is one answer late. And that nobody may read what was sent.
  func warn(of before: StateBefore) {
    for number in recorder.sentWithoutReading {
      guard let channel = interpreter.group.channels.compactMap(\.channel).first(where: { $0.number == number }) else {
        continue
      }
      let whose = channel === state.conn ? "" : " on \(variable(for: channel) ?? "#\(number)")"
      if let count = before.unread[number], state.warned.insert(number).inserted {
        let those = count == 1 ? "1 byte from before this is" : "\(count) bytes from before this are"
        tell("sock: \(those) unread\(whose): a `recv` takes that first\n")
      }
      // A negative number: each of the two is said once.
      if before.hungUp.contains(number), channel.process == nil, state.warned.insert(-number).inserted {
        tell("sock: the peer had hung up before this\(whose): it may never be read\n")
      }
    }
  }
}
