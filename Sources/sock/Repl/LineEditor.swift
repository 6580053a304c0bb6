// Readline's callback interface: a line is edited key by key, while whoever calls does other things between two keys.
// Readline knows the keys, the user's inputrc, the kill ring, undo and the history; the rows are drawn here, where the
// terminal can move its cursor, and by readline where it cannot.

import CReadline
import Glibc
import SocketCore

/// What the editor has brought.
enum EditedLine {
  /// With line feeds in it where the input has several lines.
  case text([UInt8])
  /// Ctrl-D in an empty line, or the terminal is gone.
  case end
}

/// Readline has one state for the whole process, and so there is one editor.
final class LineEditor {
  /// What readline's callbacks, which have no argument for it, work on.
  nonisolated(unsafe) static weak var current: LineEditor?

  /// What readline's callback has handed over.
  private enum Handed {
    nonisolated(unsafe) static var line: EditedLine?
    nonisolated(unsafe) static var wait: () -> Bool = { false }
    /// Keys that a statement has read and not used.
    nonisolated(unsafe) static var unused: ArraySlice<UInt8> = []
    /// It was told that there are no more bytes because a signal came first: that is no end.
    nonisolated(unsafe) static var wasCutShort = false
  }

  /// What the language says of the text, and the history.
  struct Advice {
    /// More lines could make the text whole.
    var isUnfinished: ([UInt8]) -> Bool = { _ in false }
    /// How many blanks the line that begins at an offset should have; nil: as it is.
    var indentation: ([UInt8], _ lineStart: Int) -> Int? = { _, _ in nil }
    var styles: ([UInt8]) -> [TextStyle] = { _ in [] }
    /// What an earlier input has behind this text; empty: none begins so.
    var suggestion: ([UInt8]) -> [UInt8] = { _ in [] }
    var completions: ([UInt8], _ cursor: Int) -> CompletionAnswer = { _, _ in CompletionAnswer() }
  }

  var advice = Advice()
  let usesColor: Bool
  /// Nil: readline draws.
  let display: LineDisplay?
  private(set) var isEditing = false
  private var prompt = ""
  /// The first row of the text that is shown, where not all of it has room.
  private var firstRow = 0
  private var needsDrawing = false
  /// What stands below the line until the next key.
  var below: [[StyledText]] = []
  /// The key that is being handled has put `below` there.
  var keepsBelow = false
  /// Where Up and Down have gone last, and in which column they would be in a line that is long enough.
  var aim: (point: Int, length: Int, column: Int)?
  /// How often TAB was pressed in a row without effect.
  var idleTabs = 0
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
  static let continuation = "... "

  /// - Parameter wait: called when readline needs a byte that has not come: in the middle of a pasted text, or behind
  ///   the key that enters the next one as it is. The world goes on, and it comes back when something may have come;
  ///   false: nothing is to be waited for any more.
  init(usesColor: Bool, wait: @escaping () -> Bool) {
    Handed.wait = wait
    creadline_configure()
    creadline_read_with { _ in LineEditor.nextByte() }
    // While readline waits for the rest of what may be a key sequence no task runs: for 50 ms then, not for 500.
    // Before the user's own inputrc is read, which may say otherwise.
    rl_variable_bind("keyseq-timeout", "50")
    Locale.withUTF8 { _ = rl_initialize() }
    self.usesColor = usesColor
    let draws = LineEditor.canDraw && creadline_display_with { LineEditor.current?.needsDrawing = true } != 0
    display = draws ? LineDisplay() : nil
    LineEditor.current = self
    if draws { bindCommands() }
  }

  /// The terminal moves its cursor and erases as ECMA-48 says.
  private static var canDraw: Bool {
    guard let name = getenv("TERM"), name.pointee != 0, strcmp(name, "dumb") != 0 else { return false }
    guard let erasing = rl_get_termcap("ce"), rl_get_termcap("up") != nil else { return false }
    return erasing[0] == 0x1B && erasing[1] == CChar(bitPattern: UInt8(ascii: "["))
  }

  var text: [UInt8] {
    guard let line = creadline_line() else { return [] }
    return Array(UnsafeRawBufferPointer(start: line, count: Int(creadline_length())))
  }

