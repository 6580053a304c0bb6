// Which files are suites, and which tests of them are wanted.

import Glibc
import SockRuntime

package struct DiscoveryError: Error, Sendable {
  package let message: String

  package init(message: String) { self.message = message }
}

/// A file with a script.
package struct FoundFile: Sendable {
  package let path: String
  /// The user has named it, and not a folder that it is in.
  package let isNamed: Bool
}

package enum Discovery {
  /// `*.sock` below each path, in the order of their names. What is imported (below a folder called `lib`) is no suite,
  /// and neither is what begins with a dot; a path that is a file is taken as it is.
  /// - Parameter includesLibraries: what is below a folder called `lib`, too.
  package static func files(
    below paths: [String], includesLibraries: Bool = false
  ) throws(DiscoveryError) -> [String] {
    try suites(below: paths, includesLibraries: includesLibraries).map(\.path)
  }

  static func suites(
    below paths: [String], includesLibraries: Bool = false
  ) throws(DiscoveryError) -> [FoundFile] {
    var found: [FoundFile] = []
    for path in paths.isEmpty ? ["."] : paths {
      var info = stat()
      guard stat(path, &info) == 0 else { throw failure(path) }
      if info.st_mode & S_IFMT == S_IFDIR {
        try walk(path == "." ? "" : path.hasSuffix("/") ? path : path + "/", includesLibraries, &found, depth: 0)
      } else {
        found.append(FoundFile(path: path, isNamed: true))
      }
    }
    // Who names a file means it, wherever else it was found.
    let named = Set(found.filter(\.isNamed).map(\.path))
    var seen: Set<String> = []
    return found.filter { seen.insert($0.path).inserted }
      .map { FoundFile(path: $0.path, isNamed: named.contains($0.path)) }
  }

  private static func failure(_ path: String) -> DiscoveryError {
    DiscoveryError(message: "cannot read \(path): \(String(cString: strerror(errno)))")
  }

  private static func walk(
    _ prefix: String, _ includesLibraries: Bool, _ found: inout [FoundFile], depth: Int
  ) throws(DiscoveryError) {
    guard depth < 64 else { return }
    guard let directory = opendir(prefix.isEmpty ? "." : prefix) else { throw failure(prefix) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    closedir(directory)
    for name in names.sorted() {
      let path = prefix + name
      var info = stat()
      guard stat(path, &info) == 0 else { continue }
      if info.st_mode & S_IFMT == S_IFDIR {
        if name != "lib" || includesLibraries { try walk(path + "/", includesLibraries, &found, depth: depth + 1) }
      } else if name.hasSuffix(".sock"), info.st_mode & S_IFMT == S_IFREG {
        found.append(FoundFile(path: path, isNamed: false))
      }
    }
  }
}

/// Whether a test is among those asked for. Used by one thread each.
struct Selection {
  private let pattern: Pattern?
  private let tags: Set<String>
  private let mustOnly: Bool
  private let shard: (index: Int, count: Int)?
  private let only: FailedTests?

  init(_ options: TestOptions, only: FailedTests?) throws(DiscoveryError) {
    if let filter = options.filter {
      do throws(Failure) {
        pattern = try Pattern(source: ByteString(filter), flags: ByteString(""))
      } catch {
        throw DiscoveryError(message: "--filter \(filter): \(error.message)")
      }
    } else {
      pattern = nil
    }
    tags = Set(options.tags)
    mustOnly = options.mustOnly
    shard = options.shard
    self.only = only
  }

  enum Choice {
    case wanted
    case unwanted
    /// It would be wanted, but another machine runs it.
    case ofAnotherShard
  }

  /// - Parameter isNameKnown: false: the test's name, or how many such there are, is not known before it runs; what asks
  ///   for names may ask for it.
  func choice(_ record: TestRecord, isNameKnown: Bool = true) -> Choice {
    let name = "\(record.file)::\(record.name)"
    if mustOnly, record.level != "must" { return .unwanted }
    if !tags.isEmpty, tags.isDisjoint(with: record.tags) { return .unwanted }
    guard isNameKnown else { return .wanted }
    if let only, !only.contains(record) { return .unwanted }
    if let pattern {
      let subject = ByteString(name)
      guard case .matched = pattern.match(subject.bytes, from: 0, anchored: false, partial: false) else { return .unwanted }
    }
    if let shard, Int(Selection.hash(name) % UInt64(shard.count)) != shard.index - 1 { return .ofAnotherShard }
    return .wanted
  }

  /// FNV-1a of the test's name: the same on every machine, so that shards need no coordinator.
  static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    // The low bits of FNV are its weakest; a shard takes the remainder.
    return hash ^ (hash >> 32)
  }
}
