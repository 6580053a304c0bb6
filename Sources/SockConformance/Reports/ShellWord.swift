// Command lines that a report shows, to be copied into a shell.

enum ShellWord {
  /// A word as a shell takes it, for a command line that is copied.
  static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        return true
      default: return "-_=+.,/:@%".utf8.contains(byte)
      }
    }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
