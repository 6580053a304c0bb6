// What `--help` shows: of the program on one screen, of a command with all its options.

import SockLanguage

enum Usage {
  /// - Parameter command: nil for the program as a whole.
  static func text(_ command: Command?) -> String {
    guard let command else { return overview }
    var text = "\(command.synopsis)\n\n\(sentence(command.summary))\n"
    for group in OptionGroup.allCases {
      let options = Option.allCases.filter { !$0.isHidden && $0.group == group && $0.commands.contains(command) }
      if !options.isEmpty { text += "\n\(group.rawValue)\n" + table(options) }
    }
    return text + "\n\(footer)\n"
  }

  private static var overview: String {
    var text = "sock: a small, line-oriented language for sockets\n\ncommands\n"
    text += layout.table(
      [(Option.executeSynopsis, Option.execute.summary)] + commands)
    let usual: [Option] = [.set]
    text += "\noptions\n"
    text += layout.table(
      usual.map { ($0.synopsis, $0.summary) } + [
        (names([.secret, .deny, .allow]), "also \(names([.limit, .timeoutScale])): `sock run --help`"),
        (names([.help, .version]), "show this, or a command's options; the version"),
      ])
    return text + "\n\(footer)\n"
  }

  /// On one screen there is no room for a line of each.
  private static var commands: [(String, String)] {
    Command.allCases.filter { $0 != .dap }.map { command in
      command == .lsp
        ? ("\(command.synopsis), \(Command.dap.synopsis)", "serve an editor, on stdin and stdout")
        : (command.synopsis, command.summary)
    }
  }

  private static func names(_ options: [Option]) -> String { options.map(\.name).joined(separator: ", ") }

  private static let footer = "exit status: 0 done, 1 a step or test failed, 2 script or command line wrong"

  private static func table(_ options: [Option]) -> String {
    layout.table(options.map { ($0.synopsis, $0.summary) })
  }

  private static let layout = TextLayout(width: 80)

  private static func sentence(_ summary: String) -> String {
    summary.prefix(1).uppercased() + summary.dropFirst() + "."
  }
}

extension Option {
  /// `-j, --jobs N`.
  var synopsis: String {
    (shortName.map { "\($0), " } ?? "") + name + (argument.map { " \($0)" } ?? "")
  }

  static let executeSynopsis = "sock [OPTIONS] \(Option.execute.synopsis) [ARGS…]"
}
