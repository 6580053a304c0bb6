// Pseudo-terminals: how one begins, and what holds for it now.
import CSocketCore

/// How a program's terminal begins. The program may change all of it.
public struct TerminalRequest: Hashable, Sendable {
  /// Its width, in characters.
  public var columns: UInt16
  /// Its height, in lines.
  public var rows: UInt16
  /// Whether what is written to the program comes back from its terminal.
  public var echoes: Bool
  /// Whether bytes pass as they are (cfmakeraw(3)): no lines, no signals, no CRLF.
  public var isRaw: Bool

  /// A terminal that begins so.
  public init(columns: UInt16, rows: UInt16, echoes: Bool, isRaw: Bool) {
    self.columns = columns
    self.rows = rows
    self.echoes = echoes
    self.isRaw = isRaw
  }
}

/// What holds for a terminal (termios(3)). Seen from our side of a pseudo-terminal it is what the program has set.
package struct TerminalState {
  /// The longest line that a terminal gives to its program in canonical mode, without its end (termios(3)). What comes
  /// behind so many bytes is lost.
  package static let longestLine = 4095

  private var state = csys_terminal_state()

  /// - Parameter fd: either side of it.
  package init(of fd: Int32) throws(Errno) {
    if let error = Errno(result: SystemCall.terminalState(fd, &state)) { throw error }
  }

  /// It gives its program whole lines (ICANON).
  package var isCanonical: Bool { state.is_canonical }
  package var echoes: Bool { state.echoes }
  /// The character that ends the program's input (VEOF); nil where there is none.
  package var endOfFile: UInt8? { state.end_of_file == 0 ? nil : state.end_of_file }

  /// Follows bytes that are written to it in canonical mode, from a line with `held` bytes on: how many are in the line
  /// that has not ended, and in the longest one, without its end.
  package func line(_ bytes: UnsafeRawBufferPointer, after held: Int) -> (held: Int, longest: Int) {
    var held = held
    var longest = held
    var isLiteral = false
    for byte in bytes {
      if isLiteral {
        isLiteral = false
        held += 1
        longest = max(longest, held)
      } else if byte == 0x0A || byte == 0x0D && state.takes_return || isOne(byte, state.end_of_line.0)
        || isOne(byte, state.end_of_line.1) || isOne(byte, state.end_of_file)
      {
        held = 0
      } else if isOne(byte, state.emptying.0)
        || state.has_signals
          && (isOne(byte, state.emptying.1) || isOne(byte, state.emptying.2) || isOne(byte, state.emptying.3))
      {
        held = 0
      } else if isOne(byte, state.erase) {
        held = max(0, held - 1)
      } else if isOne(byte, state.literal) {
        isLiteral = true
      } else {
        held += 1
        longest = max(longest, held)
      }
    }
    return (held, longest)
  }

  private func isOne(_ byte: UInt8, _ character: UInt8) -> Bool { character != 0 && byte == character }

  // MARK: - Its window

  package static func setWindow(of fd: Int32, columns: UInt16, rows: UInt16) -> Errno? {
    Errno(result: SystemCall.setWindow(fd, columns: columns, rows: rows))
  }

  package static func window(of fd: Int32) throws(Errno) -> (columns: UInt16, rows: UInt16) {
    var (columns, rows): (UInt16, UInt16) = (0, 0)
    if let error = Errno(result: SystemCall.getWindow(fd, columns: &columns, rows: &rows)) { throw error }
    return (columns, rows)
  }
}
