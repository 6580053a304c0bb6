// Two sessions of this library with each other.
import SocketCore
import Testing

@testable import TLS

@Suite struct SessionTests {
  @Test func aHandshakeAndBytesBothWays() throws {
    let couple = try Couple()
    let outcomes = couple.handshake()
    #expect(outcomes.client == .done(0) && outcomes.server == .done(0))
    #expect(couple.client.isEstablished && couple.server.isEstablished)
    #expect(couple.client.write("hello") == .done(5))
    #expect(text(couple.server.readAll().bytes) == "hello")
    #expect(couple.server.write("goodbye") == .done(7))
    #expect(text(couple.client.readAll().bytes) == "goodbye")
    #expect(couple.client.readAll().last == .wantsRead)
  }
}
