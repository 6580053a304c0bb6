// A terminal as what carries a channel's bytes: how its end looks, and what a line may be.

import Glibc
import SockLanguage
import SocketCore

/// Our side of a program's terminal; or a device that a script has opened, which may be a terminal, and a FIFO.
final class Terminal {
  private enum Kind {
    case program
    /// A terminal device: a serial line.
    case line
    case fifo
    case other
  }

  private let kind: Kind
  /// With which echo and in which mode it was opened. What the program has made of it since is asked of the kernel.
  let echoes: Bool
  let isRaw: Bool
  /// Of a device.
  let path: String?
  /// Bytes that were written behind the last end of a line. In canonical mode the terminal keeps them until that comes.
  private var held = 0

  /// Of a program that is run.
  init(echoes: Bool, isRaw: Bool) {
    kind = .program
    self.echoes = echoes
    self.isRaw = isRaw
    path = nil
  }

  /// Of a device or FIFO that was opened.
  init(opened path: String, isTerminal: Bool, isFIFO: Bool) {
    kind = isFIFO ? .fifo : isTerminal ? .line : .other
    echoes = false
    isRaw = true
    self.path = path
  }

  /// Whether a program that is run is on its other side.
  var isOfProgram: Bool { kind == .program }

  /// What the Enter key sends on a terminal. In one that a program has without lines, nothing would map that to what it
  /// takes for an end of line.
  var endOfLine: [UInt8] { kind == .line || kind == .program && !isRaw ? [0x0D] : [0x0A] }

  /// The end comes as EIO once the last program has closed it, behind all that was written before.
  func read(into space: UnsafeMutableRawBufferPointer, _ descriptor: Int32) -> IOOutcome {
    let outcome = StandardStream.tryRead(descriptor, space)
    if outcome == .failed(.ioError) { return .end }
    // A FIFO into which nobody has opened a way yet has not ended: it would have hung up.
    if outcome == .end, kind == .fifo,
      SystemCall.poll(descriptor, reading: true, writing: false, timeoutNanoseconds: 0) == 0
    {
      return .wouldBlock
    }
    return outcome
  }

  func write(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> IOOutcome {
    let outcome = StandardStream.tryWrite(descriptor, bytes)
    return outcome == .failed(.ioError) ? .failed(.brokenPipe) : outcome
  }

  /// What a terminal has unless a script says otherwise: wide enough that few programs wrap their lines.
  static let wide: (columns: UInt16, rows: UInt16) = (250, 50)

  /// Gives it another size, of which its programs are told by SIGWINCH.
  func resize(_ descriptor: Int32, columns: UInt16, rows: UInt16) -> Errno? {
    TerminalState.setWindow(of: descriptor, columns: columns, rows: rows)
  }

  /// Whether its program reads lines that are not to be seen. One that reads key by key, as an editor, has the echo off
  /// because it echoes itself.
  func asksForPassword(_ descriptor: Int32) throws(Errno) -> Bool {
    guard echoes else { return false }
    let state = try TerminalState(of: descriptor)
    return state.isCanonical && !state.echoes
  }

  // MARK: - Lines

  /// How long the longest line would be in a terminal that gives its program whole lines, if bytes were written to it
  /// now; nil where that is no more than it can hold, or it gives what comes as it comes. What is over would be lost.
  func excess(of bytes: UnsafeRawBufferPointer, _ descriptor: Int32) throws(Errno) -> Int? {
    guard isOfProgram else { return nil }
    // Mostly there is an end of line every few bytes, and nothing to ask.
    if held + bytes.count <= TerminalState.longestLine {
      if let end = bytes.lastIndex(where: { $0 == 0x0D || $0 == 0x0A }) {
        held = bytes.count - end - 1
      } else {
        held += bytes.count
      }
      return nil
    }
    let state = try TerminalState(of: descriptor)
    guard state.isCanonical else {
      held = 0
      return nil
    }
    let line = state.line(bytes, after: held)
    if line.longest > TerminalState.longestLine { return line.longest }
    held = line.held
    return nil
  }

  /// What ends the program's input: once behind an end of line, and twice behind an unfinished line, which the first
  /// gives to the program.
  func endOfFile(_ descriptor: Int32) throws(Errno) -> [UInt8]? {
    let state = try TerminalState(of: descriptor)
    guard let character = state.endOfFile else { return nil }
    let count = state.isCanonical && held > 0 ? 2 : 1
    held = 0
    return Array(repeating: character, count: count)
  }
}
