// What becomes of the lines of a session, wherever they come from: statements are put together and evaluated, colon
// commands are done.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

/// What the command line says about a session.
struct ReplRequest {
  var options = RunOptions()
  /// Files whose statements run first.
  var files: [String] = []
  /// What is entered then, as if it were typed.
  var statements: [String] = []
  /// Only a person has one: what scripts and pipes do depends on no file at home.
  var usesStartFile = true
}

enum ReplCommand {
  /// The exit status.
  static func run(_ request: ReplRequest) -> Int32 {
    let repl: Repl
    do throws(Errno) {
      repl = Repl(try Session(request.options))
    } catch {
      Main.tell("sock: cannot start: \(error)\n")
      return 1
    }
    if request.usesStartFile, Main.isTerminal { StartFile.run(in: repl) }
    for path in request.files where repl.session.exitStatus == nil { repl.load(path) }
    repl.tellOfSettings(request.options.settings.map(\.name))
    let enter = {
      for statement in request.statements where repl.session.exitStatus == nil { repl.enter(whole: statement) }
    }
    do throws(Failure) {
      if Main.isTerminal {
        let input = try TerminalInput(repl)
        input.greet(Main.version)
        enter()
        return input.run(usesColor: Main.usesColor(on: STDOUT_FILENO))
      }
      let input = try PipedInput(repl)
      enter()
      return input.run()
    } catch {
      Main.tell("sock: cannot start: \(error.message)\n")
      repl.session.close()
      return 1
    }
  }
}

final class Repl {
  let session: Session
  /// The lines so far of an input that is not finished.
  private(set) var unfinished: [UInt8] = []
  /// As messages name the place of an input.
  private let name: String
  /// The number of the next input's first line.
  private var line = 1
  /// For `:edit`.
  private var last: [UInt8] = []
  /// A statement or a command has failed.
  private(set) var hasFailed = false
  /// An input of several lines that was wrong, and where.
  private var returned: (text: [UInt8], cursor: Int)?
  /// Asked for a whole input that is to be remembered.
  var remember: ([UInt8]) -> Void = { _ in }

  init(_ session: Session) {
    self.session = session
    name = Main.isTerminal ? "<repl>" : "<stdin>"
  }

  var isUnfinished: Bool { !unfinished.isEmpty }

  /// Ctrl-C at the prompt.
  func dropUnfinished() { unfinished.removeAll() }

  /// What is to be mended, once.
  func takeReturned() -> (text: [UInt8], cursor: Int)? {
    defer { returned = nil }
    return returned
  }

  /// It is `help` or `quit`, without a colon.
  func isCommand(_ text: [UInt8]) -> Bool { commandWithoutColon(text) != nil }

  /// One more line, without its line end; with several lines in it where a block was pasted.
  func enter(_ text: [UInt8]) {
    if !isUnfinished {
      guard let first = text.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else {
        line += 1
        return
      }
      if first == UInt8(ascii: ":") {
        remember(text)
        perform(text)
        line += 1
        return
      }
      if let command = commandWithoutColon(text) {
        remember(text)
        perform(command)
        line += 1
        return
      }
    }
    unfinished += isUnfinished ? [UInt8(ascii: "\n")] + text : text
    evaluate(isWhole: false)
  }

  /// An input of several lines that cannot run is given back to be mended; nothing of it has run.
  private func giveBack(_ text: [UInt8], at offset: Int) -> Bool {
    guard session.mendsInputs, text.contains(0x0A) else { return false }
    // At the end of the line that is wrong.
    let cursor = text[min(offset, text.count)...].firstIndex(of: 0x0A) ?? text.count
    returned = (text, cursor)
    return true
  }

  /// As if it were typed; what is unfinished is an error.
  func enter(whole text: String) {
    enter(Array(text.utf8))
    finish()
    // There is nobody yet who could mend it.
    _ = takeReturned()
  }

  /// Settings that no `param` takes: it may be that one is entered later, or that the name is wrong.
  func tellOfSettings(_ names: [String]) {
    let known = Set(session.completionNames.filter { $0.kind == .setting }.map(\.name))
    for name in names where !known.contains(name) {
      session.tell("sock: --set \(Printable.text(name)): no `param` has that name yet; one that is entered gets it\n")
    }
  }

  /// Not where the session has given the word a meaning of its own.
  private func commandWithoutColon(_ text: [UInt8]) -> [UInt8]? {
    guard let command = ColonCommand.withoutColon(String(decoding: text, as: UTF8.self)) else { return nil }
    let word = command.dropFirst().prefix { $0 != " " }
    if session.completionNames.contains(where: { $0.name == word }) { return nil }
    return Array(command.utf8)
  }

