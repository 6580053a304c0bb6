// A statement that a debugger stops at: always, where a value is true, so many times; or where it tells something.

import SockLanguage

package final class Breakpoint {
  /// One that cannot be as it is asked for, and why.
  package struct Refusal: Error {
    package let message: String
  }

  /// How often one has to be reached.
  package struct HitCount {
    private enum Comparison: String, CaseIterable {
      // Those that begin as another does come before it.
      case atLeast = ">=", atMost = "<=", same = "==", more = ">", fewer = "<", equal = "=", each = "%"
    }

    private let comparison: Comparison
    private let number: Int

    /// `5`: the fifth time alone; `>= 5`, `> 5`, `< 5`, `<= 5`; `% 5`: each fifth time. Nil: it is none of these.
    init?(_ text: String) {
      let words = text.filter { $0 != " " }
      let found = Comparison.allCases.first { words.hasPrefix($0.rawValue) }
      guard let number = Int(words.dropFirst(found?.rawValue.count ?? 0)), number >= 0, found != .each || number > 0
      else { return nil }
      (comparison, self.number) = (found ?? .equal, number)
    }

    fileprivate func holds(at hits: Int) -> Bool {
      switch comparison {
      case .equal, .same: hits == number
      case .atLeast: hits >= number
      case .atMost: hits <= number
      case .more: hits > number
      case .fewer: hits < number
      case .each: hits % number == 0
      }
    }
  }

  /// What it was made of: one that is asked for again goes on counting.
  private let texts: [String?]
  let condition: SourceFile?
  /// A string of the script's language, whose value is told instead of a stop.
  let message: SourceFile?
  private let hitCount: HitCount?
  private var hits = 0

  /// - Parameters:
  ///   - condition: a value; it counts only where that is true.
  ///   - hitCondition: as `HitCount` reads it.
  ///   - logMessage: a text, in which values stand in braces.
  /// - Throws: what is wrong with one of them, in a sentence.
  package init(condition: String?, hitCondition: String?, logMessage: String?) throws(Refusal) {
    texts = [condition, hitCondition, logMessage]
    self.condition = try condition.flatMap { text throws(Refusal) in
      text.allSatisfy(\.isWhitespace) ? nil : try Breakpoint.value("condition", "(\(text))")
    }
    message = try logMessage.flatMap { text throws(Refusal) in
      text.isEmpty ? nil : try Breakpoint.value("message", Breakpoint.string(text))
    }
    guard let hitCondition, !hitCondition.allSatisfy(\.isWhitespace) else {
      hitCount = nil
      return
    }
    guard let read = HitCount(hitCondition) else {
      let said = Printable.text(hitCondition)
      throw Refusal(message: "a hit count is a number, `>= 5`, `> 5`, `<= 5`, `< 5` or `% 5`, not \(said)")
    }
    hitCount = read
  }

  package func isAsked(as other: Breakpoint) -> Bool { texts == other.texts }

  /// Its condition holds once more: whether it is to do something.
  func isReached() -> Bool {
    hits += 1
    return hitCount?.holds(at: hits) ?? true
  }

  /// A value alone, with nothing behind it.
  private static func value(_ what: String, _ text: String) throws(Refusal) -> SourceFile {
    let source = SourceFile(name: "<\(what)>", text: text)
    let parsed = Parser.parse(source, allowsValues: true)
    if let mistake = parsed.diagnostics.first(where: { $0.severity == .error }) {
      throw Refusal(message: "the \(what) cannot be read: \(mistake.message)")
    }
    guard parsed.body.statements.count == 1 else { throw Refusal(message: "the \(what) has to be one value") }
    return source
  }

  /// The script's string for a text with values in braces; braces that are not closed are text.
  private static func string(_ text: String) -> String {
    var string = "(\""
    var rest = Substring(text)
    while let character = rest.first {
      if character == "{", let end = closing(of: rest) {
        string += "${(" + rest[rest.index(after: rest.startIndex)..<end] + ")}"
        rest = rest[rest.index(after: end)...]
        continue
      }
      switch character {
      case "\"", "\\", "$": string += "\\\(character)"
      case "\n", "\r\n": string += "\\n"
      case "\t": string += "\\t"
      default: string.append(character)
      }
      rest.removeFirst()
    }
    return string + "\")"
  }

  /// Where the brace at the beginning is closed.
  private static func closing(of text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }
}
