// What stands between a script and the kernel: queues, buffers and the transcript's ring.

import SocketCore
import Testing

@testable import SockRuntime

@Suite struct ChannelBufferTests {
  private func withBytes(_ count: Int, from first: Int = 0, _ body: (UnsafeRawBufferPointer) -> Void) {
    (first..<first + count).map { UInt8(truncatingIfNeeded: $0) }.withUnsafeBytes(body)
  }

  @Test func anOutputQueueGivesBackWhatItWasGiven() {
    let queue = OutputQueue()
    var (given, taken) = (0, 0)
    // More goes in than out, then less: the storage grows, wraps round and is given back.
    for round in 0..<400 {
      let more = (round * 7919) % 5000
      withBytes(more, from: given) { queue.append($0) }
      given += more
      let less = min(queue.count, round < 200 ? 1000 : 4000)
      let expected = (taken..<taken + less).map { UInt8(truncatingIfNeeded: $0) }
      #expect(queue.bytes.prefix(less).elementsEqual(expected))
      if less > 0 { queue.drop(less) }
      taken += less
      #expect(queue.count == given - taken)
    }
    queue.removeAll()
    #expect(queue.count == 0)
    #expect(queue.bytes.isEmpty)
  }

  @Test func aReceiveBufferServesAgainUntilItIsGivenAway() {
    let buffer = ReceiveBuffer()
    func fill(_ count: Int, of wanted: Int) -> ByteString {
      let space = buffer.space(wanted)
      #expect(space.count == wanted)
      for at in 0..<count { space[at] = UInt8(truncatingIfNeeded: at) }
      return buffer.take(count)
    }
    let small = fill(10, of: 1000)
    let large = fill(900, of: 1000)
    let next = fill(5, of: 20)
    #expect(small.array == Array(0..<10))
    #expect(large.count == 900 && large[899] == UInt8(truncatingIfNeeded: 899))
    #expect(next.array == [0, 1, 2, 3, 4])
    #expect(small.room < 100, "a few bytes do not keep all of the buffer")
    #expect(fill(0, of: 1000).isEmpty)
  }

  @Test func triesThatFindNothingAreLeftOutUntilOneWouldSucceed() {
    var tries = TryFirst()
    func skipped(_ count: Int) -> Int { (0..<count).filter { _ in tries.skipsTry() }.count }
    #expect(skipped(1) == 0)
    tries.note(found: false)
    #expect(skipped(1) == 0)
    tries.note(found: false)
    #expect(skipped(16) == 15, "one in sixteen is made all the same")
    tries.note(found: true)
    #expect(skipped(1) == 0)
  }

  @Test func theTranscriptsRingKeepsTheLatest() throws {
    let transcript = Transcript(size: 4096, excerpt: 300)
    let scheduler = try Scheduler(transcript: transcript)
    let (socket, _) = try Socket.pair()
    let channel = Channel(scheduler: scheduler, kind: .stream, socket: socket)
    for event in 0..<500 {
      // From 0 bytes to more than are kept.
      withBytes(event * 37 % 400, from: event) { transcript.record(.received, channel, $0) }
      let entries = transcript.entries()
      #expect(entries.count >= min(event + 1, 4096 / (32 + 320)))
      for (entry, number) in zip(entries.reversed(), stride(from: event, through: 0, by: -1)) {
        let count = number * 37 % 400
        #expect(entry.count == count)
        #expect(entry.bytes == (number..<number + min(count, 300)).map { UInt8(truncatingIfNeeded: $0) })
      }
    }
  }

  @Test func aTestsTranscriptIsWholeUntilItStreams() throws {
    let transcript = Transcript.whole()
    let scheduler = try Scheduler(transcript: transcript)
    let (socket, _) = try Socket.pair()
    let channel = Channel(scheduler: scheduler, kind: .stream, socket: socket)
    func kept(_ events: Int) -> [Int] {
      withBytes(50_000) { for _ in 0..<events { transcript.record(.sent, channel, $0) } }
      return transcript.entries().map(\.bytes.count)
    }
    // 4 MiB are 83 times 50,000 bytes and 44,304 more.
    #expect(kept(83) == Array(repeating: 50_000, count: 83))
    #expect(kept(1000) == Array(repeating: 50_000, count: 83) + [44_304] + Array(repeating: 512, count: 999))
    #expect(transcript.entries().allSatisfy { $0.count == 50_000 })
    transcript.clear()
    #expect(kept(1) == [50_000], "the next test has its own 4 MiB")
  }
}
