// From a checked program to a finished run: what the command line calls.

import Glibc
import SockLanguage
import SocketCore

package enum Script {
  /// Strings of this size and more get memory of their own, which goes back to the system at once.
  private static let ownMemory: Int32 = 4 << 20
  /// What a process keeps of memory that is free. A loop that builds strings of 1 MiB had 6,200 page faults, a fifth of
  /// its time; with this it has 820.
  private static let keptMemory: Int32 = 8 << 20

  /// An interpreter that the process's signals end, with as many descriptors as the system lets it have,
  /// in a process that keeps some of the memory it has freed.
  static func makeInterpreter(_ options: RunOptions) throws(Errno) -> Interpreter {
    let interpreter = try Interpreter(
      options, context: BuiltinContext(), stopRequest: StopRequest(followsSignals: true))
    try ProcessSignals.install()
    try ProcessSignals.attach(to: interpreter.scheduler.poller)
    _ = try DescriptorLimit.raiseToHard()
    SystemCall.keepFreedMemory(mapFrom: ownMemory, keep: keptMemory)
    return interpreter
  }

  /// The compiled program; nil when it is too large, which has been told then.
  private static func compile(_ checked: CheckedFile, _ options: RunOptions) -> Program? {
    do throws(ProgramTooLarge) {
      return try Compiler.compile(checked)
    } catch {
      OutputWriter.writeError(
        DiagnosticRenderer.render(
          heading: error.message, file: error.site.file, range: error.site.range, color: options.usesColor))
      return nil
    }
  }

  /// What a checked program is compiled to, as text; nil when it is too large, which has been told then.
  package static func listing(_ checked: CheckedFile, _ options: RunOptions) -> String? {
    compile(checked, options)?.listing
  }

  /// Runs a checked program; what is told of a failure goes to standard error. The exit status.
  package static func run(_ checked: CheckedFile, _ options: RunOptions) -> Int32 {
    guard let program = compile(checked, options) else { return 2 }
    if let problem = program.unknownSetting(among: options.settings, secrets: options.secrets) {
      OutputWriter.writeError("sock: \(problem)\n")
      return 2
    }
    var options = options
    options.mayFork = true
    options.endsOrphans = true
    let interpreter: Interpreter
    do throws(Errno) {
      interpreter = try makeInterpreter(options)
      interpreter.context.golden.folder = checked.source.folder
    } catch {
      OutputWriter.writeError("sock: cannot start: \(error)\n")
      return 1
    }
    do throws(Errno) {
      try options.permissions.confine()
    } catch {
      OutputWriter.writeError("sock: cannot hold the script to its permissions: \(error)\n")
      return 1
    }
    return status(of: interpreter.run(program), interpreter)
  }

  /// The exit status; what is told of a failure goes to standard error.
  static func status(of result: RunResult, _ interpreter: Interpreter) -> Int32 {
    switch result {
    case .finished: return 0
    case .exited(let code): return code
    case .interrupted(let signal): return 128 + signal
    case .outOfTime: return 1
    case .failed(let failure):
      OutputWriter.writeError(FailureReport.told(failure, interpreter))
      if failure.verdict == .skipped { return 0 }
      if failure.isUsage { return 2 }
      return failure.verdict == nil && failure.site == nil && failure.code == .parse ? 2 : 1
    }
  }
}
