// A session without a terminal: lines come from a pipe or a file, no prompt is shown.

import Glibc
import SockRuntime
import SocketCore

final class PipedInput {
  private let repl: Repl
  private let session: Session
  private let input: WatchedInput
  private var line: [UInt8] = []
  private var isAtEnd = false
  /// More is no line of a script.
  private static let longestLine = 64 << 20

  init(_ repl: Repl) throws(Failure) {
    self.repl = repl
    session = repl.session
    input = try WatchedInput()
    session.interruptEndsSession = true
    try session.watch(input)
  }

  /// The exit status: 1 when a statement has failed.
  func run() -> Int32 {
    while session.exitStatus == nil {
      if let line = readLine() {
        repl.enter(line)
        input.isReady = true
      } else if isAtEnd {
        repl.finish()
        session.leave(repl.hasFailed ? 1 : 0)
      }
      // The session's tasks have their turns between two lines, however fast these come.
      _ = session.turn()
    }
    return session.close()
  }

  /// Byte by byte, as a shell reads its script: what follows a line is its statement's `stdin`. Nil: there is no whole
  /// line yet, or no more.
  private func readLine() -> [UInt8]? {
    while !isAtEnd {
      let unused = session.takeUnusedInput()
      if !unused.isEmpty {
        line += unused
        guard line.last == UInt8(ascii: "\n") else { continue }
        line.removeLast()
        return takeLine()
      }
      guard SystemCall.poll(STDIN_FILENO, reading: true, writing: false, timeoutNanoseconds: 0) > 0 else {
        input.isReady = false
        return nil
      }
      var byte: UInt8 = 0
      switch withUnsafeMutableBytes(of: &byte, { StandardStream.tryRead(STDIN_FILENO, $0) }) {
      case .done where byte == UInt8(ascii: "\n"): return takeLine()
      case .done: line.append(byte)
      case .wouldBlock: continue
      case .end: isAtEnd = true
      case .failed(let error):
        session.tell("sock: cannot read standard input: \(error.message)\n")
        session.leave(1)
        isAtEnd = true
      }
      if line.count > PipedInput.longestLine {
        session.tell("sock: a line of standard input is longer than \(PipedInput.longestLine >> 20) MiB\n")
        session.leave(1)
        isAtEnd = true
        line.removeAll()
      }
    }
    return line.isEmpty ? nil : takeLine()
  }

  private func takeLine() -> [UInt8] {
    defer { line.removeAll(keepingCapacity: true) }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return line
  }
}
