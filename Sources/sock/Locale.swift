// The characters of the terminal.

import Glibc

enum Locale {
  /// The language is UTF-8, and so is what is typed. Where the environment names no other characters, or a locale that
  /// is not installed, C.UTF-8 is meant, which needs no files.
  private static let isUnnamed: Bool = {
    guard let current = setlocale(LC_CTYPE, "") else { return true }
    return strcmp(current, "C") == 0 || strcmp(current, "POSIX") == 0
  }()

  /// Does something that asks the environment for the locale.
  static func withUTF8(_ body: () -> Void) {
    guard isUnnamed else { return body() }
    let name = "LC_ALL"
    let before = getenv(name).map { String(cString: $0) }
    setenv(name, "C.UTF-8", 1)
    body()
    // Programs that are run find what they would have found.
    if let before { setenv(name, before, 1) } else { unsetenv(name) }
  }
}
