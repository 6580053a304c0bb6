// The values of the names that every script has: `conn`, `args`, `tmpdir`, `stdin` and the like.

import SockLanguage
import SocketCore

extension Interpreter {
  func predefined(_ number: Int, _ task: Task) throws(Failure) -> Value {
    switch PredefinedName(number: number) {
    case .listener: return task.listener.map { .channel($0) } ?? .nothing
    case .conn: return task.conn.map { .channel($0) } ?? .nothing
    case .stdin: return .channel(standardInput)
    case .stdout: return .channel(standardOutput)
    case .stderr: return .channel(standardError)
    case .args: return .list(arguments)
    case .tmpdir: return Value(try temporaryFolder())
    case .scriptdir: return .nothing  // a constant of its file, which the compiler knows
    case .any: return .presence(.any)
    case .absent: return .presence(.absent)
    case .error: return task.extras?.error.map { .error($0) } ?? .nothing
    case .it: return lastResult
    case .it2: return earlierResults.first ?? .nothing
    case .it3: return earlierResults.count > 1 ? earlierResults[1] : .nothing
    }
  }

  var standardInput: Channel {
    if let channel = standard.input { return channel }
    let channel = standardChannel(StandardStream.input, "stdin")
    standard.input = channel
    return channel
  }

  private var standardOutput: Channel {
    let channel = standard.output ?? standardChannel(StandardStream.output, "stdout")
    standard.output = channel
    return channel
  }

  private var standardError: Channel {
    let channel = standard.error ?? standardChannel(StandardStream.error, "stderr")
    standard.error = channel
    return channel
  }

  /// The path of `tmpdir`, which is made when it is first asked for.
  func temporaryFolder() throws(Failure) -> String {
    if let directory = files.temporaryDirectory { return directory.path }
    _ = try permissions.requireFile(TemporaryDirectory.base, .write)
    let directory = try TemporaryDirectory(mark: options.mark)
    files.temporaryDirectory = directory
    return directory.path
  }

  func standardChannel(_ descriptor: Int32, _ name: String) -> Channel {
    let isInput = descriptor == StandardStream.input
    let channel = Channel(
      scheduler: scheduler, kind: .standard, socket: nil,
      transport: options.capturesOutput && !isInput ? .log(output) : .standard, input: isInput ? descriptor : -1,
      output: isInput ? -1 : descriptor)
    channel.name = name
    return channel
  }
}
