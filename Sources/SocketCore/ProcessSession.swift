// The processes of a session: what a program on a terminal has started, in whatever process groups it has put them.
import Glibc

/// A shell with job control gives each job a process group of its own. What they share with it is the session
/// (setsid(2)), whose number nobody else gets while one of them, or its zombie, is there.
package enum ProcessSession {
  /// Those that run, in no order. Zombies, which have ended, are none of them.
  package static func members(of session: Int32) -> [Int32] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var found: [Int32] = []
    while let entry = readdir(directory) {
      let first = UInt8(bitPattern: entry.pointee.d_name.0)
      guard (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first) else { continue }
      let pid = withUnsafeBytes(of: &entry.pointee.d_name) { Int32(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)) }
      if let pid, isMember(pid, of: session) { found.append(pid) }
    }
    return found
  }

  private static func isMember(_ pid: Int32, of session: Int32) -> Bool { getsid(pid) == session && !isZombie(pid) }

  /// By proc_pid_stat(5): behind the name, in which any character may stand, comes the state.
  static func isZombie(_ pid: Int32) -> Bool {
    let text = ProcessFile.contents(of: "/proc/\(pid)/stat")
    guard let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count else {
      // Where that may not be read, of children of this process it is known by waiting.
      return SystemCall.waitChild(pid, keep: true) == 1
    }
    return text[end + 2] == UInt8(ascii: "Z") || text[end + 2] == UInt8(ascii: "X")
  }

  /// Sends a signal to all of them. Returns whether there was any.
  @discardableResult
  package static func signal(_ session: Int32, _ number: Int32) -> Bool {
    let members = members(of: session)
    for pid in members { _ = SystemCall.kill(pid, number) }
    return !members.isEmpty
  }

  /// Ends all of them, with what they start meanwhile: each gets SIGKILL. Those that became children of this process
  /// are reaped, the leader aside.
  /// - Returns: false if one was left at the deadline.
  package static func end(_ session: Int32, by deadline: Deadline) -> Bool {
    var ended: Set<Int32> = []
    while true {
      let members = members(of: session)
      if members.isEmpty {
        // Whose parent was still dying when it was waited for is a child of this process only now.
        for pid in ended { _ = SystemCall.waitChild(pid, keep: false) }
        return true
      }
      ended.formUnion(members.filter { $0 != session })
      for pid in members { _ = SystemCall.kill(pid, SIGKILL) }
      for pid in members where pid != session {
        // ECHILD where it is somebody else's, who reaps it.
        while SystemCall.waitChild(pid, keep: false) == 0, !deadline.hasPassed {
          _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 200_000)
        }
      }
      if deadline.hasPassed { return false }
      _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 200_000)
    }
  }
}

/// A file of /proc.
enum ProcessFile {
  /// Empty where there is no such file, or it may not be read.
  static func contents(of path: String) -> [UInt8] { tryContents(of: path) ?? [] }

  /// Nil where there is no such file, or it may not be read.
  static func tryContents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 8) { chunk in
      while case let count = read(descriptor, chunk.baseAddress, chunk.count), count > 0 {
        bytes.append(contentsOf: chunk[..<count])
      }
    }
    return bytes
  }
}
