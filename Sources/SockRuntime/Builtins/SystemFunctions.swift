// Functions that ask the system: env free_port inherited tls_exporter.

import Glibc
import SockLanguage
import SocketCore
import TLS

enum SystemFunctions {
  // MARK: The environment

  /// An environment variable; `default` (nil without one) where it is not set.
  static func env(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    let name = try arguments.string(0)
    try permissions.requireVariable(name.text)
    guard name.bytes.offset(of: 0) == nil, let found = getenv(FileFunctions.terminated(name)) else {
      return arguments[1]
    }
    return .string(ByteString.copy(UnsafeRawBufferPointer(start: found, count: strlen(found))))
  }

  // MARK: The network

  /// The channels of the sockets that sock was started with; with a name those of that name.
  static func inherited(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let name = arguments.count > 0 ? try arguments.string(0) : nil
    let found = try context.inheritedChannels().filter { one in name.map { $0.text == one.name.text } ?? true }
    return .list(List(found.map { .channel($0.channel) }))
  }

  /// Keying material of a connection, by its label, how many bytes, and a context (RFC 5705).
  static func tlsExporter(_ arguments: Arguments) throws(Failure) -> Value {
    guard case .channel(let channel) = arguments[0] else {
      throw .type("tls_exporter: takes a channel, not \(arguments[0].article)")
    }
    let label = try arguments.string(1)
    let count = try arguments.integer(2, in: 1...8160)
    let context = arguments.count > 3 ? try arguments.string(3).array : nil
    guard let session = channel.tls?.session else { throw .type("tls_exporter: \(channel.label) does not speak TLS") }
    do throws(TLSError) {
      return Value(try session.exportKeyingMaterial(label: label.text, context: context, count: count))
    } catch {
      throw Failure("tls_exporter", error)
    }
  }

  /// A TCP port on loopback that nobody listens on now, and that is not given out again at once.
  ///
  /// From below what the kernel gives to connections and to `listen 0` by itself (ip(7): 32768 to 60999): one of those
  /// may be somebody else's before the program that it is for has bound it.
  static func freePort() throws(Failure) -> Value {
    for _ in 0..<freePortTries {
      if let port = try? boundPort(.random(in: 10_000..<32_768)) { return .integer(Int(port)) }
    }
    do throws(Errno) {
      return .integer(Int(try boundPort(0)))
    } catch {
      throw Failure("cannot find a free port", error)
    }
  }

  private static let freePortTries = 100

  /// The port that a socket has got which wanted this one, 0: any.
  private static func boundPort(_ port: UInt16) throws(Errno) -> UInt16 {
    let socket = try Socket(domain: .inet, type: .stream)
    try socket.bind(SocketAddress(loopbackPort: port))
    guard let port = socket.localName?.port else { throw .addressNotAvailable }
    return port
  }
}
