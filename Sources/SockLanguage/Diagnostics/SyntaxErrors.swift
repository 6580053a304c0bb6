// The catalogue of what the parser says, one function for each complaint, with its cure; of statements and blocks it is in
// StatementErrors.swift.

extension Diagnostic {
  /// What a diagnostic points at.
  package struct Place: Sendable {
    package let file: SourceFile
    package let range: SourceRange
  }

  /// The codes of this catalogue, each of which stands for one kind of mistake. SyntaxExplanations explains them.
  package enum SyntaxCode: String, Sendable, CaseIterable {
    case sourceTooLarge = "source-too-large"
    case notText = "not-text"
    case notUTF8 = "not-utf8"
    case tooManyErrors = "too-many-errors"
    case tooDeep = "too-deep"
    case unexpected
    case unknownCharacter = "unknown-character"
    case smartQuote = "smart-quote"
    case dollarName = "dollar-name"
    case slashComment = "slash-comment"
    case badNumber = "bad-number"
    case leadingPoint = "leading-point"
    case unclosedString = "unclosed-string"
    case unclosedRegex = "unclosed-regex"
    case unknownEscape = "unknown-escape"
    case badHexEscape = "bad-hex-escape"
    case badUnicodeEscape = "bad-unicode-escape"
    case badHexString = "bad-hex-string"
    case emptyHole = "empty-hole"
    case unclosedHole = "unclosed-hole"
    case unclosedBlockString = "unclosed-block-string"
    case blockStringLayout = "block-string-layout"
    case blockStringIndentation = "block-string-indentation"
    case unclosedBracket = "unclosed-bracket"
    case bracketExpected = "bracket-expected"
    case strayBracket = "stray-bracket"
    case operandExpected = "operand-expected"
    case operandMissing = "operand-missing"
    case notAsOperand = "not-as-operand"
    case chainedComparison = "chained-comparison"
    case lopsidedMinus = "lopsided-minus"
    case foreignOperator = "foreign-operator"
    case increment
    case memberExpected = "member-expected"
    case verbAsOperand = "verb-as-operand"
    case stepBesideOperator = "step-beside-operator"
    case verbCalled = "verb-called"
    case unknownVerb = "unknown-verb"
    case spaceBeforeCall = "space-before-call"
    case argumentMissing = "argument-missing"
    case dataMissing = "data-missing"
    case dataExcluded = "data-excluded"
    case extraOperand = "extra-operand"
    case commaMissing = "comma-missing"
    case unknownOption = "unknown-option"
    case optionsExclude = "options-exclude"
    case optionNeeds = "option-needs"
    case optionMissing = "option-missing"
    case repeatedWord = "repeated-word"
    case noDeadline = "no-deadline"
    case noResult = "no-result"
    case verbWithoutChannel = "verb-without-channel"
    case addressWithoutPort = "address-without-port"
    case reservedName = "reserved-name"
    case letWithoutValue = "let-without-value"
    case importPath = "import-path"
    case settingAssigned = "setting-assigned"
    case unitApart = "unit-apart"
    case badTarget = "bad-target"
    case valueUnused = "value-unused"
    case assignmentInCondition = "assignment-in-condition"
    case commaInStatement = "comma-in-statement"
    case postfixIf = "postfix-if"
    case unclosedBlock = "unclosed-block"
    case strayEnd = "stray-end"
    case endOnOwnLine = "end-on-own-line"
    case misplacedWord = "misplaced-word"
    case elseIf = "else-if"
    case foreignWord = "foreign-word"
    case headWord = "head-word"
    case braceBlock = "brace-block"
    case strayBrace = "stray-brace"
    case blockOnLine = "block-on-line"
    case countingFor = "counting-for"
    case retryWithoutWithin = "retry-without-within"
    case whenWithoutStep = "when-without-step"
    case statementInSelect = "statement-in-select"
  }

