// What the kernel tells of sockets that are not ours: who has a port, on which ports a process listens, and what a peer
// on this machine has not read yet. See proc(5), /proc/net/tcp and /proc/PID/fd.
import Glibc

/// The process that listens on a port of this machine.
public struct PortOwner: Hashable, Sendable {
  /// Its process id.
  public let pid: Int32
  /// Its name, as /proc/PID/comm has it: 15 bytes at most.
  public let command: String

  /// The process that listens on a TCP port, or has bound a UDP port, in any of its addresses. Nil where there is none,
  /// or it is of another user, whose descriptors cannot be seen. See proc(5), /proc/net/tcp and /proc/PID/fd.
  public static func find(port: UInt16) -> PortOwner? {
    find(nil) { $0.localPort == port && ($0.isListening || !$0.isTCP) }
  }

  /// The same of one kind alone.
  public static func find(port: UInt16, isTCP: Bool) -> PortOwner? {
    find(isTCP) { $0.localPort == port && ($0.isListening || !isTCP) }
  }

  private static func find(_ isTCP: Bool?, _ isWanted: (SocketTable.Row) -> Bool) -> PortOwner? {
    let inodes = Set(SocketTable.rows(isTCP: isTCP, isWanted).map(\.inode))
    if inodes.isEmpty { return nil }
    for name in ProcessFiles.entries(of: "/proc") {
      guard let pid = Int32(name), !inodes.isDisjoint(with: ProcessFiles.sockets(of: pid)) else { continue }
      let command = ProcessFiles.text("/proc/\(pid)/comm")?.split(separator: "\n").first.map(String.init)
      return PortOwner(pid: pid, command: command ?? "?")
    }
    return nil
  }
}

/// A socket of this machine, of any process, that waits for peers at a port.
public struct BoundPort: Hashable, Sendable {
  /// Where it waits.
  public let address: SocketAddress
  /// Bytes that have come and are not read yet; of a listener the connections that are not accepted.
  public let unread: Int
  /// Datagrams that came and were thrown away, most often because there was no room for them; 0 for TCP.
  public let dropped: Int

  /// The TCP sockets that listen on a port, or the UDP sockets that have bound it.
  public static func all(port: UInt16, isTCP: Bool) -> [BoundPort] {
    SocketTable.rows(isTCP: isTCP) { $0.localPort == port && ($0.isListening || !isTCP) }.compactMap { row in
      row.local.map { BoundPort(address: $0, unread: row.unread, dropped: row.dropped) }
    }
  }
}

/// What a process is doing, as far as it can be seen from outside.
public struct ProcessActivity: Hashable, Sendable {
  /// What it waits for, as far as its system call tells.
  public enum Wait: Hashable, Sendable {
    /// Standard input, a connection to accept, a socket that nobody asked about, an event loop, a time, or a thread.
    case input, peers, otherSocket, events, time, thread
    /// One of those that were asked about, by its position.
    case connection(Int)
  }

  /// Whether it computes or waits for a disk just now; else it waits for something to happen.
  public let isBusy: Bool
  /// Nil where it is not known.
  public let wait: Wait?
  /// Whether all of it is seen: its descriptors may be looked at, and it has started no other process.
  public let isSeenWhole: Bool
  /// The TCP ports that it listens on, in order.
  public let ports: [UInt16]
  /// The UDP ports that it has bound, in order.
  public let datagramPorts: [UInt16]
  /// The names of the Unix sockets that it listens on, in order; an abstract one begins with `@`.
  public let paths: [String]
  /// Whether its ports are those of a network of its own, in which they are no ports of ours.
  public let hasOwnNetwork: Bool

  /// A connection that the process may have an end of.
  public enum Connection: Hashable, Sendable {
    /// By its port and ours.
    case tcp(theirs: UInt16, ours: UInt16)
    /// By the port at which it is sent datagrams.
    case udp(UInt16)
    /// By the name of the Unix socket that was connected to; an abstract one begins with `@`.
    case unix(String)
  }

