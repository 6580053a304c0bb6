// A screen shows what a person would see: escape sequences, wide characters, questions and whatever else comes.

import Foundation
import Testing

@testable import SockRuntime

struct TerminalScreenTests {
  /// A screen that has got these bytes, and what it has answered.
  private func screen(
    _ text: String, rows: Int = 24, columns: Int = 80
  ) throws -> (screen: TerminalScreen, answers: String) {
    let screen = try TerminalScreen(rows: rows, columns: columns)
    let answers = Array(text.utf8).withUnsafeBytes { screen.write($0) }
    return (screen, String(decoding: answers, as: UTF8.self))
  }

  private func shown(_ text: String, rows: Int = 24, columns: Int = 80) throws -> String {
    String(decoding: try screen(text, rows: rows, columns: columns).screen.text, as: UTF8.self)
  }

  @Test(arguments: [
    ("", ""), ("hello", "hello"), ("one\r\ntwo\r\n", "one\ntwo"),
    // Blanks at a line's end, written or not, are not seen.
    ("one   \r\n  two", "one\n  two"), ("\r\n\r\nthird", "\n\nthird"),
    // Written over, moved to, cleared.
    ("12345\r67", "67345"), ("\u{1B}[2;3Hx", "\n  x"), ("gone\u{1B}[2J\u{1B}[Hhere", "here"),
    ("abc\u{8}\u{1B}[K", "ab"), ("\u{1B}[1;31mred\u{1B}[0m", "red"),
    // A title is no text of the screen.
    ("\u{1B}]0;title\u{7}text", "text"),
    // Characters of two cells, and of several code points; what is no UTF-8.
    ("日本語|", "日本語|"), ("e\u{301}!", "e\u{301}!"), ("┌─┐", "┌─┐"),
    // The line-drawing set of a VT100.
    ("\u{1B}(0lqk\u{1B}(B", "┌─┐"),
    // The alternate screen, which less and vi have to themselves, and what stands again behind it.
    ("before\u{1B}[?1049h\u{1B}[Hinside", "inside"), ("before\u{1B}[?1049hinside\u{1B}[?1049l", "before"),
  ])
  func showsWhatAPersonSees(written: String, seen: String) throws {
    #expect(try shown(written) == seen)
  }

  @Test func wrapsAndScrolls() throws {
    #expect(try shown("abcdefgh", columns: 3) == "abc\ndef\ngh")
    #expect(try shown("1\r\n2\r\n3\r\n4", rows: 3) == "2\n3\n4")
    // Only what stands between the margins scrolls.
    #expect(try shown("top\r\n\u{1B}[2;3r\u{1B}[3;1Ha\r\nb\r\nc", rows: 4) == "top\nb\nc")
  }

  @Test func bytesMayComeInAnyPieces() throws {
    let bytes = Array("\u{1B}[2;3Hé日\u{1B}[1;1Hx".utf8)
    let screen = try TerminalScreen(rows: 3, columns: 10)
    for byte in bytes { _ = withUnsafeBytes(of: byte) { screen.write($0) } }
    #expect(String(decoding: screen.text, as: UTF8.self) == "x\n  é日")
  }

  @Test func answersQuestions() throws {
    let (screen, answers) = try screen("\u{1B}[3;5H\u{1B}[6n")
    #expect(answers == "\u{1B}[3;5R")
    #expect(screen.cursor == (row: 2, column: 4))
    #expect(try self.screen("\u{1B}[5n").answers == "\u{1B}[0n")
    #expect(try self.screen("\u{1B}[c").answers.hasPrefix("\u{1B}[?"))
    // More than any buffer of the library holds.
    #expect(try self.screen(String(repeating: "\u{1B}[6n", count: 5000)).answers.utf8.count == 5000 * 6)
  }

  @Test func takesAnotherSize() throws {
    let (screen, _) = try screen("one\r\ntwo\r\nthree")
    try screen.resize(rows: 2, columns: 4)
    #expect((screen.rows, screen.columns) == (2, 4))
    #expect(screen.cursor.row < 2 && screen.cursor.column < 4)
    try screen.resize(rows: 30, columns: 100)
    let more = Array("\u{1B}[30;96Hright".utf8)
    _ = more.withUnsafeBytes { screen.write($0) }
    #expect(String(decoding: screen.text, as: UTF8.self).hasSuffix("right"))
  }

  @Test(arguments: [(0, 80), (24, 0), (-1, 80), (2048, 2048), (1, TerminalScreen.mostCells + 1)])
  func refusesSizesThatNoScreenHas(rows: Int, columns: Int) throws {
    #expect { try TerminalScreen(rows: rows, columns: columns) } throws: { ($0 as? Failure)?.code == .range }
    let screen = try TerminalScreen(rows: 1, columns: 1)
    #expect { try screen.resize(rows: rows, columns: columns) } throws: { ($0 as? Failure)?.code == .range }
  }

  /// Whatever a program writes, on whatever size of screen, there is a text and a cursor on it.
  @Test func livesThroughAnything() throws {
    var generator = Xorshift(state: 0x5DEE_CE66_D123_4567)
    let starts = ["\u{1B}[", "\u{1B}]", "\u{1B}P", "\u{1B}(0", "\u{1B}[?", "\u{9B}", "\u{1B}#", "日", "e\u{301}\u{302}"]
    for _ in 0..<200 {
      let screen = try TerminalScreen(rows: Int(generator.next() % 40) + 1, columns: Int(generator.next() % 90) + 1)
      for _ in 0..<40 {
        var bytes: [UInt8] = []
        for _ in 0..<(generator.next() % 40) {
          switch generator.next() % 4 {
          case 0: bytes += Array(starts[Int(generator.next() % UInt64(starts.count))].utf8)
          case 1: bytes += Array("\(generator.next() % 100000);".utf8)
          case 2: bytes.append(UInt8(0x40 + generator.next() % 0x3F))
          default: bytes.append(UInt8(truncatingIfNeeded: generator.next()))
          }
        }
        _ = bytes.withUnsafeBytes { screen.write($0) }
        if generator.next() % 8 == 0 {
          try screen.resize(rows: Int(generator.next() % 60) + 1, columns: Int(generator.next() % 150) + 1)
        }
        #expect(screen.text.count { $0 == 0x0A } < screen.rows)
        let cursor = screen.cursor
        #expect(0..<screen.rows ~= cursor.row && 0...screen.columns ~= cursor.column)
      }
    }
  }

  private struct Xorshift {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }
}
