// A folder with a file for each test, under names that every file system takes.

import Glibc

struct ReportFolder {
  private let path: String
  private var used: Set<String> = []
  /// The number that the next test of a name gets: with `--repeat` there are many.
  private var numbers: [String: Int] = [:]

  /// The longest name without its suffix, in bytes: file systems take 255.
  private static let longestName = 180

  /// Makes the folder and those above it.
  init(_ path: String) throws(DiscoveryError) {
    self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
    if let problem = ReportFolder.make(path) { throw DiscoveryError(message: problem) }
  }

  /// Makes a folder and those above it, as far as they are not there. A message when that failed.
  static func make(_ path: String) -> String? {
    var folder = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      folder += "/" + part
      if mkdir(folder, 0o777) != 0, errno != EEXIST {
        return "cannot make the folder \(path): \(String(cString: strerror(errno)))"
      }
    }
    var info = stat()
    let isFolder = stat(path.isEmpty ? "." : path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    return isFolder ? nil : "\(path) is no folder"
  }

  /// A path that no other test of the run has. The same test gets the same name in each run.
  mutating func path(for record: TestRecord, suffix: String) -> String {
    let name = ReportFolder.safe(record.identity)
    // Case does not tell names apart on every file system.
    let key = name.lowercased()
    var candidate = name
    var number = numbers[key] ?? 2
    while !used.insert(candidate.lowercased()).inserted {
      candidate = "\(name)-\(number)"
      number += 1
    }
    numbers[key] = number
    return "\(path.isEmpty ? "/" : path + "/")\(candidate)\(suffix)"
  }

  /// Letters, digits, `.`, `_` and `-` stay; what stands between them becomes one `-`.
  static func safe(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: bytes.append(byte)
      case 0x2E where bytes.last != nil && bytes.last != 0x2E && bytes.last != 0x2D: bytes.append(byte)
      default: if let last = bytes.last, last != 0x2D { bytes.append(0x2D) }
      }
      if bytes.count >= longestName { break }
    }
    while let last = bytes.last, last == 0x2D || last == 0x2E { bytes.removeLast() }
    return bytes.isEmpty ? "test" : String(decoding: bytes, as: UTF8.self)
  }
}
