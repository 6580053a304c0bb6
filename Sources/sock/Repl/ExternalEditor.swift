// `:edit`: a text in the user's own editor, on the session's terminal.

import Glibc
import SockRuntime
import SocketCore

enum ExternalEditor {
  struct Problem: Error { let message: String }

  /// The text as the editor has left it. The session's tasks go on meanwhile; what they print waits.
  static func edit(_ text: [UInt8], whileRunning session: Session) -> Result<[UInt8], Problem> {
    let folder = TemporaryDirectory.base
    // The suffix lets editors choose their colours.
    let suffix = ".sock"
    var template = Array("\(folder)/input-XXXXXX\(suffix)".utf8CString)
    let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { return problem("cannot make a file in \(folder)", Errno(rawValue: errno)) }
    defer { unlink(path) }
    let error = OutputWriter.writeAll(descriptor, text + [UInt8(ascii: "\n")])
    close(descriptor)
    if let error { return problem("cannot write \(path)", error) }
    // `$VISUAL` and `$EDITOR` may hold arguments: a shell splits them.
    let words = ["/bin/sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path]
    switch ForegroundProgram.start(words) {
    case .failure(let error): return problem("cannot start an editor", error)
    case .success(let program):
      let status = program.end(whileRunning: session)
      guard status.isSuccess else { return .failure(Problem(message: "the editor \(status.words); nothing was run")) }
    }
    switch ScriptFiles.read(path) {
    case .success(let source): return .success(source.bytes)
    case .failure(let failure): return .failure(Problem(message: "cannot read \(path): \(failure.message)"))
    }
  }

  private static func problem<Success>(_ what: String, _ error: Errno) -> Result<Success, Problem> {
    .failure(Problem(message: "\(what): \(error.message)"))
  }
}
