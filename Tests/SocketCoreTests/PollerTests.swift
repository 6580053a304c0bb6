// The poller: what is reported, how often, and that an event never reaches a descriptor's successor.
import Glibc
import Testing

@testable import SocketCore

@Suite struct PollerTests {
  /// What one wait reports.
  private func events(_ poller: Poller, _ timeout: Int64 = 0) -> [UInt64: Readiness] {
    var events: [UInt64: Readiness] = [:]
    #expect(poller.wait(timeoutNanoseconds: timeout) { events[$0, default: []].formUnion($1) } == nil)
    return events
  }

  @Test func readinessIsReportedOnceForEachChange() throws {
    let poller = try Poller()
    let (one, other) = try Socket.pair()
    #expect(poller.add(one.fileDescriptor, token: 7, reading: true, writing: false) == nil)
    #expect(events(poller).isEmpty)
    try other.send(bytes("a"))
    #expect(events(poller, soon.pollTimeout) == [7: .readable])
    #expect(events(poller).isEmpty, "edge-triggered: unread bytes are not reported again")
    try other.send(bytes("b"))
    #expect(events(poller, soon.pollTimeout) == [7: .readable])
    other.close()
    let end = events(poller, soon.pollTimeout)[7]
    #expect(end?.isSuperset(of: [.readable, .hangup]) == true)
  }

  @Test func aLevelTriggeredDescriptorIsReportedUntilItIsNotReady() throws {
    let poller = try Poller()
    let (one, other) = try Socket.pair()
    #expect(poller.add(one.fileDescriptor, token: 7, reading: true, writing: false, trigger: .level) == nil)
    #expect(events(poller).isEmpty)
    try other.send(bytes("a"))
    #expect(events(poller, soon.pollTimeout) == [7: .readable])
    #expect(events(poller) == [7: .readable])
    #expect(poller.modify(one.fileDescriptor, token: 7, reading: true, writing: false) == nil)
    #expect(events(poller) == [7: .readable], "changed to edge-triggered: once more")
    #expect(events(poller).isEmpty)
    #expect(poller.modify(one.fileDescriptor, token: 7, reading: true, writing: false, trigger: .level) == nil)
    #expect(events(poller) == [7: .readable])
    #expect(try one.receive(atMost: 10, within: soon) == bytes("a"))
    #expect(events(poller).isEmpty)
  }

  @Test func waitingForADescriptorThatWasNotAdded() throws {
    let poller = try Poller()
    let (added, addedPeer) = try Socket.pair()
    let (one, other) = try Socket.pair()
    #expect(poller.add(added.fileDescriptor, token: 3, reading: true, writing: false) == nil)
    var told: [UInt64] = []
    func wait(_ timeout: Int64) throws(Errno) -> Readiness {
      told = []
      return try poller.wait(reading: one.fileDescriptor, timeoutNanoseconds: timeout) { token, _ in told.append(token) }
    }
    let start = MonotonicClock.now
    #expect(try wait(20_000_000) == [])
    #expect(MonotonicClock.now - start >= 20_000_000)
    #expect(told.isEmpty)

    try other.send(bytes("a"))
    #expect(try wait(soon.pollTimeout) == .readable)
    #expect(try wait(0) == .readable, "as long as nobody reads")
    #expect(told.isEmpty)

    try addedPeer.send(bytes("b"))
    #expect(try wait(soon.pollTimeout) == .readable)
    #expect(told == [3], "both at once")
    #expect(try one.receive(atMost: 10, within: soon) == bytes("a"))
    try addedPeer.send(bytes("c"))
    #expect(try wait(soon.pollTimeout) == [], "something else came first")
    #expect(told == [3])

    poller.wake()
    #expect(try wait(20_000_000_000) == [])
    #expect(told.isEmpty)

    other.close()
    #expect(try wait(soon.pollTimeout).isSuperset(of: [.readable, .hangup]))
    #expect(try poller.wait(reading: -1, timeoutNanoseconds: 0) { _, _ in } == [])
  }

