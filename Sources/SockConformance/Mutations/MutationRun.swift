// `sock test --mutate`: the tests of one file, again and again, each time with something else in place of one thing
// that they send, and behind each the file's `probe`, which says whether the server still answers.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

/// What the mutations of a run have come to.
package struct MutationCounts: Sendable, Equatable {
  package var runs = 0
  /// Runs that spoke against the server, each counted, and how many findings these are.
  package var damaging = 0
  package var findings = 0
  /// Runs in which nothing was changed, or that ended before the probe was asked: nothing is known of them.
  package var idle = 0
  /// There are changes that were not tried.
  package var hasMore = false

  package static func + (left: MutationCounts, right: MutationCounts) -> MutationCounts {
    var sum = left
    sum.runs += right.runs
    sum.damaging += right.damaging
    sum.findings += right.findings
    sum.idle += right.idle
    sum.hasMore = left.hasMore || right.hasMore
    return sum
  }
}

/// A file's run from its first line: an interpreter and the tests that its top level has declared.
final class MutatedWorld {
  let interpreter: Interpreter
  private let program: Program
  /// How its top level came out.
  let topLevel: TestRun

  struct Problem: Error { let text: String }

  /// - Parameter probe: called behind each test; nil: the tests as they stand.
  init(
    _ file: CheckedFile, probe: FunctionDeclaration?, _ options: RunOptions, _ stopRequest: StopRequest
  ) throws(Problem) {
    do throws(ProgramTooLarge) {
      program = try Compiler(probe: probe).compile(file)
    } catch {
      throw Problem(text: error.message)
    }
    do throws(Errno) {
      let context = BuiltinContext()
      context.golden.folder = file.source.folder
      interpreter = try Interpreter(options, context: context, stopRequest: stopRequest)
    } catch {
      throw Problem(text: "cannot start: \(error)")
    }
    topLevel = interpreter.runTopLevel(program)
  }

  func run(_ test: DeclaredTest, _ mutator: SendMutator) -> TestRun {
    interpreter.forgetSecretsOfTest()
    interpreter.mutator = mutator
    defer { interpreter.mutator = nil }
    return interpreter.run(test)
  }

  func close() {
    interpreter.finishFile()
    program.tearDown()
  }
}

/// One file's mutations.
struct MutationRun {
  /// A test that passes as it stands, and sends something.
  private struct Subject {
    /// Its place among the file's tests.
    let number: Int
    var record: TestRecord
    let declaration: TestDeclaration?
    /// In the order in which they are tried.
    let changes: [SendChange]
    /// What its programs do without a mutation.
    let usual: Set<String>
    var runs = 0
    /// Of these, those that did damage, and the findings that were first met in it.
    var damaging = 0
    var findings = 0
  }

  /// One mutation that was sent.
  struct Shot {
    let number: Int
    let target: Int
    let sends: [MutableSend]
    let mutation: Mutation
    var send: MutableSend { sends[target] }
  }

  /// What has one cause: the account of the first time, and the numbers of the mutations that did it again.
  private struct Finding {
    var record: TestRecord
    var more: [Int] = []
  }

  let file: CheckedFile
  let probe: FunctionDeclaration
  let options: TestOptions
  let runOptions: RunOptions
  let selection: Selection
  let stopRequest: StopRequest
  let template: TestRecord
  let started: (Int, String) -> Void
  let stopped: (TestRun) -> Void
  /// False: no more are wanted.
  let ended: (TestRecord) -> Bool

  /// What is said of a suite that has no `probe`.
  static let missingProbe =
    "--mutate asks after each mutation whether the server still answers, and the suite does not say how: declare `def "
    + "probe()` at its top level, which connects, sends and expects what any server answers (sock help mutate)"

  var seed: UInt64 { options.seed ?? 0 }

  // MARK: - All of it

