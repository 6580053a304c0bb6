// What is longer than the screen, in the user's pager.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

enum Pager {
  /// Shows a text: in `$PAGER`, or in `less`, where it is longer than the terminal is high; else, and where there is no
  /// pager or `$PAGER` is empty, it is written as any output is.
  static func show(_ text: String, of session: Session) {
    let isUnwanted = getenv("PAGER").map { $0.pointee == 0 } ?? false
    guard Main.isTerminal, !isUnwanted, isLonger(text) else { return session.write(text) }
    switch TemporaryFile.make(suffix: ".txt", holding: session.masked(Array(text.utf8))) {
    case .failure(let problem):
      session.write(text)
      session.tell("sock: no pager: \(problem.message)\n")
    case .success(let path):
      defer { unlink(path) }
      // What `$PAGER` names may have arguments: a shell splits them.
      let command = """
        if command -v ${PAGER-less} >/dev/null 2>&1; then exec ${PAGER-less -FRX} <"$1"; else exit \(noPager); fi
        """
      switch ForegroundProgram.start(["/bin/sh", "-c", command, "sh", path]) {
      case .failure: session.write(text)
      case .success(let program):
        if program.end(whileRunning: session).code == noPager << 8 { session.write(text) }
      }
    }
  }

  /// As a shell has it for a command that is not found.
  private static let noPager: Int32 = 127

  private static func isLonger(_ text: String) -> Bool {
    if let term = getenv("TERM"), strcmp(term, "dumb") == 0 { return false }
    guard let size = UserTerminal.size else { return false }
    var rows = 0
    var rest = text[...]
    while true {
      let end = rest.firstIndex(of: "\n") ?? rest.endIndex
      rows += max(1, (LineLayout.columnCount(String(rest[..<end])) + Int(size.columns) - 1) / Int(size.columns))
      // The last line is empty, and the prompt has a row.
      if rows > Int(size.rows) { return true }
      guard end < rest.endIndex else { break }
      rest = rest[rest.index(after: end)...]
    }
    return false
  }
}
