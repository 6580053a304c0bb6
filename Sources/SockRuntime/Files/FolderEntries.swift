// What is in a folder. Names are bytes: nothing makes them UTF-8.

import Glibc

package enum FolderEntries {
  /// The names in a folder but for `.` and `..`, in no order; nil, with errno set, when it cannot be read.
  package static func names(in path: [UInt8]) -> [[UInt8]]? {
    guard let directory = path.withCString({ opendir($0) }) else { return nil }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
    }
    return names
  }
}

extension [UInt8] {
  /// As C has them. There must be no NUL among them.
  package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    (self + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { chars in
        guard let start = chars.baseAddress else { preconditionFailure("a buffer of at least one byte has a start") }
        return body(start)
      }
    }
  }
}
