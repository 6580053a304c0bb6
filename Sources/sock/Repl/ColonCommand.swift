// The commands of the REPL that are no statements: one table, from which `:help`, completion and the errors come.

import SockLanguage

enum ColonCommand: String, CaseIterable {
  case help, sockets, use, close, reconnect, talk, watch, tasks, stop
  case vars, show, hex, transcript, trace, history
  case time, timing, `repeat`, load, run, test, set, edit, save
  case shell = "!"
  case quit

  /// What stands behind it.
  enum Argument {
    case nothing
    /// May be left out.
    case topic, count
    case number
    /// A name or a number of `:sockets`.
    case channel, optionalChannel, channelOrOff
    case onOrOff, traceForm
    case statement, countAndStatement, durationAndStatement
    case file, fileAndSettings, fileAndLine
    /// Values of `param`s; may be left out.
    case settings
    case testName, command
    /// A function of the session, or a line of an input; may be left out.
    case input

    var shown: String {
      switch self {
      case .nothing: return ""
      case .topic: return "[TOPIC]"
      case .count: return "[N]"
      case .number: return "N"
      case .channel: return "NAME"
      case .optionalChannel: return "[NAME]"
      case .channelOrOff: return "NAME|off"
      case .onOrOff: return "on|off"
      case .traceForm: return "on|hex|off"
      case .statement: return "STATEMENT"
      case .countAndStatement: return "[N] STATEMENT"
      case .durationAndStatement: return "DURATION STATEMENT"
      case .file: return "FILE"
      case .input: return "[NAME|N]"
      case .fileAndSettings: return "FILE [PARAM=VALUE…]"
      case .fileAndLine: return "FILE [LINE] [PARAM=VALUE…]"
      case .settings: return "[PARAM=VALUE…]"
      case .testName: return "[NAME]"
      case .command: return "COMMAND"
      }
    }

    var mayBeLeftOut: Bool {
      switch self {
      case .nothing, .topic, .count, .optionalChannel, .testName, .settings, .input: return true
      case .number, .channel, .channelOrOff, .onOrOff, .traceForm, .statement, .countAndStatement,
        .durationAndStatement, .file, .fileAndSettings, .fileAndLine, .command:
        return false
      }
    }
  }

  var argument: Argument {
    switch self {
    case .sockets, .tasks, .vars, .show, .quit: return .nothing
    case .edit: return .input
    case .help: return .topic
    case .transcript, .history: return .count
    case .stop: return .number
    case .use, .close: return .channel
    case .reconnect, .talk: return .optionalChannel
    case .watch: return .channelOrOff
    case .hex, .timing: return .onOrOff
    case .trace: return .traceForm
    case .time: return .countAndStatement
    case .repeat: return .durationAndStatement
    case .save: return .file
    case .load: return .fileAndSettings
    case .set: return .settings
    case .run: return .fileAndLine
    case .test: return .testName
    case .shell: return .command
    }
  }

  var summary: String {
    switch self {
    case .help: return "explain a verb, a function or another topic; alone, this"
    case .sockets: return "the open channels, and how much waits on each"
    case .use: return "make a channel the current connection, by its name or number"
    case .close: return "close a channel by its name or number"
    case .reconnect: return "connect again as the statement said, after closing"
    case .talk: return "speak to it directly, line by line, until Ctrl-]"
    case .watch: return "show what comes on a channel as it comes; it stays unread"
    case .tasks: return "the tasks that run, and where"
    case .stop: return "end the task with that number in `:tasks`"
    case .vars: return "the names declared here, and their values"
    case .show: return "the last result in full"
    case .transcript: return "the last N events on all channels (20)"
    case .trace: return "show all that is sent and received as it goes, as text or in hex"
    case .history: return "the last N inputs (20), by the lines that errors name"
    case .hex: return "show strings and numbers in hex, or as text again"
    case .time: return "run a statement, or run it N times, and say how long it took"
    case .timing: return "say of each statement how long it took"
    case .repeat: return "run a statement again and again, with a pause, until Ctrl-C"
    case .load: return "run a file's statements here; of a file of tests all but the tests"
    case .run: return "the same from a line on, also of a test: after a failure, go on from there"
    case .test: return "run a test of the file loaded last, and stop where it fails"
    case .set: return "give `param`s values, as --set does; alone, those that have been given"
    case .shell: return "run a command of the shell on this terminal"
    case .edit: return "open the last input, a function, or line N in $EDITOR, then run it"
    case .save: return "write what was done here as a script that `sock test` runs"
    case .quit: return "leave, as Ctrl-D does"
    }
  }

