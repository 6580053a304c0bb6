// `sock check`: what is wrong or odd in scripts; runs nothing.

import SockConformance
import SockLanguage
import SockRuntime

enum CheckCommand {
  /// The exit status: 2 when a file has errors or cannot be read; 1 when one has warnings and that is asked for.
  /// - Parameter paths: files, and folders with all that is below them, libraries included.
  static func run(_ paths: [String], isStrict: Bool) -> Int32 {
    var status: Int32 = 0
    var told: Set<String> = []
    do throws(DiscoveryError) {
      for path in try Discovery.files(below: paths, includesLibraries: true) {
        status = max(status, check(path, isStrict: isStrict, &told))
      }
    } catch {
      Main.tell("sock: \(error.message)\n")
      return 2
    }
    return status
  }

  /// - Parameter told: what several of the files import has its say once.
  private static func check(_ path: String, isStrict: Bool, _ told: inout Set<String>) -> Int32 {
    switch ScriptFiles.read(path) {
    case .success(let file):
      let result = Linter.load(file, read: ScriptFiles.read(importing:from:))
      for diagnostic in result.diagnostics {
        let text = DiagnosticRenderer.render(diagnostic, color: Main.usesColor, columns: Main.messageColumns)
        if told.insert(text).inserted { Main.tell(text) }
      }
      if result.hasErrors { return 2 }
      return isStrict && !result.diagnostics.isEmpty ? 1 : 0
    case .failure(let error):
      Main.tell("sock: cannot read \(path): \(error.message)\n")
      return 2
    }
  }
}
