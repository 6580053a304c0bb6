// `:edit`: a text in the user's own editor, on the session's terminal.

import Glibc
import SockRuntime
import SocketCore

enum ExternalEditor {
  struct Problem: Error { let message: String }

  /// The text as the editor has left it; nil where nothing was changed. The session's tasks go on meanwhile; what they
  /// print waits.
  static func edit(_ text: [UInt8], whileRunning session: Session) -> Result<[UInt8]?, Problem> {
    let path: String
    // The suffix lets editors choose their colours.
    switch TemporaryFile.make(suffix: ".sock", holding: text + [UInt8(ascii: "\n")]) {
    case .failure(let problem): return .failure(Problem(message: problem.message))
    case .success(let made): path = made
    }
    defer { unlink(path) }
    // `$VISUAL` and `$EDITOR` may hold arguments: a shell splits them.
    let words = ["/bin/sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path]
    switch ForegroundProgram.start(words) {
    case .failure(let error): return .failure(Problem(message: "cannot start an editor: \(error.message)"))
    case .success(let program):
      let status = program.end(whileRunning: session)
      guard status.isSuccess else { return .failure(Problem(message: "the editor \(status.words); nothing was run")) }
    }
    switch ScriptFiles.read(path) {
    case .success(let source):
      var edited = source.bytes
      while let end = edited.last, end == UInt8(ascii: "\n") || end == UInt8(ascii: " ") { edited.removeLast() }
      return .success(edited == text ? nil : edited)
    case .failure(let failure): return .failure(Problem(message: "cannot read \(path): \(failure.message)"))
    }
  }
}
