// The one error of ordinary use.

/// Why a call failed that waits, makes a socket ready for use, or looks up a name.
///
/// Calls that are one system call each, such as `Socket.bind(_:)` or `Socket.option(level:name:capacity:)`, throw the
/// plain `Errno` instead; `init(_:)` makes one of these of it. The end of a stream is no error: a receive gives nil for
/// it.
///
/// ```swift
/// do {
///   let socket = try Socket.connected(to: "example.org:80", within: Deadline(after: .seconds(5)))
///   try socket.send("hello\r\n")
/// } catch SocketError.system(.connectionRefused) {
///   print("nobody listens there")
/// } catch SocketError.timeout {
///   print("nobody answers")
/// } catch SocketError.resolution(let reason) {
///   print("no such host: \(reason)")
/// }
/// ```
public enum SocketError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The deadline came first. ETIMEDOUT, the kernel's own, is a `system` error.
  case timeout
  /// A system call failed; a reset is `.system(.connectionReset)`.
  case system(Errno)
  /// A name, that which the call was given, has no address, or could not be looked up.
  case resolution(ResolveError.Reason)

  /// The same as one of these: an `Errno`, a `ResolveError`, the error number of a `SpawnError`, or what is one
  /// already. Nil for errors of any other type.
  public init?(_ error: any Error) {
    switch error {
    case let error as SocketError: self = error
    case let error as Errno: self = .system(error)
    case let error as ResolveError: self = .resolution(error.reason)
    case let error as SpawnError: self = .system(error.errno)
    default: return nil
    }
  }

  /// The error number of the system call that failed, also below the resolver; nil for a time-out, and for a name that
  /// is not known.
  public var errno: Errno? {
    switch self {
    case .timeout: nil
    case .system(let error): error
    case .resolution(let reason): reason.errno
    }
  }

  /// A sentence's end, such as "timed out" or "Connection refused (ECONNREFUSED)".
  public var description: String {
    switch self {
    case .timeout: "timed out"
    case .system(let error): error.description
    case .resolution(let reason): reason.description
    }
  }
}
