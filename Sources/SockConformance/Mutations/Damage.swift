// What a mutated message has done to the server: how that is known, and by what two findings are one.

import SockRuntime

/// What speaks against a server after one mutated message.
struct Damage {
  /// A program that has ended as nobody has asked for.
  let death: StartedProgram?
  /// The program whose standard error tells of it, and the telling line: the last one of a traceback, or that of a
  /// sanitizer; and where in the program that was, if a traceback says it.
  let trace: (program: StartedProgram, line: String, place: String?)?
  /// How the probe has failed; nil: the server has answered.
  let silence: Failure?

  /// What programs write as they fail by a fault of their own: sanitizers of C and C++, Python, Rust, Go, Java, glibc.
  static let marks = [
    "Sanitizer:", "runtime error: ", "Traceback (most recent call last)", "panicked at ", "panic: ",
    "Exception in thread ", "*** stack smashing detected", "Assertion `", "Segmentation fault",
  ]

  /// And what some of them write of a client that has gone before it had its answer, which is no fault.
  private static let ofClients = ["BrokenPipeError", "ConnectionResetError", "Broken pipe", "Connection reset"]

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
      Damage.tellingLines(program.errors).first { !usual.contains(Damage.withoutNumbers($0.line)) }
        .map { (program, $0.line, $0.place) }
    }.first
    if silence == nil, death == nil, trace == nil { return nil }
  }

  /// What there is to see of a test that is not mutated.
  static func usual(_ run: TestRun) -> Set<String> {
    Set(run.programs.filter { $0.ending != nil }.map(name))
      .union(run.programs.flatMap { tellingLines($0.errors).map { withoutNumbers($0.line) } })
  }

  private static func name(_ program: StartedProgram) -> String {
    "\(withoutNumbers(program.line)) \(program.ending ?? "")"
  }

  /// The same for all that have met the same fault: what was said last and where, without the values of this time, or
  /// how the program has ended; nil: it only does not answer.
  var cause: String? {
    guard let trace else { return death.map { $0.ending ?? "" } }
    guard let place = trace.place else { return Damage.withoutNumbers(trace.line) }
    return "\(place): \(trace.line.prefix { $0 != ":" })"
  }

  /// Two findings that have the same are one.
  /// - Parameter group: the mutation's: a server that hangs with a line that is too long, and with a number that is
  ///   wrong, may well have met two faults.
  func signature(_ group: String) -> String { cause ?? "silence: \(group)" }

  /// Whether the same has happened as in another run.
  func isLike(_ other: Damage) -> Bool {
    if (death == nil) != (other.death == nil) || (silence == nil) != (other.silence == nil) { return false }
    return death?.ending == other.death?.ending && cause == other.cause
  }

  /// In one line.
  var headline: String {
    if let death { return "\(death.line) \(death.ending ?? "")\(trace.map { ": \($0.line)" } ?? "")" }
    if let trace { return "\(trace.program.line) says: \(trace.line)" }
    return silence.map { "the server does not answer the probe any more: \($0.headline)" } ?? ""
  }

  /// What of standard error tells of a fault, a line each, and where in the program that was, if that is said.
  private static func tellingLines(_ errors: String) -> [(line: String, place: String?)] {
    let lines = errors.split(separator: "\n").map(String.init)
    return lines.indices.filter { at in marks.contains { lines[at].contains($0) } }.compactMap { at in
      // Python says at the end of it what it was; what other threads write may stand in between.
      let isTraceback = lines[at].hasPrefix("Traceback")
      guard let end = isTraceback ? lines[(at + 1)...].firstIndex(where: isException) : at,
        !ofClients.contains(where: { lines[end].contains($0) })
      else { return nil }
      // `  File "server.py", line 12, in handle`, the innermost last.
      let place = isTraceback ? lines[at..<end].last { $0.hasPrefix("  File \"") } : nil
      return (lines[end], place)
    }
  }

  /// `struct.error: unpack requires a buffer of 4 bytes`.
  private static func isException(_ line: String) -> Bool {
    let name = line.prefix { $0 != ":" }
    return name.first?.isLetter ?? false && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
  }

  /// Addresses, process numbers and offsets are others each time.
  private static func withoutNumbers(_ text: String) -> String {
    text.split(separator: " ").map { word in
      word.contains("0x") ? "0x" : String(word.filter { !$0.isNumber })
    }.joined(separator: " ")
  }
}
