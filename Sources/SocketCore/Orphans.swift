// Processes that descendants of this one have left behind.
import CSocketCore
import Glibc

/// What a program starts may leave its process group (setsid(2)) and lose its parent; only what it has in its
/// environment then tells where it is from.
package enum Orphans {
  package struct Orphan: Hashable, Sendable {
    package let pid: Int32
    /// Its program and arguments, up to 200 bytes.
    package let command: String
  }

  /// From now on processes whose parents have ended become children of this one.
  package static func adopt() throws(Errno) {
    if let error = Errno(result: SystemCall.adoptOrphans()) { throw error }
  }

  /// How long, in seconds, what has been left behind may take to end by itself. A server may serve each connection in a
  /// session of its own (vsftpd, sshd): that ends when the connection has been closed, but not at the same moment.
  private static let grace = 0.5

  /// How long, in seconds, a process may take from one program to the next.
  private static let settling = 0.02

  /// Ends every child of this process that has a variable beginning with `mark` in its environment, with what those
  /// leave behind in turn: what does not end within half a second gets SIGKILL, and is waited for, for a second in all.
  /// What cannot be looked at, as a process of another user, is left alone.
  /// - Returns: those that had to be ended.
  package static func end(marked mark: [UInt8]) -> [Orphan] {
    end(among: children, marked: mark)
  }

  /// The same for all processes that this one may look at, whoever they are children of: those whose number is at least
  /// `first`, as numbers are given out in order, and that are in none of the process groups. What is no child of this
  /// one is not waited for.
  package static func endAnywhere(from first: Int32, outside groups: Set<Int32>, marked mark: [UInt8]) -> [Orphan] {
    end(among: { processes(from: first).filter { !groups.contains(getpgid($0)) } }, marked: mark)
  }

  private static func end(among candidates: () -> [Int32], marked mark: [UInt8]) -> [Orphan] {
    if endThemselves(candidates, mark) { return [] }
    var ended: [Orphan] = []
    let deadline = Deadline(after: 1)
    while !deadline.hasPassed {
      let found = marked(candidates(), mark).found.filter { pid in !ended.contains { $0.pid == pid } }
      if found.isEmpty { break }
      for pid in found {
        ended.append(Orphan(pid: pid, command: command(of: pid)))
        _ = SystemCall.kill(pid, SIGKILL)
        waitForEnd(of: pid, until: deadline)
      }
    }
    return ended
  }

  /// Whether all that are marked end within their grace.
  private static func endThemselves(_ candidates: () -> [Int32], _ mark: [UInt8]) -> Bool {
    let deadline = Deadline(after: grace)
    let isSettled = Deadline(after: settling)
    var seen: Set<Int32> = []
    while true {
      let (found, without) = marked(candidates(), mark)
      // One that may be marked is looked at again.
      if found.isEmpty, !isSettled.hasPassed, without.contains(where: { !ProcessSession.isZombie($0) }) {
        _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 1_000_000)
        continue
      }
      if found.isEmpty || deadline.hasPassed {
        // One that has ended has no mark any more, and is a zombie until it is asked for.
        for pid in seen.subtracting(found) { waitForEnd(of: pid, until: deadline) }
        return found.isEmpty
      }
      seen.formUnion(found)
      _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 2_000_000)
    }
  }

  private static func waitForEnd(of pid: Int32, until deadline: Deadline) {
    var (code, signal, dumpedCore): (Int32, Int32, Bool) = (0, 0, false)
    var use = csys_resource_use()
    while SystemCall.waitChild(pid, keep: false, code: &code, signal: &signal, dumpedCore: &dumpedCore, use: &use) == 0,
      !deadline.hasPassed
    {
      _ = SystemCall.poll(-1, reading: true, writing: false, timeoutNanoseconds: 200_000)
    }
  }

  private static func processes(from first: Int32) -> [Int32] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var pids: [Int32] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if let pid = Int32(name), pid >= first, pid != getpid() { pids.append(pid) }
    }
    return pids
  }

  /// Those of all threads of this process.
  private static func children() -> [Int32] {
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    var pids: [Int32] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard Int32(name) != nil else { continue }
      let list = ProcessFile.contents(of: "/proc/self/task/\(name)/children")
      pids += list.split(separator: 0x20).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }
    return pids
  }

  /// Those that have the variable in their environment, and those that have no environment at all: a zombie, and whoever
  /// is in the middle of execve(2). A daemon that has just said that it is there may become another program right then.
  private static func marked(_ pids: [Int32], _ mark: [UInt8]) -> (found: [Int32], without: [Int32]) {
    var (found, without): ([Int32], [Int32]) = ([], [])
    for pid in pids {
      guard let environment = ProcessFile.tryContents(of: "/proc/\(pid)/environ") else { continue }
      if environment.isEmpty {
        without.append(pid)
      } else if environment.split(separator: 0).contains(where: { $0.starts(with: mark) }) {
        found.append(pid)
      }
    }
    return (found, without)
  }

  private static func command(of pid: Int32) -> String {
    let bytes = ProcessFile.contents(of: "/proc/\(pid)/cmdline").prefix(200).split(separator: 0).joined(separator: [0x20])
    return String(decoding: Array(bytes), as: UTF8.self)
  }
}
