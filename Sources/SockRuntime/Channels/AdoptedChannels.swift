// Channels for what others have made: descriptors that came from another process, or that this one was started with.

import Glibc
import SockLanguage
import SocketCore

extension Channel.Kind {
  /// What a socket that somebody else has made is by now.
  init(of socket: Socket) throws(Errno) {
    if socket.type.isDatagram {
      self = .datagram
    } else if socket.isKnownConnected || socket.isConnected {
      self = .stream
    } else {
      self = try socket.isListening ? .listener : .bare
    }
  }
}

extension Channel {
  /// A channel for a descriptor that has come from another process, which may use what it stands for as well.
  ///
  /// The descriptor is the channel's from here on, or closed when this fails.
  static func received(_ descriptor: Int32, _ scheduler: Scheduler) throws(Failure) -> Channel {
    do throws(Errno) {
      let socket: Socket
      do throws(Errno) {
        socket = try Socket.received(descriptor)
      } catch {
        if error == .notSocket, let pipe = Channel(scheduler: scheduler, pipe: descriptor) { return pipe }
        SystemCall.close(descriptor)
        throw error
      }
      if socket.isTCP { try socket.setNoDelay(true) }
      return Channel(scheduler: scheduler, kind: try Kind(of: socket), socket: socket)
    } catch {
      throw error == .notSocket
        ? .type("a descriptor has come that is neither a socket nor a pipe, a terminal or a file, and was closed")
        : Failure("cannot use a descriptor that has come", error)
    }
  }

  /// A channel for what is no socket, and may be others' as well: nil, and the descriptor stays the caller's, when it
  /// can neither be read nor written as a stream of bytes.
  convenience init?(scheduler: Scheduler, pipe descriptor: Int32) {
    var info = stat()
    let flags = fcntl(descriptor, F_GETFL)
    guard fstat(descriptor, &info) == 0, flags >= 0 else { return nil }
    let type = info.st_mode & S_IFMT
    guard type == S_IFIFO || type == S_IFCHR || type == S_IFREG else { return nil }
    let access = flags & O_ACCMODE
    self.init(
      scheduler: scheduler, kind: .pipe, socket: nil,
      // A file never waits; of anything else the others may want that it does.
      transport: type == S_IFREG ? .pipes : .standard, input: access == O_WRONLY ? -1 : descriptor,
      output: access == O_RDONLY ? -1 : descriptor)
    // Nothing tells when a file has more.
    readiness.emptiesShort = false
  }

  /// The standard error of a process, as a channel of its own.
  convenience init(scheduler: Scheduler, errorsOf process: ProcessState) {
    self.init(
      scheduler: scheduler, kind: .pipe, socket: nil, transport: .pipes, input: process.child.take(.stderr), output: -1)
    ownExtras.errorsOf = process
  }

  /// The process whose standard error this is.
  var errorsOf: ProcessState? { extras?.errorsOf }

  /// Channels for the descriptors that came with what was received, each given once. One that is no use is closed and
  /// said; the others are given at the next call.
  func takeArrivals(_ defaults: ChannelSettings?) throws(Failure) -> [Channel] {
    guard let socket, !isClosed else { return [] }
    var channels = extras?.arrived ?? []
    extras?.arrived.removeAll()
    let (descriptors, haveBeenLost) = socket.takeDescriptors()
    var failure: Failure?
    for descriptor in descriptors {
      do throws(Failure) {
        let channel = try Channel.received(descriptor, scheduler)
        channel.settings = defaults?.copy()
        channels.append(channel)
      } catch {
        failure = failure ?? error
      }
    }
    if haveBeenLost {
      failure = Failure(.truncated, "more descriptors have come on \(label) than could be kept: some are lost")
    }
    guard let failure else { return channels }
    if !channels.isEmpty { ownExtras.arrived = channels }
    failure.channel = self
    throw failure
  }

  /// The descriptor that another process gets of it.
  func passedDescriptor() throws(Failure) -> Int32 {
    try requireOpen("pass \(label) on")
    if tls != nil { throw .type("\(label) speaks TLS, which goes on here alone: its descriptor is no use elsewhere") }
    if case .log = transport { throw .type("\(label) is the test's log, and no descriptor") }
    if process != nil { throw .type("\(label) is a process, and no one descriptor stands for it") }
    return inputDescriptor >= 0 ? inputDescriptor : outputDescriptor
  }

  /// Before another process gets its descriptor.
  func becomeShared() throws(Failure) {
    do throws(Errno) {
      try socket?.becomeShared()
    } catch {
      throw Failure("cannot pass \(label) on", error)
    }
  }
}

extension Value {
  /// The channels whose descriptors are passed on: a list of them, or a single one.
  func passedChannels() throws(Failure) -> [Channel] {
    if case .channel(let channel) = self { return [channel] }
    guard case .list(let list) = self else { throw .type("`fds` takes a list of channels, not \(article)") }
    var channels: [Channel] = []
    for item in list.items {
      guard case .channel(let channel) = item else { throw .type("`fds` takes channels, not \(item.article)") }
      channels.append(channel)
    }
    guard channels.count <= Socket.mostDescriptors else {
      throw .range("`fds` takes up to \(Socket.mostDescriptors) channels, not \(channels.count)")
    }
    return channels
  }
}
