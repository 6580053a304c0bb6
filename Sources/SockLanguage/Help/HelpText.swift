// The help as text for a terminal: what `sock help` prints, and the REPL.

package enum HelpText {
  /// Every word that `sock help` lists.
  package static let topics: [String] = HelpCatalog.sections.flatMap(\.topics)

  /// What is printed for a topic, its last line ended; nil when there is nothing about it. `errors CODE` is a topic,
  /// and the empty one is the overview.
  /// - Parameter width: in columns; a script and a single long word are not broken.
  package static func text(_ topic: String, width: Int = 80) -> String? {
    let words = topic.split(separator: " ")
    guard !words.isEmpty else { return overview(width: width) }
    return HelpCatalog.page(topic).map { TextLayout(width: width).text($0) }
  }

  /// The topic that an unknown one was probably meant to be.
  package static func suggestion(for topic: String) -> String? {
    let words = topic.split(separator: " ").map(String.init)
    let codes = HelpCatalog.codes.flatMap { $0.codes.map(\.code) }
    if words.count == 2, words[0] == "errors" {
      return Suggestion.nearest(words[1], among: codes).map { "errors \($0)" }
    }
    if words.count == 2, words[0] == "recipes" {
      return Suggestion.nearest(words[1], among: Recipe.all.map(\.name)).map { "recipes \($0)" } ?? words[0]
    }
    guard let word = words.first else { return nil }
    if words.count > 1, HelpCatalog.page(word) != nil { return word }
    return Suggestion.nearest(word, among: topics + HelpWords.words) ?? Suggestion.nearest(word, among: codes).map { "errors \($0)" }
  }

  // MARK: - The overview

  /// They are too many for one screen.
  private static var functions: String {
    let families = FunctionFamily.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", ")
    return "for \(families): `sock help functions` lists them"
  }

  private static func overview(width: Int) -> String {
    let layout = TextLayout(width: width)
    return layout.filled(
      "sock: a language for sockets. Verbs act, functions compute, a line is one step.", indentation: 0)
      + layout.table([
        ("sock", "a session: talk to a service by hand"),
        ("sock -e 'STATEMENTS'", "runs statements"),
        ("sock FILE.sock", "runs a script: a server, a client, or both"),
        ("sock test FOLDER", "runs tests: hold a server to its protocol"),
      ]) + "\nsock help TOPIC explains one of these, with an example:\n"
      + layout.table(
        HelpCatalog.sections.map { title, topics in
          (title, title == "functions" ? functions : topics.joined(separator: " "))
        })
      + layout.filled("sock help errors CODE: an error, sock help FILE: a script, sock --help: usage.", indentation: 0)
  }
}
