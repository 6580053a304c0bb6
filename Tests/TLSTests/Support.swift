// What several tests need: certificates, a folder, and programs that play the other side.
import Glibc
import SocketCore
import Testing

@testable import TLS

/// The longest that any wait of a test may take.
var soon: Deadline { Deadline(after: 20) }

/// The authority of these tests, and a certificate of it for localhost.
let authority = try? CertificateAuthority()

func credentials(_ change: (inout TLSCertificateRequest) -> Void = { _ in }) throws -> TLSCredentials {
  var request = TLSCertificateRequest(names: [.dns("localhost"), .address("127.0.0.1")])
  change(&request)
  return try #require(authority).issue(request)
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count < 2 ? "0" + digits : digits
}

/// A folder that goes with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/sock-tls.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { unlink("\(path)/\(name)") }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}

/// A program that runs beside the test, with what it writes; it is killed with the object.
final class Program {
  let process: ChildProcess
  private(set) var output: [UInt8] = []

  init(_ arguments: [String]) throws {
    process = try ChildProcess.spawn(
      SpawnRequest(argv: arguments.map { Array($0.utf8) }, stderr: .merge, diesWithParent: false))
  }

  deinit { _ = process.signalGroup(SIGKILL) }

  /// Reads its output to where `isEnough` holds for all of it, or to its end.
  func read(until isEnough: (String) -> Bool) throws -> String {
    let deadline = soon
    while !isEnough(text(output)) {
      var buffer = [UInt8](repeating: 0, count: 4096)
      switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(process.stdout, $0) }) {
      case .done(let count): output += buffer[..<count]
      case .end: return text(output)
      case .failed(let error): throw error
      case .wouldBlock:
        if deadline.hasPassed { throw Errno.timedOut }
        wait(process.stdout, reading: true, deadline)
      }
    }
    return text(output)
  }

  func write(_ text: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = Glibc.write(process.stdin, Array(rest), rest.count)
      if count < 0 { throw Errno(rawValue: errno) }
      rest = rest.dropFirst(count)
    }
  }
}

/// Waits until a descriptor is readable or writable.
func wait(_ descriptor: Int32, reading: Bool, _ deadline: Deadline) {
  var polled = pollfd(fd: descriptor, events: Int16(reading ? POLLIN : POLLOUT), revents: 0)
  _ = poll(&polled, 1, Int32(min(deadline.remainingSeconds, 20) * 1000))
}

/// What `openssl` prints for these arguments.
func openssl(_ arguments: String...) throws -> String {
  try Program(["openssl"] + arguments).read { _ in false }
}
