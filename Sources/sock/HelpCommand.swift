// `sock help`: the language's help, and that of the command where one has the topic's name; as a manual page, too; and
// the help of a script.

import SockConformance
import SockLanguage
import SockRuntime

enum HelpCommand {
  /// - Parameter words: the topic; none is the overview.
  static func run(_ words: [String]) -> Int32 {
    let topic = words.joined(separator: " ")
    let command = Command(rawValue: topic)
    if let text = HelpText.text(topic, width: Main.columns) {
      return Main.say(text + (command.map { "\nas a command\n\n\(Usage.text($0))" } ?? ""))
    }
    if let command { return Main.say(Usage.text(command)) }
    if words.count == 1, isScript(topic) { return show(path: topic) }
    // `sock help ldap`: a protocol that is no word of the language, and in the library.
    if words.count == 1, let text = text(ofLibrary: topic) { return Main.say(text) }
    let meant = HelpText.suggestion(for: topic).map { "; did you mean `sock help \($0)`?" } ?? ""
    let shown = Printable.text(Quoting.shortened("`\(topic)`"))
    Main.tell("sock: there is no help about \(shown)\(meant)\n      sock help lists what there is\n")
    return 2
  }

  // MARK: - Of a script

  /// A word of the language is that, whatever files there are: `./test` is the file.
  private static func isScript(_ word: String) -> Bool {
    if word.hasSuffix(".sock") || word.contains("/") || word.hasPrefix("std:") { return true }
    guard case .success = ScriptFiles.readRegular(word) else { return false }
    return true
  }

  private static func show(path: String) -> Int32 {
    switch ScriptFiles.readRegular(path) {
    case .success(let file): return Main.load(file).map(show) ?? 2
    case .failure(let error):
      Main.tell("sock: cannot read \(Printable.text(path)): \(error.message)\n")
      return 2
    }
  }

  /// What the script says of itself.
  static func show(_ file: CheckedFile) -> Int32 { Main.say(text(of: file)) }

  private static func text(of file: CheckedFile) -> String {
    ScriptHelp(file, tests: TestList(file).requirements).text(width: Main.columns)
  }

  /// What a file that is in the program says of itself: `dns`, or `std:dns`.
  static func text(ofLibrary topic: String) -> String? {
    let word = topic.lowercased()
    guard let name = StandardLibrary.names.first(where: { $0 == word || $0 == "std:\(word)" }),
      case .success(let file) = ScriptFiles.readRegular(name)
    else { return nil }
    return Main.load(file).map(text)
  }

  static func manualPage() -> Int32 { Main.say(ManualPage.text) }
}
