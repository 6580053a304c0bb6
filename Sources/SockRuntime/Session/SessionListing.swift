// What a session can say of itself: its channels, tasks and variables, whom it talks to, and what went over the wire.

import SockLanguage
import SocketCore

/// Whom the statements of a session speak to, for its prompt.
package struct PromptPeer: Equatable {
  /// `127.0.0.1:6379`, a path, or the name of a program; `tls:` in front where that is spoken.
  package let name: String
  /// What the session calls the connection; nil where it has no name.
  package let variable: String?
  /// It has hung up, or we have.
  package let isClosed: Bool
  /// So many bytes have come and wait to be read.
  package let unread: Int
}

extension Session {
  package var peer: PromptPeer? {
    guard let conn = state.conn else { return nil }
    let hasEnded = conn.isClosed || conn.hasEnded || conn.process?.status != nil
    return PromptPeer(
      name: (conn.tls == nil ? "" : "tls:") + Printable.text(interpreter.masked(name(of: conn))),
      variable: variable(for: conn), isClosed: hasEnded || conn.readiness.hasHungUp && !conn.isDatagram,
      unread: conn.unreadCount)
  }

  /// The name by which a statement can speak of a channel, the one that it was made with where several can; nil: none.
  func variable(for channel: Channel) -> String? {
    func names(_ variable: Variable) -> Bool {
      if case .channel(let own) = value(of: variable) { own === channel } else { false }
    }
    if let name = channel.name, let own = scope.variables[name], names(own) { return name }
    return scope.variables.values.filter(names).map(\.name).min()
  }

  func name(of channel: Channel) -> String {
    if let process = channel.process {
      let program = process.command.split(separator: " ", maxSplits: 1).first ?? "process"
      return String(program.split(separator: "/").last ?? program)
    }
    guard let socket = channel.socket else { return channel.label }
    for address in [socket.peerName, socket.localName] {
      guard let address else { continue }
      if let path = address.path {
        if !path.isEmpty { return String(decoding: path, as: UTF8.self) }
        continue
      }
      return address.description
    }
    return channel.label
  }

  /// The open channels, a line each.
  package var channelList: String {
    let channels = interpreter.group.channels.compactMap(\.channel).filter { !$0.isClosed }
    guard !channels.isEmpty else { return "no channel is open\n" }
    var text = ""
    for channel in channels {
      let name = variable(for: channel)
      var line = "#\(channel.number) "
      if let name, name != channel.label { line += "\(name): " }
      // Several may be called `conn`: it is the number that tells them apart.
      let unnamed = PredefinedName.conn.rawValue + ", "
      let summary = channel.name == nil && channel.summary.hasPrefix(unnamed)
        ? channel.summary.dropFirst(unnamed.count) : channel.summary[...]
      line += Printable.text(summary)
      if channel === state.conn { line += "  (conn)" }
      if channel === state.listener { line += "  (listener)" }
      let unread = channel.unreadCount
      if unread > 0 { line += ", \(unread) byte\(unread == 1 ? "" : "s") unread" }
      if channel.atEnd || channel.readiness.hasHungUp && !channel.isDatagram { line += ", the peer has hung up" }
      text += line + "\n"
    }
    return text
  }

  /// Connections of whatever kind that this session has not closed.
  package var hasOpenConnections: Bool {
    interpreter.group.channels.contains { held in
      guard let channel = held.channel, !channel.isClosed else { return false }
      return channel.kind == .stream || channel.kind == .datagram
    }
  }

  /// Where a script would listen on a port that this session listens on itself; nil: nowhere.
  package func ownListener(in script: [UInt8]) -> String? {
    let steps = String(decoding: script, as: UTF8.self).split(separator: "\n").filter {
      $0.contains("listen ") || $0.contains("bind ")
    }
    for channel in interpreter.group.channels.compactMap(\.channel) where !channel.isClosed {
      guard channel.kind == .listener || channel.kind == .datagram, let name = channel.socket?.localName,
        let port = name.port, port != 0
      else { continue }
      let isNamed = steps.contains { $0.split { !$0.isNumber }.contains { $0 == String(port) } }
      if isNamed { return name.description }
    }
    return nil
  }

  /// The tasks that run, a line each: its number, where it is, and the line's text.
  package var taskList: String {
    let tasks = interpreter.group.tasks
    guard !tasks.isEmpty else { return "no task is running\n" }
    var text = ""
    for task in tasks.sorted(by: { $0.number < $1.number }) {
      guard let site = interpreter.place(of: task) else { continue }
      let place = site.position
      let words = site.file.text(site.range).split(separator: "\n", maxSplits: 1).first ?? ""
      text += "#\(task.number) \(site.file.name):\(place.line): \(Printable.text(words))"
      if let served = task.served { text += "  (serves \(Printable.text(name(of: served))))" }
      text += "\n"
    }
    return text
  }

