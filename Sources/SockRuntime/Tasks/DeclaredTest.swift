// A test as its file declares it, and what it has opened.

import SockLanguage

/// A `test` as the file's top level declared it; in a `for`, one for each turn.
package final class DeclaredTest {
  package let name: String
  package let declaration: TestDeclaration?
  package let citation: String?
  /// Seconds.
  let timeout: Double
  package let todo: String?
  package let site: SourceSite
  let function: Function
  let conn: Channel?
  let listener: Channel?

  init(
    name: String, declaration: TestDeclaration?, citation: String?, timeout: Double, todo: String?, site: SourceSite,
    function: Function, conn: Channel?, listener: Channel?
  ) {
    self.name = name
    self.declaration = declaration
    self.citation = citation
    self.timeout = timeout
    self.todo = todo
    self.site = site
    self.function = function
    self.conn = conn
    self.listener = listener
  }
}

/// A channel that a test has opened, for as long as something else holds it.
struct OpenedChannel {
  weak var channel: Channel?
}
