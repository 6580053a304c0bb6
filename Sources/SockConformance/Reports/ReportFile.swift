// Where a report goes: a file that appears under its name only when it is whole, or standard output.

import Glibc

/// Not Sendable: it belongs to the thread that reports.
package final class ReportFile {
  /// Its name, for messages.
  private let name: String
  private let path: String?
  /// What stands in its place until it is whole; nil where the path is a pipe, a terminal or a device.
  private let partial: String?
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  /// The first error; later ones say nothing new.
  private var problem: String?
  /// Standard output's reader has gone, as `head` does when it has seen enough: no error, but nothing more is written.
  package private(set) var isUnread = false

  private static let bufferSize = 64 * 1024

  /// Opens `PATH.partial` (so that a folder that is missing is told before the suite runs), or, without a path,
  /// standard output. Two runs that write one report would spoil it for both: the second is an error.
  ///
  /// A run that is killed leaves the `.partial` file with what had been written until then.
  package init(_ path: String?) throws(DiscoveryError) {
    guard let path else {
      self.path = nil
      name = "standard output"
      partial = nil
      descriptor = STDOUT_FILENO
      return
    }
    var info = stat()
    let isOrdinary = stat(path, &info) != 0 || info.st_mode & S_IFMT == S_IFREG
    // Nothing of `self` is set before it is sure: `deinit` would remove another run's file.
    let opened: Int32
    if isOrdinary {
      opened = try ReportFile.openPartial(path)
    } else {
      opened = open(path, O_WRONLY | O_CLOEXEC)
      guard opened >= 0 else { throw ReportFile.failure(path) }
    }
    self.path = path
    name = path
    partial = isOrdinary ? path + ".partial" : nil
    descriptor = opened
  }

  /// The file of a run that was killed gives way; one that a run is writing, or that is not an ordinary file of this
  /// user, does not: in a folder that is others', too, a link would choose what is overwritten.
  private static func openPartial(_ path: String) throws(DiscoveryError) -> Int32 {
    let partial = path + ".partial"
    let old = open(partial, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if old >= 0 {
      defer { close(old) }
      var info = stat()
      guard fstat(old, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_uid == geteuid(), info.st_nlink == 1 else {
        throw DiscoveryError(message: "cannot write the report \(path): \(partial) is in the way")
      }
      guard flock(old, LOCK_EX | LOCK_NB) == 0 else {
        let isBusy = errno == EWOULDBLOCK
        let failure = ReportFile.failure(path)
        throw isBusy ? DiscoveryError(message: "cannot write the report \(path): another run is writing it") : failure
      }
      guard unlink(partial) == 0 else { throw ReportFile.failure(path) }
    } else if errno == ELOOP {
      throw DiscoveryError(message: "cannot write the report \(path): \(partial) is a symbolic link")
    }
    let opened = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard opened >= 0 else {
      throw errno == EEXIST ? DiscoveryError(message: "cannot write the report \(path): another run is writing it")
        : ReportFile.failure(path)
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let failure = ReportFile.failure(path)
      close(opened)
      throw failure
    }
    return opened
  }

  deinit {
    guard path != nil, descriptor >= 0 else { return }
    close(descriptor)
    if let partial { unlink(partial) }
  }

  private static func failure(_ path: String) -> DiscoveryError {
    DiscoveryError(message: "cannot write the report \(path): \(String(cString: strerror(errno)))")
  }

  package func write(_ text: String) {
    buffer += text.utf8
    if buffer.count >= ReportFile.bufferSize { flush() }
  }

  package func write(_ bytes: [UInt8]) {
    buffer += bytes
    if buffer.count >= ReportFile.bufferSize { flush() }
  }

  /// Hands what has been written to the system: a crash of this process does not lose it then.
  package func flush() {
    defer { buffer.removeAll(keepingCapacity: true) }
    guard problem == nil, !isUnread else { return }
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, buffer.count - done) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE, path == nil {
          isUnread = true
          return
        }
        problem = "cannot write the report \(name): \(String(cString: strerror(errno)))"
        return
      }
      done += count
    }
  }

  /// The report is whole: gives it its name. A message when it could not be written.
  package func finish() -> String? {
    flush()
    guard let path, descriptor >= 0 else { return problem }
    if problem == nil, let partial, rename(partial, path) != 0 {
      problem = "cannot write the report \(path): \(String(cString: strerror(errno)))"
    }
    if problem == nil {
      close(descriptor)
      descriptor = -1
    }
    return problem
  }
}
