// The help of a script, made from the script itself: `sock help FILE`.

package struct ScriptHelp {
  private let file: CheckedFile
  private let interface: ScriptInterface
  private let tests: [HelpBlock.Row]

  /// - Parameter tests: the names of its tests, each with what it holds a server to.
  package init(_ file: CheckedFile, tests: [(name: String, requirement: String)]) {
    self.file = file
    interface = ScriptInterface(file)
    self.tests = tests.map { (Printable.text($0.name), Printable.text($0.requirement)) }
  }

  /// - Parameter width: in columns; what a comment shows indented is not broken.
  package func text(width: Int = 80) -> String {
    let layout = TextLayout(width: width)
    let usage: [HelpBlock] = isLibrary ? declared : [.heading("usage"), .usage(interface.usage)]
    let blocks = comment + usage + settings + listedTests
    var text = layout.filled(Printable.text(file.source.name), indentation: 0)
    var isBelowHeading = false
    for block in blocks {
      text += (isBelowHeading ? "" : "\n") + layout.text(block)
      isBelowHeading = if case .heading = block { true } else { false }
    }
    return text
  }

  // MARK: - Its comment

  /// The comment that the file begins with: paragraphs, and as they are those lines that are indented.
  private var comment: [HelpBlock] {
    var blocks: [HelpBlock] = []
    var paragraph = ""
    var code: [String] = []
    func end() {
      if !paragraph.isEmpty { blocks.append(.paragraph(paragraph)) }
      if !code.isEmpty { blocks.append(.code(code.joined(separator: "\n"))) }
      (paragraph, code) = ("", [])
    }
    for line in file.source.headComment {
      if line.hasPrefix("  ") {
        if !paragraph.isEmpty { end() }
        code.append(String(line.dropFirst(2)))
      } else if line.allSatisfy({ $0 == " " }) {
        end()
      } else {
        if !code.isEmpty { end() }
        paragraph += (paragraph.isEmpty ? "" : " ") + line
      }
    }
    end()
    return blocks
  }

  // MARK: - Its settings

  private var settings: [HelpBlock] {
    var blocks: [HelpBlock] = []
    if !interface.settings.isEmpty {
      let places =
        interface.positional.isEmpty
        ? "settings: --set NAME=VALUE in front of the script"
        : "settings: arguments in this order, or --set NAME=VALUE in front of the script"
      blocks = [.heading(places), .table(interface.settings.map { row($0, of: file.source) })]
    }
    for module in interface.importedFiles {
      let settings = ScriptInterface(module).settings
      guard !settings.isEmpty else { continue }
      blocks.append(.heading("settings of \(Printable.text(module.source.name))"))
      blocks.append(.table(settings.map { row($0, of: module.source) }))
    }
    return blocks
  }

  private func row(_ setting: ParameterDeclaration, of source: SourceFile) -> HelpBlock.Row {
    var term = setting.name.name
    var notes: [String] = []
    if let comment = source.comment(at: setting.range) { notes.append(comment) }
    if setting.isSecret {
      notes.append("secret, by --secret \(term)=env:VARIABLE or file:PATH")
    } else if let value = setting.value, source.mayBeShown {
      term += " = \(ScriptHelp.shown(value, of: source))"
    }
    if setting.value == nil { notes.append("required") }
    // A comment may be a whole sentence.
    return (term, notes.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }.joined(separator: "; "))
  }

  /// A default as it is written, in one line.
  private static func shown(_ value: Expression, of source: SourceFile) -> String {
    let text = source.text(value.range).split { $0 == "\n" || $0 == "\r" || $0 == " " }.joined(separator: " ")
    let longest = 40
    return Printable.text(text.count > longest ? "\(text.prefix(longest - 1))…" : text)
  }

  /// It is one of the program's own files, which are imported and not run.
  private var isLibrary: Bool { file.source.name.hasPrefix("std:") }

  /// Its functions with their comments, and its messages, of which a protocol of lines has none. A function without a
  /// comment is for its own others.
  private var declared: [HelpBlock] {
    var functions: [HelpBlock.Row] = []
    var messages: [HelpBlock.Row] = []
    for statement in file.body.statements {
      let comment = file.source.comment(at: SourceRange(Int(statement.range.lower), Int(statement.range.lower)))
      switch statement.kind {
      case .function(let function): if let comment { functions.append((function.signature, comment)) }
      case .message(let message):
        let fields = message.fields.compactMap(\.name).joined(separator: " ")
        messages.append((message.name.name, fields))
      default: break
      }
    }
    return [("functions", functions), ("messages", messages)].flatMap { title, rows -> [HelpBlock] in
      rows.isEmpty ? [] : [.heading(title), .table(rows)]
    }
  }

  private var listedTests: [HelpBlock] { tests.isEmpty ? [] : [.heading("tests"), .table(tests)] }
}

extension SourceFile {
  /// The text of a line that is a comment and nothing else, without its `#` and one blank; nil for any other line.
  private func comment(ofLine number: Int) -> String? {
    let bytes = line(number).drop { $0 == 0x20 || $0 == 0x09 }
    guard bytes.first == UInt8(ascii: "#") else { return nil }
    return SourceFile.commentText(bytes)
  }

  private static func commentText(_ bytes: ArraySlice<UInt8>) -> String {
    let text = bytes.dropFirst()
    return Printable.text(String(decoding: text.first == 0x20 ? text.dropFirst() : text, as: UTF8.self))
  }

  /// What tells the checker something is not for people.
  private static func isForPeople(_ comment: String) -> Bool { !comment.hasPrefix("sock: allow") }

  /// The lines of the comment at the top, behind a `#!`.
  fileprivate var headComment: [String] {
    guard mayBeShown else { return [] }
    var number = line(firstLine).starts(with: Array("#!".utf8)) ? firstLine + 1 : firstLine
    var lines: [String] = []
    while let line = comment(ofLine: number) {
      lines.append(line)
      number += 1
    }
    return lines.filter(SourceFile.isForPeople)
  }

  /// The comment behind what stands there, or that on the lines right above it; nil when there is none. That at the
  /// top of the file is about the file.
  func comment(at range: SourceRange) -> String? {
    guard mayBeShown else { return nil }
    let place = position(of: Int(range.lower)).line
    let end = position(of: Int(range.upper))
    let rest = line(end.line).dropFirst(end.column - 1).drop { [0x20, 0x09, UInt8(ascii: ";")].contains($0) }
    if rest.first == UInt8(ascii: "#") {
      let text = SourceFile.commentText(rest)
      if SourceFile.isForPeople(text) { return text }
    }
    var lines: [String] = []
    var number = place - 1
    while number >= firstLine, let line = comment(ofLine: number) {
      lines.append(line)
      number -= 1
    }
    if number < firstLine { return nil }
    let words = lines.reversed().filter(SourceFile.isForPeople).joined(separator: " ")
    return words.isEmpty ? nil : words
  }
}
