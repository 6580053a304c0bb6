// What a session runs before its first prompt: functions, and the names of servers.

import Glibc
import SockRuntime

enum StartFile {
  /// Where the XDG base directories have a user's configuration; a relative path there means nothing. Nil: nowhere.
  private static var path: String? {
    if let named = getenv("XDG_CONFIG_HOME").map({ String(cString: $0) }), named.hasPrefix("/") {
      return named + "/sock/start.sock"
    }
    guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else { return nil }
    return home + "/.config/sock/start.sock"
  }

  /// Runs it, if there is one. One that fails is told of, and the session begins nevertheless.
  static func run(in repl: Repl) {
    guard let path, access(path, F_OK) == 0 else { return }
    repl.load(path)
  }
}