  @Test func whatIsReadyAlreadyIsReportedWhenItIsAddedOrModified() throws {
    let poller = try Poller()
    let (one, other) = try Socket.pair()
    try other.send(bytes("a"))
    #expect(poller.add(one.fileDescriptor, token: 1, reading: true, writing: true) == nil)
    #expect(events(poller) == [1: [.readable, .writable]])
    #expect(poller.modify(one.fileDescriptor, token: 2, reading: false, writing: true) == nil)
    #expect(events(poller) == [2: .writable])
    #expect(poller.remove(one.fileDescriptor) == nil)
    #expect(events(poller).isEmpty)
    #expect(poller.remove(one.fileDescriptor) == .noSuchFileOrDirectory)
  }

  @Test func errorsOfRegistration() throws {
    let poller = try Poller()
    let (one, _) = try Socket.pair()
    #expect(poller.add(-1, token: 1, reading: true, writing: false) == .badFileDescriptor)
    #expect(poller.add(one.fileDescriptor, token: .max, reading: true, writing: false) == .invalidArgument)
    #expect(poller.add(one.fileDescriptor, token: 1, reading: true, writing: false) == nil)
    #expect(poller.add(one.fileDescriptor, token: 1, reading: true, writing: false) == .fileExists)
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    #expect(poller.add(file, token: 3, reading: true, writing: false) == .notPermitted)
  }

  @Test func timeoutsAreKept() throws {
    let poller = try Poller()
    let start = MonotonicClock.now
    #expect(events(poller, 20_000_000).isEmpty)
    #expect(MonotonicClock.now - start >= 20_000_000)
    #expect(MonotonicClock.now - start < 10_000_000_000)
  }

  @Test func wakingFromAnotherThread() throws {
    let poller = try Poller()
    final class Box: Sendable {
      let waker: Waker
      init(_ waker: Waker) { self.waker = waker }
    }
    for _ in 0..<3 {
      var thread = pthread_t()
      let box = Unmanaged.passRetained(Box(poller.waker))
      let error = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().waker.wake()
          return nil
        }, box.toOpaque())
      try #require(error == 0)
      let start = MonotonicClock.now
      #expect(events(poller, 20_000_000_000).isEmpty)
      #expect(MonotonicClock.now - start < 10_000_000_000)
      pthread_join(thread, nil)
    }
    poller.wake()
    poller.wake()
    #expect(events(poller, 20_000_000_000).isEmpty)
  }

  @Test func aWakerMayOutliveItsPoller() throws {
    let plan = FaultPlan()
    try plan.perform {
      var poller: Poller? = try Poller()
      let waker = try #require(poller?.waker)
      poller = nil
      #expect(plan.openDescriptors.count == 1)
      waker.wake()
    }
    #expect(plan.openDescriptors.isEmpty && plan.closedTwice.isEmpty)
  }

  /// Three generations of one descriptor number: each closed with an event that nobody has looked at yet.
  @Test func eventsOfAClosedDescriptorNeverReachItsSuccessor() async {
    await #expect(processExitsWith: .success) {
      let messages = try alone { check in
        let poller = try Poller()
        var numbers: Set<Int32> = []
        var duplicate: Int32 = -1
        for generation in 1...UInt64(3) {
          let (one, other) = try Socket.pair()
          numbers.insert(one.fileDescriptor)
          let error = poller.add(one.fileDescriptor, token: generation, reading: true, writing: false)
          check(error == nil, "registering: \(String(describing: error))")
          var tokens: [UInt64] = []
          poller.wait(timeoutNanoseconds: 0) { token, _ in tokens.append(token) }
          // The second one's description lives on in its duplicate: the event comes, and says whose it is.
          check(tokens == (generation == 3 ? [2] : []), "generation \(generation): \(tokens)")
          try other.send([1])
          if generation == 2 { duplicate = fcntl(one.fileDescriptor, F_DUPFD_CLOEXEC, 100) }
          if generation == 3 {
            poller.wait(timeoutNanoseconds: 20_000_000_000) { token, _ in tokens.append(token) }
            check(tokens == [2, 3], "at the end: \(tokens)")
          }
        }
        check(numbers.count == 1, "the number was not used again")
        check(duplicate >= 100, "no duplicate")
      }
      #expect(messages == [])
    }
  }
}
