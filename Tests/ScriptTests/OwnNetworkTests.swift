// Datagrams in a network of one's own, with two interfaces that are the ends of one wire: what loopback cannot show.
import Glibc
import Testing

@Suite struct OwnNetworkTests {
  private static let wire = """
    sysctl -qw net.ipv6.conf.default.accept_dad=0 &&
    ip link add d0 type veth peer name d1 &&
    ip link set lo up && ip link set d0 up && ip link set d1 up &&
    ip addr add 10.9.0.1/24 dev d0 && ip addr add 10.9.0.2/24 dev d1 &&
    sysctl -qw net.ipv4.ping_group_range="0 0"
    """

  private static func run(_ argv: [String]) throws -> Outcome {
    try RunningProgram(["unshare", "-rn", "sh", "-c", "\(wire) && exec \"$@\"", "sh"] + argv).finish()
  }

  private static let hasWire = (try? run(["true"]).status) == 0

  private func outcome(_ script: String) throws -> Outcome { try Self.run([Repository.sock, "-e", script]) }

  @Test(.enabled(if: hasWire, "no network of one's own: unshare -rn, and ip to lay a wire"))
  func groupsOfIPv6AndOfOneSource() throws {
    let script = """
      bind udp:[::]:0 arrival as group
      group.multicast join "ff02::1234" interface d0
      group.multicast join "239.1.2.3" interface d0 source "10.9.0.1"
      socket inet6 dgram as six
      six.sockopt IPV6_MULTICAST_IF "d0"
      six.sockopt IPV6_MULTICAST_HOPS 3
      print six.sockopt IPV6_MULTICAST_IF
      six.send "to six" to "[ff02::1234]:${group.sockport}"
      print group.recv within 5s
      print group.arrival.to.host, group.arrival.interface, group.arrival.ttl
      socket inet dgram as four
      four.sockopt IP_MULTICAST_IF "10.9.0.1"
      four.send "from .1" to "239.1.2.3:${group.sockport}"
      print group.recv within 5s
      four.sockopt IP_MULTICAST_LOOP 0
      four.send "not heard here" to "239.1.2.3:${group.sockport}"
      group.expect silence 20ms
      group.multicast leave "239.1.2.3" interface d0
      print (try group.multicast join "ff05::7" interface d1), error
      print (try four.multicast join "239.1.2.4"), error.message
      """
    let outcome = try outcome(script)
    #expect(
      outcome.lines == [
        "d0", "to six", "ff02::1234 d0 3", "from .1", "nil nil", "nil cannot join 239.1.2.4: No such device (ENODEV)",
      ], "\(outcome.errors)")
  }

  @Test(.enabled(if: hasWire, "no network of one's own: unshare -rn, and ip to lay a wire"))
  func broadcastsReachTheNetwork() throws {
    let script = """
      bind udp:*:0 arrival as all
      bind udp:10.9.0.1:0 broadcast as one
      one.send "everybody" to "255.255.255.255:${all.sockport}"
      print all.recv within 5s
      one.send "this network" to "10.9.0.255:${all.sockport}"
      print all.recv within 5s
      print all.arrival.to.host
      all.send "an answer"
      print one.recv within 5s
      """
    let outcome = try outcome(script)
    #expect(
      outcome.lines == ["everybody", "this network", "::ffff:10.9.0.255", "an answer"], "\(outcome.errors)")
  }

  @Test(.enabled(if: hasWire, "no network of one's own: unshare -rn, and ip to lay a wire"))
  func aPingWithoutRights() throws {
    let script = """
      connect "10.9.0.2" dgram proto icmp as echo
      echo.send pack("u8 u8 u16 u16 u16", 8, 0, 0, 0, 7) + "ping"
      let answer = (echo.recv within 5s)
      print ord(answer[0]), answer[8..], echo.peerhost, echo.protocol
      """
    let outcome = try outcome(script)
    #expect(outcome.lines == ["0 ping 10.9.0.2 icmp"], "\(outcome.errors)")
  }

  /// Each end of the wire sees what goes over it, with who has sent it.
  @Test(.enabled(if: hasWire, "no network of one's own: unshare -rn, and ip to lay a wire"))
  func aPacketSocketWatchesTheWire() throws {
    let script = """
      bind packet:d1 proto arp as watch
      socket inet dgram as to_nobody
      to_nobody.sockopt SO_BINDTODEVICE "d0"
      to_nobody.send "who has it?" to "10.9.0.77:9"
      watch.recv within 5s as frame
      print replace(watch.peerhost, ":", "") == hex(frame[6..11]), frame[38..41] == x"0a 09 00 4d"
      print watch.arrival.interface, watch.arrival.kind
      """
    let outcome = try outcome(script)
    #expect(outcome.lines == ["true true", "d1 broadcast"], "\(outcome.errors)")
  }
}
