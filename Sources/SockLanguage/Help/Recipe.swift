// The recipes: short scripts that do one thing whole, each to be run as it is and to begin from. Tests run them.

package struct Recipe: Sendable {
  /// What `sock help recipes` is asked for it.
  package let name: String
  /// One line: lower case, no full stop.
  package let title: String
  package let example: HelpExample
  /// It is for `sock test`.
  package let isSuite: Bool

  init(_ name: String, _ title: String, _ example: HelpExample, isSuite: Bool = false) {
    self.name = name
    self.title = title
    self.example = example
    self.isSuite = isSuite
  }

  package static let groups: [(title: String, recipes: [Recipe])] = [
    ("servers and clients", clients), ("TLS and secrets", security), ("waiting, and several at once", waiting),
    ("processes", processes), ("data", data), ("commands and tests", scripts),
  ]

  package static let all: [Recipe] = groups.flatMap(\.recipes)

  /// The recipe of a name, or of its number in the list.
  package static func named(_ word: String) -> Recipe? {
    if let number = Int(word), all.indices.contains(number - 1) { return all[number - 1] }
    return all.first { $0.name == word }
  }

  package var page: HelpPage {
    let run: [HelpBlock] = isSuite ? [.paragraph("It is a suite: `sock test FILE` runs it.")] : []
    return HelpPage(topic: "recipes \(name)", summary: title, blocks: [.example(example)] + run)
  }

  /// All of them by their titles.
  static var list: HelpPage {
    var blocks: [HelpBlock] = [
      .paragraph("`sock help recipes NAME`, or the number, shows one: a script that runs as it is.")
    ]
    var number = 0
    for group in groups {
      blocks.append(.heading(group.title))
      blocks.append(
        .table(
          group.recipes.map { recipe in
            number += 1
            return ("\(number < 10 ? " " : "")\(number) \(recipe.name)", recipe.title)
          }))
    }
    return HelpPage(topic: "recipes", summary: "short scripts to begin from", blocks: blocks)
  }
}
