// What is known of a datagram that was not answered. UDP tells of no loss; what the kernel counts at both sockets says
// where it can have been.

import SocketCore

extension FailureSurroundings {
  var datagramFacts: [String] {
    guard failure.code == .timeout, let channel = failure.channel, channel.isDatagram, let socket = channel.socket,
      let own = socket.localName, let port = own.port
    else { return [] }
    let entries = entries(of: channel)
    let begin = entries.lastIndex { $0.event == .received } ?? 0
    let sent = entries[begin...].filter { $0.event == .sent }
    var facts: [String] = []
    if let last = sent.last {
      let many = sent.count == 1 ? "" : ", the last of \(sent.count) datagrams"
      let target = (last.peer ?? socket.peerName).map { " to \($0)" } ?? ""
      facts.append("sent      \(ByteDifference.bytes(last.count))\(target)\(place(last))\(many)")
      facts += (last.peer ?? socket.peerName).map(receiverFacts) ?? []
    }
    // One that was only sent to is no peer to the kernel: what others send is taken, too.
    if socket.isConnected, let peer = socket.peerName {
      facts.append("takes     what comes from \(peer) only, as it is connected: an answer from another port is thrown away")
    }
    let dropped = BoundPort.all(port: port, isTCP: false).filter { $0.address == own }.map(\.dropped).max() ?? 0
    if dropped > 0 {
      facts.append("takes     no more than its buffer holds (SO_RCVBUF): \(count(dropped)) came, and were thrown away")
    }
    return facts
  }

  /// How the socket stands that a datagram went to, where that is on this machine.
  private func receiverFacts(_ peer: SocketAddress) -> [String] {
    guard let port = peer.port else { return [] }
    let sockets = BoundPort.all(port: port, isTCP: false).filter {
      $0.address.host == peer.host || $0.address.host == "0.0.0.0" || $0.address.host == "::"
    }
    let isHere = peer.host.map { $0.hasPrefix("127.") || $0 == "::1" } ?? false
    guard let receiver = sockets.first else {
      guard isHere else { return [] }
      let origin = ValueOrigin(ofAddress: failure, interpreter).rows.map { "address   \($0)" }
      return origin + [
        "peer      nobody has bound udp \(port): what is sent there is lost",
        hasLivingProgram
          ? "help: the program that runs has to bind udp \(port) before the first datagram is sent"
          : "help: start the server before this is sent; is \(peer) right?",
      ]
    }
    if receiver.dropped > 0 {
      return ["peer      its buffer (SO_RCVBUF) was full: \(count(receiver.dropped)) to it were thrown away"]
    }
    return receiver.unread > 0
      ? ["peer      has not read all: datagrams lie unread at udp \(port)"]
      : ["peer      has nothing unread and has thrown nothing away: what was sent is read"]
  }

  private func count(_ datagrams: Int) -> String { datagrams == 1 ? "1 datagram" : "\(datagrams) datagrams" }
}
