// The structures that some socket options are, as fields with names: what TCP_INFO and its like tell.

/// A field of a structure that getsockopt(2) fills in. A kernel that is older than the field gives a shorter one.
public struct SocketOptionField: Hashable, Sendable {
  /// What the number stands for.
  public enum Unit: Hashable, Sendable {
    /// A number of things, or a time.
    case count, microseconds, milliseconds
    /// One of these, by its number.
    case choice([String])
    /// Those whose bits are set, the lowest first.
    case flags([String])
    /// The lower and the upper four bits, each with a name of its own; or the lowest bit alone.
    case halves(String, String)
    /// The lowest bit, of a byte that has others' bits, too.
    case lowestBit
  }

  /// As the C header calls it, without what all of them begin with; the lower half's of `halves`.
  public let name: String
  /// In bytes, from the structure's start.
  public let offset: Int
  /// In bytes: 1, 2, 4 or 8.
  public let size: Int
  /// What the number stands for.
  public let unit: Unit

  /// The field's number; nil when the structure ends before it.
  public func number(in bytes: [UInt8]) -> UInt64? {
    guard offset + size <= bytes.count else { return nil }
    return bytes.withUnsafeBytes { bytes in
      switch size {
      case 1: UInt64(bytes[offset])
      case 2: UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
      case 4: UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      default: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      }
    }
  }

  /// Whether the number stands for none, as a time that was not measured yet.
  public func isNone(_ number: UInt64) -> Bool {
    switch unit {
    case .microseconds, .milliseconds: number == UInt64.max >> (64 - 8 * UInt64(size))
    default: false
    }
  }

  /// Fields of the same size that follow each other.
  private struct Row {
    let size: Int
    let unit: Unit
    let names: String

    init(_ size: Int, _ names: String, _ unit: Unit = .count) {
      (self.size, self.names, self.unit) = (size, names, unit)
    }
  }

  /// Each at a multiple of its size, as C lays them out. A field named `-` is none.
  private static func laidOut(_ rows: [Row]) -> [SocketOptionField] {
    var fields: [SocketOptionField] = []
    var offset = 0
    for row in rows {
      for name in row.names.split(separator: " ") {
        offset = (offset + row.size - 1) / row.size * row.size
        if name != "-" {
          fields.append(SocketOptionField(name: String(name), offset: offset, size: row.size, unit: row.unit))
        }
        offset += row.size
      }
    }
    return fields
  }

  private static let states = [
    "", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait", "last_ack",
    "listen", "closing", "new_syn_recv",
  ]

  private static let options = ["timestamps", "sack", "wscale", "ecn", "ecn_seen", "syn_data", "usec_ts", "tfo_child"]

  /// `struct tcp_info` of linux/tcp.h, without `tcpi_`.
  static let tcp = laidOut([
    Row(1, "state", .choice(states)), Row(1, "ca_state", .choice(["open", "disorder", "cwr", "recovery", "loss"])),
    Row(1, "retransmits probes backoff"), Row(1, "options", .flags(options)),
    Row(1, "snd_wscale", .halves("snd_wscale", "rcv_wscale")), Row(1, "delivery_rate_app_limited", .lowestBit),
    Row(4, "rto ato", .microseconds), Row(4, "snd_mss rcv_mss unacked sacked lost retrans fackets"),
    Row(4, "last_data_sent last_ack_sent last_data_recv last_ack_recv", .milliseconds),
    Row(4, "pmtu rcv_ssthresh"), Row(4, "rtt rttvar", .microseconds),
    Row(4, "snd_ssthresh snd_cwnd advmss reordering"), Row(4, "rcv_rtt", .microseconds),
    Row(4, "rcv_space total_retrans"), Row(8, "pacing_rate max_pacing_rate bytes_acked bytes_received"),
    Row(4, "segs_out segs_in notsent_bytes"), Row(4, "min_rtt", .microseconds), Row(4, "data_segs_in data_segs_out"),
    Row(8, "delivery_rate"), Row(8, "busy_time rwnd_limited sndbuf_limited", .microseconds),
    Row(4, "delivered delivered_ce"), Row(8, "bytes_sent bytes_retrans"),
    Row(4, "dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash"), Row(2, "total_rto total_rto_recoveries"),
    Row(4, "total_rto_time", .milliseconds),
  ])

  /// `struct mptcp_info` of linux/mptcp.h, without `mptcpi_`.
  static let mptcp = laidOut([
    Row(1, "subflows add_addr_signal add_addr_accepted subflows_max add_addr_signal_max add_addr_accepted_max"),
    Row(4, "flags token"), Row(8, "write_seq snd_una rcv_nxt"), Row(1, "local_addr_used local_addr_max csum_enabled"),
    Row(4, "retransmits"), Row(8, "bytes_retrans bytes_sent bytes_received bytes_acked"),
    Row(1, "subflows_total - - -"), Row(4, "last_data_sent last_data_recv last_ack_recv", .milliseconds),
  ])

  /// SK_MEMINFO_… of linux/sock_diag.h.
  static let memory = laidOut([
    Row(4, "rmem_alloc rcvbuf wmem_alloc sndbuf fwd_alloc wmem_queued optmem backlog drops")
  ])
}
