// Descriptors that go from one socket to another: none is lost in silence, and none is left open.
import Glibc
import Testing

@testable import SocketCore

@Suite struct PassingTests {
  private func send(_ text: String, _ descriptors: [Int32], on socket: Socket) -> IOOutcome {
    bytes(text).withUnsafeBytes { socket.trySend($0, passing: descriptors) }
  }

  private func receive(_ socket: Socket, _ flags: MessageFlags = []) -> String? {
    var room = [UInt8](repeating: 0, count: 100)
    guard case .done(let count) = room.withUnsafeMutableBytes({ socket.tryReceive(into: $0, flags: flags) }) else {
      return nil
    }
    return String(decoding: room[..<count], as: UTF8.self)
  }

  @Test(arguments: [SocketType.stream, .dgram, .seqpacket])
  func goBesideTheBytes(type: SocketType) throws {
    let plan = FaultPlan()
    try plan.perform {
      let (one, two) = try Socket.pair(type: type)
      let listener = try loopbackListener()
      #expect(send("two", [listener.fileDescriptor, one.fileDescriptor], on: one) == .done(3))
      #expect(receive(two, .peek) == "two")
      #expect(two.takeDescriptors().descriptors == [])
      #expect(receive(two) == "two")
      let (descriptors, haveBeenLost) = two.takeDescriptors()
      #expect(descriptors.count == 2 && !haveBeenLost)
      #expect(two.takeDescriptors().descriptors == [])
      for descriptor in descriptors { #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC) }
      let sockets = try descriptors.map { try Socket.received($0) }
      #expect(sockets[0].localName == listener.localName && sockets[1].type == type)
    }
    #expect(plan.openDescriptors == [] && plan.closedTwice == [])
  }

  @Test func whatNobodyTakesIsClosed() throws {
    let plan = FaultPlan()
    try plan.perform {
      let (one, two) = try Socket.pair()
      for _ in 1...6 {
        #expect(send("x", [Int32](repeating: one.fileDescriptor, count: Socket.mostDescriptors), on: one) == .done(1))
        #expect(receive(two) == "x")
      }
    }
    #expect(plan.openDescriptors == [] && plan.closedTwice == [])
  }

  /// More are kept than a single message has, but not without end.
  @Test func thereIsABound() throws {
    let plan = FaultPlan()
    try plan.perform {
      let (one, two) = try Socket.pair()
      for _ in 1...5 {
        #expect(send("x", [Int32](repeating: one.fileDescriptor, count: Socket.mostDescriptors), on: one) == .done(1))
        #expect(receive(two) == "x")
      }
      let (descriptors, haveBeenLost) = two.takeDescriptors()
      // A user may have no more than that at once, all others included.
      #expect((900...1024).contains(descriptors.count) && haveBeenLost)
      for descriptor in descriptors { SystemCall.close(descriptor) }
    }
    #expect(plan.openDescriptors == [] && plan.closedTwice == [])
  }

  @Test func errorsAreTold() throws {
    let (one, _) = try Socket.pair()
    #expect(send("x", [Int32](repeating: 0, count: Socket.mostDescriptors + 1), on: one) == .failed(.invalidArgument))
    #expect(send("x", [9999], on: one) == .failed(.badFileDescriptor))
    let plan = FaultPlan()
    plan.on(.sendmsg, .fail(.noBufferSpace))
    plan.perform { #expect(send("x", [0], on: one) == .failed(.noBufferSpace)) }
  }

  /// A socket that another process waits on is not made non-blocking, and does not keep us.
  @Test func aSharedListenerStaysBlocking() throws {
    let listener = try loopbackListener()
    try listener.becomeShared()
    #expect(SystemCall.getNonblocking(listener.fileDescriptor) == 0)
    guard case .wouldBlock = listener.tryAccept() else {
      Issue.record("nobody has connected")
      return
    }
    _ = try Socket.connected(toFirstOf: [#require(listener.localName)], within: soon)
    #expect(try listener.accept(within: soon).domain == .inet)
    #expect(SystemCall.getNonblocking(listener.fileDescriptor) == 0)
  }

  @Test func whoIsThere() throws {
    let (one, _) = try Socket.pair()
    #expect(one.peerCredentials == Socket.Credentials(pid: getpid(), user: geteuid(), group: getegid()))
    #expect(try Socket(domain: .unix).peerCredentials == nil)
    #expect(try Socket(domain: .inet).peerCredentials == nil)
  }
}
