// Readline's callback interface: a line is edited key by key, while whoever calls does other things between two keys.

import CReadline
import Glibc
import SocketCore

/// What the editor has brought.
enum EditedLine {
  case text([UInt8])
  /// Ctrl-D in an empty line, or the terminal is gone.
  case end
}

/// Readline has one state for the whole process, and so there is one editor.
final class LineEditor {
  /// What readline's callback has handed over.
  private enum Handed {
    nonisolated(unsafe) static var line: EditedLine?
    nonisolated(unsafe) static var wait: () -> Bool = { false }
    /// Keys that a statement has read and not used.
    nonisolated(unsafe) static var unused: ArraySlice<UInt8> = []
    /// It was told that there are no more bytes because a signal came first: that is no end.
    nonisolated(unsafe) static var wasCutShort = false
  }

  private var prompt = ""
  private var isEditing = false
  /// The line has made room for output and has to be drawn anew.
  private var isHidden = false
  /// What was written last has ended its line.
  private var endsLine = true
  /// When the line was drawn last, in monotonic nanoseconds, and for how long it had stood before it made room.
  private var shownAt: Int64 = 0
  private var stoodFor: Int64 = 0
  /// What it made room for, in bytes.
  private var bytesAbove = 0
  /// How many times in a row it was swept away before anybody could read it.
  private var sweeps = 0

  /// A line that stands for less cannot be read: 30 ms are two pictures of a screen.
  private static let readableTime: Int64 = 30_000_000
  /// What is less does not sweep a line away: half a screen.
  private static let sweepingBytes = 1024
  /// So many times are a burst, and more are a flood.
  private static let burst = 10

  /// - Parameter wait: called when readline needs a byte that has not come: in the middle of a pasted text, or behind
  ///   the key that enters the next one as it is. The world goes on, and it comes back when something may have come;
  ///   false: nothing is to be waited for any more.
  init(wait: @escaping () -> Bool) {
    Handed.wait = wait
    creadline_configure()
    creadline_read_with { _ in LineEditor.nextByte() }
    // While readline waits for the rest of what may be a key sequence no task runs: for 50 ms then, not for 500.
    // Before the user's own inputrc is read, which may say otherwise.
    rl_variable_bind("keyseq-timeout", "50")
    rl_initialize()
  }

  /// Shows the prompt and takes the terminal.
  func begin(_ prompt: String) {
    guard !isEditing else { return }
    self.prompt = prompt
    isEditing = true
    isHidden = false
    Handed.line = nil
    // The size may have changed while nobody looked.
    rl_reset_screen_size()
    LineEditor.widenScreen()
    rl_callback_handler_install(prompt) { text in
      // Else it would show the prompt again at once.
      rl_callback_handler_remove()
      guard let text else {
        Handed.line = .end
        return
      }
      Handed.line = .text(Array(UnsafeRawBufferPointer(start: text, count: strlen(text))))
      free(text)
    }
  }

  /// These keys come before what is typed from now on.
  func takeUnused(_ keys: [UInt8]) { Handed.unused += keys }

  /// Gives the terminal back as it was.
  func end() {
    guard isEditing else { return }
    isEditing = false
    rl_callback_handler_remove()
  }

  /// Takes what has been typed. Nil: the line is not finished, and no more has been typed, or Ctrl-C was: what stands
  /// behind that is for the next line.
  func readKeys() -> EditedLine? {
    while isEditing, ProcessSignals.pending == nil, LineEditor.isReadable {
      redraw()
      Handed.wasCutShort = false
      rl_callback_read_char()
      guard let line = Handed.line else { continue }
      Handed.line = nil
      isEditing = false
      if case .end = line, Handed.wasCutShort {
        begin(prompt)
        return nil
      }
      return line
    }
    return nil
  }

  private static var isReadable: Bool {
    !Handed.unused.isEmpty || SystemCall.poll(STDIN_FILENO, reading: true, writing: false, timeoutNanoseconds: 0) > 0
  }

