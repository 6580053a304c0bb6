// Command lines that are shown, to be copied into a shell.

package enum ShellWord {
  /// A word as a shell takes it, for a command line that is copied.
  package static func quoted(_ word: String) -> String {
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