  /// Asks a task to end; what it has deferred runs. False: there is none of that number.
  package func stopTask(_ number: Int) -> Bool {
    guard number > 0, let task = interpreter.group.tasks.first(where: { $0.number == number }) else { return false }
    interpreter.stop(task)
    return true
  }

  /// The session's names and what they stand for, a line each.
  package var variableList: String {
    let names = scope.variables.keys.sorted()
    guard !names.isEmpty else { return "no name is declared\n" }
    var text = ""
    for name in names {
      guard let variable = scope.variables[name] else { continue }
      switch variable.kind {
      case .function: text += "def \(name)(\(parameters(of: variable)))\n"
      case .message: text += "message \(name)\n"
      case .importedFile: text += "\(name): an imported file\n"
      case .local, .parameter, .setting: text += "\(name) = \(shortened(value(of: variable), behind: name.count + 3))\n"
      }
    }
    return text
  }

  /// The text with which a function was declared last, here or in a file that was loaded; nil: none has that name.
  package func definition(of function: String) -> [UInt8]? {
    for file in keptFiles.reversed() {
      for statement in file.body.statements.reversed() {
        guard case .function(let declaration) = statement.kind, declaration.name.name == function else { continue }
        return masked(Array(file.source.bytes[Int(statement.range.lower)..<Int(statement.range.upper)]))
      }
    }
    return nil
  }

  func parameters(of variable: Variable) -> String {
    (variable.function?.parameters ?? []).map(\.name.name).joined(separator: ", ")
  }

  /// - Parameter taken: how many columns of its row are taken.
  private func shortened(_ value: Value, behind taken: Int) -> String {
    if case .channel(let channel) = value { return Printable.text(channel.summary) }
    let shown = ResultText.inspected(value, as: byteForm, hiding: interpreter.secrets).text
    let room = max(20, min(100, (columns ?? .max) - taken))
    return shown.utf8.count <= room ? shown : shown.prefix(room - 1) + "…"
  }

  /// The latest events on all channels.
  package func transcript(last count: Int) -> String {
    let transcript = interpreter.scheduler.transcript
    let entries = datedEntries.suffix(count)
    guard !entries.isEmpty else { return "nothing has gone over any channel yet\n" }
    if byteForm == .hex { return wire(entries, isHex: true) }
    let lines = FailureReport.lines(
      of: entries, transcript, began: 0, columns: interpreter.options.columns(), messages: interpreter.messageSteps)
    return lines.map { Printable.text($0) + "\n" }.joined()
  }
}

// MARK: - Completion

extension Session {
  /// What the session has declared, and whether it means a channel now.
  package var completionNames: [CompletionContext.Name] {
    scope.variables.values.map { variable in
      switch variable.kind {
      case .function: return .init(variable.name, .function)
      case .message: return .init(variable.name, .message)
      case .importedFile: return .init(variable.name, .module)
      case .setting: return .init(variable.name, .setting, target: target(of: value(of: variable)))
      case .local, .parameter:
        let value = value(of: variable)
        let kind = ValueNature.kind(of: value)
        if case .channel(let channel) = value {
          let isOpen = channel.kind == .listener && !channel.isClosed
          let target = isOpen ? channel.socket?.localName?.description : nil
          return .init(variable.name, .channel, value: kind, target: target)
        }
        return .init(variable.name, .variable, value: kind, target: target(of: value))
      }
    }
  }

  /// Where one can connect to, as far as a value looks like that.
  private func target(of value: Value) -> String? {
    switch value {
    case .address(let address): return address.address.description
    case .string(let string):
      let text = string.text
      guard text.utf8.count <= 100, let colon = text.lastIndex(of: ":"), colon != text.startIndex,
        !text.contains(" "), interpreter.secrets.ranges(in: string.array).isEmpty
      else { return nil }
      let port = text[text.index(after: colon)...]
      let isPath = text.hasPrefix("unix:") || text.hasPrefix("tls:unix:")
      return isPath || !port.isEmpty && port.allSatisfy(\.isNumber) ? Printable.text(text) : nil
    default: return nil
    }
  }

  /// The keys of the map that a name stands for, or what an imported file exports.
  package func keys(of name: String) -> [String] {
    guard let variable = scope.variables[name] else { return [] }
    if variable.kind == .importedFile { return scope.exports(of: variable) }
    guard variable.message == nil, case .map(let map) = value(of: variable) else { return [] }
    return map.entries.compactMap { entry in
      guard entry.isLive, case .string(let key) = entry.key else { return nil }
      return interpreter.secrets.ranges(in: key.array).isEmpty ? key.text : nil
    }
  }
}