  /// Nil where that may not be seen, or the process is gone.
  ///
  /// - Parameters:
  ///   - pid: a process of this machine.
  ///   - connections: those which it may wait for.
  public init?(of pid: Int32, connections: [Connection] = []) {
    guard let status = ProcessFiles.text("/proc/\(pid)/stat"), let end = status.lastIndex(of: ")") else { return nil }
    let state = status[status.index(after: end)...].first { $0 != " " }
    guard let state, state != "Z", state != "X" else { return nil }
    isBusy = state == "R" || state == "D"
    let inodes = ProcessFiles.sockets(of: pid)
    isSeenWhole = !ProcessFiles.entries(of: "/proc/\(pid)/fd").isEmpty
      && (ProcessFiles.text("/proc/\(pid)/task/\(pid)/children") ?? "?").isEmpty
    // Its own tables: in another network namespace they are others than ours.
    let rows = SocketTable.rows(of: pid) { inodes.contains($0.inode) }
    paths = Set(SocketTable.listeningPaths(of: pid) { inodes.contains($0) }).sorted()
    let network = ProcessFiles.link("/proc/\(pid)/ns/net")
    hasOwnNetwork = network != nil && network != ProcessFiles.link("/proc/self/ns/net")
    ports = Set(rows.filter(\.isListening).map(\.localPort)).sorted()
    datagramPorts = Set(rows.filter { !$0.isTCP }.map(\.localPort)).sorted()
    wait = isBusy ? nil : ProcessActivity.wait(of: pid) { inode in
      let row = rows.first { $0.inode == inode }
      return connections.firstIndex { connection in
        switch connection {
        case .tcp(let theirs, let ours): row?.isTCP == true && row?.localPort == theirs && row?.remotePort == ours
        case .udp(let port): row?.isTCP == false && row?.localPort == port
        case .unix(let path): row == nil && SocketTable.path(of: pid, inode) == path
        }
      }
    }
  }

  /// By /proc/PID/syscall: the number of the call and its arguments, in hexadecimal.
  /// - Parameter connection: which of those that were asked about the socket with an inode is.
  private static func wait(of pid: Int32, _ connection: (String) -> Int?) -> Wait? {
    #if arch(x86_64)
    guard let words = ProcessFiles.text("/proc/\(pid)/syscall")?.split(separator: " "), words.count > 1,
      let number = Int(words[0])
    else { return nil }
    switch number {
    // read, recvfrom, recvmsg, readv
    case 0, 45, 47, 19:
      guard let descriptor = Int(words[1].dropFirst(2), radix: 16) else { return nil }
      let target = ProcessFiles.link("/proc/\(pid)/fd/\(descriptor)") ?? ""
      if target.hasPrefix("socket:[") {
        return connection(String(target.dropFirst(8).dropLast())).map { .connection($0) } ?? .otherSocket
      }
      return descriptor == 0 ? .input : nil
    // accept, accept4
    case 43, 288: return .peers
    // poll, ppoll, select, pselect6, epoll_wait, epoll_pwait
    case 7, 271, 23, 270, 232, 281: return .events
    // nanosleep, clock_nanosleep
    case 35, 230: return .time
    case 202: return .thread
    default: return nil
    }
    #else
    return nil
    #endif
  }
}

/// How many bytes have come to the peer of one of our sockets, on this machine, and are not read yet.
public enum PeerQueue {
  /// Of a TCP connection by its two ports; of a UDP socket by the one that was sent to. Nil where the peer is not here.
  public static func unread(by peer: UInt16, from own: UInt16, isTCP: Bool) -> Int? {
    SocketTable.rows(isTCP: isTCP) { $0.localPort == peer && (!isTCP || $0.remotePort == own && !$0.isListening) }
      .first?.unread
  }
}

/// The rows of /proc/net/tcp, tcp6, udp and udp6. Their columns are: number, local address, remote address, state (0A
/// listens), bytes to send and to read, timer, retransmissions, user, timeout, inode; for UDP then references, a pointer
/// and drops.
private enum SocketTable {
  struct Row {
    let isTCP: Bool
    let localHost: Substring
    let localPort: UInt16
    let remotePort: UInt16
    let isListening: Bool
    let unread: Int
    let dropped: Int
    let inode: String

