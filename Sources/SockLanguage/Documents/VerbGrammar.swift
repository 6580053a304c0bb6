// The grammar's section on steps, printed from the verb table.

extension VerbTable {
  /// The production `row` and those it needs, as they stand in grammar/sock.ebnf, lines up to 120 columns.
  package static var grammarSection: String {
    var text = ""
    for (number, row) in rows.enumerated() {
      var line = (number == 0 ? "row       = " : "          | ") + quoted(row.verb.rawValue)
      line += String(repeating: " ", count: max(0, 27 - line.utf8.count)) + " <"
      var separator = " "
      // A choice in brackets may be longer than a line.
      for alternative in alternatives(of: row).flatMap({ $0.split(separator: " | ").map(String.init) }) {
        if separator != " ", line.utf8.count + separator.utf8.count + alternative.utf8.count > 117 {
          text += line + "\n"
          line = String(repeating: " ", count: 29)
        }
        line += separator + alternative
        separator = " | "
      }
      text += line + " >" + (number == rows.count - 1 ? " ;" : "") + "\n"
    }
    text += "kind      = \(kindWords.map(quoted).joined(separator: " | ")) ;\n"
    text += wrapped("tls       = ", tlsOptions.map(option)) + " ;\n"
    return text
  }

  private static let kindWords: [String] = [OptionWord.stream, .dgram, .raw, .seqpacket].map(\.rawValue)
  private static var tlsOptions: [VerbRow.Option] {
    VerbRow.tlsWords.compactMap { word in self[.starttls].option(word) }
  }

  /// Alternatives in lines of up to 118 columns, so that what closes them fits.
  private static func wrapped(_ head: String, _ alternatives: [String]) -> String {
    var lines = [head]
    for (number, alternative) in alternatives.enumerated() {
      let piece = number == 0 ? alternative : " | \(alternative)"
      if lines[lines.count - 1].utf8.count + piece.utf8.count > 118 {
        lines.append(String(repeating: " ", count: head.utf8.count - 3) + piece)
      } else {
        lines[lines.count - 1] += piece
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func quoted(_ word: String) -> String { "'\(word)'" }

  /// What may stand behind the verb, in any order.
  private static func alternatives(of row: VerbRow) -> [String] {
    var parts: [String] = []
    var groups = row.options
    // Words that stand in the data's place, or for which it may be left out, share its alternative.
    if let place = groups.firstIndex(where: { $0.contains { $0.data != .beside } }) {
      let isRequired = isValueRequired(row.operand)
      let choices =
        ["arg"] + groups.remove(at: place).map { $0.data == .mayLeaveOut ? option($0) + " [ arg ]" : option($0) }
      parts.append("( \(choices.joined(separator: " | ")) )" + (isRequired ? "!" : ""))
    } else {
      parts += data(row)
    }
    for group in groups {
      let words = group.map(\.word.rawValue)
      if words == kindWords {
        parts.append("kind")
      } else if let first = group.first, VerbRow.tlsWords.contains(first.word) {
        if first.word == VerbRow.tlsWords.first { parts.append("tls") }
      } else if group.count > 1 {
        parts.append("( \(group.map(option).joined(separator: " | ")) )" + (row.requiresOption ? "!" : ""))
      } else {
        parts += group.map(option)
      }
    }
    if row.waiting != .never { parts.append("within") }
    if row.gives.description != nil { parts.append("as") }
    return parts
  }

  private static func isValueRequired(_ operand: OperandKind) -> Bool {
    if case .value = operand { true } else { false }
  }

  private static func data(_ row: VerbRow) -> [String] {
    switch row.operand {
    case .none: row.takesReceiverBehind ? ["arg"] : []
    case .optionalValue: ["arg"]
    case .value: ["arg!"]
    case .values: ["( arg arg )!"]
    case .oneOrTwo: ["( arg [ arg ] )!"]
    case .optionalAddress: ["address"]
    case .address: ["address!"]
    case .word: ["word!"]
    case .wordAndOptionalValue: ["word!", "arg"]
    case .expressions: ["expr { ',' expr }"]
    case .conditionAndMessage, .codeAndMessage: ["( expr [ ',' expr ] )!"]
    }
  }

  private static func option(_ option: VerbRow.Option) -> String {
    let word = quoted(option.word.rawValue)
    switch option.argument {
    case .nothing: return word
    case .value: return word + " arg"
    case .values: return word + " arg arg"
    case .address: return word + " address"
    case .word: return word + " word"
    case .oneOf(let words): return word + " ( \(words.map { quoted($0.rawValue) }.joined(separator: " | ")) )"
    }
  }
}
