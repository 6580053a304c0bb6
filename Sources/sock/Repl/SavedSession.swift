// `:save`: writes the session as a script.

import Glibc
import SockRuntime
import SocketCore

enum SavedSession {
  /// Writes a new file, and says how it is run. Not nil: why that could not be done.
  static func save(_ session: Session, to path: String) -> String? {
    if let inputs = session.inputs { return save(inputs, of: session, to: path) }
    guard let directory = getcwd(nil, 0) else { return "cannot find out the working directory: \(Errno(rawValue: errno).message)" }
    defer { free(directory) }
    let text = session.script(date: date, path: path, workingDirectory: String(cString: directory))
    guard let text else { return "nothing has been sent or received yet that a script could repeat" }
    if let problem = ScriptFiles.create(path, with: text) { return problem }
    session.write("\(path) is written; run it with `sock test \(path)`\n")
    return nil
  }

  /// Of a session in the middle of a test: the lines, which go into that test.
  private static func save(_ inputs: [[UInt8]], of session: Session, to path: String) -> String? {
    guard !inputs.isEmpty else { return "nothing has been entered yet that was done" }
    let lines = inputs.flatMap { $0 + [UInt8(ascii: "\n")] }
    let text = Array("# Entered where a test had failed, \(date).\n".utf8) + lines
    if let problem = ScriptFiles.create(path, with: text) { return problem }
    session.write("\(path) is written: the lines that were entered, for the test\n")
    return nil
  }

  /// `2026-11-21 06:10`, as clocks here show it.
  static var date: String {
    var now = time(nil)
    var parts = tm()
    localtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%d %H:%M", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
