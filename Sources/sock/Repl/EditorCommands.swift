// What keys do that readline does otherwise: a text of several lines is edited as one, a suggestion is taken, and
// TAB shows what it finds below the line. Whatever key the user's inputrc binds to readline's command calls ours.

import CReadline

extension LineEditor {
  /// With a count, and the key.
  private typealias Command = @convention(c) (Int32, Int32) -> Int32

  func bindCommands() {
    exchange(rl_newline) { count, key in LineEditor.current?.enter(count, key) ?? rl_newline(count, key) }
    exchange(rl_forward_char, in: ["emacs", "vi-insert"]) { count, key in
      guard let editor = LineEditor.current else { return rl_forward_char(count, key) }
      return editor.takesSuggestion || count == 1 && editor.crossesCluster(forward: true, deletes: false)
        ? 0 : rl_forward_char(count, key)
    }
    exchange(rl_backward_char, in: ["emacs", "vi-insert"]) { count, key in
      count == 1 && LineEditor.current?.crossesCluster(forward: false, deletes: false) == true
        ? 0 : rl_backward_char(count, key)
    }
    exchange(rl_delete, in: ["emacs", "vi-insert"]) { count, key in
      count == 1 && LineEditor.current?.crossesCluster(forward: true, deletes: true) == true ? 0 : rl_delete(count, key)
    }
    exchange(rl_end_of_line, in: ["emacs", "vi-insert"]) { count, key in
      guard let editor = LineEditor.current else { return rl_end_of_line(count, key) }
      if !editor.takesSuggestion { editor.moveToEnd() }
      return 0
    }
    exchange(rl_beg_of_line, in: ["emacs", "vi-insert"]) { count, key in
      guard let editor = LineEditor.current else { return rl_beg_of_line(count, key) }
      editor.moveToBeginning()
      return 0
    }
    exchange(rl_kill_line, in: ["emacs", "vi-insert"]) { count, key in
      guard count > 0, let editor = LineEditor.current else { return rl_kill_line(count, key) }
      return editor.killLine()
    }
    // Ctrl-P and Ctrl-N go through the history and never through the text's lines.
    for map in ["emacs", "vi-insert"] {
      exchange(rl_get_previous_history, in: [map], behindPrefix: true) { LineEditor.moveUp($0, $1) }
      exchange(rl_get_next_history, in: [map], behindPrefix: true) { LineEditor.moveDown($0, $1) }
    }
    exchange(rl_get_previous_history, in: ["vi-command"]) { LineEditor.moveUp($0, $1) }
    exchange(rl_get_next_history, in: ["vi-command"]) { LineEditor.moveDown($0, $1) }
    exchange(rl_vi_append_eol, in: ["vi-command"]) { count, key in
      LineEditor.current?.moveToEnd()
      return rl_vi_insertion_mode(1, key)
    }
    // In vi's command mode the cursor is on a character.
    exchange(rl_end_of_line, in: ["vi-command"]) { count, key in
      LineEditor.current?.moveToEnd(onLast: true)
      return 0
    }
    exchange(rl_clear_screen) { count, key in
      guard let display = LineEditor.current?.display else { return rl_clear_screen(count, key) }
      display.clearScreen()
      LineEditor.current?.changed()
      return 0
    }
    exchange(rl_complete) { _, _ in
      LineEditor.current?.complete()
      return 0
    }
    exchange(rl_possible_completions) { _, _ in
      LineEditor.current?.complete()
      return 0
    }
    // Alt-Enter, where nobody has given it another meaning.
    for keys in ["\\e\\r", "\\e\\n"] {
      rl_bind_keyseq_if_unbound(keys) { _, _ in
        LineEditor.current?.breakLine()
        return 0
      }
    }
  }

