// `sock fmt`: brings scripts into the one canonical layout.

import SockConformance
import SockLanguage
import SockRuntime
import SocketCore

/// What `sock fmt` is asked to do.
struct FormatRequest {
  /// Files and folders; none, or `-`, is standard input.
  var paths: [String] = []
  /// Names what would change and writes nothing.
  var checks = false
  /// Shows what would change and writes nothing.
  var showsDifference = false
}

enum FormatCommand {
  /// The exit status: 2 when a file could not be laid out, read or written; with `checks` 1 when one would change.
  static func run(_ request: FormatRequest) -> Int32 {
    if request.paths.isEmpty || request.paths == ["-"] {
      let read = ScriptFiles.read(StandardStream.input, name: "<stdin>")
      return format(read, named: "standard input", path: nil, request)
    }
    var status: Int32 = 0
    do throws(DiscoveryError) {
      for path in try Discovery.files(below: request.paths, includesLibraries: true) {
        status = max(status, format(ScriptFiles.readRegular(path), named: path, path: path, request))
      }
    } catch {
      Main.tell("sock: \(error.message)\n")
      return 2
    }
    return status
  }

  /// - Parameter path: where the result goes; nil: to standard output.
  private static func format(
    _ read: Result<SourceFile, ReadFailure>, named name: String, path: String?, _ request: FormatRequest
  ) -> Int32 {
    let file: SourceFile
    switch read {
    case .success(let source): file = source
    case .failure(let error):
      Main.tell("sock: cannot read \(name): \(error.message)\n")
      return 2
    }
    let parsed = Parser.parse(file)
    let mistakes = parsed.diagnostics.filter { $0.severity == .error }
    guard mistakes.isEmpty || file.mayBeShown else {
      Main.tell("sock: \(name) is a link to a file that is no script\n")
      return 2
    }
    guard mistakes.isEmpty else {
      for mistake in mistakes { Main.tell(DiagnosticRenderer.render(mistake, color: Main.usesColor)) }
      return 2
    }
    let formatted: [UInt8]
    do throws(Formatter.Mismatch) {
      formatted = try Formatter.formatAndVerify(parsed)
    } catch {
      Main.tell(
        "sock: \(file.name):\(error.line): the formatter would change what this line says, so nothing was written; "
          + "this is an error in sock\n")
      return 2
    }
    let isChanged = formatted != file.bytes
    if request.checks || request.showsDifference {
      guard isChanged else { return 0 }
      let shown = request.showsDifference
        ? LineDiff.unified(file.bytes, formatted, oldName: file.name, newName: file.name)
        : Array("\(file.name)\n".utf8)
      return max(Main.say(shown), request.checks ? 1 : 0)
    }
    guard let path else { return Main.say(formatted) }
    guard isChanged else { return 0 }
    do throws(Errno) {
      try ScriptFiles.replace(path, with: formatted)
    } catch {
      Main.tell("sock: cannot write \(path): \(error.message)\n")
      return 2
    }
    return Main.say("\(path)\n")
  }
}
