// What compiling a checked file gives.

import SockLanguage

/// A checked script, compiled: what an interpreter runs.
package final class Program {
  package let main: FunctionCode
  package let file: SourceFile
  package let hasTests: Bool
  /// It, or what it imports, asks what a person would see: terminals have a screen from their beginning then.
  let readsScreens: Bool
  /// The messages that it declares or imports, and uses.
  let layouts: [MessageLayout]
  /// Its steps whose message is known.
  let messageSteps: [MessageStep]
  init(
    main: FunctionCode, file: SourceFile, hasTests: Bool, readsScreens: Bool, layouts: [MessageLayout],
    messageSteps: [MessageStep]
  ) {
    self.main = main
    self.file = file
    self.hasTests = hasTests
    self.readsScreens = readsScreens
    self.layouts = layouts
    self.messageSteps = messageSteps
  }

  /// Lets go of what holds itself: functions that call each other, and variables that hold functions. Nothing can be
  /// run any more. A process that runs one script ends soon anyway; one that runs thousands calls this after each.
  package func tearDown() {
    forEachCode { code in
      for cell in code.statics { cell.value = .nothing }
      code.functions = []
      code.children = []
      code.modules = []
      code.statics = []
      code.install([], [], entries: [0], registerCount: 1)
    }
    // One may have itself in it.
    for layout in layouts { layout.fields = [] }
  }

  /// What is wrong with a `--set` that no `param` of the program or of what it imports reads: most often its name.
  package func unknownSetting(
    among given: [(name: String, value: [UInt8])], secrets: [(name: String, value: [UInt8])]
  ) -> String? {
    unknownSetting(among: given, option: "--set") ?? unknownSetting(among: secrets, option: "--secret")
  }

  private func unknownSetting(among given: [(name: String, value: [UInt8])], option: String) -> String? {
    guard !given.isEmpty else { return nil }
    var names: Set<String> = []
    forEachCode { code in names.formUnion(code.settings.map(\.name)) }
    guard let unknown = given.first(where: { !names.contains($0.name) })?.name else { return nil }
    let near = Suggestion.nearest(unknown, among: names).map { "; did you mean `\($0)`?" } ?? ""
    return "\(option) \(unknown): the script has no `param \(unknown)`\(near)"
  }

  /// Every body of the program and of what it imports, once.
  func forEachCode(_ body: (FunctionCode) -> Void) {
    var left = [main]
    var seen: Set = [ObjectIdentifier(main)]
    while let code = left.popLast() {
      let next = code.children + code.functions.map(\.code) + code.modules.map(\.code)
      for inner in next where seen.insert(ObjectIdentifier(inner)).inserted { left.append(inner) }
      body(code)
    }
  }
}

/// A `test`: its declaration, and which child of the file's code its body is.
package struct TestCode {
  package let declaration: TestDeclaration
  let child: Int
}

/// More than the machine's instructions can number: a file that no person writes.
package struct ProgramTooLarge: Error {
  package let site: SourceSite
  package let message: String
}
