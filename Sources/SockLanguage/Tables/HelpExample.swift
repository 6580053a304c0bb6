// An example of the help: a whole script, and what it prints. A test runs each of them.

package struct HelpExample: Sendable {
  /// Without a newline at the end.
  package let script: String
  /// Its standard output without the last newline; empty when it prints nothing.
  package let prints: String
  /// Its exit status.
  package let status: Int32

  init(_ script: String, prints: String = "", status: Int32 = 0) {
    self.script = script
    self.prints = prints
    self.status = status
  }
}
