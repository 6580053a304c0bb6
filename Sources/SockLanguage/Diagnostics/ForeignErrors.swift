// What the parser says about forms of other languages, beside what ForeignWords knows of single words.

extension Diagnostic {
  static func foreignOperator(_ place: Place, _ found: String, _ word: String) -> Diagnostic {
    // One with a blank in it shows how the whole is written.
    Diagnostic(
      SyntaxCode.foreignOperator, at: place, "`\(found)` is no operator",
      cures: [word.contains(" ") ? "write `\(word)`" : .write(word, at: place)])
  }

  static func power(_ place: Place) -> Diagnostic {
    Diagnostic(
      SyntaxCode.foreignOperator, at: place, "`**` is no operator",
      cures: ["multiply, as in `x * x`; 2 to the power of n is `1 << n`"])
  }

  static func increment(_ place: Place, _ name: String, sign: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.increment, at: place, "`\(sign)\(sign)` is no operator", cures: ["write `\(name) \(sign)= 1`"])
  }

  /// `expect line == "ok"`: what is behind `expect` is compared in any case.
  static func comparedByVerb(_ place: Place, _ phrase: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.stepBesideOperator, at: place, "`\(phrase)` compares by itself",
      cures: [.write("", at: place, "write the pattern alone: `\(phrase) \"ok\"` or `\(phrase) /ok/`")])
  }

  /// `print upper "x"`: a function's arguments without their parentheses.
  static func callWithoutParentheses(_ place: Place, _ name: String, argument: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.spaceBeforeCall, at: place, "the arguments of `\(name)` stand in parentheses",
      cures: [.write("\(name)(\(argument))", at: place)])
  }

  /// `f"…"`, `r'…'`.
  static func stringPrefix(_ place: Place, _ prefix: String) -> Diagnostic {
    let advice = prefix.lowercased() == "r" ? "nothing is replaced in '…'" : "in \"…\" a value is written `${value}`"
    return Diagnostic(
      SyntaxCode.spaceBeforeCall, at: place, "no letter but `x` stands before a string",
      cures: [.write("", at: place, "leave out the `\(prefix)`: \(advice)")])
  }

  /// `expect line contains "ok"`.
  static func extraComparison(_ place: Place, _ verb: String, _ word: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.extraOperand, at: place, "`\(verb)` compares by itself",
      cures: [.write("", at: place, "leave out `\(word)`; a regex, `/…/`, is looked for anywhere in the line")])
  }

  /// `connect to localhost:25`.
  static func addressFiller(_ place: Place, _ verb: String, _ word: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.extraOperand, at: place, "`\(verb)` takes its address without a word before it",
      cures: [leaveOutFiller(word, at: place)])
  }

  static func leaveOutFiller(_ word: String, at place: Place) -> Cure {
    .write("", at: place, "leave out `\(word)`: an address is `HOST:PORT`, `HOST PORT`, or a port alone")
  }

  /// - Parameter address: how it is written.
  static func foreignAddress(_ place: Place, isPath: Bool, _ address: String) -> Diagnostic {
    Diagnostic(
      SyntaxCode.foreignAddress, at: place, isPath ? "a path alone is no address" : "a URL is no address",
      cures: [.write(address, at: place)])
  }
}
