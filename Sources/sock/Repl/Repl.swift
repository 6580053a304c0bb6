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
  /// From where its secrets came: `NAME=env:VARIABLE`.
  var secrets: [String] = []
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
    repl.secrets = request.secrets
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

/// An input of several lines that is to be mended: nothing of it has run.
struct ReturnedInput {
  let text: [UInt8]
  /// Where the cursor is put, an offset: at the end of the line that is wrong.
  let cursor: Int
  /// What is wrong, in one line.
  let mistake: String
}

final class Repl {
  let session: Session
  /// The lines so far of an input that is not finished.
  private(set) var unfinished: [UInt8] = []
  /// As messages name the place of an input.
  let name: String
  /// The number of the next input's first line.
  private(set) var line = 1
  /// The inputs, and the numbers of their first lines, by which errors name them.
  private(set) var inputs: [(line: Int, text: [UInt8])] = []
  /// So many are kept.
  private static let inputsKept = 10_000
  /// A statement or a command has failed.
  private(set) var hasFailed = false
  /// An input of several lines that was wrong, and where.
  private var returned: ReturnedInput?
  /// Each input is followed by how long it took.
  var tellsTimes = false
  /// From where the command line has its secrets: `NAME=env:VARIABLE`.
  var secrets: [String] = []
  /// The file of tests that was loaded last.
  var suite: Suite?
  /// The files of which all that stands outside of tests has run here, by their paths.
  var prepared: Set<String> = []
  /// It was asked whether the session is to be left, and nothing has been entered since.
  private var wasAskedToLeave = false
  /// Asked for a whole input that is to be remembered, and whether it was refused: nothing of it has run.
  var remember: ([UInt8], _ wasRefused: Bool) -> Void = { _, _ in }

  init(_ session: Session) {
    self.session = session
    name = Main.isTerminal ? "<repl>" : "<stdin>"
  }

  var isUnfinished: Bool { !unfinished.isEmpty }

  /// Ctrl-C at the prompt.
  func dropUnfinished() { unfinished.removeAll() }

  /// What is to be mended, once.
  func takeReturned() -> ReturnedInput? {
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
        if Main.isTerminal, let waiting = session.waitingText { session.write(waiting) }
        return
      }
      wasAskedToLeave = false
      if first == UInt8(ascii: ":") { return enter(command: text, asTyped: text) }
      if let command = commandWithoutColon(text) { return enter(command: command, asTyped: text) }
    }
    unfinished += isUnfinished ? [UInt8(ascii: "\n")] + text : text
    evaluate(isWhole: false)
  }

  /// An input of several lines that cannot run is given back to be mended; nothing of it has run.
  private func giveBack(_ text: [UInt8], because mistake: Session.Mistake) -> Bool {
    guard session.mendsInputs, text.contains(0x0A) else { return false }
    let cursor = text[min(mistake.offset, text.count)...].firstIndex(of: 0x0A) ?? text.count
    returned = ReturnedInput(text: text, cursor: cursor, mistake: mistake.words)
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

  private func enter(command: [UInt8], asTyped text: [UInt8]) {
    let words = String(decoding: command, as: UTF8.self)
    if !givesSecret(words) {
      remember(text, ColonCommand.isWrong(words))
      keep(text)
    }
    perform(command)
    line += 1
  }

  private func keep(_ text: [UInt8]) {
    inputs.append((line, session.masked(text)))
    if inputs.count > Repl.inputsKept { inputs.removeFirst() }
  }

  /// Ctrl-D: whether the session is left at once. The first time it says what would be lost.
  func mayLeave() -> Bool {
    guard !wasAskedToLeave, let loss = session.lossOnLeaving else { return true }
    wasAskedToLeave = true
    session.tell("sock: \(loss); Ctrl-D again leaves\n")
    return false
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
    let start = MonotonicClock.now
    switch session.evaluate(source, isWhole: isWhole) {
    case .incomplete:
      unfinished = input
      return
    case .failed:
      hasFailed = true
      if let mistake = session.mistake, giveBack(input, because: mistake) { return }
    case .done: break
    }
    let wasRefused = session.mistake != nil
    if tellsTimes, !wasRefused { session.write("\(RunTimes.shown(MonotonicClock.now - start))\n") }
    keep(input)
    line += source.lineCount
    remember(input, wasRefused)
  }

  /// Runs an input that stands elsewhere than on the line that is typed; what is unfinished is an error.
  @discardableResult
  func evaluate(_ text: [UInt8], isQuiet: Bool = false) -> Session.Outcome {
    let outcome = session.evaluate(
      SourceFile(name: name, bytes: text, firstLine: line), isWhole: true, isQuiet: isQuiet)
    if outcome == .failed { hasFailed = true }
    return outcome
  }

  /// The text is run as an input that was typed.
  func evaluate(asTyped text: [UInt8]) {
    unfinished = text
    evaluate(isWhole: true)
  }

  func note(_ outcome: Session.Outcome) {
    if outcome == .failed { hasFailed = true }
  }

  func fail(_ message: String) {
    hasFailed = true
    session.tell("sock: \(message)\n")
  }

  // MARK: - Colon commands

  private func perform(_ text: [UInt8]) {
    let line = String(decoding: text.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }, as: UTF8.self)
    switch ColonCommand.parse(line) {
    case .wrong(let message): fail(message)
    case .command(let command, let argument, let insists): perform(command, argument, insists: insists)
    }
  }
}
