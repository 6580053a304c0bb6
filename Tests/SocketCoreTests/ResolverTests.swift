// The resolver, as far as it goes without asking a name server.
import Glibc
import Synchronization
import Testing

@testable import SocketCore

@Suite struct ResolverTests {
  @Test func numbersAreNotLookedUp() throws {
    let plan = FaultPlan()
    try plan.perform { () throws in
      #expect(try Resolver.resolve(host: "127.0.0.1", port: 80).map(\.description) == ["127.0.0.1:80"])
      #expect(try Resolver.resolve(host: "::1", port: 80).map(\.description) == ["[::1]:80"])
      #expect(try Resolver.port(ofService: "8080") == 8080)
    }
    #expect(plan.count(of: .getaddrinfo) == 0)
  }

  @Test func localhostHasAddresses() throws {
    let addresses = try Resolver.resolve(host: "localhost", port: 25)
    #expect(Set(addresses).count == addresses.count)
    #expect(addresses.allSatisfy { $0.isLocal && $0.port == 25 })
    let inet = try Resolver.resolve(host: "localhost", port: 25, family: .inet)
    #expect(inet == [SocketAddress(loopbackPort: 25)])
    #expect(addresses.contains(inet[0]))
  }

  @Test func whatIsNoName() {
    for name in ["", "local\0host"] {
      let error = failure { () throws(ResolveError) in try Resolver.resolve(host: name, port: 1) }
      #expect(error?.code == EAI_NONAME)
      #expect(error?.message == "Name or service not known")
    }
    // A number of the other family.
    #expect(failure { () throws(ResolveError) in try Resolver.resolve(host: "::1", port: 1, family: .inet) } != nil)
  }

  @Test func whomTheSystemAsks() throws {
    var template = Array("/tmp/sock-resolver-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let names = ["nsswitch.conf", "resolv.conf", "hosts"]
    defer {
      for name in names { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    #expect(ResolverSetup(in: folder).sources == ["files", "dns"])
    let texts = [
      "# comment\npasswd: files\nhosts:  files mdns4_minimal [NOTFOUND=return !UNAVAIL=continue] dns # last\n",
      "search example.org\nnameserver 192.0.2.1\n#nameserver 192.0.2.2\nnameserver\t2001:db8::1\n",
      "127.0.0.1 localhost lo # not me\n::1 localhost\n",
    ]
    for (name, text) in zip(names, texts) {
      let file = try #require(fopen("\(folder)/\(name)", "w"))
      #expect(fputs(text, file) >= 0)
      fclose(file)
    }
    let setup = ResolverSetup(in: folder)
    #expect(setup.sources == ["files", "mdns4_minimal", "dns"])
    #expect(setup.nameServers == ["192.0.2.1", "2001:db8::1"])
    #expect(setup.hostNames == ["localhost", "lo", "localhost"])
  }

  @Test func reverse() throws {
    #expect(try Resolver.reverse(SocketAddress(loopbackPort: 1)) == "localhost")
    let unix = try SocketAddress.unix(path: "/x")
    #expect(failure { () throws(ResolveError) in try Resolver.reverse(unix) }?.subject == "unix:/x")
  }

  /// More look-ups than there are threads; each completes once, and wakes its poller.
  @Test func lookUpsOnHelperThreads() throws {
    let poller = try Poller()
    let waker = poller.waker
    final class Answers: Sendable {
      let list = Mutex<[String]>([])
    }
    let answers = Answers()
    let count = 40
    for number in 0..<count {
      Resolver.start(host: "localhost", port: UInt16(number), family: .inet) { result in
        answers.list.withLock { $0.append((try? result.get().first?.description) ?? "failed") }
        waker.wake()
      }
    }
    Resolver.startReverse(SocketAddress(loopbackPort: 1)) { result in
      answers.list.withLock { $0.append((try? result.get()) ?? "failed") }
      waker.wake()
    }
    let deadline = soon
    while answers.list.withLock({ $0.count }) < count + 1, !deadline.hasPassed {
      poller.wait(timeoutNanoseconds: deadline.pollTimeout) { _, _ in }
    }
    #expect(Set(answers.list.withLock { $0 }) == Set((0..<count).map { "127.0.0.1:\($0)" } + ["localhost"]))
    #expect(answers.list.withLock { $0.count } == count + 1)
  }

  @Test func aNumberCompletesAtOnce() {
    let answer = Mutex<[SocketAddress]>([])
    Resolver.start(host: "::1", port: 5) { result in
      answer.withLock { $0 = (try? result.get()) ?? [] }
    }
    #expect(answer.withLock { $0 } == [SocketAddress(loopbackPort: 5, family: .inet6)])
  }
}
