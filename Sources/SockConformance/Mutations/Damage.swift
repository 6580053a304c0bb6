// What a mutated message has done to the server: how that is known, and by what two findings are one.

import SockRuntime

/// What speaks against a server after one mutated message.
struct Damage {
  /// A program that has ended as nobody has asked for.
  let death: StartedProgram?
  /// The program whose standard error tells of it, and the telling line: the last one of a traceback, or that of a
  /// sanitizer.
  let trace: (program: StartedProgram, line: String)?
  /// How the probe has failed; nil: the server has answered.
  let silence: Failure?

  /// What programs write as they fail by a fault of their own: sanitizers of C and C++, Python, Rust, Go, Java, glibc.
  static let marks = [
    "Sanitizer:", "runtime error: ", "Traceback (most recent call last)", "panicked at ", "panic: ",
    "Exception in thread ", "*** stack smashing detected", "Assertion `", "Segmentation fault",
  ]

  /// - Parameters:
  ///   - run: a test, whose sends were watched, and the probe behind it.
  ///   - usual: what was seen of the same test without a mutation.
  init?(_ run: TestRun, _ mutator: SendMutator, besides usual: Set<String>) {
    self.init(run, silence: mutator.isProbing && run.failure?.code != .type ? run.failure : nil, besides: usual)
  }

  /// - Parameter silence: how the probe has failed.
  init?(_ run: TestRun, silence: Failure?, besides usual: Set<String>) {
    self.silence = silence
    death = run.programs.first { $0.hasDied && !usual.contains(Damage.name($0)) }
      // One that ends with success has left all the same, if nobody answers.
      ?? (silence == nil ? nil : run.programs.first { $0.ending != nil && !usual.contains(Damage.name($0)) })
    trace = run.programs.lazy.compactMap { program in
      Damage.tellingLine(program.errors).map { (program, $0) }
    }.first { !usual.contains(Damage.withoutNumbers($0.line)) }
    if silence == nil, death == nil, trace == nil { return nil }
  }

  /// What there is to see of a test that is not mutated.
  static func usual(_ run: TestRun) -> Set<String> {
    Set(run.programs.filter { $0.ending != nil }.map(name))
      .union(run.programs.compactMap { tellingLine($0.errors).map(withoutNumbers) })
  }

  private static func name(_ program: StartedProgram) -> String {
    "\(withoutNumbers(program.line)) \(program.ending ?? "")"
  }

  /// Two findings that have the same are one.
  /// - Parameter group: the mutation's: where a program says nothing as it ends, a line that is too long and a number
  ///   that is wrong may well have met two faults.
  func signature(_ group: String) -> String {
    let end = death?.ending ?? (silence == nil ? "" : "silence")
    return "\(end)|\(trace.map { Damage.withoutNumbers($0.line) } ?? group)"
  }

  /// Whether the same has happened as in another run.
  func isLike(_ other: Damage) -> Bool {
    if (death == nil) != (other.death == nil) || (silence == nil) != (other.silence == nil) { return false }
    return death?.ending == other.death?.ending
      && trace.map { Damage.withoutNumbers($0.line) } == other.trace.map { Damage.withoutNumbers($0.line) }
  }

  /// In one line.
  var headline: String {
    if let death { return "\(death.line) \(death.ending ?? "")\(trace.map { ": \($0.line)" } ?? "")" }
    if let trace { return "\(trace.program.line) says: \(trace.line)" }
    return silence.map { "the server does not answer the probe any more: \($0.headline)" } ?? ""
  }

  private static func tellingLine(_ errors: String) -> String? {
    let lines = errors.split(separator: "\n").map(String.init)
    guard let at = lines.firstIndex(where: { line in marks.contains { line.contains($0) } }) else { return nil }
    // Python says at the end of it what it was; of several, the first.
    guard lines[at].hasPrefix("Traceback") else { return lines[at] }
    return lines[(at + 1)...].first { !$0.hasPrefix(" ") } ?? lines[at]
  }

  /// Addresses, process numbers and offsets are others each time.
  private static func withoutNumbers(_ text: String) -> String {
    text.split(separator: " ").map { word in
      word.contains("0x") ? "0x" : String(word.filter { !$0.isNumber })
    }.joined(separator: " ")
  }
}