  /// The keys that the terminal itself erases with, which readline binds at each line.
  func bindErasing() {
    exchange(rl_rubout, in: ["emacs", "vi-insert"]) { count, key in
      count == 1 && LineEditor.current?.crossesCluster(forward: false, deletes: true) == true
        ? 0 : rl_rubout(count, key)
    }
    exchange(rl_unix_line_discard, in: ["emacs", "vi-insert"]) { count, key in
      LineEditor.current?.killToBeginning() ?? rl_unix_line_discard(count, key)
    }
    exchange(rl_unix_word_rubout, in: ["emacs", "vi-insert"]) { count, key in
      LineEditor.current?.isAtBeginning == true
        ? LineEditor.current?.killToBeginning() ?? 0 : rl_unix_word_rubout(count, key)
    }
  }

  private func exchange(
    _ old: @escaping Command, in maps: [String] = ["emacs", "vi-insert", "vi-command"],
    behindPrefix: Bool = false, for new: @escaping Command
  ) {
    for name in maps {
      if let map = rl_get_keymap_by_name(name) { creadline_exchange(map, old, new, behindPrefix ? 1 : 0) }
    }
  }

  private var point: Int { Int(creadline_point()) }

  private func replace(_ range: Range<Int>, with bytes: [UInt8]) {
    creadline_replace(Int32(range.lowerBound), Int32(range.upperBound), (bytes + [0]).map { CChar(bitPattern: $0) })
  }

  // MARK: - Lines

