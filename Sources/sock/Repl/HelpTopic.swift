// What `:help TOPIC` shows.

import SockLanguage

enum HelpTopic {
  /// Nil: there is no such topic.
  static func text(_ topic: String) -> String? {
    guard let verb = Verb(rawValue: topic) else { return nil }
    let row = VerbTable[verb]
    return "\(row.synopsis)\n\n\(row.summary)\n\nexample: \(row.example)\n"
  }

  /// `; did you mean X?`, or nothing.
  static func suggestion(_ topic: String) -> String {
    Suggestion.nearest(topic, among: Verb.allCases.map(\.rawValue)).map { "; did you mean `\($0)`?" } ?? ""
  }
}
