// Names of hosts to addresses and back, by the C library's resolver, which blocks: here, or on a helper thread.
import CSocketCore
import Glibc

/// Why a name could not be looked up.
public struct ResolveError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason, without the name.
  public struct Reason: Hashable, Sendable, CustomStringConvertible {
    /// The `EAI_…` code of getaddrinfo(3).
    public let code: Int32
    /// What a system call below it said, for EAI_SYSTEM.
    public let errno: Errno?

    /// Whether the same may succeed later: no name server has answered, or one has said to ask again, or something has
    /// run out here. Else the name, as far as is known, has no address.
    public var isTemporary: Bool { code == EAI_AGAIN || code == CSYS_EAI_MEMORY || errno != nil }

    /// The text of the code, such as "Name or service not known".
    public var message: String {
      if code == EAI_SERVICE { return "there is no such service" }
      return errno?.message ?? gai_strerror(code).map { String(cString: $0) } ?? "resolver error \(code)"
    }

    /// The code by its name, as "EAI_NONAME"; nil where it has none that is known here, or an errno says more.
    public var name: String? {
      if errno != nil { return nil }
      switch code {
      case EAI_NONAME: return "EAI_NONAME"
      case EAI_AGAIN: return "EAI_AGAIN"
      case EAI_FAIL: return "EAI_FAIL"
      case EAI_FAMILY: return "EAI_FAMILY"
      case CSYS_EAI_MEMORY: return "EAI_MEMORY"
      default: return nil
      }
    }

    /// The message with the code's name, such as "Name or service not known (EAI_NONAME)".
    public var description: String { errno?.description ?? name.map { "\(message) (\($0))" } ?? message }
  }

  /// The name, or the address, that was looked for.
  public let subject: String
  /// Why it was not found.
  public let reason: Reason

  init(subject: String, code: Int32, errno: Errno?) {
    self.subject = subject
    reason = Reason(code: code, errno: errno)
  }

  /// The `EAI_…` code of getaddrinfo(3).
  public var code: Int32 { reason.code }
  /// What a system call below it said, for EAI_SYSTEM.
  public var errno: Errno? { reason.errno }
  /// Whether the same may succeed later; see `Reason`.
  public var isTemporary: Bool { reason.isTemporary }
  /// The text of the code, such as "Name or service not known".
  public var message: String { reason.message }
  /// The code by its name; see `Reason`.
  public var name: String? { reason.name }

  /// The name and the message: "nowhere.invalid: Name or service not known".
  public var description: String { "\(subject): \(message)" }
}

/// The resolver. Numeric addresses are never looked up.
public enum Resolver {
  /// The addresses of a host, those to be tried first in front; never empty. May block for as long as a name server
  /// keeps silent.
  ///
  /// - Parameters:
  ///   - host: a name or a number.
  ///   - port: what the addresses get for a port.
  ///   - family: `.inet` or `.inet6`, or nil for both.
  ///   - type: for which type of socket they are to be good.
  public static func resolve(
    host: String, port: UInt16, family: SocketDomain? = nil, type: SocketType = .stream
  ) throws(ResolveError) -> [SocketAddress] {
    if let address = SocketAddress(host: host, port: port), family == nil || family == address.domain {
      return [address]
    }
    return try lookUp(host: host, service: nil, family: family, type: type).map { $0.with(port: port) }
  }

  /// The port of a service, such as "http"; a number is itself.
  public static func port(ofService service: String, type: SocketType = .stream) throws(ResolveError) -> UInt16 {
    if let port = UInt16(service) { return port }
    let found = try lookUp(host: nil, service: service, family: .inet, type: type)
    guard let port = found.first?.port else { throw failure(service, EAI_SERVICE, 0) }
    return port
  }

  /// In bytes: what getnameinfo(3) gives at most (NI_MAXHOST); the names that DNS knows have 253.
  private static let longestName = 1024

