// `:save`: writes the session as a script.

import Glibc
import SockConformance
import SockLanguage
import SockRuntime
import SocketCore

enum SavedSession {
  /// Writes a file, runs it, and says whether it passes. Not nil: why that could not be done.
  /// - Parameter replacing: a file that is there gives way; else it is a mistake that there is one.
  static func save(_ session: Session, to path: String, replacing: Bool) -> String? {
    if let inputs = session.inputs { return save(inputs, of: session, to: path, replacing: replacing) }
    guard let directory = getcwd(nil, 0) else { return "cannot find out the working directory: \(Errno(rawValue: errno).message)" }
    defer { free(directory) }
    let text = session.script(date: date, path: path, workingDirectory: String(cString: directory))
    guard let text else { return "nothing has been sent or received yet that a script could repeat" }
    if let problem = write(text, to: path, replacing: replacing) { return problem }
    let params = Session.params(of: SourceFile(name: path, bytes: text))
    let given = session.settings.filter { params.contains($0.name) }
    let options = given.flatMap { [Option.set.name, "\($0.name)=\($0.value)"] }
    let words = (options + [path]).map(ShellWord.quoted).joined(separator: " ")
    defer { session.say("\(path) is written; run it with `sock test \(words)`\n") }
    tellWhatFailed(session)
    // What it may not do, and the values of secrets, another process would not know. It says itself how it has gone.
    guard session.mayBeRepeated else { return nil }
    if let address = session.ownListener(in: text) {
      session.say("it is not run now: it listens on \(address), where this session does (:close that first)\n")
      return nil
    }
    switch ForegroundProgram.start(["/proc/self/exe", Command.test.rawValue] + options + [path]) {
    case .success(let program):
      if !program.end(whileRunning: session).isSuccess, session.hasOpenConnections {
        session.say("what this session still has open may make the difference: :close it, and :save! again\n")
      }
      return nil
    case .failure(let error): return "cannot run \(path): \(error.message)"
    }
  }

  /// So many of the steps that are left out are named.
  private static let failuresNamed = 5

  private static func tellWhatFailed(_ session: Session) {
    let failed = session.failedSteps
    for step in failed.suffix(failuresNamed) {
      let text = step.text.count > 60 ? step.text.prefix(59) + "…" : step.text
      session.say("left out, as it failed: \(step.place) `\(text)`\n")
    }
    let more = failed.count - failuresNamed
    if more > 0 { session.say("and \(more) more that failed before\n") }
  }

  private static func write(_ text: [UInt8], to path: String, replacing: Bool) -> String? {
    guard replacing, access(path, F_OK) == 0 else {
      return ScriptFiles.create(path, with: text).map { replacing ? $0 : $0 + hint($0) }
    }
    do throws(Errno) {
      try ScriptFiles.replace(path, with: text)
      return nil
    } catch {
      return "cannot write \(path): \(error.message)"
    }
  }

  private static func hint(_ problem: String) -> String {
    problem.contains("is there already") ? ", or write :save! to replace it" : ""
  }

  /// Of a session in the middle of a test: the lines, which go into that test.
  private static func save(
    _ inputs: [[UInt8]], of session: Session, to path: String, replacing: Bool
  ) -> String? {
    guard !inputs.isEmpty else { return "nothing has been entered yet that was done" }
    let lines = inputs.flatMap { $0 + [UInt8(ascii: "\n")] }
    let text = Array("# Entered where a test had failed, \(date).\n".utf8) + lines
    if let problem = write(text, to: path, replacing: replacing) { return problem }
    session.say("\(path) is written: the lines that were entered, for the test\n")
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
