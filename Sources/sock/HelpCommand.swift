// `sock help`: the language's help, and that of the command where one has the topic's name; as a manual page, too.

import SockLanguage

enum HelpCommand {
  /// - Parameter words: the topic; none is the overview.
  static func run(_ words: [String]) -> Int32 {
    let topic = words.joined(separator: " ")
    let command = Command(rawValue: topic)
    if let text = HelpText.text(topic) {
      return Main.say(text + (command.map { "\nas a command\n\n\(Usage.text($0))" } ?? ""))
    }
    if let command { return Main.say(Usage.text(command)) }
    let meant = HelpText.suggestion(for: topic).map { "; did you mean `sock help \($0)`?" } ?? ""
    let shown = Printable.text(Quoting.shortened("`\(topic)`"))
    Main.tell("sock: there is no help about \(shown)\(meant)\n      sock help lists what there is\n")
    return 2
  }

  static func manualPage() -> Int32 { Main.say(ManualPage.text) }
}
