// How much a run may use.

import SockLanguage

/// Bounds on what a script, or a peer, can make the program hold. Each is named in the error that it causes, and set by
/// `--limit NAME=VALUE`.
package struct RunLimits {
  /// Calls inside each other.
  package var callDepth = 10_000
  /// Bytes of one line, message or other unconsumed input.
  package var buffer = 64 << 20
  /// Tasks at one time.
  package var tasks = 250_000
  /// MiB that the process may occupy. Looked at where much is taken at once, which then fails, and between the turns of
  /// tasks, for those that take little by little.
  package var memory = 4096
  package init() {}

  package static let names = ["call-depth", "buffer", "tasks", "memory"]

  /// False when there is no such limit.
  package mutating func set(_ name: String, to value: Int) -> Bool {
    switch name {
    case "call-depth": callDepth = value
    case "buffer": buffer = value
    case "tasks": tasks = value
    case "memory": memory = value
    default: return false
    }
    return true
  }
}
