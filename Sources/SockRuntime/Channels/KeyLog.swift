// The secrets of TLS sessions, for who is to read a capture: the lines of an SSLKEYLOGFILE.

import Glibc
import SockLanguage
import SocketCore
import Synchronization

/// Threads of other runs write to the same file, each line in one piece.
final class KeyLog: Sendable {
  /// What SSLKEYLOGFILE names in the environment.
  static let file: String? = getenv("SSLKEYLOGFILE").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }

  private let lines = Mutex<[String]>([])

  /// - Parameter keeps: whether `take` is to give it.
  func add(_ line: String, keeps: Bool) {
    if keeps { lines.withLock { $0.append(line) } }
    guard let file = KeyLog.file else { return }
    // Opened for each line, of which a session has five: a file that was moved away is made anew.
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return warn(file) }
    defer { close(descriptor) }
    let bytes = Array("\(line)\n".utf8)
    if bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) != bytes.count { warn(file) }
  }

  /// What cannot be written is lost, which is told once: a session does not fail for its diagnostics.
  private func warn(_ file: String) {
    let reason = Errno(rawValue: errno).message
    guard !KeyLog.hasWarned.exchange(true, ordering: .relaxed) else { return }
    OutputWriter.writeError("sock: warning: cannot write SSLKEYLOGFILE `\(Printable.text(file))`: \(reason)\n")
  }

  private static let hasWarned = Atomic(false)

  func take() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }
}