    var local: SocketAddress? { SocketTable.host(localHost).flatMap { SocketAddress(host: $0, port: localPort) } }
  }

  /// - Parameters:
  ///   - pid: in whose network; nil: in ours.
  ///   - isTCP: of which kind; nil: of both.
  static func rows(of pid: Int32? = nil, isTCP: Bool? = nil, _ isWanted: (Row) -> Bool) -> [Row] {
    var found: [Row] = []
    for table in (isTCP == false ? [] : ["tcp", "tcp6"]) + (isTCP == true ? [] : ["udp", "udp6"]) {
      for line in text(table, of: pid).split(separator: "\n").dropFirst() {
        let columns = line.split(separator: " ")
        guard columns.count > 9, let local = port(columns[1]), let remote = port(columns[2]) else { continue }
        let isTCP = table.hasPrefix("tcp")
        let row = Row(
          isTCP: isTCP, localHost: columns[1].prefix { $0 != ":" }, localPort: local, remotePort: remote,
          isListening: columns[3] == "0A",
          unread: columns[4].split(separator: ":").last.flatMap { Int($0, radix: 16) } ?? 0,
          dropped: !isTCP && columns.count > 12 ? Int(columns[12]) ?? 0 : 0, inode: String(columns[9]))
        if isWanted(row) { found.append(row) }
      }
    }
    return found
  }

  static func listeningPaths(of pid: Int32, _ isWanted: (String) -> Bool) -> [String] {
    unixSockets(of: pid).compactMap { $0.isListening && isWanted(String($0.inode)) ? String($0.path) : nil }
  }

  /// The name of a connected Unix socket: that of the listener which has accepted it.
  static func path(of pid: Int32, _ inode: String) -> String? {
    unixSockets(of: pid).first { !$0.isListening && $0.inode == inode }.map { String($0.path) }
  }

  /// Those with a name, by /proc/net/unix, whose columns are: pointer, references, protocol, flags (bit 16: it listens),
  /// type, state, inode, name.
  private static func unixSockets(of pid: Int32) -> [(path: Substring, inode: Substring, isListening: Bool)] {
    text("unix", of: pid).split(separator: "\n").dropFirst().compactMap { line in
      let columns = line.split(separator: " ", maxSplits: 7)
      guard columns.count == 8, let flags = Int(columns[3], radix: 16) else { return nil }
      return (columns[7], columns[6], flags & 0x10000 != 0)
    }
  }

  private static func text(_ table: String, of pid: Int32?) -> String {
    ProcessFiles.text(pid.map { "/proc/\($0)/net/\(table)" } ?? "/proc/net/\(table)") ?? ""
  }

  private static func port(_ address: Substring) -> UInt16? { address.split(separator: ":").last.flatMap { UInt16($0, radix: 16) } }

  /// Words of 32 bits, each as this machine keeps it, of an address in the network's order.
  private static func host(_ digits: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = digits
    while let word = UInt32(rest.prefix(8), radix: 16) {
      withUnsafeBytes(of: word) { bytes += $0 }
      rest = rest.dropFirst(8)
    }
    guard rest.isEmpty else { return nil }
    switch bytes.count {
    case 4: return bytes.map(String.init).joined(separator: ".")
    case 16:
      return stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        .joined(separator: ":")
    default: return nil
    }
  }
}

/// Files and folders that the system writes, as those below /proc. What may not be read is as what is not there.
enum ProcessFiles {
  /// The inodes of the sockets that a process has open.
  static func sockets(of pid: Int32) -> Set<String> {
    var found: Set<String> = []
    for descriptor in entries(of: "/proc/\(pid)/fd") {
      guard let target = link("/proc/\(pid)/fd/\(descriptor)"), target.hasPrefix("socket:[") else { continue }
      found.insert(String(target.dropFirst(8).dropLast()))
    }
    return found
  }

  static func text(_ path: String) -> String? {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  static func entries(of path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