  /// Shows the prompt and takes the terminal.
  /// - Parameters:
  ///   - text: what stands behind it already; the cursor is at that offset.
  ///   - note: what stands below it until the first key.
  func begin(_ prompt: String, with text: [UInt8] = [], cursor: Int = 0, note: [StyledText] = []) {
    guard !isEditing else { return }
    self.prompt = prompt
    isEditing = true
    isHidden = false
    Handed.line = nil
    resetView()
    // The size may have changed while nobody looked.
    rl_reset_screen_size()
    LineEditor.widenScreen()
    // The prompt stands behind nothing else.
    if !endsLine { LineEditor.write("\n") }
    endsLine = true
    display?.begin()
    if display != nil, LineEditor.isOn("enable-bracketed-paste") { display?.write("\u{1B}[?2004h") }
    // It looks at the locale each time.
    Locale.withUTF8 {
      rl_callback_handler_install(display == nil ? prompt : "") { text in
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
    if display != nil { bindErasing() }
    if !text.isEmpty {
      creadline_replace(0, 0, (text + [0]).map { CChar(bitPattern: $0) })
      creadline_set_point(Int32(cursor))
    }
    if !note.isEmpty { below = [note] }
    needsDrawing = true
    draw()
  }

  private func resetView() {
    firstRow = 0
    below = []
    idleTabs = 0
  }

  private static func isOn(_ variable: String) -> Bool {
    guard let value = rl_variable_value(variable) else { return false }
    return strcmp(value, "on") == 0
  }

  /// These keys come before what is typed from now on.
  func takeUnused(_ keys: [UInt8]) { Handed.unused += keys }

  /// Gives the terminal back as it was.
  func end() {
    if display != nil, LineEditor.isOn("enable-bracketed-paste") { display?.write("\u{1B}[?2004l\r") }
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
      keepsBelow = false
      rl_callback_read_char()
      if !keepsBelow, !below.isEmpty || idleTabs > 0 {
        below = []
        idleTabs = 0
        needsDrawing = true
      }
      guard let line = Handed.line else { continue }
      Handed.line = nil
      if case .end = line, Handed.wasCutShort {
        isEditing = false
        begin(prompt)
        return nil
      }
      if case .text(let text) = line { leave(text) } else if display != nil { leave([]) }
      isEditing = false
      return line
    }
    draw()
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
      current?.draw()
      if !Handed.wait() { return -1 }
    }
    if let key = Handed.unused.popFirst() { return Int32(key) }
    var byte: UInt8 = 0
    switch withUnsafeMutableBytes(of: &byte, { StandardStream.tryRead(STDIN_FILENO, $0) }) {
    case .done: return Int32(byte)
    case .end, .wouldBlock, .failed: return -1
    }
  }

  // MARK: - Drawing

  func changed() { needsDrawing = true }

  private func edited(_ bytes: [UInt8], point: Int) -> EditedText {
    var edited = EditedText()
    edited.prompt = Array(prompt.utf8)
    edited.continuation = Array(LineEditor.continuation.utf8)
    edited.bytes = bytes
    edited.point = point
    if usesColor { edited.styles = advice.styles(bytes) }
    return edited
  }

  /// Shows what has changed, where it is ours to show.
  private func draw() {
    guard let display, isEditing, !isHidden, needsDrawing else { return }
    needsDrawing = false
    var edited = edited(text, point: Int(creadline_point()))
    if let message = creadline_message() {
      edited.prompt = Array(UnsafeRawBufferPointer(start: message, count: strlen(message)))
    } else if usesColor, edited.point == edited.bytes.count, !edited.bytes.isEmpty {
      edited.suggestion = advice.suggestion(edited.bytes)
    }
    let layout = LineLayout(edited, columns: display.columns, usesColor: usesColor)
    let more = LineLayout.rows(below, columns: display.columns, usesColor: usesColor)
    // The text has at least one row, and what stands below it the rest at most.
    let shown = more.prefix(max(0, display.height - min(layout.rows.count, max(1, display.height / 2))))
    let height = max(1, display.height - shown.count)
    firstRow = min(firstRow, max(0, layout.rows.count - height))
    firstRow = min(max(firstRow, layout.cursor.row - height + 1), layout.cursor.row)
    let rows = layout.rows[firstRow..<min(layout.rows.count, firstRow + height)]
    display.show(Array(rows) + shown, cursor: (layout.cursor.row - firstRow, layout.cursor.column))
    shownAt = MonotonicClock.now
  }

  /// How many rows what stands below the line may have.
  var rowsBelow: Int {
    guard let display else { return 20 }
    let rows = LineLayout(edited(text, point: 0), columns: display.columns, usesColor: false).rows.count
    return max(1, display.height - min(rows, max(1, display.height / 2)))
  }