  var synopsis: String {
    let argument = argument.shown
    return argument.isEmpty ? ":\(rawValue)" : ":\(rawValue) \(argument)"
  }

  /// `quit`, `help`, `?` or `help TOPIC`, as one enters them elsewhere, for what they mean here: the same with a colon.
  /// Nil: it is something else.
  static func withoutColon(_ line: String) -> String? {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    switch (words.first, words.dropFirst().first) {
    case ("quit", nil), ("help", nil): return ":\(line)"
    case ("?", nil): return ":help"
    case ("help", let topic?):
      return HelpText.text(topic) == nil && CommandHelp.text(topic, columns: 80) == nil ? nil : ":\(line)"
    default: return nil
    }
  }

  /// What a line that begins with a colon asks for.
  enum Parsed {
    /// - insists: with a `!` behind its name.
    case command(ColonCommand, argument: String, insists: Bool)
    /// What is wrong with it.
    case wrong(String)
  }

  /// Whether a line that begins with a colon, or would do so, is none that can be done.
  static func isWrong(_ line: String) -> Bool {
    if case .wrong = parse(line) { true } else { false }
  }

  static func parse(_ line: String) -> Parsed {
    if let command = shellCommand(line) {
      return command.isEmpty
        ? .wrong("write \(ColonCommand.shell.synopsis)") : .command(.shell, argument: command, insists: false)
    }
    let words = line.dropFirst().split(separator: " ", maxSplits: 1)
    var name = words.first.map(String.init) ?? ""
    // `:save! FILE` insists.
    let insists = name.hasSuffix("!") && ColonCommand.save.rawValue.hasPrefix(name.dropLast()) && name.count > 2
    if insists { name.removeLast() }
    var argument = words.count > 1 ? words[1] : ""
    while let last = argument.last, last == " " || last == "\t" { argument.removeLast() }
    argument = argument.drop { $0 == " " || $0 == "\t" }
    // As many letters as tell it apart are enough.
    let begun = name.isEmpty ? [] : allCases.filter { $0.rawValue.hasPrefix(name) }
    let named = ColonCommand(rawValue: name) ?? (name == "exit" ? .quit : nil)
    guard let command = named ?? (begun.count == 1 ? begun.first : nil) else {
      if !begun.isEmpty {
        return .wrong(":\(name) could be \(begun.map { ":\($0.rawValue)" }.joined(separator: " or "))")
      }
      if Verb(rawValue: name) != nil { return .wrong("`\(name)` is a verb, and has no colon") }
      let near = Suggestion.nearest(name, among: allCases.map(\.rawValue)).map { "did you mean :\($0)?" }
      return .wrong("there is no command :\(Printable.text(name)); \(near ?? ":help shows what there is")")
    }
    let isMissing = argument.isEmpty && !command.argument.mayBeLeftOut
    var isSuperfluous = false
    if case .nothing = command.argument { isSuperfluous = !argument.isEmpty }
    if isMissing || isSuperfluous { return .wrong("write \(command.synopsis)") }
    return .command(command, argument: String(argument), insists: insists)
  }

  /// What stands behind `:!`, with a blank or without.
  private static func shellCommand(_ line: String) -> String? {
    guard line.hasPrefix(":!") else { return nil }
    let rest = line.dropFirst(2).drop { $0 == " " || $0 == "\t" }
    return String(rest)
  }
}
