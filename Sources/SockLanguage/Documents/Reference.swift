// The references as they stand in grammar/: made from the tables and the help's pages.

package enum Reference {
  /// Each file of grammar/ that is made, and its text. What is on disk must equal it; a test compares them.
  package static var files: [(name: String, text: String)] {
    [
      ("reference-verbs.md", verbs), ("reference-functions.md", functions), ("reference-guides.md", guides),
      ("reference-errors.md", errors), ("reference-recipes.md", recipes),
    ]
  }

  private static let origin = "Made from the tables of the code; do not edit it by hand."

  private static var verbs: String {
    var text = """
      # Verbs and blocks

      \(origin) `sock help VERB` shows the same on a terminal.

      `[x]` may be left out, `a|b` is one of both, capitals stand for a value. The options of a verb come in any order.
      `within` sets one deadline for the whole step; `as` names its result. What stands before the dot is the channel
      (task, process) that the verb speaks to; without it, it is the current one.

      ## Verbs

      | verb | what it does | result |
      |---|---|---|

      """
    for row in VerbTable.rows {
      let name = row.verb.rawValue
      text += "| [`\(name)`](#\(name)) | \(MarkdownLayout.cell(row.summary)) "
      text += "| \(MarkdownLayout.cell(row.gives.description ?? "")) |\n"
    }
    text += pages(Verb.allCases.map(\.rawValue))
    text += "\n## Blocks and declarations\n"
    text += pages(BlockHelp.all.map(\.word))
    return text
  }

  private static var functions: String {
    var text = "# Functions\n\n\(origin) `sock help FUNCTION` shows one on a terminal.\n"
    for family in FunctionFamily.allCases {
      text += "\n## \(family.rawValue)\n\n| function | what it gives | result | errors | example |\n"
      text += "|---|---|---|---|---|\n"
      for function in family.functions {
        let row = FunctionTable[function]
        text += "| \(MarkdownLayout.code(row.signature)) | \(MarkdownLayout.cell(row.summary)) "
        text += "| \(MarkdownLayout.cell(row.result.rawValue)) | \(function.errors.map(\.rawValue).joined(separator: ", ")) "
        text += "| \(MarkdownLayout.code(row.example.expression)) is \(MarkdownLayout.code(row.example.value)) |\n"
      }
      for function in family.functions {
        for paragraph in FunctionTable[function].details {
          text += "\n" + MarkdownLayout.text(.paragraph("`\(function.rawValue)`: \(paragraph)"))
        }
      }
    }
    text += "\nEach may also fail with `type`.\n\n## What other languages call it\n\n| there | here |\n|---|---|\n"
    for (words, advice) in ForeignWords.calls {
      text += "| \(words.map { "`\($0)`" }.joined(separator: ", ")) | \(MarkdownLayout.cell(advice)) |\n"
    }
    return text
  }

  private static var guides: String {
    "# Guides\n\n\(origin) `sock help GUIDE` shows one on a terminal.\n"
      + pages(Guide.allCases.map(\.rawValue), level: 2)
  }

  private static var errors: String {
    var text = """
      # Errors

      \(origin) `sock help errors CODE` shows one on a terminal.

      A complaint about a script shows its code in brackets; an error that `catch e` has caught has it as `e.code`.

      """
    for (title, codes) in HelpCatalog.codes {
      text += "\n## \(MarkdownLayout.sentence(title).dropLast())\n"
      if title == HelpCatalog.codes.first?.title {
        text += "\n" + MarkdownLayout.text(.table(FailureName.allCases.map { ($0.rawValue, $0.summary) }))
      }
      for (code, explanation) in codes {
        text += "\n### \(code)\n"
        for block in HelpCatalog.explanation(explanation) { text += "\n" + MarkdownLayout.text(block) }
      }
    }
    return text
  }

  private static var recipes: String {
    var text = "# Recipes\n\n\(origin) `sock help recipes NAME` shows one on a terminal.\n"
    for (title, recipes) in Recipe.groups {
      text += "\n## \(MarkdownLayout.sentence(title).dropLast())\n"
      for recipe in recipes {
        let page = HelpPage(topic: recipe.name, summary: recipe.title, blocks: recipe.page.blocks)
        text += "\n" + MarkdownLayout(level: 3).text(page)
      }
    }
    return text
  }

  private static func pages(_ topics: [String], level: Int = 3) -> String {
    topics.compactMap { HelpCatalog.page($0) }.map { "\n" + MarkdownLayout(level: level).text($0) }.joined()
  }
}