  private static func failure(_ subject: String, _ code: Int32, _ error: Int32) -> ResolveError {
    ResolveError(
      subject: subject, code: code, errno: code == CSYS_EAI_SYSTEM && error > 0 ? Errno(rawValue: error) : nil)
  }

  private static func lookUp(
    host: String?, service: String?, family: SocketDomain?, type: SocketType
  ) throws(ResolveError) -> [SocketAddress] {
    let subject = host ?? service ?? ""
    // C would look up what stands before the NUL, and reads names that nobody can have to their end.
    if subject.isEmpty || subject.utf8.count > longestName || subject.utf8.contains(0) {
      throw failure(subject, EAI_NONAME, 0)
    }
    var hints = addrinfo()
    hints.ai_family = family?.rawValue ?? CSYS_AF_UNSPEC
    // Without a type each address would come once for each.
    hints.ai_socktype = type == .dgram ? CSYS_SOCK_DGRAM : CSYS_SOCK_STREAM
    var found: UnsafeMutablePointer<addrinfo>?
    var error: Int32 = 0
    let code = withCString(host) { host in
      withCString(service) { service in
        SystemCall.getaddrinfo(host, service, &hints, &found, error: &error)
      }
    }
    if code != 0 { throw failure(subject, code, error) }
    defer { if let found { freeaddrinfo(found) } }
    var addresses: [SocketAddress] = []
    var next = found
    while let entry = next {
      let bytes = UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
      if let address = SocketAddress(kernelBytes: bytes), !addresses.contains(address) { addresses.append(address) }
      next = entry.pointee.ai_next
    }
    if addresses.isEmpty { throw failure(subject, EAI_NONAME, 0) }
    return addresses
  }

  private static func withCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }

  /// The name of an address's host. May block like `resolve`.
  public static func reverse(_ address: SocketAddress) throws(ResolveError) -> String {
    // The C library would give the name of this machine.
    if address.family == .unix { throw failure(address.description, EAI_FAMILY, 0) }
    var (code, error): (Int32, Int32) = (0, 0)
    let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: longestName + 1) { buffer -> String? in
      guard let base = buffer.baseAddress else { return nil }
      code = address.withRawSockaddr {
        SystemCall.getnameinfo($0, $1, base, capacity: UInt32(buffer.count), error: &error)
      }
      return code == 0 ? String(cString: base) : nil
    }
    guard let name else { throw failure(address.description, code == 0 ? CSYS_EAI_MEMORY : code, error) }
    return name
  }

  // MARK: On helper threads

  /// Whether a helper thread runs.
  package static var isBusy: Bool { threads.areRunning }

  /// Eight look-ups at once; the resolver's modules use large buffers on the stack.
  private static let threads = HelperThreads(maximum: 8, stackSize: 512 * 1024)

  /// Like `resolve`, on a helper thread, where `completion` is called once. A numeric address needs no thread: its
  /// completion is called before `start` returns.
  public static func start(
    host: String, port: UInt16, family: SocketDomain? = nil, type: SocketType = .stream,
    completion: @escaping @Sendable (Result<[SocketAddress], ResolveError>) -> Void
  ) {
    if let address = SocketAddress(host: host, port: port), family == nil || family == address.domain {
      completion(.success([address]))
      return
    }
    let look = { @Sendable () -> Void in
      completion(
        Result { () throws(ResolveError) in try resolve(host: host, port: port, family: family, type: type) })
    }
    if let error = threads.run(look) { completion(.failure(failure(host, CSYS_EAI_SYSTEM, error.rawValue))) }
  }

  /// Like `reverse`, on a helper thread, where `completion` is called once.
  public static func startReverse(
    _ address: SocketAddress, completion: @escaping @Sendable (Result<String, ResolveError>) -> Void
  ) {
    let look = { @Sendable () -> Void in
      completion(Result { () throws(ResolveError) in try reverse(address) })
    }
    if let error = threads.run(look) {
      completion(.failure(failure(address.description, CSYS_EAI_SYSTEM, error.rawValue)))
    }
  }
}