  /// The text stays on the screen, all of it, and what comes next stands below it.
  private func leave(_ bytes: [UInt8], with mark: String = "") {
    guard let display else { return }
    if isHidden, !endsLine { display.write("\r\n") }
    isHidden = false
    let layout = LineLayout(edited(bytes, point: bytes.count), columns: display.columns, usesColor: usesColor)
    display.leave(layout.rows, with: mark)
  }

  /// Called before anything is written to the terminal, also while no line is edited.
  func makeRoom(_ bytes: UnsafeRawBufferPointer) {
    guard let last = bytes.last else { return }
    endsLine = last == UInt8(ascii: "\n")
    guard isEditing else { return }
    if isHidden {
      bytesAbove += bytes.count
      return
    }
    isHidden = true
    stoodFor = MonotonicClock.now - shownAt
    bytesAbove = bytes.count
    if let display { display.clear() } else { creadline_clear_line() }
  }

  /// Draws the line below what was written.
  func redraw() {
    guard isEditing, isHidden else { return }
    isHidden = false
    if !endsLine { LineEditor.write("\n") }
    if let display {
      display.begin()
      needsDrawing = true
      draw()
    } else {
      rl_forced_update_display()
    }
    let isSwept = stoodFor < LineEditor.readableTime && bytesAbove >= LineEditor.sweepingBytes
    sweeps = isSwept ? min(sweeps + 1, LineEditor.burst) : 0
    shownAt = MonotonicClock.now
  }

  /// Under a flood of output the line would stand for no time at all, and who types would be blind: what floods waits
  /// until it has stood for a moment, or a key is pressed.
  func standAgainstFlood() {
    guard isEditing, !isHidden, sweeps >= LineEditor.burst else { return }
    let left = shownAt + LineEditor.readableTime - MonotonicClock.now
    guard left > 0 else { return }
    _ = SystemCall.poll(STDIN_FILENO, reading: true, writing: false, timeoutNanoseconds: left)
  }

  /// A search that is going on goes on: it has a prompt of its own.
  func change(_ prompt: String) {
    guard isEditing, prompt != self.prompt else { return }
    if display == nil {
      if creadline_is_searching() != 0 { return }
      if !isHidden {
        isHidden = true
        endsLine = true
        creadline_clear_line()
      }
      rl_set_prompt(prompt)
    }
    self.prompt = prompt
    needsDrawing = true
    redraw()
    draw()
  }

  /// Ctrl-C: the line is left where it stands, nothing comes of it, and a new one begins. The terminal stays as it is:
  /// what has been typed behind Ctrl-C is read as keys, too.
  func dropLine(_ prompt: String) {
    guard isEditing else { return }
    if display != nil {
      let dropped = text
      creadline_move_to_end()
      leave(dropped, with: "^C")
    } else {
      redraw()
      creadline_move_to_end()
      LineEditor.write("^C\n")
    }
    self.prompt = prompt
    resetView()
    creadline_new_line(display == nil ? prompt : "")
    needsDrawing = true
    draw()
  }

  /// The line below that of Ctrl-D.
  func leaveLine() { if display == nil { LineEditor.write("\n") } }

  /// The session goes on behind Ctrl-D.
  func forgetEnd() { creadline_forget_end() }

  /// The session ends while a line is being edited: what is written next begins below it.
  func leaveUnfinishedLine() {
    guard isEditing, !isHidden else { return }
    if display != nil { return leave(text) }
    creadline_move_to_end()
    leaveLine()
  }

  // MARK: - Signals of the terminal

  func handle(_ events: TerminalSignals.Events) {
    guard isEditing else { return }
    if events.contains(.resized) { resize() }
    if events.contains(.suspend) {
      if display != nil { leave(text) }
      if LineEditor.isOn("enable-bracketed-paste") { display?.write("\u{1B}[?2004l\r") }
      rl_deprep_terminal()
      kill(getpid(), SIGSTOP)
    }
    if events.contains(.suspend) || events.contains(.continued) {
      // The shell may have changed the terminal while we were stopped.
      rl_deprep_terminal()
      rl_prep_terminal(1)
      if let display {
        display.begin()
        if LineEditor.isOn("enable-bracketed-paste") { display.write("\u{1B}[?2004h") }
        needsDrawing = true
        draw()
      } else {
        rl_forced_update_display()
      }
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
    if let display {
      rl_reset_screen_size()
      LineEditor.widenScreen()
      if !isHidden { display.resize() }
      needsDrawing = true
      return draw()
    }
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