  private func lineStart(_ text: [UInt8], before offset: Int) -> Int {
    text[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
  }

  private func lineEnd(_ text: [UInt8], from offset: Int) -> Int { text[offset...].firstIndex(of: 0x0A) ?? text.count }

  /// Enters the text if it is whole; else begins another line of it.
  private func enter(_ count: Int32, _ key: Int32) -> Int32 {
    if advice.isUnfinished(text) {
      breakLine()
      return 0
    }
    if text.contains(0x0A) { indent(lineAt: point) }
    return rl_newline(count, key)
  }

  /// Begins a line at the cursor; it and the one before get the blanks that their places ask for.
  private func breakLine() {
    indent(lineAt: point)
    let before = text
    let rest = before[point...].prefix { $0 == 0x20 }.count
    let end = point
    replace(end..<(end + rest), with: [0x0A])
    let blanks = advice.indentation(text, end + 1) ?? 0
    if blanks > 0 { replace(point..<point, with: [UInt8](repeating: 0x20, count: blanks)) }
  }

  /// Gives the line the blanks that its place asks for; the cursor stays in front of what it was in front of.
  private func indent(lineAt offset: Int) {
    let bytes = text
    let start = lineStart(bytes, before: offset)
    guard start > 0, let wanted = advice.indentation(bytes, start) else { return }
    let blanks = bytes[start...].prefix { $0 == 0x20 || $0 == 0x09 }.count
    guard blanks != wanted, start + blanks < bytes.count, bytes[start + blanks] != 0x0A else { return }
    replace(start..<(start + blanks), with: [UInt8](repeating: 0x20, count: wanted))
    creadline_set_point(Int32(max(start, offset + wanted - blanks)))
  }

  /// Up: to the line above, or in the first one to the input before.
  private static func moveUp(_ count: Int32, _ key: Int32) -> Int32 {
    current?.moveByLine(up: true) == true ? 0 : rl_get_previous_history(count, key)
  }

  private static func moveDown(_ count: Int32, _ key: Int32) -> Int32 {
    current?.moveByLine(up: false) == true ? 0 : rl_get_next_history(count, key)
  }

  private func moveByLine(up: Bool) -> Bool {
    let bytes = text
    let start = lineStart(bytes, before: point)
    // A short line between two long ones does not change the column.
    let isSame = aim.map { $0.point == point && $0.length == bytes.count } ?? false
    let column = isSame ? aim?.column ?? 0 : String(decoding: bytes[start..<point], as: UTF8.self).count
    let target: Int
    if up {
      guard start > 0 else { return false }
      target = lineStart(bytes, before: start - 1)
    } else {
      let end = lineEnd(bytes, from: point)
      guard end < bytes.count else { return false }
      target = end + 1
    }
    let line = String(decoding: bytes[target..<lineEnd(bytes, from: target)], as: UTF8.self)
    creadline_set_point(Int32(target + line.prefix(column).utf8.count))
    aim = (point, bytes.count, column)
    return true
  }

  private func moveToEnd(onLast: Bool = false) {
    let bytes = text
    let end = lineEnd(bytes, from: point)
    guard onLast, end > lineStart(bytes, before: point) else { return creadline_set_point(Int32(end)) }
    creadline_set_point(Int32(end - (String(decoding: bytes[..<end], as: UTF8.self).last?.utf8.count ?? 0)))
  }

  private func moveToBeginning() { creadline_set_point(Int32(lineStart(text, before: point))) }

  /// To the line's end; at its end the line feed.
  private func killLine() -> Int32 {
    let bytes = text
    let end = lineEnd(bytes, from: point)
    return rl_kill_text(Int32(point), Int32(end == point ? min(end + 1, bytes.count) : end))
  }

  /// Behind the line feed that ends the line above: readline's commands would go on into that.
  private var isAtBeginning: Bool { point > 0 && text[point - 1] == 0x0A }

  /// To the line's beginning; there the line feed.
  private func killToBeginning() -> Int32 {
    let end = point
    let start = isAtBeginning ? end - 1 : lineStart(text, before: end)
    guard start < end else { return 0 }
    let status = rl_kill_text(Int32(end), Int32(start))
    creadline_set_point(Int32(start))
    return status
  }

  // MARK: - Characters

  /// Goes over a character of several scalars, as pictures with a joiner are: readline would stop inside. False: the
  /// character there is of one scalar.
  private func crossesCluster(forward: Bool, deletes: Bool) -> Bool {
    let bytes = text
    // No cluster that means anything is longer.
    let near = forward ? bytes[point...].prefix(128) : bytes[..<point].suffix(128).drop { $0 & 0xC0 == 0x80 }
    let string = String(decoding: near, as: UTF8.self)
    guard let character = forward ? string.first : string.last, character.unicodeScalars.count > 1,
      !character.isNewline
    else { return false }
    let length = character.utf8.count
    let range = forward ? point..<(point + length) : (point - length)..<point
    guard range.lowerBound >= 0, range.upperBound <= bytes.count,
      bytes[range].elementsEqual(String(character).utf8)
    else { return false }
    if deletes {
      replace(range, with: [])
    } else {
      creadline_set_point(Int32(forward ? range.upperBound : range.lowerBound))
    }
    return true
  }

  // MARK: - Suggestions

  /// Takes what stands in grey behind the cursor. False: nothing does.
  private var takesSuggestion: Bool {
    let bytes = text
    guard usesColor, !bytes.isEmpty, point == bytes.count else { return false }
    let rest = advice.suggestion(bytes)
    guard !rest.isEmpty else { return false }
    replace(point..<point, with: rest)
    return true
  }

  // MARK: - Completion

  /// Puts in what all that may follow have in common, and shows the rest below the line.
  private func complete() {
    guard creadline_is_searching() == 0 else { return }
    let bytes = text
    let answer = advice.completions(bytes, point)
    keepsBelow = true
    changed()
    guard !answer.candidates.isEmpty else {
      below = []
      rl_ding()
      return
    }
    let typed = Array(bytes[answer.range])
    let common = answer.common
    let isOnly = answer.candidates.count == 1
    if common != typed || isOnly {
      let blank: [UInt8] = isOnly && answer.candidates[0].appendsSpace && bytes[point...].first != 0x20 ? [0x20] : []
      if common + blank != typed { replace(answer.range, with: common + blank) }
      idleTabs = common == typed ? idleTabs + 1 : 0
    } else {
      idleTabs += 1
    }
    // What stands above stays in sight, unless more is asked for.
    let height = idleTabs > 1 ? rowsBelow : min(rowsBelow, max(4, (display?.height ?? 24) / 2))
    below = CandidateList.rows(
      answer.candidates, columns: display?.columns ?? 80, height: height, isDetailed: isOnly || idleTabs > 2)
  }
}