  /// Each complaint of the parser: its notes are shown as they are.
  static func syntax(_ code: SyntaxCode, _ place: Place, _ message: String, _ notes: String...) -> Diagnostic {
    Diagnostic(code: code.rawValue, message: message, file: place.file, range: place.range, notes: notes)
  }

  // MARK: - The file as a whole

  /// Why a file is not worth parsing; nil when it is.
  static func unreadable(_ source: SourceFile) -> Diagnostic? {
    if source.bytes.count > Limits.sourceBytes {
      return syntax(
        .sourceTooLarge, Place(file: source, range: .none),
        "the file has \(source.bytes.count) bytes, and \(Limits.sourceBytes >> 20) MiB is the limit")
    }
    if let offset = source.bytes.firstIndex(of: 0) {
      if source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF]) || offset < 2 {
        return syntax(
          .notText, Place(file: source, range: SourceRange(0, min(2, source.bytes.count))),
          "this is UTF-16 or UTF-32, and a script is UTF-8", "help: save the file as UTF-8")
      }
      return syntax(
        .notText, Place(file: source, range: SourceRange(offset, offset + 1)),
        "this is no text: it holds a zero byte", "help: in a string a zero byte is written `\\0`")
    }
    return nil
  }

  static func notUTF8(_ place: Place, byte: UInt8) -> Diagnostic {
    syntax(
      .notUTF8, place, "the byte 0x\(hex(byte)) is not UTF-8", "help: in a string write `\\x\(hex(byte))`")
  }

  static func tooManyErrors(_ place: Place) -> Diagnostic {
    syntax(
      .tooManyErrors, place, "too many errors: the rest of the file has not been looked at",
      "help: mend the first ones and check again")
  }

  static func tooDeep(_ place: Place) -> Diagnostic {
    syntax(
      .tooDeep, place, "nested more than \(Limits.nesting) levels deep, which is the limit",
      "help: give the inner parts names, or functions of their own")
  }

  // MARK: - Characters and words

  static func unexpected(_ place: Place, expected: String, found: String) -> Diagnostic {
    syntax(.unexpected, place, "expected \(expected), found \(found)")
  }

  static func unknownCharacter(_ place: Place, _ bytes: ArraySlice<UInt8>) -> Diagnostic {
    guard let first = bytes.first else { return syntax(.unknownCharacter, place, "no character") }
    if bytes.elementsEqual([0xC2, 0xA0]) {
      return syntax(.unknownCharacter, place, "this blank is a no-break space", "help: type a plain space")
    }
    if first == UInt8(ascii: "\\") {
      return syntax(
        .unknownCharacter, place, "a `\\` joins two lines only as the very last character of the first",
        "help: remove what is behind it, blanks too")
    }
    if first == 0x0D {
      return syntax(
        .unknownCharacter, place, "a CR alone ends no line", "help: save the file with LF or CRLF at the ends of lines")
    }
    let shown = first > 0x20 && first != 0x7F && (first < 0x80 || bytes.count > 1)
    let name = shown ? "`\(String(decoding: bytes, as: UTF8.self))`" : "the byte 0x\(hex(first))"
    if first >= 0x80 {
      return syntax(
        .unknownCharacter, place, "\(name) belongs in a string or a comment",
        "help: names are made of the letters A to Z, digits and `_`")
    }
    if first == UInt8(ascii: "?") {
      return syntax(.unknownCharacter, place, "`?` is no operator", "help: write `if CONDITION`, `else` and `end`")
    }
    return syntax(.unknownCharacter, place, "\(name) means nothing here", "help: in a text it stands between quotes")
  }

  static func smartQuote(_ place: Place, _ quote: String) -> Diagnostic {
    syntax(.smartQuote, place, "`\(quote)` is a typographic quote", "help: write `\"` or `'`")
  }

  static func dollarName(_ place: Place, _ name: String) -> Diagnostic {
    syntax(
      .dollarName, place, "names have no `$` in front",
      "help: write `\(name.isEmpty ? "name" : name)`; in a string `${\(name.isEmpty ? "name" : name)}`")
  }

  static func slashComment(_ place: Place) -> Diagnostic {
    syntax(.slashComment, place, "`//` starts no comment", "help: a comment starts with `#`")
  }

  static func reservedName(_ place: Place, _ word: String) -> Diagnostic {
    syntax(
      .reservedName, place, "`\(word)` is a word of the language and cannot be a name",
      "help: write `\(word)_` or another name")
  }

  // MARK: - Literals

  static func badNumber(_ place: Place, _ text: String, _ mistake: NumberLiteral.Mistake) -> Diagnostic {
    switch mistake {
    case .tooLarge:
      return syntax(
        .badNumber, place, "the number is too large: integers have 64 bits, floats end near 1.8 times ten to the 308",
        "help: put quotes around digits that are a text")
    case .leadingZero:
      let plain = String(text.drop { $0 == "0" || $0 == "_" })
      return syntax(
        .badNumber, place, "a decimal number does not start with 0",
        "help: write `\(plain.isEmpty ? "0" : plain)`, or `0x…` for hexadecimal")
    case .unknownUnit(let unit) where isExponent(unit):
      return syntax(
        .badNumber, place, "numbers are written without an exponent", "help: write its zeros, or `float(\"\(text)\")`")
    case .unknownUnit(let unit) where text.hasPrefix("0x") || text.hasPrefix("0X"):
      return syntax(
        .badNumber, place, "`\(unit)` is no hexadecimal digit",
        "help: `0x` is followed by digits and the letters a to f")
    case .unknownUnit(let unit):
      let known = [
        "sec": "s", "secs": "s", "min": "m", "mins": "m", "hr": "h", "k": "KiB", "kb": "KiB", "kib": "KiB",
        "mb": "MiB", "mib": "MiB", "gb": "GiB", "gib": "GiB", "msec": "ms",
      ]
      let meant = known[unit.lowercased()] ?? Suggestion.nearest(unit, among: NumberLiteral.units)
      let units = NumberLiteral.units.joined(separator: ", ")
      return syntax(
        .badNumber, place, "`\(unit)` is no unit",
        meant.map { "help: did you mean `\(text.dropLast(unit.count))\($0)`?" } ?? "help: the units are \(units)")
    case .badDigits(let base):
      let name = base == 16 ? "hexadecimal" : "binary"
      return syntax(
        .badNumber, place, "`\(text)` is no \(name) number",
        base == 16 ? "help: `0x` is followed by digits and the letters a to f" : "help: `0b` is followed by 0s and 1s")
    }
  }

  /// `e9`, which other languages write behind a number.
  private static func isExponent(_ unit: String) -> Bool {
    unit.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "e")
      && unit.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  static func leadingPoint(_ place: Place, _ text: String) -> Diagnostic {
    syntax(.leadingPoint, place, "a number starts with a digit", "help: write `0\(text)`")
  }

  static func unclosedString(_ place: Place, quote: String) -> Diagnostic {
    let closing = quote == "x\"" ? "\"" : quote
    return syntax(
      .unclosedString, place, "the string is not closed on its line",
      "help: close it with `\(closing)`; text of several lines stands between `\"\"\"`")
  }

  static func unclosedRegex(_ place: Place) -> Diagnostic {
    syntax(.unclosedRegex, place, "the regular expression is not closed on its line", "help: close it with `/`")
  }

  static func unknownEscape(_ place: Place, _ escape: String) -> Diagnostic {
    if escape.utf8.count > 2, escape.hasPrefix("\\0") {
      return syntax(
        .unknownEscape, place, "`\(escape)`: octal or a zero byte?", "help: write `\\x00` and the digit, or `\\xHH`")
    }
    return syntax(
      .unknownEscape, place, "`\(escape)` is no escape",
      "help: there are \\r \\n \\t \\0 \\e \\\\ \\\" \\$ \\xHH \\u{H…}; a backslash is `\\\\`, and '…' has no escapes")
  }

  static func badHexEscape(_ place: Place) -> Diagnostic {
    syntax(.badHexEscape, place, "`\\x` is followed by two hexadecimal digits", "help: write `\\x0d`")
  }

  static func badUnicodeEscape(_ place: Place, isNoCharacter: Bool = false) -> Diagnostic {
    if isNoCharacter {
      return syntax(
        .badUnicodeEscape, place, "there is no character of this number", "help: they end at `\\u{10ffff}`")
    }
    return syntax(
      .badUnicodeEscape, place, "`\\u` is followed by the number of a character in braces", "help: write `\\u{e9}`")
  }

  static func badHexString(_ place: Place) -> Diagnostic {
    syntax(
      .badHexString, place, "a hex string holds pairs of hexadecimal digits and blanks",
      "help: write each byte with two digits: `x\"0d 0a\"`")
  }

  static func emptyHole(_ place: Place) -> Diagnostic {
    syntax(.emptyHole, place, "nothing stands in `${}`", "help: write the two characters as `\\${`")
  }

  static func unclosedHole(_ place: Place) -> Diagnostic {
    syntax(
      .unclosedHole, place, "`${` is not closed on its line",
      "help: close it with `}`; the characters are written `\\${`")
  }

  static func unclosedBlockString(_ place: Place) -> Diagnostic {
    syntax(
      .unclosedBlockString, place, "this `\"\"\"` is never closed", "help: close it with `\"\"\"` on a line of its own")
  }

  static func blockStringLayout(_ place: Place, isOpening: Bool) -> Diagnostic {
    syntax(
      .blockStringLayout, place,
      isOpening ? "the text begins on the line after `\"\"\"`" : "the closing `\"\"\"` stands on a line of its own",
      "help: every line between them ends with a newline, the last one too")
  }

  static func blockStringIndentation(_ place: Place) -> Diagnostic {
    syntax(
      .blockStringIndentation, place, "this line is indented less than, or otherwise than, the closing `\"\"\"`",
      "help: the blanks in front of the closing quotes are removed from every line")
  }

  // MARK: - Brackets and operators

  static func unclosedBracket(_ place: Place, _ opener: String, _ closer: String) -> Diagnostic {
    syntax(.unclosedBracket, place, "this `\(opener)` is never closed", "help: close it with `\(closer)`")
  }

  static func bracketExpected(_ place: Place, _ expected: String, found: String, line: Int) -> Diagnostic {
    let message = "expected \(expected), found \(found)"
    let here = place.file.position(of: Int(place.range.lower)).line
    return line == here
      ? syntax(.bracketExpected, place, message)
      : syntax(.bracketExpected, place, message, "the bracket was opened on line \(line)")
  }

  static func strayBracket(_ place: Place, _ bracket: String) -> Diagnostic {
    syntax(
      .strayBracket, place, "this `\(bracket)` closes nothing", "help: remove it, or open it where it should begin")
  }

  static func operandExpected(_ place: Place, found: String) -> Diagnostic {
    syntax(.operandExpected, place, "expected a value, found \(found)")
  }

  static func operandMissing(_ place: Place, _ word: String) -> Diagnostic {
    syntax(.operandMissing, place, "nothing follows this `\(word)`")
  }

  static func notAsOperand(_ place: Place) -> Diagnostic {
    syntax(.notAsOperand, place, "`not` is looser than the operator before it", "help: write `(not …)`")
  }

  static func chainedComparison(_ place: Place) -> Diagnostic {
    syntax(.chainedComparison, place, "comparisons and ranges do not chain", "help: write `a < b and b < c`")
  }

  static func lopsidedMinus(_ place: Place) -> Diagnostic {
    syntax(
      .lopsidedMinus, place, "between two values `-` has a blank on both sides or on neither",
      "help: write `a - b`; for two values write `a, -b`, or `(-b)`")
  }

  static func foreignOperator(_ place: Place, _ found: String, _ word: String) -> Diagnostic {
    syntax(.foreignOperator, place, "`\(found)` is no operator", "help: write `\(word)`")
  }

  static func increment(_ place: Place, _ name: String, sign: String) -> Diagnostic {
    syntax(.increment, place, "`\(sign)\(sign)` is no operator", "help: write `\(name) \(sign)= 1`")
  }

  static func memberExpected(_ place: Place, found: String) -> Diagnostic {
    syntax(.memberExpected, place, "expected a name that touches the dot, found \(found)")
  }

  // MARK: - Steps

  static func verbAsOperand(_ place: Place, _ verb: String) -> Diagnostic {
    syntax(
      .verbAsOperand, place, "`\(verb)` is a verb; beside a word or an operator a verb phrase stands in parentheses",
      "help: write `(\(verb) …)`")
  }

  static func stepBesideOperator(_ place: Place, _ phrase: String) -> Diagnostic {
    let shown = phrase.utf8.count > 60 || phrase.utf8.contains(0x0A) ? "verb phrase" : phrase
    return syntax(
      .stepBesideOperator, place, "beside an operator a verb phrase stands in parentheses", "help: write `(\(shown))`")
  }

  static func verbCalled(_ place: Place, _ verb: String, arguments: String?) -> Diagnostic {
    let phrase = arguments.map { $0.isEmpty ? verb : "\(verb) \($0)" } ?? "\(verb) …"
    return syntax(.verbCalled, place, "`\(verb)` is a verb, not a function", "help: write `\(phrase)`")
  }

  static func unknownVerb(_ place: Place, _ name: String, _ meant: ForeignWords.Meant?) -> Diagnostic {
    switch meant {
    case .word(let word): syntax(.unknownVerb, place, "`\(name)` is no verb", "help: did you mean `\(word)`?")
    case .phrase(let advice): syntax(.unknownVerb, place, "`\(name)` is no verb", "help: \(advice)")
    case nil:
      syntax(
        .unknownVerb, place, "`\(name)` is no verb",
        "help: a function is called as `\(name)(…)`, a name is set with `let \(name) = …`")
    }
  }

  /// - Parameter bracket: `(` or `[`.
  static func spaceBeforeCall(_ place: Place, _ name: String, bracket: String = "(") -> Diagnostic {
    bracket == "("
      ? syntax(.spaceBeforeCall, place, "a call's `(` touches the name", "help: write `\(name)(…)`")
      : syntax(
        .spaceBeforeCall, place, "an index's `[` touches the name",
        "help: write `\(name)[…]`; between two values stands a comma")
  }

  /// What the verb table calls an argument, in a sentence.
  private static func spoken(_ placeholder: String) -> String {
    let words = [
      "ADDRESS": "an address", "DATA": "data", "PATTERN": "a pattern", "N": "a number", "DURATION": "a duration",
      "NAME": "a name", "FUNCTION": "a function", "COMMAND": "a command", "DIRECTORY": "a directory", "MAP": "a map",
      "MESSAGE": "a message", "EXPR": "a condition", "FILE": "a file", "HOST": "a host", "LIST": "a list",
      "PROTOCOL": "a protocol", "LEVEL": "a level", "OPTION": "an option",
    ]
    return words[placeholder] ?? placeholder
  }

  static func argumentMissing(_ place: Place, of word: String, _ what: String, found: String) -> Diagnostic {
    syntax(.argumentMissing, place, "`\(word)` is followed by \(spoken(what)), found \(found)")
  }

  /// - Parameter example: a step with that verb that is right.
  static func dataMissing(
    _ place: Place, _ verb: String, _ what: String, example: String, swallowed: String?
  ) -> Diagnostic {
    guard let swallowed else {
      return syntax(.dataMissing, place, "`\(verb)` needs \(spoken(what))", "help: write it like `\(example)`")
    }
    return syntax(
      .dataMissing, place, "`\(verb)` needs \(spoken(what))",
      "help: `\(swallowed)` is an option here; a variable of that name is written `(\(swallowed))`")
  }

  static func dataExcluded(_ place: Place, _ verb: String, _ option: String) -> Diagnostic {
    syntax(
      .dataExcluded, place, "`\(verb) \(option)` takes no value beside it", "help: leave out the value, or `\(option)`")
  }

  static func extraOperand(_ place: Place, _ verb: String, takes: Bool) -> Diagnostic {
    syntax(
      .extraOperand, place, takes ? "`\(verb)` takes one value only" : "`\(verb)` takes no value",
      takes ? "help: a value of several parts stands in parentheses" : "help: leave it out")
  }

  static func commaMissing(_ place: Place, _ verb: String?) -> Diagnostic {
    syntax(
      .commaMissing, place, "a comma is missing",
      "help: \(verb.map { "the values of `\($0)`" } ?? "the pairs of a map") are separated by commas")
  }

  static func unitApart(_ place: Place, _ number: String, _ unit: String) -> Diagnostic {
    syntax(.unitApart, place, "a unit touches its number", "help: write `\(number)\(unit)`")
  }

  /// - Parameter options: the words that the verb takes.
  static func unknownOption(
    _ place: Place, _ word: String, of verb: String, _ meant: String?, options: [String]
  ) -> Diagnostic {
    let message = "`\(word)` is no option of `\(verb)`"
    if let meant { return syntax(.unknownOption, place, message, "help: did you mean `\(meant)`?") }
    return syntax(.unknownOption, place, message, "help: its options are \(options.joined(separator: ", "))")
  }

  static func optionsExclude(_ place: Place, _ verb: String, _ first: String, _ second: String) -> Diagnostic {
    syntax(
      .optionsExclude, place, "`\(verb)` takes `\(first)` or `\(second)`, not both", "help: leave out one of them")
  }

  static func optionNeeds(_ place: Place, _ verb: String, _ option: String, _ needs: [String]) -> Diagnostic {
    let list = needs.map { "`\(verb) \($0)`" }.joined(separator: " or ")
    return syntax(
      .optionNeeds, place, "`\(option)` belongs to \(list)", "help: write that, or leave out `\(option)`")
  }

  static func optionMissing(_ place: Place, _ row: VerbRow) -> Diagnostic {
    let verb = row.verb.rawValue
    let words = row.options.flatMap { $0 }.map(\.word.rawValue)
    return syntax(
      .optionMissing, place, "`\(verb)` needs one of \(words.map { "`\($0)`" }.joined(separator: ", "))",
      "help: write it like `\(verb) \(words.last ?? "")`")
  }

  static func repeatedWord(_ place: Place, _ word: String) -> Diagnostic {
    syntax(.repeatedWord, place, "`\(word)` stands here twice", "help: leave out one of them")
  }

  static func noDeadline(_ place: Place, _ verb: String) -> Diagnostic {
    syntax(.noDeadline, place, "`\(verb)` does not wait, so it takes no `within`", "help: leave it out")
  }

  static func noResult(_ place: Place, _ verb: String) -> Diagnostic {
    syntax(.noResult, place, "`\(verb)` has no result that `as` could name", "help: leave it out")
  }

  static func verbWithoutChannel(_ place: Place, _ verb: String) -> Diagnostic {
    syntax(
      .verbWithoutChannel, place, "`\(verb)` speaks to no channel",
      "help: write `\(verb)` without what is before the dot")
  }

  static func addressWithoutPort(_ place: Place, _ host: String) -> Diagnostic {
    syntax(
      .addressWithoutPort, place, "this address has no port", "help: write `\(host):25`, with the port that you mean")
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.utf8.count < 2 ? "0" + digits : digits
  }
}