  func run() -> MutationCounts {
    var counts = MutationCounts()
    counts.hasMore = true
    guard probe.parameters.allSatisfy({ $0.defaultValue != nil }) else {
      return tellError("`probe` is called without arguments, and has parameters", in: &counts)
    }
    var world: MutatedWorld
    do throws(MutatedWorld.Problem) {
      world = try begin()
    } catch {
      return tellError(error.text, in: &counts)
    }
    defer { world.close() }
    if world.topLevel.wasInterrupted {
      stopped(world.topLevel)
      return counts
    }
    if let failure = world.topLevel.failure {
      return tellError("the file's top level fails: \(failure.headline)", failure.report ?? "", in: &counts)
    }
    var brokenProbe: Failure?
    guard var subjects = subjects(in: world, &brokenProbe) else { return counts }
    guard !subjects.isEmpty else {
      if let brokenProbe {
        return tellError(
          "`probe` fails, though nothing was changed: \(world.interpreter.masked(brokenProbe.headline)); a server that "
            + "does not answer it to begin with cannot be tested", brokenProbe.report ?? "", in: &counts)
      }
      return tellError(
        "no test can be mutated: one has to pass as it stands, with the probe behind it, and to send something over a "
          + "socket", in: &counts)
    }
    let wanted = options.mutations ?? 1...1
    let order = order(of: subjects)
    guard wanted.lowerBound <= order.count else {
      return tellError(
        "there is no mutation \(wanted.lowerBound): \(order.count) changes of what the tests send are all", in: &counts)
    }
    // Told at the end, when it is known how often each has come.
    var found: [Finding] = []
    defer { _ = tell(&found) }
    var known: [String: Int] = [:]
    var last: Shot?
    var isOver = true
    for number in wanted.clamped(to: 1...order.count) {
      let (at, change) = order[number - 1]
      subjects[at].runs += 1
      counts.runs += 1
      started(subjects[at].record.line, subjects[at].record.name)
      let (mutator, run) = self.run(change, subjects[at], in: world)
      if run.wasInterrupted {
        _ = tell(&found)
        stopped(run)
        return counts
      }
      guard let mutation = mutator.mutation else {
        counts.idle += 1
        continue
      }
      let shot = Shot(number: number, target: change.send, sends: mutator.sends, mutation: mutation)
      guard let damage = Damage(run, mutator, besides: subjects[at].usual) else {
        if !mutator.isProbing { counts.idle += 1 }
        last = shot
        continue
      }
      counts.damaging += 1
      subjects[at].damaging += 1
      world.close()
      var isGone = false
      do throws(MutatedWorld.Problem) {
        world = try begin()
        isGone = (world.topLevel.failure != nil || !passes(subjects[at], in: world)) && !stopRequest.wasMade
      } catch {
        return tellError(error.text, in: &counts)
      }
      let signature = damage.signature(mutation.group)
      if let first = known[signature] {
        found[first].more.append(number)
      } else {
        known[signature] = found.count
        subjects[at].findings += 1
        var writer = FindingWriter(
          self, subjects[at].declaration, subjects[at].record, damage, subjects[at].usual)
        let script = isGone ? writer.writeUntried(shot, because: "the server is gone") : writer.write(shot, after: last)
        var isCertain = true
        if case .none = script, damage.death == nil, damage.trace == nil, !isGone, !stopRequest.wasMade {
          // A machine that was busy may have made the server slow.
          let (mutator, again) = self.run(change, subjects[at], in: world)
          isCertain = Damage(again, mutator, besides: subjects[at].usual) != nil
        }
        counts.findings += isCertain ? 1 : 0
        let record = account(
          writer.shot ?? shot, damage, script, subjects[at].record, run, world.interpreter, isCertain: isCertain)
        found.append(Finding(record: record))
        if options.failFast, record.failsTheRun { return counts }
        if case .none = script, !stopRequest.wasMade {
          world.close()
          do throws(MutatedWorld.Problem) { world = try begin() } catch { return tellError(error.text, in: &counts) }
        }
      }
      if stopRequest.wasMade {
        _ = tell(&found)
        stopped(run)
        return counts
      }
      last = nil
      if isGone {
        _ = tellError(
          "the server does not come back: nothing was sent after mutation \(number). One that the suite starts with "
            + "`run` is started anew for each finding", in: &counts)
        isOver = false
        break
      }
    }
    if isOver, wanted.lowerBound == 1, order.count < wanted.upperBound { counts.hasMore = false }
    guard tell(&found) else { return counts }
    for subject in subjects where subject.runs > 0 && subject.findings == 0 {
      var record = subject.record
      let mutations = "\(subject.runs) mutation\(subject.runs == 1 ? "" : "s")"
      record.message = "\(mutations), the server still answers"
      if subject.damaging > 0 {
        record.verdict = .noted
        record.message = "\(subject.damaging) of \(mutations) did what was found in another test"
      }
      if !ended(record) { break }
    }
    return counts
  }

