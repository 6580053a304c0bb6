// What is longer than the screen, in the user's pager.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

enum Pager {
  /// Shows a text: in `$PAGER`, or in `less`, where it is longer than the terminal is high; else, and where there is no
  /// pager or `$PAGER` is empty, it is written as any output is.
  static func show(_ text: String, of session: Session) {
    guard Main.isTerminal, isLonger(text), let command else { return session.write(text) }
    switch TemporaryFile.make(suffix: ".txt", holding: session.masked(Array(text.utf8))) {
    case .failure(let problem):
      session.write(text)
      session.tell("sock: no pager: \(problem.message)\n")
    case .success(let path):
      defer { unlink(path) }
      // What `$PAGER` names may have arguments: a shell splits them.
      switch ForegroundProgram.start(["/bin/sh", "-c", "\(command) <\"$1\"", "sh", path]) {
      case .failure: session.write(text)
      case .success(let program): _ = program.end(whileRunning: session)
      }
    }
  }

  /// What a shell is told to run; nil: there is no pager.
  private static var command: String? {
    let wanted = getenv("PAGER").map { String(cString: $0) } ?? "less -FRX"
    guard let program = wanted.split(separator: " ").first(where: { !$0.contains("=") }) else { return nil }
    if program.contains("/") { return access(String(program), X_OK) == 0 ? wanted : nil }
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return folders.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 } ? wanted : nil
  }

  private static func isLonger(_ text: String) -> Bool {
    if let term = getenv("TERM"), strcmp(term, "dumb") == 0 { return false }
    guard let size = UserTerminal.size else { return false }
    var rows = 0
    // A text of many megabytes is not looked at further than that.
    var rest = text[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: "\n") ?? rest.endIndex
      let width = LineLayout.columnCount(String(rest[..<end].prefix(Int(size.columns) * Int(size.rows))))
      rows += max(1, (width + Int(size.columns) - 1) / Int(size.columns))
      // The prompt has a row.
      if rows >= Int(size.rows) { return true }
      rest = end < rest.endIndex ? rest[rest.index(after: end)...] : rest[end...]
    }
    return false
  }
}
