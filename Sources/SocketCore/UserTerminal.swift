// The terminal of whoever runs this process, lent to somebody else for a while.
import CSocketCore
import Glibc

/// One at a time: a terminal is one for the whole process.
package enum UserTerminal {
  /// How keys come.
  package enum Mode: Sendable {
    /// Each as it is typed, without an echo; what is written stays as it is.
    case keys
    /// As lines that are edited and echoed here; the key `escape` ends one, too.
    case lines(escape: UInt8)
    /// They wait for whoever reads next, and are not echoed into what is written meanwhile. Ctrl-C interrupts.
    case quiet
  }

  /// Standard input and output, if both are a terminal; else which of them is none.
  package static var missing: String? {
    if !SystemCall.isTerminal(StandardStream.input) { return "standard input" }
    return SystemCall.isTerminal(StandardStream.output) ? nil : "standard output"
  }

  /// tcsetattr(3). What has been typed already is kept. The process's end gives it back, too.
  package static func borrow(_ mode: Mode) -> Errno? {
    switch mode {
    case .keys: return Errno(result: SystemCall.borrowTerminal(StandardStream.input, csys_terminal_keys))
    case .quiet: return Errno(result: SystemCall.borrowTerminal(StandardStream.input, csys_terminal_quiet))
    case .lines(let escape):
      return Errno(result: SystemCall.borrowTerminal(StandardStream.input, csys_terminal_lines, escape: escape))
    }
  }

  /// As it was before it was borrowed; nothing where it was not.
  @discardableResult
  package static func giveBack() -> Errno? { Errno(result: SystemCall.returnTerminal()) }

  /// Gives it back where it is quiet: somebody reads now. Nothing where it has been borrowed for something else since.
  @discardableResult
  package static func endQuiet() -> Errno? { Errno(result: SystemCall.endTerminalQuiet()) }

  /// Stops this process as Ctrl-Z does, until somebody has it go on.
  package static func stop() { _ = SystemCall.kill(getpid(), SIGSTOP) }

  /// How many rows and columns it has; nil where that is not known.
  package static var size: (columns: UInt16, rows: UInt16)? {
    do throws(Errno) {
      let size = try TerminalState.window(of: StandardStream.output)
      return size.rows > 0 && size.columns > 0 ? size : nil
    } catch {
      return nil
    }
  }
}
