// What a report writes only at its end, because numbers stand before it: kept by sections, and not in memory.

import Glibc

/// Text in sections that grow in turn. The first mebibyte is kept in memory, what is more in a file without a name.
final class ReportSpool {
  /// A stretch of the file, in bytes.
  private struct Piece {
    var offset: Int
    var count: Int
  }

  private struct Section {
    var pieces: [Piece] = []
    /// What is not in the file yet, and stands behind what is.
    var latest: [UInt8] = []
  }

  private var sections: [Section] = []
  private var inMemory = 0
  private var descriptor: Int32 = -1
  private var end = 0
  /// The first error; later ones say nothing new.
  private(set) var problem: String?

  private static let room = 1 << 20
  private static let copied = 64 * 1024

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The number of a new section, empty.
  func begin() -> Int {
    sections.append(Section())
    return sections.count - 1
  }

  func append(_ text: String, to section: Int) {
    let before = sections[section].latest.count
    sections[section].latest += text.utf8
    inMemory += sections[section].latest.count - before
    if inMemory > ReportSpool.room { store() }
  }

  /// Writes a section to the report.
  func copy(_ section: Int, to output: ReportFile) {
    for piece in sections[section].pieces {
      var at = piece.offset
      let stop = piece.offset + piece.count
      while at < stop, problem == nil {
        var part = [UInt8](repeating: 0, count: min(ReportSpool.copied, stop - at))
        let count = part.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(at)) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return fail(count < 0 ? errno : EIO) }
        part.removeSubrange(count...)
        output.write(part)
        at += count
      }
    }
    output.write(sections[section].latest)
  }

  /// Takes what is in memory to the file.
  private func store() {
    guard problem == nil, open() else { return }
    for index in sections.indices where !sections[index].latest.isEmpty {
      let latest = sections[index].latest
      var done = 0
      while done < latest.count {
        let count = latest.withUnsafeBytes {
          pwrite(descriptor, $0.baseAddress.map { $0 + done }, latest.count - done, off_t(end + done))
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return fail(count < 0 ? errno : EIO) }
        done += count
      }
      if let last = sections[index].pieces.last, last.offset + last.count == end {
        sections[index].pieces[sections[index].pieces.count - 1].count += latest.count
      } else {
        sections[index].pieces.append(Piece(offset: end, count: latest.count))
      }
      end += latest.count
      sections[index].latest.removeAll(keepingCapacity: true)
    }
    inMemory = 0
  }

  private func open() -> Bool {
    if descriptor >= 0 { return true }
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    var template = Array("\(folder.isEmpty ? "/tmp" : folder)/sock-report-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      fail(errno)
      return false
    }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return true
  }

  private func fail(_ code: Int32) {
    problem = problem ?? "cannot keep a report among the temporary files: \(String(cString: strerror(code)))"
    // What cannot be kept is not gathered either.
    for index in sections.indices { sections[index].latest.removeAll() }
    inMemory = 0
  }
}
