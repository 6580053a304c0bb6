// `sock dap`: what the editor has asked to debug, a script or tests, in this process.

import LanguageServer
import SockConformance
import SockLanguage
import SockRuntime

enum DebugCommand {
  static func run() -> Int32 {
    guard let adapter = DebugAdapter() else {
      Main.tell("sock: cannot take over standard input and output\n")
      return 1
    }
    return adapter.serve { launch, file, debugger in
      guard file.hasTests else {
        var options = RunOptions()
        options.arguments = launch.arguments.map { Array($0.utf8) }
        options.settings = launch.settings.map { ($0.name, Array($0.value.utf8)) }
        options.endsOrphans = true
        return debugger.run(file, options)
      }
      var options = TestOptions()
      options.paths = [launch.program]
      options.filter = launch.filter
      options.settings = launch.settings.map { ($0.name, Array($0.value.utf8)) }
      options.debugger = debugger
      return TestCommand.run(options, words: [])
    }
  }
}
