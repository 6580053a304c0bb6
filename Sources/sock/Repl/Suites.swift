// Files in a session: their statements, from a line on, and the tests of one.

import SockLanguage
import SockRuntime
import SocketCore

/// A file of tests that was loaded.
struct Suite {
  let path: String
  /// The names of its tests, as far as its text tells them.
  let tests: [String]
}

extension Repl {
  /// The names that `:test` takes.
  var testNames: [String] { suite?.tests ?? [] }

  func load(_ path: String) {
    switch ScriptFiles.read(path) {
    case .failure(let error): fail("cannot read \(path): \(error.message)")
    case .success(let source):
      let outcome = session.load(source)
      note(outcome.outcome)
      if let line = outcome.failedAt { tellWhereToGoOn(path, line) }
      guard outcome.hasTests else { return }
      suite = Suite(path: path, tests: outcome.tests)
      guard Main.isTerminal, outcome.outcome == .done else { return }
      let names = outcome.tests.prefix(8).map { "\"\(Printable.text($0))\"" }.joined(separator: ", ")
      let rest = outcome.tests.count > 8 ? ", …" : ""
      session.say("its tests have not run: \(names.isEmpty ? "" : "\(names)\(rest); ")`:test NAME` runs one\n")
    }
  }

  /// `:run FILE [LINE]`.
  func runFile(_ argument: String) {
    var path = argument
    var line = 1
    if let blank = argument.lastIndex(of: " "), let number = Int(argument[argument.index(after: blank)...]), number > 0
    {
      line = number
      path = String(argument[..<blank])
      while path.last == " " { path.removeLast() }
    }
    path = FileNames.expanded(path)
    switch ScriptFiles.read(path) {
    case .failure(let error): fail("cannot read \(path): \(error.message)")
    case .success(let source):
      let outcome = session.load(source, fromLine: line)
      note(outcome.outcome)
      if let line = outcome.failedAt { tellWhereToGoOn(path, line) }
    }
  }

  private func tellWhereToGoOn(_ path: String, _ line: Int) {
    guard Main.isTerminal, session.exitStatus == nil else { return }
    session.tell("sock: `:run \(Printable.text(path)) \(line)` goes on with that line\n")
  }

  /// `:test [NAME]`: as `sock test` runs it, with a session where it fails.
  func test(_ name: String) {
    guard let suite else { return fail("load a file of tests first: `:load FILE`") }
    guard !name.isEmpty else {
      for test in suite.tests { session.write("\(Printable.text(test))\n") }
      return
    }
    guard Main.isTerminal else { return fail(":test needs a terminal") }
    let wanted = suite.tests.contains(name) ? name : suite.tests.first { $0.hasPrefix(name) } ?? name
    let pattern = "::" + wanted.map { $0.isLetter || $0.isNumber || $0 == " " ? "\($0)" : "\\\($0)" }.joined() + "$"
    let words = ["/proc/self/exe", "test", "--pause", "--filter", pattern, suite.path]
    switch ForegroundProgram.start(words) {
    case .failure(let error): fail("cannot run the test: \(error.message)")
    case .success(let program): _ = program.end(whileRunning: session)
    }
  }
}
