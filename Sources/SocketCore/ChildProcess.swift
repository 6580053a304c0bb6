// Child processes: a program with pipes to its standard streams, in a process group of its own; or on a terminal.
import CSocketCore
import Glibc
import Synchronization

/// What to run, and how.
public struct SpawnRequest: Sendable {
  /// Where a program's standard input comes from.
  public enum StandardInput: Hashable, Sendable {
    /// From a pipe.
    case pipe
    /// From this descriptor, which stays the caller's.
    case descriptor(Int32)
  }

  /// Where a program's standard error goes.
  public enum StandardError: Hashable, Sendable {
    /// To a pipe of its own.
    case pipe
    /// Where its standard output goes.
    case merge
    /// To /dev/null.
    case discard
    /// To this process's own.
    case inherit
  }

  /// A variable of the environment that is to be set, or, without a value, unset.
  public struct EnvironmentChange: Hashable, Sendable {
    /// Without a "=" and a NUL; not empty.
    public var name: [UInt8]
    /// Without a NUL; nil unsets the variable.
    public var value: [UInt8]?

    /// Sets the variable, or unsets it where `value` is nil.
    public init(name: [UInt8], value: [UInt8]?) {
      self.name = name
      self.value = value
    }
  }

  /// A descriptor that the program gets, and what it is to know it by.
  public struct PassedDescriptor: Hashable, Sendable {
    /// It stays the caller's. O_NONBLOCK is the program's, too: it mostly wants it off.
    public var descriptor: Int32
    /// Without a colon.
    public var name: [UInt8]

    /// Passes a descriptor under a name.
    public init(descriptor: Int32, name: [UInt8]) {
      self.descriptor = descriptor
      self.name = name
    }
  }

  /// The program and its arguments. One without a slash is looked for along PATH, the changed one if it is.
  public var argv: [[UInt8]]
  /// The working directory; nil for this process's.
  public var cwd: [UInt8]?
  /// What is different from this process's environment, in order.
  public var environment: [EnvironmentChange]
  /// Where the program's standard input comes from.
  public var stdin = StandardInput.pipe
  /// Where its standard error goes.
  public var stderr: StandardError
  /// What the program gets as 3, 4, … with LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES in its environment, as systemd
  /// gives a service its sockets: see sd_listen_fds(3).
  public var descriptors: [PassedDescriptor] = []
  /// Whether the program gets SIGKILL when the thread that spawned it ends, be it with the whole process.
  public var diesWithParent: Bool
  /// On which terminal it runs, in a session of its own; nil for pipes.
  public var terminal: TerminalRequest?

  /// A request with pipes, or a terminal, for all standard streams. `argv` has the program and its arguments.
  public init(
    argv: [[UInt8]], cwd: [UInt8]? = nil, environment: [EnvironmentChange] = [], stderr: StandardError = .pipe,
    diesWithParent: Bool = true, terminal: TerminalRequest? = nil
  ) {
    self.argv = argv
    self.cwd = cwd
    self.environment = environment
    self.stderr = stderr
    self.diesWithParent = diesWithParent
    self.terminal = terminal
  }

  /// Where the program's file is, as seen from this process; nil where there is none that may be executed.
  package var programPath: [UInt8]? {
    guard let program = argv.first, !program.isEmpty, !program.contains(0) else { return nil }
    let slash = UInt8(ascii: "/")
    for path in ChildProcess.programPaths(program, ChildProcess.changedEnvironment(environment)) {
      let place = path.first == slash ? path : (cwd ?? [UInt8(ascii: ".")]) + [slash] + path
      var status = stat()
      let isProgram = (place + [0]).withUnsafeBytes { bytes in
        let name = bytes.bindMemory(to: CChar.self).baseAddress
        return name.map { stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access($0, X_OK) == 0 } ?? false
      }
      if isProgram { return place }
    }
    return nil
  }
}

