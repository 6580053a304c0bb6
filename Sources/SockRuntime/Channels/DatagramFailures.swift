// What became of datagrams that were sent: the errors that the next step on their socket is told.

import Glibc
import SockLanguage
import SocketCore

extension Channel {
  /// The failure of a step on a datagram socket that concerns a datagram which was sent before, or one that cannot be
  /// sent at all. Nil for another: the error says it all.
  ///
  /// - Parameter what: what the step wanted, in words.
  func datagramFailure(_ what: String, _ error: Errno, sending: Bool) -> Failure? {
    guard let socket, socket.domain == .inet || socket.domain == .inet6 else { return nil }
    // Only with IP_RECVERR is there one, and it says more.
    let report = socket.takeDatagramError()
    let errno = report?.errno ?? error
    let receiver = (report?.destination ?? socket.peerName).map { socket.hasNoPorts ? $0.host ?? "" : $0.description }
    if errno == .messageTooLong, sending, report?.icmp == nil {
      let failure = Failure(what, errno)
      failure.channel = self
      if socket.type == .dgram, !socket.hasNoPorts {
        failure.notes.append("help: a datagram of UDP has at most 65507 bytes; with a route's MTU kept, fewer")
      }
      return failure
    }
    guard report?.icmp != nil || errno == .connectionRefused else { return nil }
    let but = sending ? ":" : ", but"
    let who = receiver ?? "its receiver"
    let failure =
      errno == .connectionRefused
      ? Failure(.refused, "\(what)\(but) the datagram before was refused by \(who)", errno: errno.rawValue)
      : Failure(
        .system(errno), "\(what)\(but) the datagram before did not come to \(who): \(errno)", errno: errno.rawValue)
    failure.channel = self
    if let report {
      if !report.beginning.isEmpty {
        // What was sent may hold a secret, also one that the kernel has cut.
        let shown = scheduler.secrets?.masked(report.beginning, cuts: .atEnd) ?? report.beginning
        failure.notes.append("datagram  \(Show.inspect(Value(Array(shown.prefix(64)))).text)")
      }
      if let icmp = report.icmp {
        let told = report.reporter?.host.map { " by \($0)" } ?? ""
        failure.notes.append("told\(told), with ICMP type \(icmp.type), code \(icmp.code)")
      }
    }
    if sending { failure.notes.append("help: this datagram was not sent: the next `send` goes out") }
    return failure
  }
}
