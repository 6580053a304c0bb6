// Signals to this process, and the names of signals.
import CSocketCore
import Glibc
import Synchronization

/// SIGINT, SIGTERM, SIGHUP and SIGQUIT as something to look at, instead of a sudden end.
public enum ProcessSignals {
  /// The eventfd that the handlers write to: it stays open as long as the process runs, so that a handler can never
  /// write into a descriptor that took its number.
  private static let event = Mutex<WakeEvent?>(nil)

  /// From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT are kept in `pending` and wake the pollers that were attached. One that
  /// is ignored stays so (nohup). SIGPIPE is ignored.
  public static func install() throws(Errno) {
    let descriptor = try wakeDescriptor()
    if let error = Errno(result: SystemCall.installSignalHandlers(waking: descriptor)) { throw error }
    try ignoreBrokenPipe()
  }

  private static func wakeDescriptor() throws(Errno) -> Int32 {
    let made = event.withLock { event -> Result<Int32, Errno> in
      if let event { return .success(event.descriptor) }
      do throws(Errno) {
        let new = try WakeEvent()
        event = new
        return .success(new.descriptor)
      } catch {
        return .failure(error)
      }
    }
    return try made.get()
  }

  /// Lets a signal make this poller's wait return. Any number of pollers may be attached, once each.
  public static func attach(to poller: Poller) throws(Errno) {
    if let error = poller.attach(signalDescriptor: try wakeDescriptor()) { throw error }
  }

  /// In a copy of the process: what wakes its pollers is its own from now on. They are to be attached again.
  package static func renew() throws(Errno) {
    let renewed = event.withLock { event -> Result<Void, Errno> in
      do throws(Errno) {
        try event?.renew()
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try renewed.get()
  }

  /// Ignores SIGPIPE: writing to a pipe that nobody reads then fails with EPIPE. Sockets never raise it.
  public static func ignoreBrokenPipe() throws(Errno) {
    if let error = Errno(result: SystemCall.ignoreBrokenPipeSignal()) { throw error }
  }

  /// The signal that came last and was not taken yet.
  public static var pending: Int32? {
    let number = csys_pending_signal(false)
    return number == 0 ? nil : number
  }

  /// `pending`, which is nil again afterwards.
  public static func takePending() -> Int32? {
    let number = csys_pending_signal(true)
    return number == 0 ? nil : number
  }
}

/// Signals of the terminal, for a program that edits a line on it.
package enum TerminalSignals {
  package struct Events: OptionSet {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }
    package static let resized = Events(rawValue: CSYS_TERMINAL_RESIZED)
    /// Ctrl-Z: the program is asked to stop, and has not been stopped.
    package static let suspend = Events(rawValue: CSYS_TERMINAL_SUSPEND)
    package static let continued = Events(rawValue: CSYS_TERMINAL_CONTINUED)
  }

  /// From now on they wake the pollers that `ProcessSignals.attach` has attached, and SIGQUIT is ignored; or they do
  /// again what they did before.
  package static func watch(_ watch: Bool) -> Errno? { Errno(result: SystemCall.watchTerminalSignals(watch)) }

  /// Those that came since the last call.
  package static func take() -> Events { Events(rawValue: csys_take_terminal_signals()) }
}

/// Names of signals, without "SIG".
public enum SignalName {
  private static let all: [(name: String, number: Int32)] = [
    ("HUP", SIGHUP), ("INT", SIGINT), ("QUIT", SIGQUIT), ("ILL", SIGILL), ("TRAP", SIGTRAP), ("ABRT", SIGABRT),
    ("BUS", SIGBUS), ("FPE", SIGFPE), ("KILL", SIGKILL), ("USR1", SIGUSR1), ("SEGV", SIGSEGV), ("USR2", SIGUSR2),
    ("PIPE", SIGPIPE), ("ALRM", SIGALRM), ("TERM", SIGTERM), ("CHLD", SIGCHLD), ("CONT", SIGCONT), ("STOP", SIGSTOP),
    ("TSTP", SIGTSTP), ("TTIN", SIGTTIN), ("TTOU", SIGTTOU), ("URG", SIGURG), ("XCPU", SIGXCPU), ("XFSZ", SIGXFSZ),
    ("VTALRM", SIGVTALRM), ("PROF", SIGPROF), ("WINCH", SIGWINCH), ("IO", SIGIO), ("PWR", SIGPWR), ("SYS", SIGSYS),
  ]

  /// All names, by number.
  public static var allNames: [String] { all.map(\.name) }

  /// The number of "TERM", "SIGTERM" or "15", in any case; 0 only asks whether the process is there.
  public static func number(named name: String) -> Int32? {
    if let number = Int32(name) { return 0...64 ~= number ? number : nil }
    let uppercase = name.uppercased()
    let short = uppercase.hasPrefix("SIG") ? uppercase.dropFirst(3) : Substring(uppercase)
    return all.first { $0.name == short }?.number
  }

  /// The name of a signal; its number when it has none.
  public static func name(of number: Int32) -> String {
    all.first { $0.number == number }?.name ?? "\(number)"
  }
}
