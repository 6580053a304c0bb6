// The names of files that begin with what has been typed.

import Glibc
import SockLanguage
import SockRuntime

enum FileNames {
  /// - Parameters:
  ///   - suffix: how the names of files end that are of use; folders always are.
  ///   - keepsTilde: whoever reads the name knows what `~` means.
  static func candidates(for typed: [UInt8], suffix: String?, keepsTilde: Bool) -> [Completions.Candidate] {
    guard let typed = String(validating: typed, as: UTF8.self) else { return [] }
    let slash = typed.lastIndex(of: "/").map { typed.index(after: $0) }
    let folder = slash.map { String(typed[..<$0]) } ?? ""
    let begun = slash.map { String(typed[$0...]) } ?? typed
    let place = expanded(folder.isEmpty ? "." : folder)
    guard let names = FolderEntries.names(in: Array(place.utf8)) else { return [] }
    let front = keepsTilde ? folder : folder.isEmpty ? "" : expanded(folder)
    return names.compactMap { bytes in
      let name = String(decoding: bytes, as: UTF8.self)
      guard Array(name.utf8) == bytes, name.hasPrefix(begun), begun.hasPrefix(".") || !name.hasPrefix(".") else {
        return nil
      }
      // What would end the string, or be read as something else in it.
      guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F }) else { return nil }
      if isFolder("\(place)/\(name)") { return Completions.Candidate("\(front)\(name)/", .file) }
      if let suffix, !name.hasSuffix(suffix) { return nil }
      return Completions.Candidate(front + name, .file)
    }.sorted { $0.text < $1.text }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// As a shell reads it: `~/x` is in the user's home directory, and quotes around the whole are no part of it.
  static func expanded(_ path: String) -> String {
    var path = path
    for quote in ["\"", "'"] where path.count > 1 && path.hasPrefix(quote) && path.hasSuffix(quote) {
      path = String(path.dropFirst().dropLast())
    }
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }
}
