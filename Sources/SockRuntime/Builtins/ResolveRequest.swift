// resolve: what its arguments ask for, apart from how the answer is waited for.

import SockLanguage
import SocketCore

package enum ResolveRequest {
  /// `resolve(host [, port])`: the addresses of a host, given by name or number, with the port (0 without one).
  case addresses(host: String, port: UInt16)
  /// `resolve(address)`: the name of an address's host.
  case name(SocketAddress)

  /// Of a call whose number of arguments has been checked.
  package init(_ values: UnsafeBufferPointer<Value>) throws(Failure) { try self.init(Arguments(.resolve, values)) }

  init(_ arguments: Arguments) throws(Failure) {
    if case .address(let address) = arguments[0] {
      guard arguments.count == 1 else { throw arguments.range("an address has its port already") }
      self = .name(address.address)
      return
    }
    guard case .string(let host) = arguments[0] else { throw arguments.wrongType(0, "a string or an address") }
    let port = arguments.count > 1 ? try arguments.integer(1, in: 0...65_535) : 0
    self = .addresses(host: host.text, port: UInt16(truncatingIfNeeded: port))
  }

  /// What the function gives for addresses that were found.
  package static func value(_ addresses: [SocketAddress]) -> Value {
    .list(List(addresses.map { .address(Address($0)) }))
  }
}
