// TAB: hands the line to the completer of the language, and what it finds to readline.

import CReadline
import Glibc
import SockLanguage

enum Completion {
  static func install(for repl: Repl) {}
}
