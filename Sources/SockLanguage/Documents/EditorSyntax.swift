// What editors need to colour a script, made from the tables of words: grammar/sock.vim for Vim, and
// grammar/sock.tmLanguage.json for all that read TextMate grammars (VS Code, Sublime Text, bat).

package enum EditorSyntax {
  /// Words by what they are, in the order in which both files name them.
  private static let groups: [(vim: String, textMate: String, words: [String])] = [
    ("sockConstant Constant", "constant.language.sock", constants.map(\.rawValue)),
    ("sockOperator Operator", "keyword.operator.word.sock", operators.map(\.rawValue)),
    ("sockKeyword Keyword", "keyword.control.sock", keywords),
    ("sockVerb Statement", "support.function.verb.sock", Verb.allCases.map(\.rawValue)),
    ("sockFunction Function", "support.function.builtin.sock", BuiltinFunction.allCases.map(\.rawValue)),
    ("sockOption Type", "storage.modifier.option.sock", options),
  ]

  private static let constants: [Keyword] = [.nil, .true, .false]
  private static let operators: [Keyword] = [.and, .or, .not, .in]
  private static let keywords =
    Keyword.allCases.filter { !constants.contains($0) && !operators.contains($0) }.map(\.rawValue)
  /// What is a verb or a function, too, is coloured as that.
  private static let options: [String] = {
    let others = Set(Verb.allCases.map(\.rawValue) + BuiltinFunction.allCases.map(\.rawValue))
    let words = OptionWord.allCases.map(\.rawValue) + ContextWord.allCases.map(\.rawValue)
    return Set(words).subtracting(others).sorted()
  }()

  private static let number =
    #"\b(0x[0-9A-Fa-f_]+|0b[01_]+|[0-9][0-9_]*(\.[0-9][0-9_]*)?(\#(NumberLiteral.units.joined(separator: "|")))?)\b"#

  // MARK: - Vim

  /// The whole of grammar/sock.vim.
  package static func vim() -> String {
    let units = NumberLiteral.units.joined(separator: "|")
    var text = #"""
      " Vim syntax file for sock. Made from the tables of the code; do not edit it by hand.
      " Put it into ~/.vim/syntax, and `autocmd BufNewFile,BufRead *.sock setfiletype sock` into ~/.vimrc.
      if exists("b:current_syntax")
        finish
      endif

      syntax iskeyword @,48-57,_
      syntax match sockComment /#.*$/ contains=@Spell
      syntax match sockNumber /\v<(0x[0-9A-Fa-f_]+|0b[01_]+|\d[0-9_]*(\.\d[0-9_]*)?(\#(units))?)>/
      syntax match sockEscape /\\\(x\x\{2}\|u{\x\+}\|.\)/ contained
      syntax region sockHole matchgroup=Special start=/\${/ end=/}/ contained oneline contains=TOP
      syntax region sockString start=/"/ skip=/\\./ end=/"/ oneline contains=sockEscape,sockHole
      syntax region sockString start=/'/ end=/'/ oneline
      syntax region sockString start=/\<x"/ end=/"/
      syntax region sockString start=/"""/ skip=/\\./ end=/"""/ contains=sockEscape,sockHole
      syntax region sockRegex start=@\%(^\|[[:blank:](\[,~]\)\@<=/[^[:blank:]/]\@=@ skip=@\\.@ end=@/[imsx]*@ oneline
        \ contains=sockHole

      """#
    for group in groups {
      text += "syntax keyword \(group.vim.prefix { $0 != " " })"
      var column = 200
      for word in group.words {
        if column + word.utf8.count > 100 {
          text += "\n  \\"
          column = 3
        }
        text += " \(word)"
        column += word.utf8.count + 1
      }
      text += "\n"
    }
    text += "\n"
    let linked = ["Comment Comment", "Number Number", "Escape SpecialChar", "String String", "Regex String"]
    for link in linked.map({ "sock" + $0 }) + groups.map(\.vim) { text += "highlight default link \(link)\n" }
    return text + "\nlet b:current_syntax = \"sock\"\n"
  }

  // MARK: - TextMate

  /// The whole of grammar/sock.tmLanguage.json.
  package static func textMate() -> String {
    let holes = ##"{ "include": "#hole" }"##
    let inText = ##"[{ "include": "#escape" }, \##(holes)]"##
    var patterns = [
      match("comment.line.number-sign.sock", "#.*$"),
      region("string.quoted.triple.sock", #"""""#, #"""""#, patterns: inText),
      region("string.quoted.hex.sock", #"\bx""#, #"""#),
      region("string.quoted.double.sock", #"""#, #"""#, patterns: inText),
      match("string.quoted.single.sock", "'[^']*'"),
      region(
        "string.regexp.sock", #"(?<=^|[\s(\[,~])/(?=[^\s/])"#, "/[imsx]*",
        patterns: #"[{ "match": \#(quoted(#"\\."#)) }, \#(holes)]"#),
      match("constant.numeric.sock", number),
    ]
    patterns += groups.map { match($0.textMate, #"\b("# + $0.words.joined(separator: "|") + #")\b"#) }
    return """
      {
        "name": "sock",
        "scopeName": "source.sock",
        "fileTypes": ["sock"],
        "firstLineMatch": "^#!.*\\\\bsock\\\\b",
        "patterns": [
          \(patterns.joined(separator: ",\n    "))
        ],
        "repository": {
          "escape": \(match("constant.character.escape.sock", #"\\(x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]+\}|.)"#)),
          "hole": \(region("meta.interpolation.sock", #"\$\{"#, #"\}"#, patterns: #"[{ "include": "$self" }]"#))
        }
      }

      """
  }

  private static func match(_ name: String, _ pattern: String) -> String {
    #"{ "name": \#(quoted(name)), "match": \#(quoted(pattern)) }"#
  }

  private static func region(_ name: String, _ begin: String, _ end: String, patterns: String? = nil) -> String {
    let inner = patterns.map { #", "patterns": \#($0)"# } ?? ""
    return #"{ "name": \#(quoted(name)), "begin": \#(quoted(begin)), "end": \#(quoted(end))\#(inner) }"#
  }

  /// As a string of JSON. The words and patterns have no control characters.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
