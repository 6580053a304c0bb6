// Runs the tests of one file, in order, in an isolate of its own.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

/// What runs one file: everything in it belongs to the thread that calls `run`.
struct FileRunner {
  let options: TestOptions
  let selection: Selection
  let stopRequest: StopRequest
  /// The run has no other file.
  let isOnlyFile: Bool
  /// Told of each test as it begins: its line and name.
  let started: (Int, String) -> Void
  /// Opens a session where a test fails; nil: none is wanted.
  let look: ((Session, _ account: String, _ test: String) -> Void)?
  /// Told where a test is that goes on for long.
  let goesOn: (SourceSite?) -> Void
  /// Told of a test that a signal has stopped: where it was then, and at what.
  let stopped: (TestRecord) -> Void
  /// Told of each test as it ends; false: no more tests are wanted.
  private let tellOfEnd: (TestRecord) -> Bool

  init(
    options: TestOptions, selection: Selection, stopRequest: StopRequest, isOnlyFile: Bool,
    look: ((Session, _ account: String, _ test: String) -> Void)? = nil,
    started: @escaping (Int, String) -> Void, goesOn: @escaping (SourceSite?) -> Void,
    stopped: @escaping (TestRecord) -> Void,
    ended: @escaping (TestRecord) -> Bool
  ) {
    self.options = options
    self.selection = selection
    self.stopRequest = stopRequest
    self.isOnlyFile = isOnlyFile
    self.started = started
    self.look = look
    self.goesOn = goesOn
    self.stopped = stopped
    tellOfEnd = ended
  }

  private func ended(_ record: TestRecord) -> Bool {
    var record = record
    Bounds.apply(to: &record)
    return tellOfEnd(record)
  }

