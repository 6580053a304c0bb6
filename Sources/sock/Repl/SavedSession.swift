// `:save`: writes the session as a script.

import SockRuntime

enum SavedSession {
  /// Nil, or why it could not be done.
  static func save(_ session: Session, to path: String) -> String? {
    "sessions cannot be saved yet"
  }
}
