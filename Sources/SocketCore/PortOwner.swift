// Who has a port: from what the kernel tells of sockets and of the descriptors of processes.
import Glibc

/// The process that listens on a port of this machine.
public struct PortOwner: Hashable, Sendable {
  public let pid: Int32
  /// Its name, as /proc/PID/comm has it: 15 bytes at most.
  public let command: String

  /// The process that listens on a TCP port, or has bound a UDP port, in any of its addresses. Nil where there is none,
  /// or it is of another user, whose descriptors cannot be seen. See proc(5), /proc/net/tcp and /proc/PID/fd.
  public static func find(port: UInt16) -> PortOwner? {
    var inodes: Set<String> = []
    for (table, listening) in [("tcp", true), ("tcp6", true), ("udp", false), ("udp6", false)] {
      inodes.formUnion(self.inodes(in: "/proc/net/\(table)", port: port, onlyListening: listening))
    }
    if inodes.isEmpty { return nil }
    for name in entries(of: "/proc") {
      guard let pid = Int32(name) else { continue }
      for descriptor in entries(of: "/proc/\(pid)/fd") {
        guard let target = link("/proc/\(pid)/fd/\(descriptor)"), target.hasPrefix("socket:["),
          inodes.contains(String(target.dropFirst(8).dropLast()))
        else { continue }
        return PortOwner(pid: pid, command: text("/proc/\(pid)/comm")?.split(separator: "\n").first.map(String.init) ?? "?")
      }
    }
    return nil
  }

  /// The inodes of a table's sockets with that local port. Its columns are: number, local address, remote address,
  /// state (0A listens), queues, timer, retransmissions, user, timeout, inode.
  private static func inodes(in table: String, port: UInt16, onlyListening: Bool) -> Set<String> {
    let digits = String(port, radix: 16, uppercase: true)
    let wanted = ":" + String(repeating: "0", count: 4 - digits.count) + digits
    var found: Set<String> = []
    for line in (text(table) ?? "").split(separator: "\n").dropFirst() {
      let columns = line.split(separator: " ")
      guard columns.count > 9, columns[1].hasSuffix(wanted), !onlyListening || columns[3] == "0A" else { continue }
      found.insert(String(columns[9]))
    }
    return found
  }

  private static func text(_ path: String) -> String? {
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

  private static func entries(of path: String) -> [String] {
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

  private static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