  /// Runs the file of a job.
  func run(_ job: Job) -> JobEnd {
    let path = job.file
    var end = JobEnd()
    var template = TestRecord(file: path, name: path, line: 1)
    template.target = job.target?.name
    template.segmentation = job.segmentation.label
    let source: SourceFile
    switch ScriptFiles.readRegular(path) {
    case .success(let file): source = file
    case .failure(let error):
      template.line = 0
      template.verdict = .error
      template.message = "cannot read it: \(error.message)"
      template.report = "\(path): \(template.message)\n"
      _ = ended(template)
      return end
    }
    let loaded = Loader.load(source) { path, importer in ScriptFiles.read(importing: path, from: importer) }
    if loaded.hasErrors {
      template.verdict = .error
      let errors = loaded.diagnostics.filter { $0.severity == .error }
      template.message = errors.first?.message ?? "it has errors"
      template.report = errors.map { DiagnosticRenderer.render($0, color: false) }.joined()
      if let first = errors.first {
        let place = first.file.position(of: Int(first.range.lower))
        template.line = place.line
        template.place = (first.file.name, place.line, place.column)
        if options.keepsTranscripts {
          template.excerpts = SourceExcerpt.all(of: SourceSite(file: first.file, range: first.range), calls: []) { $0 }
        }
      }
      _ = ended(template)
      return end
    }
    if options.listOnly { return list(loaded.main, job, template) }
    if options.mutations != nil { return mutate(loaded.main, job, template) }
    let interpreter: Interpreter
    let program: Program
    let debugger = options.debugger
    let compiler = Compiler(keepsNames: look != nil, stopsAtStatements: debugger != nil)
    if look != nil { Pause.keepNames(of: loaded.main) }
    do throws(ProgramTooLarge) {
      program = try compiler.compile(loaded.main)
    } catch {
      template.verdict = .error
      template.message = error.message
      _ = ended(template)
      return end
    }
    let pause: Pause?
    do throws(Errno) {
      let context = BuiltinContext()
      context.golden.folder = source.folder
      context.golden.renewed = options.updatesGolden ? options.renewedAnswers : nil
      interpreter = try Interpreter(runOptions(job), context: context, stopRequest: stopRequest)
      pause = debugger != nil ? nil : look.map { look in
        Pause(
          interpreter, program, of: loaded.main, compiledBy: compiler, usesColor: options.usesColor,
          look: { session, account, test in
            look(session, options.usesColor ? AccountPaint.painted(account) : account, test)
          })
      }
      try pause?.watchSignals()
    } catch {
      template.verdict = .error
      template.message = "cannot start: \(error)"
      _ = ended(template)
      return end
    }
    do throws(Failure) {
      try debugger?.attach(to: interpreter, program, of: loaded.main, compiledBy: compiler)
    } catch {
      template.verdict = .error
      template.message = "cannot start: \(error.message)"
      _ = ended(template)
      return end
    }
    defer {
      pause?.disarm()
      debugger?.detach()
      program.tearDown()
    }
    // Of several files, not each needs to know every setting.
    if isOnlyFile, let problem = program.unknownSetting(among: options.settings, secrets: options.secrets) {
      template.verdict = .error
      template.message = problem
      template.report = "sock: \(problem)\n"
      _ = ended(template)
      return end
    }
    if !program.hasTests, !job.isNamed {
      end.isLeftOut = true
      return end
    }
    if let problem = missingSetting(loaded.main, job) {
      template.verdict = .error
      template.message = problem
      template.report = "sock: \(problem)\n"
      _ = ended(template)
      return end
    }
    if !program.hasTests {
      pause?.arm(template.title)
      end.ofOtherShards = runWhole(program, interpreter, template)
      end.takeEnd(of: pause)
      return end
    }
    template.startedAt = WallClock.now
    started(template.line, FileRunner.topLevelName(path))
    pause?.arm(FileRunner.topLevelName(path))
    let topLevel = interpreter.runTopLevel(program)
    end.takeEnd(of: pause)
    if topLevel.wasInterrupted {
      tellOfStop(of: template, topLevel)
      interpreter.finishFile()
      return end
    }
    if topLevel.failure != nil {
      var record = template
      record.name = FileRunner.topLevelName(path)
      fill(&record, topLevel, interpreter)
      if record.verdict == .warning || record.verdict == .noted { record.verdict = .fail }
      _ = ended(record)
      if record.verdict != .skip { interpreter.finishFile() }
      if record.verdict.isFailure || record.verdict == .skip || record.verdict == .inconclusive { return end }
    }
    let isDrawnBefore = interpreter.seedDrawnFrom != nil
    var tests = interpreter.tests
    if let seed = options.seedOfOrder {
      var generator = SplitMix(state: seed ^ Selection.hash(path))
      tests.shuffle(using: &generator)
    }
    for test in tests {
      var record = template
      interpreter.forgetSecretsOfTest()
      record.name = interpreter.masked(test.name)
      record.line = test.site.position.line
      record.level = test.declaration?.level?.rawValue
      record.citation = test.citation.map(interpreter.masked)
      record.tags = test.declaration?.tags ?? []
      record.todo = test.todo.map(interpreter.masked)
      switch selection.choice(record) {
      case .wanted: break
      case .unwanted: continue
      case .ofAnotherShard:
        end.ofOtherShards += 1
        continue
      }
      guard runTest(test, interpreter, record, pause, isDrawnBefore: isDrawnBefore) else { break }
    }
    end.takeEnd(of: pause)
    tellOfLeaks(interpreter.finishFile().map(interpreter.masked), template)
    return end
  }

  /// Sends something else in place of what the file's tests send, and asks each time whether the server still answers.
  private func mutate(_ file: CheckedFile, _ job: Job, _ template: TestRecord) -> JobEnd {
    var end = JobEnd()
    guard file.hasTests else {
      end.isLeftOut = true
      return end
    }
    var record = template
    record.verdict = .error
    if let problem = missingSetting(file, job) {
      record.message = problem
      record.report = "sock: \(problem)\n"
      _ = ended(record)
      return end
    }
    guard let probe = file.probe else {
      record.message = MutationRun.missingProbe
      record.report = "\(record.file): \(record.message)\n"
      _ = ended(record)
      return end
    }
    end.mutations = MutationRun(
      file: file, probe: probe, options: options, runOptions: runOptions(job), selection: selection,
      stopRequest: stopRequest, template: template, started: started,
      stopped: { run in tellOfStop(of: template, run) }, ended: ended
    ).run()
    return end
  }

  /// What is wrong when a `param` of the file has to be given a value, and has none; with how the file is run.
  private func missingSetting(_ file: CheckedFile, _ job: Job) -> String? {
    let interface = ScriptInterface(file)
    let given = runOptions(job)
    let names = Set(given.settings.map(\.name) + given.secrets.map(\.name))
    return interface.missing(given: names).map { "\($0.message); usage: \(interface.usage)" }
  }

