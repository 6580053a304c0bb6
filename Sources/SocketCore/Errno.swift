// The error number of a failed system call, with its name and its text.
import CSocketCore
import Glibc

/// An error number of the C library (`errno(3)`).
public struct Errno: Error, RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number, as in `<errno.h>`; positive.
  public let rawValue: Int32

  /// The error of a positive number of `<errno.h>`.
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

  /// The text and the name, such as "Connection refused (ECONNREFUSED)".
  public var description: String { "\(message) (\(name))" }

  // The usual ones, named as swift-system names them.
  /// EPERM: Operation not permitted.
  public static let notPermitted = Errno(rawValue: EPERM)
  /// ENOENT: No such file or directory.
  public static let noSuchFileOrDirectory = Errno(rawValue: ENOENT)
  /// ESRCH: No such process.
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  /// EINTR: Interrupted system call.
  public static let interrupted = Errno(rawValue: EINTR)
  /// EIO: Input/output error.
  public static let ioError = Errno(rawValue: EIO)
  /// ENXIO: No such device or address.
  public static let noSuchDeviceOrAddress = Errno(rawValue: ENXIO)
  /// EBADF: Bad file descriptor.
  public static let badFileDescriptor = Errno(rawValue: EBADF)
  /// ECHILD: No child processes.
  public static let noChildProcess = Errno(rawValue: ECHILD)
  /// EAGAIN: Resource temporarily unavailable.
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  /// ENOMEM: Cannot allocate memory.
  public static let noMemory = Errno(rawValue: ENOMEM)
  /// EACCES: Permission denied.
  public static let permissionDenied = Errno(rawValue: EACCES)
  /// EEXIST: File exists.
  public static let fileExists = Errno(rawValue: EEXIST)
  /// ENOTDIR: Not a directory.
  public static let notDirectory = Errno(rawValue: ENOTDIR)
  /// EINVAL: Invalid argument.
  public static let invalidArgument = Errno(rawValue: EINVAL)
  /// ENOTTY: Inappropriate ioctl for device.
  public static let notTerminal = Errno(rawValue: ENOTTY)
  /// ENFILE: Too many open files in system.
  public static let tooManyOpenFilesInSystem = Errno(rawValue: ENFILE)
  /// EMFILE: Too many open files.
  public static let tooManyOpenFiles = Errno(rawValue: EMFILE)
  /// EPIPE: Broken pipe.
  public static let brokenPipe = Errno(rawValue: EPIPE)
  /// ENAMETOOLONG: File name too long.
  public static let fileNameTooLong = Errno(rawValue: ENAMETOOLONG)
  /// ENOSYS: Function not implemented.
  public static let noFunction = Errno(rawValue: ENOSYS)
  /// EPROTO: Protocol error.
  public static let protocolError = Errno(rawValue: EPROTO)
  /// ENOPROTOOPT: Protocol not available.
  public static let noProtocolOption = Errno(rawValue: ENOPROTOOPT)
  /// ENOTSOCK: Socket operation on non-socket.
  public static let notSocket = Errno(rawValue: ENOTSOCK)
  /// EDESTADDRREQ: Destination address required.
  public static let addressRequired = Errno(rawValue: EDESTADDRREQ)
  /// EMSGSIZE: Message too long.
  public static let messageTooLong = Errno(rawValue: EMSGSIZE)
  /// EPROTONOSUPPORT: Protocol not supported.
  public static let protocolNotSupported = Errno(rawValue: EPROTONOSUPPORT)
  /// EOPNOTSUPP: Operation not supported.
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  /// EAFNOSUPPORT: Address family not supported by protocol.
  public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  /// EADDRINUSE: Address already in use.
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  /// EADDRNOTAVAIL: Cannot assign requested address.
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  /// ENETDOWN: Network is down.
  public static let networkDown = Errno(rawValue: ENETDOWN)
  /// ENETUNREACH: Network is unreachable.
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  /// ECONNABORTED: Software caused connection abort.
  public static let connectionAborted = Errno(rawValue: ECONNABORTED)
  /// ECONNRESET: Connection reset by peer.
  public static let connectionReset = Errno(rawValue: ECONNRESET)
  /// ENOBUFS: No buffer space available.
  public static let noBufferSpace = Errno(rawValue: ENOBUFS)
  /// EISCONN: Transport endpoint is already connected.
  public static let socketIsConnected = Errno(rawValue: EISCONN)
  /// ENOTCONN: Transport endpoint is not connected.
  public static let socketNotConnected = Errno(rawValue: ENOTCONN)
  /// ETIMEDOUT: Connection timed out.
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  /// ECONNREFUSED: Connection refused.
  public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
  /// EHOSTDOWN: Host is down.
  public static let hostIsDown = Errno(rawValue: EHOSTDOWN)
  /// EHOSTUNREACH: No route to host.
  public static let noRouteToHost = Errno(rawValue: EHOSTUNREACH)
  /// EALREADY: Operation already in progress.
  public static let alreadyInProcess = Errno(rawValue: EALREADY)
  /// EINPROGRESS: Operation now in progress.
  public static let nowInProgress = Errno(rawValue: EINPROGRESS)
  /// ENOTTY: Inappropriate ioctl for device.
  public static let notATerminal = Errno(rawValue: ENOTTY)
}
