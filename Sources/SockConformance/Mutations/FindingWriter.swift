// A finding becomes a script: tried until it fails as the mutated test did, made as short as it still does, and written
// where nothing else stands.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

struct FindingWriter {
  enum Outcome {
    /// - note: what is to be said of it behind its path; empty: nothing.
    case written(String, note: String)
    case none(String)
  }

  private let all: MutationRun
  private let test: TestDeclaration?
  private let record: TestRecord
  private let damage: Damage
  private let usual: Set<String>
  /// The mutation that does it; nil before that is known.
  private(set) var shot: MutationRun.Shot?
  private var triesLeft = 60
  private let limit = Deadline(after: 120)

  init(_ all: MutationRun, _ test: TestDeclaration?, _ record: TestRecord, _ damage: Damage, _ usual: Set<String>) {
    (self.all, self.test, self.record, self.damage, self.usual) = (all, test, record, damage, usual)
  }

  // MARK: - What is written

  /// - Parameter last: the mutation before: of a server that ended a moment late it is the one.
  mutating func write(_ shot: MutationRun.Shot, after last: MutationRun.Shot?) -> Outcome {
    if damage.silence == nil, damage.trace == nil {
      return .none("the server answers the probe all the same, and a test of `sock test` would pass")
    }
    if all.stopRequest.wasMade { return writeUntried(shot, because: "the run was stopped") }
    var obstacle = ""
    for shot in [shot, last].compactMap({ $0 }) {
      do throws(FindingScript.Obstacle) {
        self.shot = shot
        guard var script = try reproduced(shot) else { continue }
        if all.stopRequest.wasMade { return save(script, note: " (not made shorter: the run was stopped)") }
        if let run = attempt(script.text(sending: shot.send.bytes)), run.failure != nil {
          return .none("with what the test sends as it stands in its place, the script fails, too")
        }
        shrink(&script, shot)
        leaveOutUnnamed(&script)
        return save(script, note: all.stopRequest.wasMade ? " (not made shorter: the run was stopped)" : "")
      } catch {
        if obstacle.isEmpty { obstacle = error.text }
      }
    }
    if all.stopRequest.wasMade { return writeUntried(shot, because: "the run was stopped") }
    self.shot = shot
    return .none(obstacle.isEmpty ? "sent alone, in a test of its own, it has not done this again" : obstacle)
  }

  /// What was sent is written as it seems right, where it cannot be tried.
  mutating func writeUntried(_ shot: MutationRun.Shot, because reason: String) -> Outcome {
    self.shot = shot
    do throws(FindingScript.Obstacle) {
      for script in try drafts(shot) where load(script.text()) != nil {
        return save(script, note: " (not tried: \(reason))")
      }
      return .none("what was sent was sent by a function of another file")
    } catch {
      return .none(error.text)
    }
  }

  /// Ways to write it, the likeliest first: on which channel it is sent is not always to be seen from the test's text.
  private func drafts(_ shot: MutationRun.Shot) throws(FindingScript.Obstacle) -> [FindingScript] {
    let path = place(1)
    var script = try FindingScript(
      all.file, test: test, named: record.name, telling: telling,
      sends: shot.sends, at: shot.target, path: path)
    script.what = shot.mutation.what
    script.bytes = shot.mutation.bytes
    script.comment =
      ["Found by `sock test --mutate` with --seed \(all.seed), as number \(shot.number), in \(record.file)."]
      + damage.headline.split(separator: "\n").map { "With that: \(Printable.text($0))" }
    let send = shot.send
    var drafts: [FindingScript] = []
    func add(_ receiver: String?, connect: String? = nil) {
      var draft = script
      draft.receiver = receiver.map { "\($0)." } ?? ""
      draft.connect = connect
      let isKnown = drafts.contains { $0.receiver == draft.receiver && $0.connect == draft.connect }
      if !isKnown { drafts.append(draft) }
    }
    if let receiver = send.receiver { add(receiver) }
    if let name = send.channelName { add(name) }
    add(nil)
    // One that the statement has made that has sent: as the probe makes its own.
    for statement in all.probe.body.statements {
      guard case .expression(.step(let step)) = statement.kind, step.verb == .connect else { continue }
      add(step.result?.name, connect: all.file.source.text(statement.range))
    }
    let hasTarget = all.file.exports["target"] != nil
    if hasTarget { add(nil, connect: "connect target") }
    if let peer = send.peer { add(nil, connect: "connect \(SourceText.quoted(Array(peer.utf8)))") }
    return drafts
  }

  /// What must not stand in the standard error of a server that answers the probe all the same: a line of it, or, where
  /// that has numbers that may be others, its beginning.
  private var telling: String? {
    guard damage.silence == nil, let line = damage.trace?.line else { return nil }
    return line.contains(where: \.isNumber) ? String(line.prefix { $0 != ":" && !$0.isNumber }) : line
  }