  /// What the top level has left behind is found when all tests have run.
  private func tellOfLeaks(_ leaks: [String], _ template: TestRecord) {
    guard !leaks.isEmpty, !options.listOnly else { return }
    var record = template
    record.name = FileRunner.topLevelName(template.file)
    record.verdict = .fail
    record.leaks = leaks
    record.message = FileRunner.leakMessage(leaks)
    _ = ended(record)
  }

  private static func leakMessage(_ leaks: [String]) -> String { "it left something: \(leaks.joined(separator: "; "))" }

  /// Without its folder: from wherever a suite is started, its tests draw the same.
  private static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func topLevelName(_ path: String) -> String { "\(path) (its top level)" }

  /// What a signal has stopped, and where it was.
  private func tellOfStop(of template: TestRecord, _ run: TestRun) {
    var record = template
    record.verdict = .error
    if let stop = run.stop {
      if let site = stop.site {
        let place = site.position
        record.place = (site.file.name, place.line, place.column)
      }
      record.message = stop.words
      record.report = stop.report
    }
    record.transcript = run.transcript
    record.channels = run.channels
    record.duration = run.duration
    record.log = run.log
    stopped(record)
  }

  /// A file without a `test` is one test. How many of it are another shard's.
  private func runWhole(_ program: Program, _ interpreter: Interpreter, _ template: TestRecord) -> Int {
    switch selection.choice(template) {
    case .wanted: break
    case .unwanted: return 0
    case .ofAnotherShard: return 1
    }
    var record = template
    record.startedAt = WallClock.now
    started(record.line, record.name)
    let run = interpreter.runTopLevel(program)
    if run.wasInterrupted {
      tellOfStop(of: record, run)
      return 0
    }
    fill(&record, run, interpreter)
    interpreter.finishFile()
    _ = ended(record)
    return 0
  }

  /// Names the tests that stand in a file. Nothing of it runs.
  private func list(_ file: CheckedFile, _ job: Job, _ template: TestRecord) -> JobEnd {
    var end = JobEnd()
    var records: [(record: TestRecord, isCertain: Bool)] = []
    if file.hasTests {
      for entry in TestList(file).entries {
        var record = template
        record.name = entry.name
        record.line = file.source.position(of: Int(entry.declaration.range.lower)).line
        record.level = entry.declaration.level?.rawValue
        record.citation = entry.citation
        record.tags = entry.declaration.tags
        record.todo = entry.todo
        record.message = entry.uncertainty ?? ""
        records.append((record, entry.uncertainty == nil))
      }
    } else if job.isNamed {
      records.append((template, true))
    } else {
      end.isLeftOut = true
    }
    if let seed = options.seedOfOrder {
      var generator = SplitMix(state: seed ^ Selection.hash(job.file))
      records.shuffle(using: &generator)
    }
    for (record, isCertain) in records {
      switch selection.choice(record, isNameKnown: isCertain) {
      case .wanted: if !ended(record) { return end }
      case .unwanted: continue
      case .ofAnotherShard: end.ofOtherShards += 1
      }
    }
    return end
  }

