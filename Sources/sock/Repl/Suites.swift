// Files in a session: their statements, from a line on, and the tests of one.

import SockLanguage
import SockRuntime
import SocketCore

/// A file of tests that was loaded.
struct Suite {
  let path: String
  /// The names of its tests, as far as its text tells them.
  let tests: [String]
  /// Others have names that are known when they run.
  let computesNames: Bool

  init(path: String, _ loading: Session.Loading) {
    self.path = path
    tests = loading.tests
    computesNames = loading.computesNames
  }

  /// Its tests in one line; of many the first ones.
  var list: String {
    let names = tests.prefix(8).map { "\"\(Printable.text($0))\"" }.joined(separator: ", ")
    return names + (tests.count > 8 ? ", …" : "")
  }

  /// The test that is meant by its name, in quotes or without, or by a part of it; nil: none that is known.
  func test(_ words: String) -> String? {
    let name = Suite.unquoted(words)
    for test in [words, name] where tests.contains(test) { return test }
    return tests.first { $0.hasPrefix(name) } ?? tests.first { $0.contains(name) }
  }

  /// What `sock test --filter` takes to run one test: that which is meant, or one whose name is yet to be computed.
  /// Nil: there can be none.
  func filter(for words: String) -> String? {
    func quoted(_ name: String) -> String {
      name.map { $0.isLetter || $0.isNumber || $0 == " " ? "\($0)" : "\\\($0)" }.joined()
    }
    if let test = test(words) { return "::\(quoted(test))$" }
    return computesNames ? "::.*\(quoted(Suite.unquoted(words)))" : nil
  }

  private static func unquoted(_ words: String) -> String {
    words.count > 2 && words.first == "\"" && words.last == "\"" ? String(words.dropFirst().dropLast()) : words
  }
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
      if outcome.outcome == .done { prepared.insert(path) } else { prepared.remove(path) }
      if let line = outcome.failedAt { tellWhereToGoOn(path, line) }
      guard outcome.hasTests else { return }
      let suite = Suite(path: path, outcome)
      self.suite = suite
      guard Main.isTerminal, outcome.outcome == .done else { return }
      let names = suite.list.isEmpty ? "" : "\(suite.list); "
      session.say("its tests have not run: \(names)`:test NAME` runs one\n")
    }
  }

  /// `:load FILE [PARAM=VALUE…]`.
  func load(argument: String) {
    let (path, settings) = Settings.behindFile(argument)
    if let path = expanded(path), give(settings, toFile: path) { load(path) }
  }

  /// `:run FILE [LINE] [PARAM=VALUE…]`.
  func runFile(_ argument: String) {
    let (argument, settings) = Settings.behindFile(argument)
    var path = argument
    var line = 1
    if let blank = argument.lastIndex(of: " "), let number = Int(argument[argument.index(after: blank)...]) {
      line = number
      path = String(argument[..<blank])
      while path.last == " " { path.removeLast() }
    }
    guard let path = expanded(path), give(settings, toFile: path) else { return }
    switch ScriptFiles.read(path) {
    case .failure(let error): fail("cannot read \(path): \(error.message)")
    case .success(let source):
      // In the middle of a test all that it needs has run.
      let isPrepared = prepared.contains(path) || session.inputs != nil
      let outcome = session.run(source, fromLine: line, isPrepared: isPrepared)
      if let problem = outcome.problem { return fail(problem) }
      note(outcome.outcome)
      if outcome.hasTests { suite = Suite(path: path, outcome) }
      if outcome.isPrepared { prepared.insert(path) }
      if let line = outcome.failedAt { tellWhereToGoOn(path, line) }
    }
  }

  private func expanded(_ path: String) -> String? {
    if path.isEmpty { fail("the name of a file is missing") }
    return path.isEmpty ? nil : FileNames.expanded(path)
  }

  // MARK: - Values of `param`s

  /// `:set [PARAM=VALUE…]`.
  func set(_ argument: String) {
    guard !argument.isEmpty else {
      let given = session.settings
      session.write(given.isEmpty ? "no `param` has been given a value\n" : "")
      for (name, value) in given { session.write("\(Printable.text(name)) = \(Printable.text(value))\n") }
      return
    }
    guard let settings = Settings.all(in: argument) else { return fail("write \(ColonCommand.set.synopsis)") }
    if give(settings, declares: true) { tellOfSettings(settings.map(\.name)) }
  }

  /// A value that is meant to be secret stands in the line, or might be, which is then kept nowhere.
  func givesSecret(_ line: String) -> Bool {
    guard case .command(let command, let argument, _) = ColonCommand.parse(line) else { return false }
    switch command {
    case .set:
      let known = suite.flatMap { file($0.path) }.map { Session.params(of: $0).subtracting(Session.secrets(of: $0)) }
      return Settings.all(in: argument)?.contains { pair in
        session.isSecret(pair.name) || session.isUnknown(pair.name) && known?.contains(pair.name) != true
      } ?? false
    case .load, .run:
      var (path, settings) = Settings.behindFile(argument)
      // `:run FILE LINE`
      if let blank = path.lastIndex(of: " "), path[blank...].dropFirst().allSatisfy(\.isNumber) { path = String(path[..<blank]) }
      let secrets = file(FileNames.expanded(path)).map(Session.secrets) ?? []
      return settings.contains { session.isSecret($0.name) || secrets.contains($0.name) }
    default: return false
    }
  }

  private func file(_ path: String) -> SourceFile? {
    guard case .success(let file) = ScriptFiles.readRegular(path) else { return nil }
    return file
  }

  /// Values for the `param`s of a file that is about to be loaded: what it does not have is mostly misspelled.
  private func give(_ settings: [Settings.Pair], toFile path: String) -> Bool {
    if !settings.isEmpty, let file = file(path),
      let problem = settings.lazy.compactMap({ Session.problem(givingParam: $0.name, of: file) }).first
    {
      fail(problem)
      return false
    }
    return give(settings, declares: false)
  }

  private func give(_ settings: [Settings.Pair], declares: Bool) -> Bool {
    for (name, value) in settings {
      if let problem = session.set(name, to: value, declares: declares) {
        fail(problem)
        return false
      }
    }
    return true
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
    guard let pattern = suite.filter(for: name) else {
      let others = suite.list.isEmpty ? "" : "; there are \(suite.list)"
      return fail("no test has `\(Printable.text(name))` in its name\(others)")
    }
    var words = ["/proc/self/exe", Command.test.rawValue, "--pause", Option.filter.name, pattern]
    if case .success(let source) = ScriptFiles.read(suite.path) {
      let params = Session.params(of: source)
      for (name, value) in session.settings where params.contains(name) {
        words += [Option.set.name, "\(name)=\(value)"]
      }
      for secret in secrets where params.contains(String(secret.prefix { $0 != "=" })) {
        words += [Option.secret.name, secret]
      }
    }
    words.append(suite.path)
    switch ForegroundProgram.start(words) {
    case .failure(let error): fail("cannot run the test: \(error.message)")
    case .success(let program): _ = program.end(whileRunning: session)
    }
  }
}
