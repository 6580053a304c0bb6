// Command lines of `run` that want a shell, which it does not start.

extension FileLinter {
  /// `run "a | b"`: what stands there as a word of its own is given to the program as an argument.
  func checkCommand(_ command: Expression) {
    guard let words = CommandWord.words(of: command), let program = words.first?.name else { return }
    // Who starts a shell, here or elsewhere, may want these words for it.
    guard !words.contains(where: { shells.contains($0.name) }) else { return }
    let ownWords = wordsOfPrograms[program] ?? []
    if let first = words.first, first.isAssignment, words.count > 1 {
      let name = first.text.prefix { $0 != "=" }
      return report(
        .noShell(
          first.text, isFirst: true, cure: "run … env {\(name): \"\(first.text.dropFirst(name.utf8.count + 1))\"}",
          at: source.place(command.range)))
    }
    // Who writes `\$` knows of holes, and means the character.
    let mayExpand = !source.text(command.range).contains("\\$")
    guard
      let odd = words.dropFirst().first(where: { word in
        guard !word.isQuoted, !ownWords.contains(word.text) else { return false }
        if mayExpand && word.hasExpansion || word.isInHome { return true }
        if word.text == ";" || word.text == "&" { return !words.contains { $0.text == "-exec" || $0.text == "-ok" } }
        return shellWords.contains(word.text) || word.isRedirection
          || fileWords.contains(program) && (word.text.contains("*") || word.text.contains("?"))
      })
    else { return }
    let text = source.text(command.range)
    let isShort = text.utf8.count <= 60 && !text.utf8.contains(0x0A)
    report(
      .noShell(
        odd.text, cure: isShort ? "run [\"sh\", \"-c\", \(text)]" : "run [\"sh\", \"-c\", \"…\"]",
        at: source.place(command.range)))
  }
}

/// One of the words that `run` makes of its command.
private struct CommandWord {
  var text = ""
  /// A part of it is in quotes, behind a backslash, or filled in: it is meant as it stands.
  var isQuoted = false

  /// The program's name without its folder.
  var name: String { String(text[(text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex)...]) }

  /// `PORT=80` in front of a program.
  var isAssignment: Bool {
    guard !isQuoted, let equal = text.firstIndex(of: "="), equal != text.startIndex else { return false }
    let name = text[..<equal].utf8
    return !Lexer.isDigit(name.first ?? 0) && name.allSatisfy(Lexer.continuesWord)
  }

  /// `$HOME`, `$(date)`, `` `date` ``
  var hasExpansion: Bool {
    let bytes = Array(text.utf8)
    if bytes.count > 2, bytes.first == UInt8(ascii: "`"), bytes.contains(UInt8(ascii: "`")) { return true }
    return zip(bytes, bytes.dropFirst()).contains { first, second in
      first == UInt8(ascii: "$") && (Lexer.startsWord(second) || second == UInt8(ascii: "("))
    }
  }

  /// `~/file`
  var isInHome: Bool { text == "~" || text.hasPrefix("~/") }

  /// `>file`, `2>&1`, `<file`
  var isRedirection: Bool {
    let rest = text.drop { $0 == "2" || $0 == "1" || $0 == "&" }
    guard rest.hasPrefix(">") || rest.hasPrefix("<"), text.utf8.count - rest.utf8.count < 2 else { return false }
    let behind = rest.drop { $0 == ">" || $0 == "<" || $0 == "&" }
    // `<name>` is a text.
    return !behind.hasSuffix(">") && !behind.hasPrefix("=")
  }

  /// The words of a command that is written as one text; nil of anything else.
  static func words(of command: Expression) -> [CommandWord]? {
    switch command {
    case .string(let bytes, _): return words(of: [.bytes(bytes)])
    case .interpolation(let parts, _): return words(of: parts)
    default: return nil
    }
  }

  private static func words(of parts: [StringPart]) -> [CommandWord] {
    var words: [CommandWord] = []
    var word: CommandWord?
    var quote: UInt8?
    for part in parts {
      guard case .bytes(let bytes) = part else {
        word = CommandWord(text: word?.text ?? "", isQuoted: true)
        continue
      }
      var run: [UInt8] = []
      func close() {
        guard !run.isEmpty || word != nil else { return }
        word = CommandWord(
          text: (word?.text ?? "") + String(decoding: run, as: UTF8.self), isQuoted: word?.isQuoted ?? false)
        run = []
      }
      var offset = 0
      while offset < bytes.count {
        let byte = bytes[offset]
        offset += 1
        if let open = quote {
          if byte == open { quote = nil } else { run.append(byte) }
        } else if byte == 0x22 || byte == 0x27 || byte == 0x5C {
          close()
          word = CommandWord(text: word?.text ?? "", isQuoted: true)
          if byte == 0x5C { offset += 1 } else { quote = byte }
        } else if byte <= 0x20 {
          close()
          if let done = word { words.append(done) }
          word = nil
        } else {
          run.append(byte)
        }
      }
      close()
    }
    if let word { words.append(word) }
    return words
  }
}

private let shellWords: Set<String> = ["|", "||", "&&", ";", "&", "|&"]

/// Programs that start others, and give them to a shell.
private let shells: Set<String> = [
  "sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox", "ssh", "docker", "podman", "kubectl", "watch", "script",
  "su", "xargs", "parallel",
]

/// Programs whose arguments are names of files: a `*` is none.
private let fileWords: Set<String> = ["ls", "cat", "rm", "cp", "mv", "wc", "head", "tail", "chmod", "chown", "touch", "du"]

/// What some programs mean by these words.
private let wordsOfPrograms: [String: Set<String>] = [
  "expr": ["|", "&", ">", "<"], "test": [">", "<"], "[": [">", "<"], "tcpdump": ["&&", "||", "&", "|", ">", "<"],
  "tshark": ["&&", "||", "&", "|", ">", "<"], "bc": ["<", ">"],
]