  /// -1: there is none, because of the end, or of a signal that is looked at first.
  private static func nextByte() -> Int32 {
    while true {
      if ProcessSignals.pending != nil {
        Handed.wasCutShort = true
        return -1
      }
      if isReadable { break }
      if !Handed.wait() { return -1 }
    }
    if let key = Handed.unused.popFirst() { return Int32(key) }
    var byte: UInt8 = 0
    switch withUnsafeMutableBytes(of: &byte, { StandardStream.tryRead(STDIN_FILENO, $0) }) {
    case .done: return Int32(byte)
    case .end, .wouldBlock, .failed: return -1
    }
  }

  /// Called before anything is written to the terminal.
  func makeRoom(_ bytes: UnsafeRawBufferPointer) {
    guard isEditing, let last = bytes.last else { return }
    endsLine = last == UInt8(ascii: "\n")
    if isHidden {
      bytesAbove += bytes.count
      return
    }
    isHidden = true
    stoodFor = Clock.now - shownAt
    bytesAbove = bytes.count
    creadline_clear_line()
  }

  /// Draws the line below what was written.
  func redraw() {
    guard isEditing, isHidden else { return }
    isHidden = false
    if !endsLine { LineEditor.write("\n") }
    rl_forced_update_display()
    let isSwept = stoodFor < LineEditor.readableTime && bytesAbove >= LineEditor.sweepingBytes
    sweeps = isSwept ? min(sweeps + 1, LineEditor.burst) : 0
    shownAt = Clock.now
  }

  /// Under a flood of output the line would stand for no time at all, and who types would be blind: what floods waits
  /// until it has stood for a moment, or a key is pressed.
  func standAgainstFlood() {
    guard isEditing, !isHidden, sweeps >= LineEditor.burst else { return }
    let left = shownAt + LineEditor.readableTime - Clock.now
    guard left > 0 else { return }
    _ = SystemCall.poll(STDIN_FILENO, reading: true, writing: false, timeoutNanoseconds: left)
  }

  func change(_ prompt: String) {
    guard isEditing, prompt != self.prompt else { return }
    self.prompt = prompt
    if !isHidden {
      isHidden = true
      endsLine = true
      creadline_clear_line()
    }
    rl_set_prompt(prompt)
    redraw()
  }

  /// Ctrl-C: the line is left where it stands, nothing comes of it, and a new one begins. The terminal stays as it is:
  /// what has been typed behind Ctrl-C is read as keys, too.
  func dropLine(_ prompt: String) {
    guard isEditing else { return }
    redraw()
    creadline_move_to_end()
    LineEditor.write("^C\n")
    self.prompt = prompt
    creadline_new_line(prompt)
  }

  /// The line below that of Ctrl-D.
  func leaveLine() { LineEditor.write("\n") }

  /// The session ends while a line is being edited: what is written next begins below it.
  func leaveUnfinishedLine() {
    guard isEditing, !isHidden else { return }
    creadline_move_to_end()
    leaveLine()
  }

  // MARK: - Signals of the terminal

  func handle(_ events: TerminalSignals.Events) {
    guard isEditing else { return }
    if events.contains(.resized) { resize() }
    if events.contains(.suspend) {
      rl_deprep_terminal()
      kill(getpid(), SIGSTOP)
    }
    if events.contains(.suspend) || events.contains(.continued) {
      // The shell may have changed the terminal while we were stopped.
      rl_deprep_terminal()
      rl_prep_terminal(1)
      rl_forced_update_display()
    }
  }

  /// In a terminal of a few columns readline divides by what is left of them, which may be 0: it is told of more.
  private static let leastColumns: Int32 = 16

  private static func widenScreen() {
    var (rows, columns): (Int32, Int32) = (0, 0)
    rl_get_screen_size(&rows, &columns)
    if columns < leastColumns { rl_set_screen_size(max(rows, 2), leastColumns) }
  }

  private func resize() {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, Int32(size.ws_col) < LineEditor.leastColumns else {
      rl_resize_terminal()
      return
    }
    rl_set_screen_size(max(Int32(size.ws_row), 2), LineEditor.leastColumns)
    rl_forced_update_display()
  }

  private static func write(_ text: String) {
    var text = text
    // A terminal that is gone is met at the next key.
    _ = text.withUTF8 { StandardStream.tryWrite(STDOUT_FILENO, UnsafeRawBufferPointer($0)) }
  }
}