/// Why a program could not be started.
public struct SpawnError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What could not be done.
  public enum Step: Hashable, Sendable {
    /// An argument, path or variable is empty or has a NUL in it, or a variable's name has a "=".
    case request
    /// Making pipes, or a terminal, and other descriptors for it.
    case descriptors
    /// Making the process.
    case process
    /// Entering its working directory.
    case directory
    /// Executing the program.
    case program
  }

  /// What the system call said; EINVAL for `Step.request`.
  public let errno: Errno
  /// What could not be done.
  public let step: Step
  /// The program, or, when entering it failed, the directory.
  public let subject: [UInt8]

  /// A sentence, without a full stop.
  public var description: String {
    let name = String(decoding: subject, as: UTF8.self)
    return switch step {
    case .request: "cannot run \(name): empty, or a NUL byte in an argument, path or variable"
    case .descriptors: "cannot make what \(name) reads and writes: \(errno)"
    case .process: "cannot make a process for \(name): \(errno)"
    case .directory: "cannot enter the directory \(name): \(errno)"
    case .program: "cannot run \(name): \(errno)"
    }
  }
}

/// How a process ended.
public struct ExitStatus: Hashable, Sendable {
  /// What it gave to exit(3), or 128 + N when signal N ended it.
  public let code: Int32
  /// The signal that ended it, nil if none did.
  public let signal: Int32?
  /// Whether the kernel wrote a core file.
  public let dumpedCore: Bool

  /// Whether it gave 0 to exit(3), and no signal ended it.
  public var isSuccess: Bool { code == 0 }
}

/// What a process has used, with those of its children that it has waited for (getrusage(2)).
public struct ResourceUse: Hashable, Sendable {
  /// Seconds of a processor's time in the program itself.
  public let user: Double
  /// And in the kernel for it.
  public let system: Double
  /// The most memory that one of them had at one time, in bytes; at least what this process had when it started it,
  /// because the kernel counts from before the program was executed.
  public let memory: Int
}

/// A child process.
///
/// It starts with default signal dispositions, an empty signal mask and no descriptor of ours but its standard streams
/// and what it is passed.
/// It leads a process group, or on a terminal a session: `signalGroup` reaches what the program left behind, and nobody
/// else, also when the process itself has been reaped. The end of the object does not end the process.
public final class ChildProcess {
  /// A standard stream of the child.
  public enum Stream: Int, CaseIterable, Hashable, Sendable {
    /// By the names of stdio(3).
    case stdin, stdout, stderr
  }

  /// The process id, which is the process group's too.
  public let pid: Int32
  /// Whether it leads a session, with a terminal. `stdout` is then our side of that, to read and to write.
  public let leadsSession: Bool
  /// Becomes readable when the process has ended; -1 once it is reaped and its group is empty.
  public private(set) var pidfd: Int32

  /// On the monotonic clock, in nanoseconds.
  package let startedAt: Int64

  private var descriptors: [Int32]
  private var status: ExitStatus?
  /// Nil while it runs.
  public private(set) var resourceUse: ResourceUse?
  private var isReaped = false
  /// Whether nobody is left of its process group.
  public private(set) var isGroupEmpty = false

  // Our ends of the pipes, non-blocking and close-on-exec. They are closed with the object.

  /// What the program reads; non-blocking, -1 where there is none, or none any more.
  public var stdin: Int32 { descriptors[Stream.stdin.rawValue] }
  /// What the program writes, or both directions of its terminal; non-blocking, -1 where there is none any more.
  public var stdout: Int32 { descriptors[Stream.stdout.rawValue] }
  /// What the program writes of errors; non-blocking, -1 where there is none, or none any more.
  public var stderr: Int32 { descriptors[Stream.stderr.rawValue] }

  private init(
    pid: Int32, pidfd: Int32, descriptors: [Int32], leadsSession: Bool = false, startedAt: Int64 = MonotonicClock.now
  ) {
    self.leadsSession = leadsSession
    self.startedAt = startedAt
    self.pid = pid
    self.pidfd = pidfd
    self.descriptors = descriptors
  }

  deinit {
    for fd in descriptors where fd >= 0 { SystemCall.close(fd) }
    if pidfd >= 0 { SystemCall.close(pidfd) }
    if !isReaped { Self.reapAbandoned(and: pid) }
  }

  /// Processes whose objects went before they had ended. Each becomes a zombie one day: a later spawn reaps it.
  private static let abandoned = Mutex<[Int32]>([])

  /// Reaps what has ended of the abandoned processes, and `another` with them.
  private static func reapAbandoned(and another: Int32? = nil) {
    abandoned.withLock { pids in
      if let another { pids.append(another) }
      pids.removeAll { pid in
        switch Self.status(of: pid, keep: false) {
        case .success(let ended): ended != nil
        case .failure(let error): error == .noChildProcess
        }
      }
    }
  }

