// What each colon command does.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

extension Repl {
  /// - Parameter insists: the command has a `!` behind its name.
  func perform(_ command: ColonCommand, _ argument: String, insists: Bool) {
    switch command {
    case .help: help(argument)
    case .sockets: session.write(session.channelList)
    case .use: tell(session.use(argument))
    case .close: tell(session.closeChannel(argument))
    case .reconnect: reconnect(argument)
    case .talk: talk(argument)
    case .watch: watch(argument)
    case .tasks: session.write(session.taskList)
    case .stop:
      let number = argument.first == "#" ? argument.dropFirst() : argument[...]
      if !(Int(number).map(session.stopTask) ?? false) {
        fail("there is no task \(Printable.text(argument)); :tasks shows those that run")
      }
    case .vars: session.write(session.variableList)
    case .show: Pager.show(session.lastResultText, of: session)
    case .hex: onOrOff(command, argument) { session.byteForm = $0 ? .hex : .text }
    case .transcript: count(command, argument) { Pager.show(session.transcript(last: $0), of: session) }
    case .trace:
      guard let form = Session.TraceForm(rawValue: argument) else { return fail("write \(command.synopsis)") }
      session.trace(form)
    case .history: count(command, argument) { history($0) }
    case .time: time(argument)
    case .timing: onOrOff(command, argument) { tellsTimes = $0 }
    case .repeat: repeatStatement(argument)
    case .load: load(argument: argument)
    case .run: runFile(argument)
    case .test: test(argument)
    case .set: set(argument)
    case .edit: edit(argument)
    case .save: tell(SavedSession.save(session, to: FileNames.expanded(argument), replacing: insists))
    case .shell: shell(argument)
    case .quit: session.leave(0)
    }
  }

  private func tell(_ problem: String?) {
    if let problem { fail(problem) }
  }

  private func onOrOff(_ command: ColonCommand, _ argument: String, _ set: (Bool) -> Void) {
    switch argument {
    case "on": set(true)
    case "off": set(false)
    default: fail("write \(command.synopsis)")
    }
  }

  private func count(_ command: ColonCommand, _ argument: String, _ show: (Int) -> Void) {
    guard let count = argument.isEmpty ? 20 : Int(argument), count > 0 else { return fail("write \(command.synopsis)") }
    show(count)
  }

  private func help(_ topic: String) {
    let columns = Main.columns
    if topic.isEmpty {
      Pager.show(CommandHelp.overview(columns: columns), of: session)
    } else if let text = CommandHelp.text(topic, columns: columns) {
      Pager.show(text, of: session)
    } else if let text = HelpText.text(topic, width: columns) {
      Pager.show(text + CommandHelp.also(topic), of: session)
    } else if let text = HelpCommand.text(ofLibrary: topic) {
      Pager.show(text, of: session)
    } else {
      let meant = HelpText.suggestion(for: topic).map { "; did you mean `:help \($0)`?" } ?? ""
      fail("there is no help about `\(Printable.text(topic))`\(meant)")
    }
  }

  // MARK: - Connections

  private func reconnect(_ name: String) {
    switch session.statementToReconnect(name.isEmpty ? nil : name) {
    case .failure(let problem): fail(problem.message)
    case .success(let text):
      session.write("\(text)\n")
      if evaluate(Array(text.utf8), isQuiet: true) == .done { session.wasReconnected() }
      session.tellReplacedQuietly()
    }
  }

  private func talk(_ name: String) {
    switch session.statementToTalk(name.isEmpty ? nil : name) {
    case .failure(let problem): fail(problem.message)
    case .success(let talk):
      session.say("\(talk.greeting)\n")
      evaluate(Array(talk.statement.utf8), isQuiet: true)
      if session.wasLeftByKey { session.write("\n") }
    }
  }

  private func watch(_ name: String) {
    if name == "off" { return session.watchNothing() }
    tell(session.watchArrivals(name))
  }

  // MARK: - Inputs

  private func history(_ count: Int) {
    let shown = inputs.suffix(count)
    let width = shown.last.map { String($0.line).count } ?? 1
    for input in shown {
      let lines = String(decoding: input.text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      for (at, line) in lines.enumerated() {
        let number = "\(input.line + at)"
        let blanks = String(repeating: " ", count: max(0, width - number.count))
        session.write("\(blanks)\(number)  \(Printable.text(line))\n")
      }
    }
  }

  private func edit(_ argument: String) {
    guard Main.isTerminal else { return fail(":edit needs a terminal") }
    let text: [UInt8]
    switch EditedInput.find(argument, in: self) {
    case .failure(let problem): return fail(problem.message)
    case .success(let found): text = found
    }
    switch ExternalEditor.edit(text, whileRunning: session) {
    case .failure(let problem): fail(problem.message)
    case .success(nil): session.write("nothing was changed, and nothing is run\n")
    case .success(let edited?):
      guard !edited.isEmpty else { return }
      session.write(String(decoding: edited, as: UTF8.self) + "\n")
      evaluate(asTyped: edited)
    }
  }

  private func shell(_ command: String) {
    switch ForegroundProgram.start(["/bin/sh", "-c", command]) {
    case .failure(let problem): fail("cannot start a shell: \(problem.message)")
    case .success(let program):
      let status = program.end(whileRunning: session)
      if !status.isSuccess { fail("the command \(status.words)") }
    }
  }
}
