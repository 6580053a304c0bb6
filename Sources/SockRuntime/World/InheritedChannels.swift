// The sockets that sock was started with, as systemd hands them to a service: sd_listen_fds(3).

import Glibc
import SockLanguage
import SocketCore

/// One of them, and what whoever started this process calls it.
struct InheritedChannel {
  let name: ByteString
  let channel: Channel
}

extension Interpreter {
  /// They begin at this descriptor (SD_LISTEN_FDS_START).
  private static let firstInherited: Int32 = 3

  /// Those that LISTEN_FDS counts, if LISTEN_PID says that this process is meant; taken over once.
  func inheritedChannels() throws(Failure) -> [InheritedChannel] {
    if let known = standard.inherited { return known }
    var found: [InheritedChannel] = []
    if Interpreter.variable("LISTEN_PID") == String(getpid()) {
      let count = Interpreter.variable("LISTEN_FDS").flatMap { Int32($0) } ?? 0
      let names = (Interpreter.variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
      for at in 0..<max(0, min(count, Int32(Socket.mostDescriptors))) {
        let name = Int(at) < names.count ? String(names[Int(at)]) : ""
        let channel = try inheritedChannel(Interpreter.firstInherited + at)
        if !name.isEmpty { channel.name = name }
        found.append(InheritedChannel(name: ByteString(name), channel: channel))
      }
    }
    standard.inherited = found
    return found
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private func inheritedChannel(_ descriptor: Int32) throws(Failure) -> Channel {
    do throws(Errno) {
      let channel: Channel
      do throws(Errno) {
        let socket = try Socket.inherited(descriptor)
        if socket.isTCP { try socket.setNoDelay(true) }
        channel = Channel(scheduler: scheduler, kind: try Channel.Kind(of: socket), socket: socket)
      } catch {
        guard error == .notSocket else { throw error }
        let copy = SystemCall.duplicate(descriptor)
        guard copy >= 0 else { throw Errno(rawValue: -copy) }
        guard let pipe = Channel(scheduler: scheduler, pipe: copy) else {
          SystemCall.close(copy)
          throw .notSocket
        }
        close(descriptor)
        channel = pipe
      }
      channel.settings = defaults?.copy()
      return channel
    } catch {
      throw Failure("cannot use descriptor \(descriptor), which LISTEN_FDS counts", error)
    }
  }
}