  private mutating func reproduced(_ shot: MutationRun.Shot) throws(FindingScript.Obstacle) -> FindingScript? {
    for script in try drafts(shot) where doesIt(script) { return script }
    return nil
  }

  /// The simplest mutation and the fewest steps before it that still do it.
  private mutating func shrink(_ script: inout FindingScript, _ shot: MutationRun.Shot) {
    for simpler in shot.mutation.simpler() {
      var other = script
      (other.what, other.bytes) = (simpler.what, simpler.bytes)
      if doesIt(other) {
        script = other
        break
      }
    }
    for at in script.before.indices.reversed() {
      var other = script
      other.before.remove(at: at)
      if doesIt(other) { script = other }
    }
    for at in script.setup.indices.reversed() {
      var other = script
      other.setup.remove(at: at)
      if doesIt(other) { script = other }
    }
  }

  /// Leaves out functions, messages and imports that nothing names any more.
  private func leaveOutUnnamed(_ script: inout FindingScript) {
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      for at in script.top.indices.reversed() where script.top[at].onlyDeclares {
        var other = script
        other.top.remove(at: at)
        guard let file = load(other.text()), file.probe != nil else { continue }
        script = other
        isSmaller = true
      }
    }
  }

  // MARK: - Trying

  private mutating func doesIt(_ script: FindingScript) -> Bool {
    guard triesLeft > 0, !limit.hasPassed, !all.stopRequest.wasMade else { return false }
    triesLeft -= 1
    let text = script.text()
    guard let run = attempt(text), let failure = run.failure else { return false }
    // The assertion about standard error is the only one that is no part of what the suite says.
    if telling != nil { return failure.code == .assertion && isLast(failure, in: text) }
    guard let silence = silence(failure, in: text) else { return false }
    return Damage(run, silence: silence, besides: usual)?.isLike(damage) ?? false
  }

  /// Whether it stands in the last statement of the script's test.
  private func isLast(_ failure: Failure, in text: [UInt8]) -> Bool {
    guard let site = failure.site, failure.calls.isEmpty else { return false }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let last = lines.lastIndex { $0.contains("assert ") }
    return last.map { site.position.line == $0 + 1 } ?? false
  }

  /// The failure, if it is one of the probe.
  private func silence(_ failure: Failure, in text: [UInt8]) -> Failure? {
    guard let file = load(text), let probe = file.probe, failure.code != .type else { return nil }
    let sites = [failure.site].compactMap { $0 } + failure.calls
    let isProbe = sites.contains { site in
      site.file.name == file.source.name && probe.range.lower <= site.range.lower
        && site.range.upper <= probe.range.upper
    }
    return isProbe ? failure : nil
  }

  private func load(_ text: [UInt8]) -> CheckedFile? {
    let loaded = Loader.load(SourceFile(name: place(1), bytes: text)) { path, importer in
      ScriptFiles.read(importing: path, from: importer)
    }
    return loaded.hasErrors ? nil : loaded.main
  }

  /// Runs the only test of a script, with a server of its own; nil: it did not come to that.
  private func attempt(_ text: [UInt8]) -> TestRun? {
    guard let file = load(text) else { return nil }
    do throws(MutatedWorld.Problem) {
      let world = try MutatedWorld(file, probe: nil, all.runOptions, all.stopRequest)
      defer { world.close() }
      guard world.topLevel.failure == nil, let test = world.interpreter.tests.first else { return nil }
      let run = world.run(test, SendMutator())
      return run.wasInterrupted ? nil : run
    } catch {
      return nil
    }
  }

  // MARK: - Files

  /// `smtp-found-1-17.sock`: of the suite, the seed and the mutation.
  private func place(_ attempt: Int) -> String {
    let name = record.file.split(separator: "/").last.map(String.init) ?? "suite.sock"
    let stem = name.hasSuffix(".sock") ? String(name.dropLast(5)) : name
    let number = "\(all.seed)-\(shot?.number ?? 0)"
    let folder = all.options.findings.map { $0.hasSuffix("/") ? $0 : "\($0)/" } ?? FindingScript.folder(record.file)
    return "\(folder)\(stem)-found-\(number)\(attempt > 1 ? "-\(attempt)" : "").sock"
  }

  private func save(_ script: FindingScript, note: String) -> Outcome {
    let text = script.text()
    if all.runOptions.secrets.contains(where: { secret in !secret.value.isEmpty && contains(text, secret.value) }) {
      return .none("a secret stands in it")
    }
    for attempt in 1...100 {
      let path = place(attempt)
      switch ScriptFiles.read(path) {
      case .success(let there):
        // The same finding of the same seed.
        if there.bytes == text { return .written(path, note: " (it was there already)\(note)") }
      case .failure:
        if access(path, F_OK) == 0 { continue }
        if let problem = OutputFile.write(text, to: path) { return .none(problem) }
        return .written(path, note: note)
      }
    }
    return .none("\(place(1)) and a hundred more names like it are taken")
  }

  private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    text.indices.contains { text[$0...].starts(with: part) }
  }
}
