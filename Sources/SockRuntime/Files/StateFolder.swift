// Where the program keeps what outlives a run: the history of sessions, the failures of a suite.

import Glibc
import SocketCore

package enum StateFolder {
  /// Below where the XDG base directories have a user's state; a relative path there means nothing. Nil: nowhere.
  package static var path: String? {
    if let named = environment("XDG_STATE_HOME"), named.hasPrefix("/") { return named + "/sock" }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.local/state/sock"
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Makes a folder, and those around it, for nobody else.
  package static func make(_ path: String) -> Errno? {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return nil }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      return Errno(rawValue: errno)
    }
    if let error = make(String(path[..<slash])) { return error }
    return mkdir(path, 0o700) == 0 || errno == EEXIST ? nil : Errno(rawValue: errno)
  }
}