  /// No line follows: what is unfinished is an error.
  func finish() {
    if isUnfinished { evaluate(isWhole: true) }
  }

  private func evaluate(isWhole: Bool) {
    let source = SourceFile(name: name, bytes: unfinished, firstLine: line)
    let input = unfinished
    // What is shown while it runs belongs to a finished input.
    unfinished.removeAll()
    switch session.evaluate(source, isWhole: isWhole) {
    case .incomplete:
      unfinished = input
      return
    case .failed:
      hasFailed = true
      if let offset = session.mistake, giveBack(input, at: offset) { return }
    case .done: break
    }
    line += source.lineCount
    last = input
    remember(input)
  }

  func load(_ path: String) {
    if session.load(path) == .failed { hasFailed = true }
  }

  private func fail(_ message: String) {
    hasFailed = true
    session.tell("sock: \(message)\n")
  }

  // MARK: - Colon commands

  private func perform(_ text: [UInt8]) {
    let line = String(decoding: text.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }, as: UTF8.self)
    switch ColonCommand.parse(line) {
    case .wrong(let message): fail(message)
    case .command(let command, let argument): perform(command, argument)
    }
  }

  private func perform(_ command: ColonCommand, _ argument: String) {
    switch command {
    case .help:
      help(argument)
    case .sockets: session.write(session.channelList)
    case .tasks: session.write(session.taskList)
    case .stop:
      let number = argument.first == "#" ? argument.dropFirst() : argument[...]
      if !(Int(number).map(session.stopTask) ?? false) {
        fail("there is no task \(Printable.text(argument)); :tasks shows those that run")
      }
    case .vars: session.write(session.variableList)
    case .show: session.write(session.lastResultText)
    case .transcript:
      guard let count = argument.isEmpty ? 20 : Int(argument), count > 0 else { return fail("write :transcript [N]") }
      session.write(session.transcript(last: count))
    case .hex:
      switch argument {
      case "on": session.byteForm = .hex
      case "off": session.byteForm = .text
      default: fail("write \(command.synopsis)")
      }
    case .time: time(argument)
    case .load: load(FileNames.expanded(argument))
    case .edit: edit()
    case .save:
      if let problem = SavedSession.save(session, to: FileNames.expanded(argument)) { fail(problem) }
    case .quit: session.leave(0)
    }
  }

  private func help(_ topic: String) {
    let columns = Main.columns
    if topic.isEmpty {
      session.write(CommandHelp.overview(columns: columns))
    } else if let text = CommandHelp.text(topic, columns: columns) {
      session.write(text)
    } else if let text = HelpText.text(topic, width: columns) {
      session.write(text + CommandHelp.also(topic))
    } else {
      let meant = HelpText.suggestion(for: topic).map { "; did you mean `:help \($0)`?" } ?? ""
      fail("there is no help about `\(Printable.text(topic))`\(meant)")
    }
  }

  private func time(_ statement: String) {
    let start = Clock.now
    let source = SourceFile(name: name, bytes: Array(statement.utf8), firstLine: line)
    if session.evaluate(source, isWhole: true) == .failed { hasFailed = true }
    session.write("\(Repl.duration(Clock.now - start))\n")
  }

  /// `0.123 ms`, `45.1 ms`, `3.20 s`.
  private static func duration(_ nanoseconds: Int64) -> String {
    func fixed(_ value: Int64, _ digits: Int) -> String {
      var scale: Int64 = 1
      for _ in 0..<digits { scale *= 10 }
      let fraction = String(value % scale)
      return "\(value / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
    if nanoseconds < 10_000_000 { return fixed(nanoseconds / 1000, 3) + " ms" }
    if nanoseconds < 1_000_000_000 { return fixed(nanoseconds / 100_000, 1) + " ms" }
    return fixed(nanoseconds / 10_000_000, 2) + " s"
  }

  private func edit() {
    guard Main.isTerminal else { return fail(":edit needs a terminal") }
    switch ExternalEditor.edit(last, whileRunning: session) {
    case .failure(let problem): fail(problem.message)
    case .success(var text):
      while let end = text.last, end == UInt8(ascii: "\n") || end == UInt8(ascii: " ") { text.removeLast() }
      guard !text.isEmpty else { return }
      session.write(String(decoding: text, as: UTF8.self) + "\n")
      unfinished = text
      evaluate(isWhole: true)
    }
  }
}
