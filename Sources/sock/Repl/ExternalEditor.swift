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
    switch start(path) {
    case .failure(let failure): return .failure(failure)
    case .success(let child):
      var status: Int32 = 0
      session.waitForForeground { waitpid(child, &status, WNOHANG) != 0 }
      guard status == 0 else {
        let signal = status & 0x7F
        let how = signal == 0 ? "the editor has failed (status \(status >> 8))" : "signal \(signal) ended the editor"
        return .failure(Problem(message: "\(how); nothing was run"))
      }
    }
    switch ScriptFiles.read(path) {
    case .success(let source): return .success(source.bytes)
    case .failure(let failure): return .failure(Problem(message: "cannot read \(path): \(failure.message)"))
    }
  }

  private static func problem<Success>(_ what: String, _ error: Errno) -> Result<Success, Problem> {
    .failure(Problem(message: "\(what): \(error.message)"))
  }

  /// In our process group, so that it has the terminal. `$VISUAL` and `$EDITOR` may hold arguments: a shell splits
  /// them.
  private static func start(_ path: String) -> Result<pid_t, Problem> {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // We ignore it, and so would the editor.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let words = ["/bin/sh", "-c", "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, "/bin/sh", nil, &attributes, &arguments, environ)
    if error != 0 { return problem("cannot start an editor", Errno(rawValue: error)) }
    return .success(child)
  }
}
