// The error number of a failed system call, with its name and its text.
import CSystem
import Glibc

/// An error number of the C library (`errno(3)`).
public struct Errno: Error, RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number, as in `<errno.h>`; positive.
  public let rawValue: Int32

  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The error of a system call that returned `-errno`, nil for a result that is none.
  @inline(__always)
  package init?(result: Int32) {
    if result >= 0 { return nil }
    rawValue = 0 &- result
  }

  /// The symbolic name, such as "ECONNREFUSED"; "E" and the number for one that the C library does not know.
  public var name: String {
    csys_errno_name(rawValue).map { String(cString: $0) } ?? "E\(rawValue)"
  }

  /// The text that strerror(3) gives in the C locale, such as "Connection refused".
  public var message: String {
    csys_errno_message(rawValue).map { String(cString: $0) } ?? "Unknown error \(rawValue)"
  }

  public var description: String { "\(message) (\(name))" }

  // The usual ones, named as swift-system names them.
  public static let notPermitted = Errno(rawValue: EPERM)
  public static let noSuchFileOrDirectory = Errno(rawValue: ENOENT)
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  public static let interrupted = Errno(rawValue: EINTR)
  public static let ioError = Errno(rawValue: EIO)
  public static let noSuchDeviceOrAddress = Errno(rawValue: ENXIO)
  public static let badFileDescriptor = Errno(rawValue: EBADF)
  public static let noChildProcess = Errno(rawValue: ECHILD)
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  public static let noMemory = Errno(rawValue: ENOMEM)
  public static let permissionDenied = Errno(rawValue: EACCES)
  public static let fileExists = Errno(rawValue: EEXIST)
  public static let notDirectory = Errno(rawValue: ENOTDIR)
  public static let invalidArgument = Errno(rawValue: EINVAL)
  public static let notTerminal = Errno(rawValue: ENOTTY)
  public static let tooManyOpenFilesInSystem = Errno(rawValue: ENFILE)
  public static let tooManyOpenFiles = Errno(rawValue: EMFILE)
  public static let brokenPipe = Errno(rawValue: EPIPE)
  public static let fileNameTooLong = Errno(rawValue: ENAMETOOLONG)
  public static let noFunction = Errno(rawValue: ENOSYS)
  public static let protocolError = Errno(rawValue: EPROTO)
  public static let notSocket = Errno(rawValue: ENOTSOCK)
  public static let addressRequired = Errno(rawValue: EDESTADDRREQ)
  public static let messageTooLong = Errno(rawValue: EMSGSIZE)
  public static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  public static let networkDown = Errno(rawValue: ENETDOWN)
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  public static let connectionAborted = Errno(rawValue: ECONNABORTED)
  public static let connectionReset = Errno(rawValue: ECONNRESET)
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  public static let socketIsConnected = Errno(rawValue: EISCONN)
  public static let socketNotConnected = Errno(rawValue: ENOTCONN)
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
  public static let hostIsDown = Errno(rawValue: EHOSTDOWN)
  public static let noRouteToHost = Errno(rawValue: EHOSTUNREACH)
  public static let alreadyInProcess = Errno(rawValue: EALREADY)
  public static let nowInProgress = Errno(rawValue: EINPROGRESS)
  public static let notATerminal = Errno(rawValue: ENOTTY)
}
