// The commands of the REPL that are no statements: one table, from which `:help`, completion and the errors come.

import SockLanguage

enum ColonCommand: String, CaseIterable {
  case help, sockets, tasks, stop, vars, show, transcript, hex, time, load, edit, save, quit

  /// What stands behind it.
  enum Argument {
    case nothing
    /// May be left out.
    case topic, count
    case number
    case onOrOff
    case statement, file

    var shown: String {
      switch self {
      case .nothing: return ""
      case .topic: return "[TOPIC]"
      case .count: return "[N]"
      case .number: return "N"
      case .onOrOff: return "on|off"
      case .statement: return "STATEMENT"
      case .file: return "FILE"
      }
    }

    var mayBeLeftOut: Bool {
      switch self {
      case .nothing, .topic, .count: return true
      case .number, .onOrOff, .statement, .file: return false
      }
    }
  }

  var argument: Argument {
    switch self {
    case .sockets, .tasks, .vars, .show, .edit, .quit: return .nothing
    case .help: return .topic
    case .transcript: return .count
    case .stop: return .number
    case .hex: return .onOrOff
    case .time: return .statement
    case .load, .save: return .file
    }
  }

  var summary: String {
    switch self {
    case .help: return "explain a verb, a function or another topic; alone, this"
    case .sockets: return "the open channels"
    case .tasks: return "the tasks that run, and where"
    case .stop: return "end the task with that number in `:tasks`"
    case .vars: return "the names declared here, and their values"
    case .show: return "the last result in full"
    case .transcript: return "the last N events on all channels (20)"
    case .hex: return "show strings in hex, or as text again"
    case .time: return "run a statement and say how long it took"
    case .load: return "run a file's statements here"
    case .edit: return "open the last input in $VISUAL or $EDITOR, then run it"
    case .save: return "write what was done here as a script that `sock test` runs"
    case .quit: return "leave, as Ctrl-D does"
    }
  }

  var synopsis: String {
    let argument = argument.shown
    return argument.isEmpty ? ":\(rawValue)" : ":\(rawValue) \(argument)"
  }

  /// `quit`, `help` or `help TOPIC`, as one enters them elsewhere, for what they mean here: the same with a colon.
  /// Nil: it is something else.
  static func withoutColon(_ line: String) -> String? {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    switch (words.first, words.dropFirst().first) {
    case ("quit", nil), ("help", nil): return ":\(line)"
    case ("help", let topic?):
      return HelpText.text(topic) == nil && CommandHelp.text(topic, columns: 80) == nil ? nil : ":\(line)"
    default: return nil
    }
  }

  /// What a line that begins with a colon asks for.
  enum Parsed {
    case command(ColonCommand, argument: String)
    /// What is wrong with it.
    case wrong(String)
  }

  static func parse(_ line: String) -> Parsed {
    let words = line.dropFirst().split(separator: " ", maxSplits: 1)
    let name = words.first.map(String.init) ?? ""
    var argument = words.count > 1 ? words[1] : ""
    while let last = argument.last, last == " " || last == "\t" { argument.removeLast() }
    argument = argument.drop { $0 == " " || $0 == "\t" }
    // As many letters as tell it apart are enough.
    let begun = name.isEmpty ? [] : allCases.filter { $0.rawValue.hasPrefix(name) }
    guard let command = ColonCommand(rawValue: name) ?? (name == "exit" ? .quit : nil) ?? (begun.count == 1 ? begun.first : nil) else {
      if !begun.isEmpty {
        return .wrong(":\(name) could be \(begun.map { ":\($0.rawValue)" }.joined(separator: " or "))")
      }
      let near = Suggestion.nearest(name, among: allCases.map(\.rawValue)).map { "did you mean :\($0)?" }
      return .wrong("there is no command :\(Printable.text(name)); \(near ?? ":help shows what there is")")
    }
    let isMissing = argument.isEmpty && !command.argument.mayBeLeftOut
    var isSuperfluous = false
    if case .nothing = command.argument { isSuperfluous = !argument.isEmpty }
    if isMissing || isSuperfluous { return .wrong("write \(command.synopsis)") }
    return .command(command, argument: String(argument))
  }
}
