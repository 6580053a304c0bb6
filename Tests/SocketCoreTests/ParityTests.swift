// The fine print of IO::Socket, with Perl programs that use it on the other side, and as the judge.
import Glibc
import Testing

@testable import SocketCore

@Suite struct ParityTests {
  @Test func aPerlClientAndOurServer() throws {
    let listener = try loopbackListener()
    let port = try #require(listener.localName?.port)
    let perl = try PerlPeer(
      """
      my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift, Proto => "tcp") or die $@;
      print $s->sockport, "\\n"; $s->autoflush(1); print $s "hello\\n"; print scalar <$s>; print defined(<$s>) ? 1 : 0, "\\n";
      """, ["\(port)"])
    let server = try listener.accept(within: soon)
    #expect(server.peerName == SocketAddress(host: "127.0.0.1", port: try #require(UInt16(try perl.line()))))
    #expect(server.localName?.port == port)
    #expect(text(try server.receive(atMost: 100, within: soon)) == "hello\n")
    try server.send(bytes("world\n"), within: soon)
    try server.shutdown(.write)
    #expect(try perl.line() == "world")
    #expect(try perl.line() == "0")
    #expect(try receiveAll(server) == [])
    try perl.finish()
  }

  @Test(arguments: [SocketAddress.Family.inet, .inet6])
  func aPerlServerAndOurClient(family: SocketAddress.Family) throws {
    let perl = try PerlPeer(
      """
      require IO::Socket::IP;
      my $l = IO::Socket::IP->new(LocalHost => shift, LocalPort => 0, Listen => 5, Type => SOCK_STREAM) or die $@;
      print $l->sockport, "\\n"; my $c = $l->accept; print $c->peerhost, " ", $c->peerport, "\\n";
      while (my $line = <$c>) { print $c uc $line } close $c;
      """, [family == .inet ? "127.0.0.1" : "::1"])
    let port = try #require(UInt16(try perl.line()))
    let client = try Socket.connected(toFirstOf: [SocketAddress(loopbackPort: port, family: family)], within: soon)
    let local = try #require(client.localName)
    #expect(try perl.line() == "\(local.host ?? "") \(local.port ?? 0)")
    try client.send(bytes("one\ntwo\n"), within: soon)
    try client.shutdown(.write)
    #expect(text(try receiveAll(client)) == "ONE\nTWO\n")
    try perl.finish()
  }

  /// The manual: "connected() considers a half-open TCP socket to be in a connected state", and one that got a reset
  /// not. Perl does to its end what we do to ours, and says what it finds.
  @Test func aHalfOpenSocketIsConnectedAndOneThatWasResetIsNot() throws {
    let perl = try PerlPeer(
      """
      my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die $@;
      print $l->sockport, "\\n"; my $c = $l->accept;
      <STDIN>; shutdown($c, 1); print defined $c->connected ? 1 : 0, "\\n";
      <STDIN>; sysread($c, my $end, 1); print defined $c->connected ? 1 : 0, "\\n";
      <STDIN>; my $d = $l->accept; setsockopt($d, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)); close $d; print "reset\\n";
      my $e = $l->accept; print "third\\n"; <STDIN>;
      my $r = sysread($e, my $b, 1); print defined $r ? "end" : $!{ECONNRESET} ? "reset" : $!, "\\n";
      print defined $e->connected ? 1 : 0, "\\n";
      """)
    let address = SocketAddress(loopbackPort: try #require(UInt16(try perl.line())))
    let client = try Socket.connected(toFirstOf: [address], within: soon)
    #expect(client.isConnected)
    perl.tell()
    #expect(try perl.line() == "1", "Perl: we are half-open")
    #expect(try client.receive(atMost: 1, within: soon) == nil)
    #expect(client.isConnected, "the peer has ended its half")
    try client.shutdown(.write)
    perl.tell()
    #expect(try perl.line() == "0", "Perl: both halves are closed")
    #expect(client.peerName == address, "the name is remembered")

    perl.tell()
    let second = try Socket.connected(toFirstOf: [address], within: soon)
    #expect(try perl.line() == "reset")
    #expect(
      failure { () throws(SocketError) in try second.receive(atMost: 1, within: soon) } == .system(.connectionReset))
    #expect(!second.isConnected)

    let third = try Socket.connected(toFirstOf: [address], within: soon)
    #expect(try perl.line() == "third")
    third.reset()
    perl.tell()
    #expect(try perl.line() == "reset", "Perl: our reset is one")
    #expect(try perl.line() == "0")
    try perl.finish()
  }

