// The catalogue of what the parser says, one function for each complaint, with its cure; of statements and blocks it is in
// StatementErrors.swift.

extension Diagnostic {
  // MARK: - The file as a whole

  /// Why a file is not worth parsing; nil when it is.
  static func unreadable(_ source: SourceFile) -> Diagnostic? {
    if source.bytes.count > Limits.sourceBytes {
      return Diagnostic(
        SyntaxCode.sourceTooLarge, at: source.place(.none),
        "the file has \(source.bytes.count) bytes, and \(Limits.sourceBytes >> 20) MiB is the limit")
    }
    if let offset = source.bytes.firstIndex(of: 0) {
      if source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF]) || offset < 2 {
        return Diagnostic(
          SyntaxCode.notText, at: source.place(SourceRange(0, min(2, source.bytes.count))),
          "this is UTF-16 or UTF-32, and a script is UTF-8", cures: ["save the file as UTF-8"])
      }
      return Diagnostic(
        SyntaxCode.notText, at: source.place(SourceRange(offset, offset + 1)),
        "this is no text: it holds a zero byte", cures: ["in a string a zero byte is written `\\0`"])
    }
    return nil
  }

  static func notUTF8(_ place: Place, byte: UInt8) -> Diagnostic {
    Diagnostic(
      SyntaxCode.notUTF8, at: place, "the byte 0x\(hex(byte)) is not UTF-8",
      cures: ["in a string write `\\x\(hex(byte))`"])
  }

  static func tooManyErrors(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.tooManyErrors, at: place, "too many errors: the rest of the file has not been looked at",
      cures: ["mend the first ones and check again"])
  }

  static func tooDeep(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.tooDeep, at: place, "nested more than \(Limits.nesting) levels deep, which is the limit",
      cures: ["give the inner parts names, or functions of their own"])
  }

  // MARK: - Characters and words

  static func unexpected(_ place: Place, expected: String, found: String, cure: Cure? = nil) -> Diagnostic {
    Diagnostic(SyntaxCode.unexpected, at: place, "expected \(expected), found \(found)", cures: [cure])
  }

  static func unknownCharacter(_ place: Place, _ bytes: ArraySlice<UInt8>) -> Diagnostic {
    guard let first = bytes.first else { return Diagnostic(SyntaxCode.unknownCharacter, at: place, "no character") }
    if bytes.elementsEqual([0xC2, 0xA0]) {
      return Diagnostic(
        SyntaxCode.unknownCharacter, at: place, "this blank is a no-break space",
        cures: [.write(" ", at: place, "type a plain space")])
    }
    if first == UInt8(ascii: "\\") {
      return Diagnostic(
        SyntaxCode.unknownCharacter, at: place, "a `\\` joins two lines only as the very last character of the first",
        cures: ["remove what is behind it, blanks too"])
    }
    if first == 0x0D {
      return Diagnostic(
        SyntaxCode.unknownCharacter, at: place, "a CR alone ends no line",
        cures: ["save the file with LF or CRLF at the ends of lines"])
    }
    let shown = first > 0x20 && first != 0x7F && (first < 0x80 || bytes.count > 1)
    let name = shown ? "`\(String(decoding: bytes, as: UTF8.self))`" : "the byte 0x\(hex(first))"
    if first >= 0x80 {
      return Diagnostic(
        SyntaxCode.unknownCharacter, at: place, "\(name) belongs in a string or a comment",
        cures: ["names are made of the letters A to Z, digits and `_`"])
    }
    if first == UInt8(ascii: "?") {
      return Diagnostic(
        SyntaxCode.unknownCharacter, at: place, "`?` is no operator", cures: ["write `if CONDITION then A else B`"])
    }
    return Diagnostic(
      SyntaxCode.unknownCharacter, at: place, "\(name) means nothing here",
      cures: ["in a text it stands between quotes"])
  }

  static func smartQuote(_ place: Place, _ quote: String) -> Diagnostic {
    Diagnostic(SyntaxCode.smartQuote, at: place, "`\(quote)` is a typographic quote", cures: ["write `\"` or `'`"])
  }

  static func dollarName(_ place: Place, _ name: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.dollarName, at: place, "names have no `$` in front",
      cures: [
        name.isEmpty
          ? "write `name`; in a string `${name}`" : .write(name, at: place, "write `\(name)`; in a string `${\(name)}`")
      ])
  }

  static func slashComment(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.slashComment, at: place, "`//` starts no comment",
      cures: [.write("#", at: place, "a comment starts with `#`")])
  }

  static func reservedName(_ place: Place, _ word: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.reservedName, at: place, "`\(word)` is a word of the language and cannot be a name",
      cures: ["write `\(word)_` or another name"])
  }

  // MARK: - Literals

  static func badNumber(_ place: Place, _ text: String, _ mistake: NumberLiteral.Mistake) -> Diagnostic {
    // Without a minus that touches it.
    let number = place.file.place(SourceRange(Int(place.range.upper) - text.utf8.count, Int(place.range.upper)))
    switch mistake {
    case .tooLarge:
      return Diagnostic(
        SyntaxCode.badNumber, at: place,
        "the number is too large: integers have 64 bits, floats end near 1.8 times ten to the 308",
        cures: ["put quotes around digits that are a text"])
    case .leadingZero:
      let digits = text.drop { $0 == "0" || $0 == "_" }
      let plain = digits.isEmpty ? "0" : String(digits)
      return Diagnostic(
        SyntaxCode.badNumber, at: place, "a decimal number does not start with 0",
        cures: [.write(plain, at: number, "write `\(plain)`, or `0x…` for hexadecimal")])
    case .unknownUnit(let unit) where isExponent(unit):
      return Diagnostic(
        SyntaxCode.badNumber, at: place, "numbers are written without an exponent",
        cures: ["write its zeros, or `float(\"\(text)\")`"])
    case .unknownUnit(let unit) where text.hasPrefix("0x") || text.hasPrefix("0X"):
      return Diagnostic(
        SyntaxCode.badNumber, at: place, "`\(unit)` is no hexadecimal digit",
        cures: ["`0x` is followed by digits and the letters a to f"])
    case .unknownUnit(let unit):
      let known = [
        "sec": "s", "secs": "s", "min": "m", "mins": "m", "hr": "h", "k": "KiB", "kb": "KiB", "kib": "KiB",
        "mb": "MiB", "mib": "MiB", "gb": "GiB", "gib": "GiB", "msec": "ms",
      ]
      let meant = known[unit.lowercased()] ?? Suggestion.nearest(unit, among: NumberLiteral.units)
      let units = NumberLiteral.units.joined(separator: ", ")
      return Diagnostic(
        SyntaxCode.badNumber, at: place, "`\(unit)` is no unit",
        cures: [meant.map { .meant("\(text.dropLast(unit.count))\($0)", at: number) } ?? "the units are \(units)"])
    case .badDigits(let base):
      let name = base == 16 ? "hexadecimal" : "binary"
      return Diagnostic(
        SyntaxCode.badNumber, at: place, "`\(text)` is no \(name) number",
        cures: [base == 16 ? "`0x` is followed by digits and the letters a to f" : "`0b` is followed by 0s and 1s"])
    }
  }

  /// `e9`, which other languages write behind a number.
  private static func isExponent(_ unit: String) -> Bool {
    unit.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "e")
      && unit.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  static func leadingPoint(_ place: Place, _ text: String) -> Diagnostic {
    Diagnostic(SyntaxCode.leadingPoint, at: place, "a number starts with a digit", cures: [.write("0\(text)", at: place)])
  }

  static func unclosedString(_ place: Place, quote: String) -> Diagnostic {
    let closing = quote == "x\"" ? "\"" : quote
    return Diagnostic(
      SyntaxCode.unclosedString, at: place, "the string is not closed on its line",
      cures: ["close it with `\(closing)`; text of several lines stands between `\"\"\"`"])
  }

  static func unclosedRegex(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.unclosedRegex, at: place, "the regular expression is not closed on its line",
      cures: ["close it with `/`"])
  }

  static func unknownEscape(_ place: Place, _ escape: String) -> Diagnostic {
    if escape.utf8.count > 2, escape.hasPrefix("\\0") {
      return Diagnostic(
        SyntaxCode.unknownEscape, at: place, "`\(escape)`: octal or a zero byte?",
        cures: ["write `\\x00` and the digit, or `\\xHH`"])
    }
    return Diagnostic(
      SyntaxCode.unknownEscape, at: place, "`\(escape)` is no escape",
      cures: ["there are \\r \\n \\t \\0 \\e \\\\ \\\" \\$ \\xHH \\u{H…}; a backslash is `\\\\`, and '…' has no escapes"])
  }

  static func badHexEscape(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.badHexEscape, at: place, "`\\x` is followed by two hexadecimal digits", cures: ["write `\\x0d`"])
  }

  static func badUnicodeEscape(_ place: Place, isNoCharacter: Bool = false) -> Diagnostic {
    if isNoCharacter {
      return Diagnostic(
        SyntaxCode.badUnicodeEscape, at: place, "there is no character of this number",
        cures: ["they end at `\\u{10ffff}`"])
    }
    return Diagnostic(
      SyntaxCode.badUnicodeEscape, at: place, "`\\u` is followed by the number of a character in braces",
      cures: ["write `\\u{e9}`"])
  }

  static func badHexString(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.badHexString, at: place, "a hex string holds pairs of hexadecimal digits and blanks",
      cures: ["write each byte with two digits: `x\"0d 0a\"`"])
  }

  static func emptyHole(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.emptyHole, at: place, "nothing stands in `${}`", cures: ["write the two characters as `\\${`"])
  }

  static func unclosedHole(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.unclosedHole, at: place, "`${` is not closed on its line",
      cures: ["close it with `}`; the characters are written `\\${`"])
  }

  static func unclosedBlockString(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.unclosedBlockString, at: place, "this `\"\"\"` is never closed",
      cures: ["close it with `\"\"\"` on a line of its own"])
  }

  static func blockStringLayout(_ place: Place, isOpening: Bool) -> Diagnostic {
    Diagnostic(
      SyntaxCode.blockStringLayout, at: place,
      isOpening ? "the text begins on the line after `\"\"\"`" : "the closing `\"\"\"` stands on a line of its own",
      cures: ["every line between them ends with a newline, the last one too; `trim(text)` is without it"])
  }

  static func blockStringIndentation(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.blockStringIndentation, at: place,
      "this line is indented less than, or otherwise than, the closing `\"\"\"`",
      cures: ["the blanks in front of the closing quotes are removed from every line"])
  }

  // MARK: - Brackets and operators

  static func unclosedBracket(_ place: Place, _ opener: String, _ closer: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.unclosedBracket, at: place, "this `\(opener)` is never closed", cures: ["close it with `\(closer)`"])
  }

  static func bracketExpected(
    _ place: Place, _ expected: String, found: String, line: Int, cure: Cure? = nil
  ) -> Diagnostic {
    let message = "expected \(expected), found \(found)"
    let here = place.file.position(of: Int(place.range.lower)).line
    return line == here
      ? Diagnostic(SyntaxCode.bracketExpected, at: place, message, cures: [cure])
      : Diagnostic(SyntaxCode.bracketExpected, at: place, message, notes: ["the bracket was opened on line \(line)"])
  }

  /// - Parameter isBehindRegex: a regex ends right before it, in which a `[` is open.
  static func strayBracket(_ place: Place, _ bracket: String, isBehindRegex: Bool = false) -> Diagnostic {
    Diagnostic(
      SyntaxCode.strayBracket, at: place, "this `\(bracket)` closes nothing",
      cures: [
        isBehindRegex
          ? "the `/` before it ends the regular expression, in `[ ]` too: write `\\/`"
          : "remove it, or open it where it should begin"
      ])
  }

  static func operandExpected(_ place: Place, found: String) -> Diagnostic {
    Diagnostic(SyntaxCode.operandExpected, at: place, "expected a value, found \(found)")
  }

  static func operandMissing(_ place: Place, _ word: String) -> Diagnostic {
    Diagnostic(SyntaxCode.operandMissing, at: place, "nothing follows this `\(word)`")
  }

  /// - Parameter word: `not`, `try` or `if`, where an operand is due.
  static func notAsOperand(_ place: Place, _ word: String) -> Diagnostic {
    let what = word == "not" ? "looser than the operator before it" : "no operand by itself"
    return Diagnostic(
      SyntaxCode.notAsOperand, at: place, "`\(word)` is \(what)",
      cures: [word == "if" ? "write `(if … then … else …)`" : "write `(\(word) …)`"])
  }

  static func namedShortFunction(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.shortFunction, at: place, "a short function has no name: what it gives stands behind its parameters",
      cures: ["write `let NAME = fn(…) VALUE`", "a function of several lines is `def NAME(…)`, its lines, `end`"])
  }

  static func returnInShortFunction(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.shortFunction, at: place, "a short function gives the value of its expression by itself",
      cures: ["leave `return` out"])
  }

  static func shortFunctionWithoutValue(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.shortFunction, at: place, "a short function is one expression, on the line of its parameters",
      cures: ["a function of several lines is `def NAME(…)`, its lines, `end`; its name is a value"])
  }

  static func choiceWithoutElse(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.choiceWithoutElse, at: place, "this `if` is a value, and has none where its condition does not hold",
      cures: ["write `if … then … else nil`", "to do something then, write `if …`, its lines, and `end`"])
  }

  static func choiceAsStatement(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.choiceAsStatement, at: place, "where a statement begins, `if` is a block",
      cures: [
        "write its parts on lines of their own: `if …`, `else`, `end`",
        "as a value it stands behind something, as `let x = if … then … else …`",
      ])
  }

  static func elseBehindValue(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.elseBehindValue, at: place, "`else` stands behind all that `try` tries, or behind `if … then …`",
      cures: ["write `try (…) else …` where `and` or `or` belongs to what is tried"])
  }

  static func chainedComparison(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.chainedComparison, at: place, "comparisons and ranges do not chain",
      cures: ["write `a < b and b < c`"])
  }

  static func lopsidedMinus(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.lopsidedMinus, at: place, "between two values `-` has a blank on both sides or on neither",
      cures: ["write `a - b`; for two values write `a, -b`, or `(-b)`"])
  }

  static func memberExpected(_ place: Place, found: String) -> Diagnostic {
    Diagnostic(SyntaxCode.memberExpected, at: place, "expected a name that touches the dot, found \(found)")
  }

  // MARK: - Steps

  static func verbAsOperand(_ place: Place, _ verb: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.verbAsOperand, at: place,
      "`\(verb)` is a verb; beside a word or an operator a verb phrase stands in parentheses",
      cures: ["write `(\(verb) …)`"])
  }

  static func stepBesideOperator(_ place: Place, _ phrase: String) -> Diagnostic {
    let isLong = phrase.utf8.count > 60 || phrase.utf8.contains(0x0A)
    return Diagnostic(
      SyntaxCode.stepBesideOperator, at: place, "beside an operator a verb phrase stands in parentheses",
      cures: [.write("(\(phrase))", at: place, isLong ? "write `(verb phrase)`" : nil)])
  }

  static func verbCalled(_ place: Place, _ verb: String, arguments: String?) -> Diagnostic {
    let phrase = arguments.map { $0.isEmpty ? verb : "\(verb) \($0)" } ?? "\(verb) …"
    return Diagnostic(
      SyntaxCode.verbCalled, at: place, "`\(verb)` is a verb, not a function", cures: ["write `\(phrase)`"])
  }

  static func unknownVerb(_ place: Place, _ name: String, _ meant: ForeignWords.Meant?) -> Diagnostic {
    unknownVerb(
      place, name,
      cure: Cure.toSend(name, at: place) ?? meant?.cure(at: place)
        ?? "a function is called as `\(name)(…)`, a name is set with `let \(name) = …`")
  }

  static func unknownVerb(_ place: Place, _ name: String, cure: Cure) -> Diagnostic {
    Diagnostic(SyntaxCode.unknownVerb, at: place, "`\(name)` is no verb", cures: [cure])
  }

  /// - Parameter bracket: `(` or `[`.
  static func spaceBeforeCall(_ place: Place, _ name: String, bracket: String = "(") -> Diagnostic {
    bracket == "("
      ? Diagnostic(
        SyntaxCode.spaceBeforeCall, at: place, "a call's `(` touches the name", cures: ["write `\(name)(…)`"])
      : Diagnostic(
        SyntaxCode.spaceBeforeCall, at: place, "an index's `[` touches the name",
        cures: ["write `\(name)[…]`; between two values stands a comma"])
  }

  static func argumentMissing(
    _ place: Place, of word: String, _ what: String, found: String, cure: Cure? = nil
  ) -> Diagnostic {
    Diagnostic(
      SyntaxCode.argumentMissing, at: place, "`\(word)` is followed by \(what), found \(found)", cures: [cure])
  }

  /// - Parameter example: a step with that verb that is right.
  static func dataMissing(
    _ place: Place, _ verb: String, _ what: String, example: String, swallowed: String?
  ) -> Diagnostic {
    guard let swallowed else {
      return Diagnostic(
        SyntaxCode.dataMissing, at: place, "`\(verb)` needs \(what)", cures: ["write it like `\(example)`"])
    }
    return Diagnostic(
      SyntaxCode.dataMissing, at: place, "`\(verb)` needs \(what)",
      cures: ["`\(swallowed)` is an option here; a variable of that name is written `(\(swallowed))`"])
  }

  static func dataExcluded(_ place: Place, _ verb: String, _ option: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.dataExcluded, at: place, "`\(verb) \(option)` takes no value beside it",
      cures: ["leave out the value, or `\(option)`"])
  }

  static func extraOperand(_ place: Place, _ verb: String, takes: Bool) -> Diagnostic {
    Diagnostic(
      SyntaxCode.extraOperand, at: place, takes ? "`\(verb)` takes one value only" : "`\(verb)` takes no value",
      cures: [takes ? "a value of several parts stands in parentheses" : "leave it out"])
  }

  static func commaMissing(_ place: Place, _ verb: String?) -> Diagnostic {
    Diagnostic(
      SyntaxCode.commaMissing, at: place, "a comma is missing",
      cures: ["\(verb.map { "the values of `\($0)`" } ?? "the pairs of a map") are separated by commas"])
  }

  static func unitApart(_ place: Place, _ number: String, _ unit: String) -> Diagnostic {
    Diagnostic(SyntaxCode.unitApart, at: place, "a unit touches its number", cures: ["write `\(number)\(unit)`"])
  }

  /// - Parameter options: the words that the verb takes.
  static func unknownOption(
    _ place: Place, _ word: String, of verb: String, _ meant: String?, options: [String]
  ) -> Diagnostic {
    unknownOption(
      place, word, of: verb,
      meant.map { .meant($0, at: place) } ?? "its options are \(options.joined(separator: ", "))")
  }

  static func unknownOption(_ place: Place, _ word: String, of verb: String, _ cure: Cure) -> Diagnostic {
    Diagnostic(SyntaxCode.unknownOption, at: place, "`\(word)` is no option of `\(verb)`", cures: [cure])
  }

  static func optionsExclude(_ place: Place, _ verb: String, _ first: String, _ second: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.optionsExclude, at: place, "`\(verb)` takes `\(first)` or `\(second)`, not both",
      cures: ["leave out one of them"])
  }

  static func optionNeeds(_ place: Place, _ verb: String, _ option: String, _ needs: [String]) -> Diagnostic {
    let list = needs.map { "`\(verb) \($0)`" }.joined(separator: " or ")
    return Diagnostic(
      SyntaxCode.optionNeeds, at: place, "`\(option)` belongs to \(list)",
      cures: ["write that, or leave out `\(option)`"])
  }

  static func optionMissing(_ place: Place, _ row: VerbRow) -> Diagnostic {
    let verb = row.verb.rawValue
    let group = row.options.first ?? []
    let words = group.map(\.word.rawValue)
    var example = row.example
    if case .nothing? = group.last?.argument { example = "\(verb) \(words.last ?? "")" }
    return Diagnostic(
      SyntaxCode.optionMissing, at: place, "`\(verb)` needs one of \(words.map { "`\($0)`" }.joined(separator: ", "))",
      cures: ["write it like `\(example)`"])
  }

  static func repeatedWord(_ place: Place, _ word: String) -> Diagnostic {
    Diagnostic(SyntaxCode.repeatedWord, at: place, "`\(word)` stands here twice", cures: ["leave out one of them"])
  }

  static func noDeadline(_ place: Place, _ verb: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.noDeadline, at: place, "`\(verb)` does not wait, so it takes no `within`", cures: ["leave it out"])
  }

  static func noResult(_ place: Place, _ verb: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.noResult, at: place, "`\(verb)` has no result that `as` could name", cures: ["leave it out"])
  }

  static func verbWithoutChannel(_ place: Place, _ verb: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.verbWithoutChannel, at: place, "`\(verb)` speaks to no channel",
      cures: ["write `\(verb)` without what is before the dot"])
  }

  static func addressWithoutPort(_ place: Place, _ host: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.addressWithoutPort, at: place, "this address has no port",
      cures: ["write `\(host):25`, with the port that you mean"])
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.utf8.count < 2 ? "0" + digits : digits
  }
}
