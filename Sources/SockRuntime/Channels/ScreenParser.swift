// What a program writes to its terminal, taken apart: characters, control characters and escape sequences.

import SockLanguage

struct ScreenParser {
  /// The parameters of a control sequence.
  struct Parameters {
    /// Nil: empty.
    private(set) var values: [Int?] = [nil]
    /// More are read over.
    private static let most = 32
    /// No screen is larger, and none is moved on further.
    private static let largest = 99_999

    /// Those that are there; 0 for an empty one.
    var all: [Int] { values.map { $0 ?? 0 } }

    subscript(_ position: Int) -> Int? { position < values.count ? values[position] : nil }

    /// One that counts: 1 where it is empty or 0.
    func count(_ position: Int) -> Int { max(1, self[position] ?? 1) }

    fileprivate mutating func take(digit: UInt8) {
      let last = values.count - 1
      values[last] = min(Parameters.largest, (values[last] ?? 0) * 10 + Int(digit - 0x30))
    }

    fileprivate mutating func separate() {
      if values.count < Parameters.most { values.append(nil) }
    }
  }

  private enum State {
    case plain
    /// Behind ESC, and behind what stands between it and its end.
    case escape(intermediate: UInt8)
    case sequence
    /// A text for the terminal, as a title: it ends with ST, or BEL.
    case text
    /// ESC in it: ST, if a backslash follows.
    case textEscape
  }

  private var state = State.plain
  private var parameters = Parameters()
  private var mark: UInt8 = 0
  /// A character of UTF-8 of which this is known, and so many bytes are missing.
  private var scalar: UInt32 = 0
  private var missing = 0
  private var smallest: UInt32 = 0

  mutating func take(_ byte: UInt8, _ screen: TerminalScreen) {
    if missing > 0 {
      if byte & 0xC0 == 0x80 {
        scalar = scalar << 6 | UInt32(byte & 0x3F)
        missing -= 1
        if missing == 0 { put(UnicodeScalar(scalar).flatMap { scalar >= smallest ? $0 : nil } ?? "\u{FFFD}", screen) }
        return
      }
      missing = 0
      put("\u{FFFD}", screen)
    }
    switch state {
    case .text, .textEscape: takeInText(byte, screen)
    default:
      switch byte {
      case 0x1B: state = .escape(intermediate: 0)
      // CAN and SUB end a sequence.
      case 0x18, 0x1A: state = .plain
      case 0..<0x20: screen.control(byte)
      case 0x7F: break
      default: takeOther(byte, screen)
      }
    }
  }

  private mutating func takeOther(_ byte: UInt8, _ screen: TerminalScreen) {
    switch state {
    case .escape(let intermediate): takeBehindEscape(byte, intermediate, screen)
    case .sequence: takeInSequence(byte, screen)
    default:
      switch byte {
      case ..<0x80: screen.put(UnicodeScalar(byte))
      case 0xC2...0xDF: begin(byte & 0x1F, missing: 1, smallest: 0x80)
      case 0xE0...0xEF: begin(byte & 0x0F, missing: 2, smallest: 0x800)
      case 0xF0...0xF4: begin(byte & 0x07, missing: 3, smallest: 0x10000)
      default: put("\u{FFFD}", screen)
      }
    }
  }

  private mutating func begin(_ bits: UInt8, missing: Int, smallest: UInt32) {
    (scalar, self.missing, self.smallest) = (UInt32(bits), missing, smallest)
  }

  /// In a sequence no character is due.
  private func put(_ scalar: UnicodeScalar, _ screen: TerminalScreen) {
    guard case .plain = state, !(0x80...0x9F ~= scalar.value) else { return }
    screen.put(scalar)
  }

  private mutating func takeBehindEscape(_ byte: UInt8, _ intermediate: UInt8, _ screen: TerminalScreen) {
    switch byte {
    case 0x20...0x2F: state = .escape(intermediate: intermediate == 0 ? byte : 0x20)
    case UInt8(ascii: "[") where intermediate == 0:
      state = .sequence
      (parameters, mark) = (Parameters(), 0)
    // OSC, DCS, SOS, PM and APC.
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      state = intermediate == 0 ? .text : .plain
    default:
      state = .plain
      if byte < 0x80 { screen.escape(byte, intermediate) }
    }
  }

  private mutating func takeInSequence(_ byte: UInt8, _ screen: TerminalScreen) {
    switch byte {
    case 0x30...0x39: parameters.take(digit: byte)
    case UInt8(ascii: ";"), UInt8(ascii: ":"): parameters.separate()
    case 0x3C...0x3F, 0x20...0x2F: mark = byte
    case 0x40...0x7E:
      state = .plain
      screen.sequence(byte, mark, parameters)
    default: state = .plain
    }
  }

  private mutating func takeInText(_ byte: UInt8, _ screen: TerminalScreen) {
    switch (state, byte) {
    case (_, 0x07), (_, 0x18), (_, 0x1A): state = .plain
    case (_, 0x1B): state = .textEscape
    case (.textEscape, UInt8(ascii: "\\")): state = .plain
    case (.textEscape, _):
      // It was not the text's end but another sequence.
      state = .escape(intermediate: 0)
      take(byte, screen)
    default: break
    }
  }
}