  private func begin() throws(MutatedWorld.Problem) -> MutatedWorld {
    try MutatedWorld(file, probe: probe, runOptions, stopRequest)
  }

  /// The tests that pass as they stand, with the probe behind them; the others are told of. Nil: no more are wanted.
  /// - Parameter brokenProbe: how the probe has failed behind a test that passes.
  private func subjects(in world: MutatedWorld, _ brokenProbe: inout Failure?) -> [Subject]? {
    var subjects: [Subject] = []
    for (number, test) in world.interpreter.tests.enumerated() {
      var record = template
      record.name = world.interpreter.masked(test.name)
      record.line = test.site.position.line
      record.level = test.declaration?.level?.rawValue
      record.citation = test.citation.map(world.interpreter.masked)
      record.tags = test.declaration?.tags ?? []
      guard case .wanted = selection.choice(record), test.todo == nil else { continue }
      record.startedAt = WallClock.now
      started(record.line, record.name)
      let mutator = SendMutator(.collecting, seed: mutationSeed(of: record))
      draw(for: record, in: world)
      let run = world.run(test, mutator)
      if run.wasInterrupted {
        stopped(run)
        return nil
      }
      record.duration = run.duration
      if let failure = mutator.failure ?? run.failure ?? run.checks.first {
        record.verdict = .skip
        let headline = world.interpreter.masked(failure.headline)
        record.message = "it does not pass as it stands: \(headline)"
        if mutator.isProbing, mutator.failure == nil, run.failure != nil {
          record.message = "the probe behind it fails, though nothing was changed: \(headline)"
          brokenProbe = brokenProbe ?? failure
        }
      } else if mutator.sends.isEmpty {
        record.verdict = .skip
        record.message = "it sends nothing over a socket"
      } else {
        let changes = mutator.changes(limit: options.mutations?.upperBound ?? 1)
        subjects.append(
          Subject(
            number: number, record: record, declaration: test.declaration, changes: changes, usual: Damage.usual(run)))
        continue
      }
      if !ended(record) { return nil }
    }
    return subjects
  }

  /// The changes by their numbers, from 0: the tests have their turns while they have any. Which is which follows from
  /// the seed and the number alone.
  private func order(of subjects: [Subject]) -> [(subject: Int, change: SendChange)] {
    (0..<(subjects.map(\.changes.count).max() ?? 0)).flatMap { turn in
      subjects.enumerated().compactMap { at, subject in
        turn < subject.changes.count ? (at, subject.changes[turn]) : nil
      }
    }
  }

  private func run(_ change: SendChange, _ subject: Subject, in world: MutatedWorld) -> (SendMutator, TestRun) {
    let mutator = SendMutator(.changing(change), seed: mutationSeed(of: subject.record))
    draw(for: subject.record, in: world)
    return (mutator, world.run(world.interpreter.tests[subject.number], mutator))
  }

  private func mutationSeed(of test: TestRecord) -> UInt64 { seed ^ Selection.hash(test.name) }

  /// What the test itself draws is the same in each of its runs.
  private func draw(for test: TestRecord, in world: MutatedWorld) {
    world.interpreter.draw(from: Chance(seed: seed, stream: Selection.hash(test.name)))
  }

  private func passes(_ subject: Subject, in world: MutatedWorld) -> Bool {
    guard subject.number < world.interpreter.tests.count else { return false }
    // On a busy machine it may be late once.
    return (0..<2).contains { _ in
      let mutator = SendMutator()
      let run = world.run(world.interpreter.tests[subject.number], mutator)
      return run.failure == nil && mutator.failure == nil
    }
  }

  /// What was changed, without what it was changed to.
  static func place(_ mutation: Mutation) -> String {
    String(mutation.what.prefix { $0 != ":" })
  }

