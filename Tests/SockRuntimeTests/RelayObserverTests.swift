// Who records what passes through a relay is told each piece, each end, and when it is over, in this order.

import SockLanguage
import SocketCore
import Testing

@testable import SockRuntime

@Suite struct RelayObserverTests {
  private final class Log: RelayObserver {
    var events: [String] = []
    var times: [Int64] = []

    private func add(_ event: String, _ time: Int64) {
      events.append(event)
      times.append(time)
    }

    func relayBegan(_ relay: Int, _ first: ChannelInfo, _ second: ChannelInfo, at time: Int64) {
      add("\(relay): \(first.label) and \(second.label), \(second.kind)", time)
    }

    func relayMoved(_ relay: Int, _ bytes: UnsafeRawBufferPointer, from side: RelaySide, at time: Int64) -> Bool {
      let text = String(decoding: bytes, as: UTF8.self)
      add("\(relay): \(side) \(text)", time)
      return text != "enough"
    }

    func relaySideEnded(_ relay: Int, _ side: RelaySide, how: String, at time: Int64) {
      add("\(relay): \(side) \(how)", time)
    }

    func relayEnded(_ relay: Int, at time: Int64) { add("\(relay): over", time) }
  }

  private func events(_ script: String) throws -> Log {
    let source = SourceFile(name: "<test>", text: script)
    let loaded = Loader.load(source) { _, _ in .failure(ReadFailure(message: "it imports nothing")) }
    try #require(!loaded.hasErrors, "\(loaded.diagnostics.map(\.message))")
    let interpreter = try Interpreter(RunOptions(), context: BuiltinContext())
    let log = Log()
    interpreter.relayObserver = log
    guard case .finished = interpreter.run(try Compiler.compile(loaded.main)) else {
      Issue.record("the script has failed")
      return log
    }
    return log
  }

  @Test func eachPieceAndEachEndIsTold() throws {
    let log = try events(
      """
      let [a, b] = socketpair
      let [c, d] = socketpair
      a.send "question"
      a.shutdown write
      spawn
        d.recv all as text
        d.send "answer to ${text}"
        d.close
      end
      b.relay c
      """)
    #expect(
      log.events == [
        "1: b and c, unix", "1: first question", "1: first eof", "1: second answer to question", "1: second eof", "1: over",
      ])
    #expect(log.times == log.times.sorted())
  }

  @Test func aRelayThatIsBrokenOffIsOverAsWell() throws {
    let log = try events(
      """
      let [a, b] = socketpair
      let [c, d] = socketpair
      a.send "hello"
      try b.relay c within 20ms
      b.relay c idle 20ms
      """)
    #expect(
      log.events == [
        "1: b and c, unix", "1: first hello", "1: over", "2: b and c, unix", "2: first idle", "2: second idle", "2: over",
      ])
  }

  /// What has not passed can be read.
  @Test func whoLooksMayEndIt() throws {
    let log = try events(
      """
      let [a, b] = socketpair
      let [c, d] = socketpair
      a.send "enough"
      b.relay c as result
      assert result.ends == [nil, nil] and result.upstream == 6
      a.send "and more"
      assert b.recv == "and more"
      """)
    #expect(log.events == ["1: b and c, unix", "1: first enough", "1: over"])
  }

  /// Long streams are copied where somebody looks at them.
  @Test func nothingPassesUnseen() throws {
    let log = try events(
      """
      listen 0
      connect listener.sockport as client
      accept as near
      listen 0 as origin
      connect origin.sockport as far
      origin.accept as server
      spawn as sender
        client.send repeat("x", 3000000)
        client.shutdown write
      end
      spawn as drain
        server.recv all as all_of_it
        server.close
        return len(all_of_it)
      end
      near.relay far
      assert (wait drain) == 3000000
      """)
    let passed = log.events.filter { $0.hasPrefix("1: first x") }.map { $0.utf8.count - "1: first ".utf8.count }
    #expect(passed.reduce(0, +) == 3_000_000)
  }
}
