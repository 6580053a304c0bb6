// golden: an answer that is compared with one that somebody has kept.

import Glibc
import SockLanguage
import SocketCore
import Synchronization

enum GoldenAnswers {
  /// The answer, if it is that of the file; where the run renews them (`sock test --update`), the file gets it instead.
  static func compare(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let name = try arguments.string(0)
    let answer = try arguments.string(1)
    let masks = try masks(arguments)
    guard !name.bytes.contains(0), !name.isEmpty, let text = String(validating: name.array, as: UTF8.self) else {
      throw arguments.range("\(Show.inspect(.string(name)).text) is no name of a file")
    }
    // Beside the script, wherever it is started from.
    let path = text.hasPrefix("/") || context.golden.folder == "." ? text : "\(context.golden.folder)/\(text)"
    // One slip of the hand, and `--update` writes the answer over the test.
    guard !path.hasSuffix(".sock") else {
      throw arguments.range(
        "\(Show.inspect(.string(name)).text) is a script's name; the answer needs a file of its own")
    }
    var came = try masks.masked(answer.array)
    if let secrets = context.secrets { came = secrets.masked(came) }
    if let renewed = context.golden.renewed {
      let allowed = try context.permissions.requireFile(path, .write)
      let place = context.golden.place.map { "\($0.file.name):\($0.position.line)" } ?? "?"
      if let other = renewed.note(came, for: path, at: place) {
        throw twice(path, place, came, other)
      }
      try write(came, to: allowed)
      return arguments[1]
    }
    switch ScriptFiles.readRegular(try context.permissions.requireFile(path, .read)) {
    case .failure(let problem):
      let failure = Failure(.mismatch, "there is no golden answer in \(path): \(problem.message)")
      failure.notes.append("received  \(ByteDifference.quoted(came[...].prefix(ByteDifference.longest)))")
      failure.notes.append("help: `sock test --update` writes it; look at what it wrote")
      throw failure
    case .success(let file):
      // What is masked later than it was written counts, too.
      let kept = try masks.masked(file.bytes)
      guard let difference = ByteDifference(expected: kept, received: came) else { return arguments[1] }
      let failure = Failure(.mismatch, "the answer is not the one in \(path)")
      failure.outcome = difference.outcome
      if !difference.isLong { failure.notes.append("expected  \(ByteDifference.quoted(kept[...]))") }
      failure.notes.append("differs   \(difference.words)")
      failure.notes.append("help: if it is right so, `sock test --update` keeps it; a regex in a list masks what varies")
      throw failure
    }
  }

  /// One file for two answers: of these only one would be kept.
  private static func twice(
    _ path: String, _ place: String, _ came: [UInt8], _ other: RenewedAnswers.Answer
  ) -> Failure {
    let places = other.place == place ? "\(place), twice" : "\(other.place) and \(place)"
    let failure = Failure(.mismatch, "\(path) is to keep two answers that differ, of \(places)")
    failure.notes.append("expected  \(ByteDifference.quoted(other.bytes[...].prefix(ByteDifference.longest)))")
    failure.notes.append("received  \(ByteDifference.quoted(came[...].prefix(ByteDifference.longest)))")
    failure.notes.append("help: give each a name of its own; a regex in a list masks what varies")
    return failure
  }

  private static func masks(_ arguments: Arguments) throws(Failure) -> AnswerMasks {
    guard arguments.count > 2 else { return AnswerMasks([]) }
    guard case .list(let list) = arguments[2] else { throw arguments.wrongType(2, "a list of regexes") }
    var patterns: [Pattern] = []
    for item in list.items {
      guard case .regex(let pattern) = item else { throw arguments.wrongType(2, "a list of regexes") }
      patterns.append(pattern)
    }
    return AnswerMasks(patterns)
  }

  /// An answer that is there already stays as it is, with its time of change.
  private static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    if case .success(let file) = ScriptFiles.readRegular(path), file.bytes == bytes { return }
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      folder += part + "/"
      if mkdir(folder, 0o777) != 0, errno != EEXIST {
        throw Failure("cannot make the folder \(folder)", Errno(rawValue: errno))
      }
    }
    let mask = umask(0)
    umask(mask)
    do throws(Errno) {
      try FileReplacement.write(bytes, to: path) { descriptor in fchmod(descriptor, 0o666 & ~mask) == 0 }
    } catch {
      throw Failure("cannot write the golden answer \(path)", error)
    }
  }
}

/// Where a run's golden answers lie, and whether they are compared.
package struct GoldenFolder {
  /// That of the script.
  package var folder = "."
  /// What comes is kept there, and compared with nothing; nil: it is compared.
  package var renewed: RenewedAnswers?
  /// The call that is at work.
  var place: SourceSite?

  package init() {}
}

/// The golden answers that a run of `sock test --update` has kept, whose files may run side by side.
package final class RenewedAnswers: Sendable {
  struct Answer {
    let bytes: [UInt8]
    /// Of the call: `smtp.sock:12`.
    let place: String
  }

  private let answers = Mutex([String: Answer]())

  package init() {}

  /// - Returns: the answer that the file has got already, where that is another one.
  func note(_ bytes: [UInt8], for path: String, at place: String) -> Answer? {
    answers.withLock { answers in
      if let known = answers[path] { return known.bytes == bytes ? nil : known }
      answers[path] = Answer(bytes: bytes, place: place)
      return nil
    }
  }
}