  /// Closes our end of a pipe; the program then reads the end of its input, or cannot write any more.
  public func close(_ stream: Stream) {
    let fd = descriptors[stream.rawValue]
    descriptors[stream.rawValue] = -1
    if fd >= 0 { SystemCall.close(fd) }
  }

  /// Gives our end of a pipe away: it is the caller's to close.
  public func take(_ stream: Stream) -> Int32 {
    defer { descriptors[stream.rawValue] = -1 }
    return descriptors[stream.rawValue]
  }

  // MARK: Starting

  /// Starts a program. A missing program or directory is an error here, and no process is left after any error.
  ///
  /// Ignores SIGPIPE in this process from now on (`ProcessSignals.ignoreBrokenPipe()`), because the program may close
  /// the pipe that we write to, and undoes an ignored SIGCHLD.
  public static func spawn(_ request: SpawnRequest) throws(SpawnError) -> ChildProcess {
    guard let program = request.argv.first, !program.isEmpty, isWellFormed(request) else {
      throw SpawnError(errno: .invalidArgument, step: .request, subject: request.argv.first ?? [])
    }
    reapAbandoned()
    var pipes = Pipes()
    defer { pipes.close() }
    do throws(Errno) {
      try ProcessSignals.ignoreBrokenPipe()
      try pipes.open(request)
    } catch {
      throw SpawnError(errno: error, step: .descriptors, subject: program)
    }

    let environment = changedEnvironment(request.environment + listenVariables(request.descriptors))
    var passed = request.descriptors.map(\.descriptor)
    var step: Int32 = 0
    let startedAt = MonotonicClock.now
    let pid = withCStrings(programPaths(program, environment)) { paths in
      withCStrings(request.argv) { arguments in
        withCStrings(environment) { environment in
          withCStrings(request.cwd.map { [$0] } ?? []) { directory in
            passed.withUnsafeMutableBufferPointer { passed in
              let mutablePaths = UnsafeMutableRawPointer(paths)
              var call = csys_spawn_request(
                program_paths: UnsafePointer(mutablePaths.assumingMemoryBound(to: UnsafePointer<CChar>?.self)),
                arguments: arguments, environment: environment, directory: directory[0],
                standard_descriptors: (pipes.child[0], pipes.child[1], pipes.child[2]),
                die_with_parent: request.diesWithParent, leads_session: request.terminal != nil,
                passed_descriptors: passed.baseAddress, passed_count: Int32(clamping: passed.count))
              return SystemCall.spawn(&call, step: &step)
            }
          }
        }
      }
    }
    if let error = Errno(result: pid) {
      switch step {
      case CSYS_SPAWN_DIRECTORY: throw SpawnError(errno: error, step: .directory, subject: request.cwd ?? [])
      case CSYS_SPAWN_PROGRAM: throw SpawnError(errno: error, step: .program, subject: program)
      default: throw SpawnError(errno: error, step: .process, subject: program)
      }
    }
    let pidfd = SystemCall.pidfdOpen(pid)
    if let error = Errno(result: pidfd) {
      _ = SystemCall.kill(-pid, SIGKILL)
      _ = SystemCall.reap(pid)
      throw SpawnError(errno: error, step: .descriptors, subject: program)
    }
    return ChildProcess(
      pid: pid, pidfd: pidfd, descriptors: pipes.takeOurs(), leadsSession: request.terminal != nil, startedAt: startedAt)
  }

  /// Makes a copy of this process that goes on from here as well, in the same process group and with the same
  /// descriptors; nil in the copy. It gets SIGKILL when this process ends. Only where one thread runs
  /// (`Resolver.isBusy`). Its pid is no process group's: `signalGroup` is not for it.
  package static func fork() throws(Errno) -> ChildProcess? {
    reapAbandoned()
    let pid = SystemCall.fork()
    if let error = Errno(result: pid) { throw error }
    if pid == 0 { return nil }
    let pidfd = SystemCall.pidfdOpen(pid)
    if let error = Errno(result: pidfd) {
      _ = SystemCall.kill(pid, SIGKILL)
      _ = SystemCall.reap(pid)
      throw error
    }
    return ChildProcess(pid: pid, pidfd: pidfd, descriptors: [-1, -1, -1])
  }