  /// One test with its repetitions and retries. False: the run is to end.
  /// - Parameter isDrawnBefore: the file's top level has drawn by chance.
  private func runTest(
    _ test: DeclaredTest, _ interpreter: Interpreter, _ template: TestRecord, _ pause: Pause?, isDrawnBefore: Bool
  ) -> Bool {
    // Each time it draws other numbers: those that it draws the first time with the seed that its report names.
    var seed = options.seed
    let stream = Selection.hash("\(FileRunner.fileName(template.file))::\(test.name)")
    for _ in 0..<options.repeats {
      var record = template
      var attempts = 0
      var firstFailure: TestRecord?
      var tries: [TestTry] = []
      var comparison: [String] = []
      repeat {
        attempts += 1
        record = template
        record.startedAt = WallClock.now
        started(record.line, record.name)
        if let next = seed {
          interpreter.draw(from: Chance(seed: next, stream: stream, wasUsed: isDrawnBefore))
          seed = next &+ 1
        }
        // What is known to fail, or may, has nobody look into it.
        if record.todo == nil, record.level == nil || record.level == "must" {
          pause?.arm(record.title)
        } else {
          pause?.disarm()
        }
        let run = interpreter.run(test, keepsTranscript: firstFailure != nil)
        if run.wasInterrupted {
          tellOfStop(of: record, run)
          return false
        }
        if run.failure == nil, let firstFailure { comparison = TryComparison(firstFailure, run, passedAt: attempts).rows }
        fill(&record, run, interpreter)
        if record.verdict.isFailure, firstFailure == nil { firstFailure = record }
        if options.retries > 0 { tries.append(TestTry(record)) }
      } while record.verdict.isFailure && attempts <= options.retries && pause?.endsRun != true
      record.attempts = attempts
      if attempts > 1 { record.tries = tries }
      if let firstFailure, record.verdict == .pass {
        record.verdict = .flaky
        record.message = "passed at try \(attempts); before: \(firstFailure.message)"
        record.report = TryComparison.report(firstFailure.report, with: comparison)
      }
      if !ended(record) || pause?.endsRun == true { return false }
    }
    return true
  }

  private func runOptions(_ job: Job) -> RunOptions {
    var run = RunOptions()
    run.settings = options.settings
    run.secrets = options.secrets
    run.permissions = options.permissions
    if let target = job.target {
      run.settings.append((options.targetSetting, Array(target.address.utf8)))
      if !options.testsClients { run.target = target.name }
    }
    run.timeoutScale = options.timeoutScale
    run.limits = options.limits
    run.chance = options.seed.map { Chance(seed: $0, stream: Selection.hash(FileRunner.fileName(job.file))) }
    run.mark = options.mark
    run.goesOn = goesOn
    run.segmentation = job.segmentation
    run.capturesOutput = true
    // Somebody reads it on a terminal, in the report once more, which is indented.
    if look != nil { run.columns = { UserTerminal.size.map { max(40, Int($0.columns) - 7) } } }
    run.keepsWholeTranscript = options.keepsTranscripts
    return run
  }

  // MARK: - Verdicts

  private func fill(_ record: inout TestRecord, _ run: TestRun, _ interpreter: Interpreter) {
    record.duration = run.duration
    record.log = run.log
    record.seed = interpreter.seedDrawnFrom
    record.leaks = run.leaks.map(interpreter.masked)
    record.checks = run.checks.compactMap(\.report)
    if options.keepsTranscripts || run.failure != nil || !run.checks.isEmpty {
      record.transcript = run.transcript
      record.channels = run.channels
      record.records = run.records
      record.keys = run.keys
    }
    var failure = run.failure ?? run.checks.first
    switch failure?.verdict {
    case .skipped: record.verdict = .skip
    case .inconclusive: record.verdict = .inconclusive
    case .exit(let code)? where code == 0: failure = nil
    default:
      if let failure {
        record.verdict = failure.code == .type ? .error : .fail
      } else if !run.leaks.isEmpty {
        record.verdict = .fail
        record.message = FileRunner.leakMessage(record.leaks)
      }
    }
    if let failure {
      record.message = interpreter.masked(failure.headline)
      record.code = failure.verdict == nil ? interpreter.masked(failure.code.text) : nil
      record.report = run.failure?.report ?? record.checks.joined(separator: "\n")
      if run.failure != nil, !record.checks.isEmpty {
        record.report += "\nfailed checks before:\n" + record.checks.joined(separator: "\n")
      }
      if let place = failure.place {
        let position = place.site.position
        record.place = (place.site.file.name, position.line, position.column)
        if options.keepsTranscripts, record.verdict != .skip {
          record.excerpts = SourceExcerpt.all(
            of: place.site, calls: place.inside + place.calls, masked: interpreter.masked)
        }
      }
    }
    if record.verdict != .pass, record.verdict != .skip { record.point = run.point }
    if let todo = record.todo {
      if record.verdict == .fail {
        record.verdict = .todo
      } else if record.verdict == .pass {
        record.improvement = "passes now: its `todo \(todo)` can go"
      }
    }
    if record.verdict == .fail, record.level == "should" { record.verdict = .warning }
    if record.verdict == .fail, record.level == "may" { record.verdict = .noted }
  }
}