  /// The manual: after a recv, peername is the datagram's sender; a send with a destination sets it, one without goes
  /// to it.
  @Test func theCachedPeerOfADatagramSocket() throws {
    let program = """
      my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1") or die $@;
      print $s->sockport, "\\n";
      while (defined $s->recv(my $d, 100)) { print $s->peerport, " $d\\n"; $s->send("re: $d"); last if $d eq "bye" }
      """
    let (one, two) = (try PerlPeer(program), try PerlPeer(program))
    let onePort = try #require(UInt16(try one.line()))
    let twoPort = try #require(UInt16(try two.line()))
    let (oneAddress, twoAddress) = (SocketAddress(loopbackPort: onePort), SocketAddress(loopbackPort: twoPort))
    let socket = try Socket.bound(to: SocketAddress(loopbackPort: 0))
    let ownPort = try #require(socket.localName?.port)

    #expect(
      failure { () throws(SocketError) in try socket.send(bytes("to whom?")) } == .system(.addressRequired))
    #expect(socket.peerName == nil)
    try socket.send(bytes("a"), to: oneAddress, within: soon)
    #expect(socket.peerName == oneAddress)
    try socket.send(bytes("b"), within: soon)
    #expect(try one.line() == "\(ownPort) a")
    #expect(try one.line() == "\(ownPort) b")
    for expected in ["re: a", "re: b"] {
      #expect(text(try socket.receive(atMost: 100, within: soon)) == expected)
    }
    // Somebody else writes to us, and then a plain send answers them.
    try socket.send(bytes("c"), to: twoAddress, within: soon)
    #expect(try two.line() == "\(ownPort) c")
    try socket.send(bytes("d"), to: oneAddress, within: soon)
    #expect(try one.line() == "\(ownPort) d")
    var senders: Set<SocketAddress> = []
    for _ in 0..<2 {
      let received = try #require(try socket.receiveFrom(atMost: 100, within: soon))
      #expect(socket.peerName == received.sender)
      received.sender.map { _ = senders.insert($0) }
    }
    #expect(senders == [oneAddress, twoAddress])
    for (peer, address) in [(one, oneAddress), (two, twoAddress)] {
      try socket.send(bytes("x"), to: address, within: soon)
      #expect(try peer.line() == "\(ownPort) x")
      let answer = try #require(try socket.receiveFrom(atMost: 100, within: soon))
      #expect(answer.sender == address)
      try socket.send(bytes("bye"), within: soon)
      #expect(try peer.line() == "\(ownPort) bye")
      #expect(text(try socket.receive(atMost: 100, within: soon)) == "re: bye")
      try peer.finish()
    }
  }

  @Test func aConnectedDatagramSocketMayWriteToSomebodyElse() throws {
    let (one, two) = (
      try Socket.bound(to: SocketAddress(loopbackPort: 0)), try Socket.bound(to: SocketAddress(loopbackPort: 0))
    )
    let socket = try Socket.connected(toFirstOf: [#require(one.localName)], type: .dgram)
    try socket.send(bytes("1"))
    try socket.send(bytes("2"), to: two.localName)
    try socket.send(bytes("3"))
    #expect(socket.peerName == two.localName)
    #expect(text(try one.receive(atMost: 9, within: soon)) == "1")
    #expect(text(try two.receive(atMost: 9, within: soon)) == "2")
    #expect(text(try two.receive(atMost: 9, within: soon)) == "3")
    // Connecting anew forgets the correspondent.
    #expect(socket.startConnect(to: try #require(one.localName)) == .connected)
    try socket.send(bytes("4"))
    #expect(text(try one.receive(atMost: 9, within: soon)) == "4")
  }

  @Test func aPerlServerOnAUnixPath() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("perl")
    let perl = try PerlPeer(
      """
      my $l = IO::Socket::UNIX->new(Local => shift, Listen => 1) or die $!;
      print "ready\\n"; my $c = $l->accept; print $c->hostpath, "\\n"; print "[", $c->peerpath // "", "]\\n";
      sysread($c, my $d, 100); syswrite($c, reverse(split //, $d) ? scalar reverse($d) : ""); close $c;
      """, [path])
    #expect(try perl.line() == "ready")
    let client = try Socket.connected(toFirstOf: [.unix(path: path)], within: soon)
    #expect(try perl.line() == path)
    #expect(try perl.line() == "[]")
    #expect(client.peerName?.path == bytes(path))
    try client.send(bytes("abc"), within: soon)
    #expect(text(try receiveAll(client)) == "cba")
    try perl.finish()
  }

  @Test func aPerlClientInTheAbstractNamespaceWithSeqpackets() throws {
    let address = try abstractAddress()
    let listener = try Socket.listening(at: address, type: .seqpacket)
    let name = String(decoding: try #require(address.path).dropFirst(), as: UTF8.self)
    let perl = try PerlPeer(
      """
      socket(my $s, PF_UNIX, SOCK_SEQPACKET, 0) or die $!;
      connect($s, pack("S a*", AF_UNIX, "\\0" . shift)) or die $!;
      send($s, "one", 0); send($s, "two", 0); recv($s, my $d, 100, 0); print "$d\\n";
      """, [name])
    let server = try listener.accept(within: soon)
    #expect(text(try server.receive(atMost: 100, within: soon)) == "one")
    #expect(text(try server.receive(atMost: 100, within: soon)) == "two")
    try server.send(bytes("three"), within: soon)
    #expect(try perl.line() == "three")
    #expect(try server.receive(atMost: 100, within: soon) == nil)
    try perl.finish()
  }

  @Test func datagramsOfIPv6AndOfUnixPaths() throws {
    let perl = try PerlPeer(
      """
      require IO::Socket::IP;
      my $s = IO::Socket::IP->new(LocalHost => "::1", LocalPort => 0, Type => SOCK_DGRAM) or die $@;
      print $s->sockport, "\\n"; $s->recv(my $d, 100); $s->send(uc $d);
      """)
    let socket = try Socket.bound(to: SocketAddress(loopbackPort: 0, family: .inet6))
    let port = try #require(UInt16(try perl.line()))
    try socket.send(bytes("six"), to: SocketAddress(loopbackPort: port, family: .inet6), within: soon)
    #expect(text(try socket.receive(atMost: 100, within: soon)) == "SIX")
    try perl.finish()

    let directory = try TemporaryDirectory()
    let (ours, theirs) = (
      try SocketAddress.unix(path: directory.file("ours")), try SocketAddress.unix(path: directory.file("theirs"))
    )
    let unix = try Socket.bound(to: ours)
    let peer = try PerlPeer(
      """
      my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
      print "ready\\n"; $s->recv(my $d, 100); print $s->peerpath, "\\n"; $s->send(uc $d);
      """, [directory.file("theirs")])
    #expect(try peer.line() == "ready")
    try unix.send(bytes("path"), to: theirs, within: soon)
    #expect(try peer.line() == directory.file("ours"))
    #expect(text(try unix.receive(atMost: 100, within: soon)) == "PATH")
    #expect(unix.peerName == theirs)
    try peer.finish()
  }

  @Test func urgentDataFromPerl() throws {
    let listener = try loopbackListener()
    let perl = try PerlPeer(
      """
      my $s = IO::Socket::INET->new("127.0.0.1:" . shift) or die $@;
      $s->send("ab"); $s->send("!", MSG_OOB); $s->send("cd"); <STDIN>;
      sysread($s, my $d, 2); print $s->atmark ? 1 : 0, "\\n"; $s->recv($d, 1, MSG_OOB); print "$d\\n";
      """, ["\(try #require(listener.localName?.port))"])
    let server = try listener.accept(within: soon)
    try server.send(bytes("xy"), within: soon)
    try server.send(bytes("?"), flags: .outOfBand, within: soon)
    #expect(text(try server.receive(atMost: 2, within: soon)) == "ab")
    #expect(try eventually { try server.isAtMark })
    #expect(text(try server.receive(atMost: 1, flags: .outOfBand, within: soon)) == "!")
    perl.tell()
    #expect(try perl.line() == "1")
    #expect(try perl.line() == "?")
    try perl.finish()
    #expect(text(try server.receive(atMost: 9, within: soon)) == "cd")
  }

  /// The manual's limitation, "domain, type and protocol unknown after accept or newfromfd", does not hold here: an
  /// accepted and an adopted socket answer what Perl answers for a listener that it made itself.
  @Test func domainTypeAndProtocolAreAsPerlHasThem() throws {
    let perl = try PerlPeer(
      """
      my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", ReuseAddr => 1) or die $@;
      printf "%d %d %d %d\\n", $s->sockdomain, $s->socktype, $s->protocol, $s->sockopt(SO_REUSEADDR);
      """)
    let expected = try perl.line()
    let server = try tcpPair().server
    let adopted = try Socket(adopting: tcpPair().server.release())
    for socket in [server, adopted] {
      #expect("\(socket.domain.rawValue) \(socket.type.rawValue) \(socket.protocolNumber) 1" == expected)
      #expect(try socket.integerOption(level: SOL_SOCKET, name: SO_REUSEADDR) == 1, "as its listener's")
    }
    try perl.finish()
  }
}
