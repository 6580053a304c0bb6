// From a source text to a finished run: what the command line calls.

import Glibc
import SockLanguage
import SocketCore

/// Reads script files. Names are made unique by the importer's folder, so a file imported twice is one file.
package enum ScriptFiles {
  /// Larger sources are no scripts; `Limits.sourceBytes` of the language holds inside it.
  private static let maximumBytes = 64 << 20

  /// What is called a script and is a link to something else may not be shown: a folder of scripts that a stranger has
  /// made may hold one to any file.
  package static func read(_ path: String, name: String? = nil) -> Result<SourceFile, ReadFailure> {
    read(path, name: name ?? path, mayBeShown: !isNamedAsScript(path) || isScript(path))
  }

  private static func read(_ path: String, name: String, mayBeShown: Bool) -> Result<SourceFile, ReadFailure> {
    // C would open what stands before the NUL.
    if path.utf8.contains(0) { return .failure(ReadFailure(message: "a path cannot hold a NUL")) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(ReadFailure(message: Errno(rawValue: errno).message)) }
    defer { close(descriptor) }
    return read(descriptor, name: name, mayBeShown: mayBeShown)
  }

  package static func read(
    _ descriptor: Int32, name: String, mayBeShown: Bool = true
  ) -> Result<SourceFile, ReadFailure> {
    var bytes: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 8)
    defer { chunk.deallocate() }
    while true {
      switch StandardStream.tryRead(descriptor, chunk) {
      case .done(let count): bytes.append(contentsOf: chunk[..<count])
      case .end: return .success(SourceFile(name: name, bytes: bytes, mayBeShown: mayBeShown))
      case .wouldBlock: _ = SystemCall.poll(descriptor, reading: true, writing: false, timeoutNanoseconds: -1)
      case .failed(let error): return .failure(ReadFailure(message: error.message))
      }
      if bytes.count > maximumBytes {
        return .failure(ReadFailure(message: "larger than \(maximumBytes >> 20) MiB, so it is no script"))
      }
    }
  }

  /// A path in an `import` counts from the folder of the file that imports. Only a script below that folder, or below the
  /// current one, may be shown.
  package static func read(importing path: String, from importer: String) -> Result<SourceFile, ReadFailure> {
    let folder = importer.lastIndex(of: "/").map { String(importer[...$0]) } ?? ""
    let path = normalized(path.hasPrefix("/") ? path : folder + path)
    if let problem = irregularity(of: path) { return .failure(problem) }
    let mayBeShown = isScript(path) && [folder.isEmpty ? "." : folder, "."].contains { isBelow($0, path) }
    return read(path, name: path, mayBeShown: mayBeShown)
  }

  /// A pipe that nobody writes to would keep a check of the script waiting for ever.
  package static func readRegular(_ path: String) -> Result<SourceFile, ReadFailure> {
    irregularity(of: path).map { .failure($0) } ?? read(path)
  }

  private static func irregularity(of path: String) -> ReadFailure? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR else {
      return nil
    }
    return ReadFailure(message: "it is no regular file")
  }

  private static func isNamedAsScript(_ path: String) -> Bool { path.hasSuffix(".sock") }

  /// The file is called a script where it really lies.
  private static func isScript(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return isNamedAsScript(path) }
    return realPath(path).map(isNamedAsScript) ?? false
  }

  private static func isBelow(_ folder: String, _ path: String) -> Bool {
    guard let folder = realPath(folder), let path = realPath(path) else { return false }
    return path.hasPrefix(folder == "/" ? folder : folder + "/")
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// `a/../b` is `b`, so that two ways to one file are one name.
  private static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}

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
    let interpreter: Interpreter
    do throws(Errno) {
      interpreter = try makeInterpreter(options)
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
    switch interpreter.run(program) {
    case .finished: return 0
    case .exited(let code): return code
    case .interrupted(let signal): return 128 + signal
    case .outOfTime: return 1
    case .failed(let failure):
      OutputWriter.writeError(FailureReport.told(failure, interpreter))
      if failure.verdict == .skipped { return 0 }
      return failure.verdict == nil && failure.site == nil && failure.code == .parse ? 2 : 1
    }
  }
}
