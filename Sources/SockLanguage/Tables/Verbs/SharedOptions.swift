// Options that several verbs have.

extension VerbRow {
  static let stream = Option(.stream, .nothing, "a stream of bytes (TCP)")
  static let dgram = Option(.dgram, .nothing, "datagrams (UDP)")
  static let raw = Option(.raw, .nothing, "raw packets of a protocol (CAP_NET_RAW)")
  static let seqpacket = Option(.seqpacket, .nothing, "packets in order, on a connection")
  static let kind = [stream, dgram, raw, seqpacket]
  static let reuse = [Option(.reuse, .nothing, "SO_REUSEADDR")]
  static let reuseport = [Option(.reuseport, .nothing, "SO_REUSEPORT: several may bind the same port")]
  static let v6only = [Option(.v6only, .nothing, "no IPv4 on an IPv6 socket")]
  static let broadcast = [Option(.broadcast, .nothing, "SO_BROADCAST: broadcast addresses are allowed")]
  static let proto = [Option(.proto, .word(.protocol), "by name or number: icmp, mptcp, 132")]
  static let arrival = [Option(.arrival, .nothing, "the property `arrival` tells how each datagram has come")]
  static let keep = [Option(.keep, .nothing, "with its terminator", needs: [.line, .until])]
  static let oob = [Option(.oob, .nothing, "as urgent (out-of-band) data")]
  static let tls = [
    [Option(.cert, .value(.file), "our certificate and its chain (PEM), or what `certificate()` gives")],
    [Option(.key, .value(.file), "its private key (PEM)", needs: [.cert])],
    [Option(.ca, .value(.file), "the authorities to trust (PEM); a server asks for a certificate then")],
    [Option(.name, .value(.host), "the server's name to ask for and to verify, or one of our own certificate")],
    [Option(.alpn, .value(.list), "the protocols to offer, best first")],
    [
      Option(.insecure, .nothing, "accepts any certificate"),
      Option(.optional, .nothing, "a client may have no certificate", needs: [.ca]),
    ],
    [Option(.min, .value(.version), "the lowest version, as 1.2")],
    [Option(.max, .value(.version), "the highest version")],
    [Option(.ciphers, .value(.list), "the ciphers, best first, by OpenSSL's names or the standard ones")],
    [Option(.groups, .value(.list), "the groups of the key exchange, best first")],
    [Option(.resume, .nothing, "goes on with an earlier session, where both sides can")],
  ]
  /// The words that only TLS has a use for.
  package static let tlsWords = tls.flatMap { $0 }.map(\.word)
}