  private func tellError(_ message: String, _ report: String = "", in counts: inout MutationCounts) -> MutationCounts {
    var record = template
    record.name = "\(template.file) (mutations)"
    record.verdict = .error
    record.message = message
    record.report = "\(template.file): \(message)\n" + report
    _ = ended(record)
    return counts
  }

  // MARK: - A finding

  /// - Returns: false: no more are wanted.
  private func tell(_ found: inout [Finding]) -> Bool {
    var areWanted = true
    for finding in found {
      var record = finding.record
      if !finding.more.isEmpty {
        let numbers = finding.more.map(String.init).joined(separator: ", ")
        let row = MutationRun.row(("more", MutationRun.cut("\(finding.more.count) with the same cause: \(numbers)")))
        record.report += row
      }
      // What was found is told, even where nothing more is to be looked for.
      areWanted = ended(record) && areWanted
    }
    found = []
    return areWanted
  }

  /// - Parameter isCertain: false: it has happened once, and not again.
  private func account(
    _ shot: Shot, _ damage: Damage, _ script: FindingWriter.Outcome, _ test: TestRecord, _ run: TestRun,
    _ interpreter: Interpreter, isCertain: Bool
  ) -> TestRecord {
    let send = shot.send
    var rows: [(String, String)] = [
      ("test", "\(test.file):\(test.line) \(Printable.text(test.name))"),
      ("send", "\(send.site.file.name):\(send.site.position.line)"),
      ("mutation", "\(shot.number) of --seed \(seed): \(shot.mutation.what)"),
      ("sent", MutationRun.cut(FindingScript.expression(shot.mutation.bytes))),
      ("instead of", MutationRun.cut(FindingScript.expression(send.bytes))),
    ]
    if let death = damage.death { rows.append(("program", "\(death.line) \(death.ending ?? "")")) }
    if let silence = damage.silence { rows.append(("probe", silence.headline)) }
    var errors = ((damage.trace?.program ?? damage.death)?.errors ?? "").split(separator: "\n").map(String.init)
    // What comes behind the telling line is of later connections.
    if let last = errors.lastIndex(where: { $0 == damage.trace?.line }) { errors.removeLast(errors.count - last - 1) }
    for line in errors.suffix(MutationRun.linesShown) { rows.append(("stderr", line)) }
    switch script {
    case .written(let path, let note): rows.append(("script", path + note))
    case .none(let why): rows.append(("script", "none: \(why)"))
    }
    rows.append(("again", again(shot.number)))
    var record = test
    record.verdict = isCertain ? .fail : .inconclusive
    record.duration = run.duration
    record.seed = seed
    record.name = interpreter.masked("\(test.name): \(MutationRun.place(shot.mutation))")
    record.message = interpreter.masked(damage.headline + (isCertain ? "" : "; sent again, it does"))
    record.place = (send.site.file.name, send.site.position.line, send.site.position.column)
    record.transcript = run.transcript
    record.channels = run.channels
    record.log = run.log
    record.report = interpreter.masked("\(damage.headline)\n" + rows.map(MutationRun.row).joined())
    return record
  }

  private static func row(_ row: (name: String, text: String)) -> String {
    "  \(row.name)\(String(repeating: " ", count: 12 - row.name.count))\(row.text)\n"
  }

  private static let longestShown = 300
  private static let linesShown = 8

  private static func cut(_ text: String) -> String {
    text.count > longestShown ? "\(text.prefix(longestShown))…" : text
  }

  /// The command that sends this one mutation again.
  private func again(_ number: Int) -> String {
    var words: [String] = []
    var isValue = false
    for word in RunFacts.shownWords(options, [template.file]) {
      if isValue {
        isValue = false
      } else if word == "--mutate" || word == "--seed" {
        isValue = true
      } else if !word.hasPrefix("--mutate="), !word.hasPrefix("--seed=") {
        words.append(word)
      }
    }
    if words.first == "test" { words.removeFirst() }
    let own = ["sock", "test", "--mutate", "\(number)..\(number)", "--seed", "\(seed)"]
    return (own + words).map(ShellWord.quoted).joined(separator: " ")
  }
}