  private static func isWellFormed(_ request: SpawnRequest) -> Bool {
    !request.argv.contains { $0.contains(0) }
      && request.cwd?.isEmpty != true && request.cwd?.contains(0) != true
      && request.environment.allSatisfy { change in
        !change.name.isEmpty && !change.name.contains(0) && !change.name.contains(UInt8(ascii: "="))
          && change.value?.contains(0) != true
      }
  }

  /// This process's environment with the changes made, as "name=value".
  fileprivate static func changedEnvironment(_ changes: [SpawnRequest.EnvironmentChange]) -> [[UInt8]] {
    var variables: [[UInt8]] = []
    var next = csys_environment()
    while let entry = next?.pointee {
      variables.append(Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry))))
      next = next?.advanced(by: 1)
    }
    for change in changes {
      let prefix = change.name + [UInt8(ascii: "=")]
      variables.removeAll { $0.starts(with: prefix) }
      if let value = change.value { variables.append(prefix + value) }
    }
    return variables
  }

  /// What sd_listen_fds(3) reads. The child writes its own pid over the zeros.
  private static func listenVariables(
    _ passed: [SpawnRequest.PassedDescriptor]
  ) -> [SpawnRequest.EnvironmentChange] {
    if passed.isEmpty { return [] }
    let names = Array(passed.map(\.name).joined(separator: [UInt8(ascii: ":")]))
    return [
      .init(name: Array("LISTEN_FDS".utf8), value: Array(String(passed.count).utf8)),
      .init(name: Array("LISTEN_FDNAMES".utf8), value: names),
      .init(name: Array("LISTEN_PID".utf8), value: Array("0000000000".utf8)),
    ]
  }

  /// Where execvp(3) looks when PATH is not set.
  private static let defaultPath = Array("/bin:/usr/bin".utf8)

  /// Where a program may be: itself if there is a slash in its name, else in each directory of PATH.
  fileprivate static func programPaths(_ program: [UInt8], _ environment: [[UInt8]]) -> [[UInt8]] {
    let slash = UInt8(ascii: "/")
    if program.contains(slash) { return [program] }
    let prefix = Array("PATH=".utf8)
    let path = environment.first { $0.starts(with: prefix) }.map { $0.dropFirst(prefix.count) }
    return (path ?? defaultPath[...]).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
      $0.isEmpty ? [UInt8(ascii: "."), slash] + program : Array($0) + [slash] + program
    }
  }

  /// Calls `body` with the strings as C has them: an array of pointers to NUL-terminated bytes that ends with NULL.
  private static func withCStrings<Result>(
    _ strings: [[UInt8]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: strings.reduce(1) { $0 + $1.count + 1 }, alignment: 1)
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    defer {
      bytes.deallocate()
      pointers.deallocate()
    }
    var offset = 0
    for (index, string) in strings.enumerated() {
      let place = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + string.count + 1)])
      place.copyBytes(from: string)
      place[string.count] = 0
      (pointers + index).initialize(to: place.baseAddress?.assumingMemoryBound(to: CChar.self))
      offset += string.count + 1
    }
    (pointers + strings.count).initialize(to: nil)
    return body(pointers)
  }

  /// The pipes to a child's standard streams, both ends of them; or both sides of its terminal.
  private struct Pipes {
    /// What become 0, 1 and 2 of the child; -1 for ours.
    var child: [Int32] = [-1, -1, -1]
    /// Our ends.
    var ours: [Int32] = [-1, -1, -1]
    /// Which of the child's are descriptors of their own.
    var owned = [true, true, true]

    mutating func open(_ request: SpawnRequest) throws(Errno) {
      if let terminal = request.terminal {
        let wanted = csys_terminal_request(
          columns: terminal.columns, rows: terminal.rows, echoes: terminal.echoes, raw: terminal.isRaw)
        try check(SystemCall.openTerminal(wanted, ours: &ours[1], theirs: &child[1]))
      }
      switch request.stdin {
      case .pipe where request.terminal != nil: (child[0], owned[0]) = (child[1], false)
      case .pipe: try check(SystemCall.pipe(reading: &child[0], writing: &ours[0]))
      case .descriptor(let descriptor): (child[0], owned[0]) = (descriptor, false)
      }
      if request.terminal == nil { try check(SystemCall.pipe(reading: &ours[1], writing: &child[1])) }
      switch request.stderr {
      case .pipe: try check(SystemCall.pipe(reading: &ours[2], writing: &child[2]))
      case .merge: (child[2], owned[2]) = (child[1], false)
      case .discard:
        child[2] = SystemCall.openNull()
        try check(child[2])
      case .inherit: break
      }
      for fd in ours where fd >= 0 { try check(SystemCall.setNonblocking(fd, true)) }
    }

    private func check(_ result: Int32) throws(Errno) {
      if let error = Errno(result: result) { throw error }
    }

    /// Hands over our ends, so that `close` leaves them open.
    mutating func takeOurs() -> [Int32] {
      defer { ours = [-1, -1, -1] }
      return ours
    }

    func close() {
      for fd in ours + zip(child, owned).filter(\.1).map(\.0) where fd >= 0 { SystemCall.close(fd) }
    }
  }

  // MARK: Signalling and waiting

  /// Sends a signal to the process. Returns ESRCH when it was reaped; one that has ended takes it without effect.
  @discardableResult
  public func signal(_ number: Int32) -> Errno? {
    isReaped ? .noSuchProcess : Errno(result: SystemCall.kill(pid, number))
  }

  /// Sends a signal to all of the process group, or of the session: the process and what it started, if that did not
  /// leave it.
  @discardableResult
  public func signalGroup(_ number: Int32) -> Errno? {
    if isGroupEmpty { return .noSuchProcess }
    let error: Errno? =
      if leadsSession {
        ProcessSession.signal(pid, number) ? nil : .noSuchProcess
      } else {
        Errno(result: SystemCall.killGroup(pid, pidfd: pidfd, number))
      }
    if isReaped, error == .noSuchProcess { letGoOfGroup() }
    return error
  }

  /// How the process ended; nil while it runs. It stays a zombie until `reap`.
  ///
  /// Throws ECHILD when somebody else has waited for it.
  public func tryWait() throws(Errno) -> ExitStatus? {
    if let status { return status }
    if let ended = try Self.status(of: pid, keep: true).get() { (status, resourceUse) = ended }
    return status
  }

  /// How a child ended, nil while it runs. Unless it is kept, it is reaped.
  private static func status(of pid: Int32, keep: Bool) -> Result<(ExitStatus, ResourceUse)?, Errno> {
    var (code, signal, dumpedCore): (Int32, Int32, Bool) = (0, 0, false)
    var use = csys_resource_use()
    let result = SystemCall.waitChild(
      pid, keep: keep, code: &code, signal: &signal, dumpedCore: &dumpedCore, use: &use)
    if let error = Errno(result: result) { return .failure(error) }
    if result == 0 { return .success(nil) }
    let status = ExitStatus(
      code: signal == 0 ? code : 128 + signal, signal: signal == 0 ? nil : signal, dumpedCore: dumpedCore)
    return .success(
      (
        status,
        ResourceUse(
          user: Double(use.user_nanoseconds) / 1e9, system: Double(use.system_nanoseconds) / 1e9,
          memory: Int(use.maximum_memory))
      ))
  }

  /// Waits for the end of the process with poll(2); throws `.timeout` when the deadline comes first.
  public func wait(within deadline: Deadline = .never) throws(SocketError) -> ExitStatus {
    while true {
      do throws(Errno) {
        if let status = try tryWait() { return status }
      } catch {
        throw .system(error)
      }
      let result = SystemCall.poll(
        pidfd, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      if let error = Errno(result: result), error != .interrupted { throw .system(error) }
      if result <= 0, deadline.hasPassed { throw .timeout }
    }
  }

  /// Lets go of a process that has ended: its zombie goes, unless others of its session are left, whose number it keeps
  /// from being anybody else's. Returns whether it had ended.
  @discardableResult
  public func reap() throws(Errno) -> Bool {
    if isReaped { return true }
    if try tryWait() == nil { return false }
    if leadsSession, !ProcessSession.members(of: pid).isEmpty { return true }
    _ = try Self.status(of: pid, keep: false).get()
    isReaped = true
    if leadsSession {
      letGoOfGroup()
    } else {
      // Nothing is sent; but an empty group is let go of too.
      signalGroup(0)
    }
    return true
  }

  private func letGoOfGroup() {
    isGroupEmpty = true
    SystemCall.close(pidfd)
    pidfd = -1
  }

  /// Ends all of the session that it leads, in whatever process groups they are; false if one was left at the deadline.
  package func endSession(by deadline: Deadline) -> Bool { isReaped || ProcessSession.end(pid, by: deadline) }
}
