// Which files are suites, and which tests of them are wanted.

import Glibc
import SockLanguage
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
  /// and neither is what begins with a dot; a path that is a file is taken as it is. A folder that several links lead to
  /// is looked into once, where it is itself if that is below the path as well.
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
      guard stat(path, &info) == 0 else {
        var failure = Walk.failure(Array(path.utf8))
        // What the shell has put in place of other bytes leads nowhere.
        if path.unicodeScalars.contains("\u{FFFD}") { failure = Walk.isNoText(path) }
        throw failure
      }
      if info.st_mode & S_IFMT == S_IFDIR {
        var walk = Walk(includesLibraries)
        for path in try walk.files(below: path) { found.append(FoundFile(path: path, isNamed: false)) }
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
}

/// The way through a folder and those in it.
private struct Walk {
  private struct Folder: Hashable {
    let device: UInt64
    let inode: UInt64
    init(_ info: stat) { (device, inode) = (UInt64(info.st_dev), UInt64(info.st_ino)) }
  }

  private let includesLibraries: Bool
  private var visited: Set<Folder> = []
  private var found: [[UInt8]] = []
  /// Links to folders: followed when all that is no link has been seen.
  private var links: [[UInt8]] = []

  init(_ includesLibraries: Bool) { self.includesLibraries = includesLibraries }

  static func failure(_ path: [UInt8]) -> DiscoveryError {
    let name = String(decoding: path, as: UTF8.self)
    return DiscoveryError(message: "cannot read \(Printable.text(name)): \(String(cString: strerror(errno)))")
  }

  static func isNoText(_ path: String) -> DiscoveryError {
    DiscoveryError(message: "cannot read \(Printable.text(path)): the name is not UTF-8; rename it")
  }

  /// Sorted by the names on the way to each.
  mutating func files(below path: String) throws(DiscoveryError) -> [String] {
    try enter(path == "." ? [] : Array(path.utf8) + (path.hasSuffix("/") ? [] : [Walk.slash]))
    var next = 0
    while next < links.count {
      try enter(links[next])
      next += 1
    }
    found.sort { left, right in
      left.lazy.map { $0 == Walk.slash ? 0 : $0 }.lexicographicallyPrecedes(right.lazy.map { $0 == Walk.slash ? 0 : $0 })
    }
    var paths: [String] = []
    for bytes in found {
      guard let path = String(validating: bytes, as: UTF8.self) else {
        throw Walk.isNoText(Printable.text(bytes: bytes))
      }
      paths.append(path)
    }
    return paths
  }

  private static let slash = UInt8(ascii: "/")
  private static let suffix = Array(".sock".utf8)
  private static let library = Array("lib".utf8)

  /// - Parameter prefix: the folder's path with a slash behind it; empty for the current one.
  private mutating func enter(_ prefix: [UInt8]) throws(DiscoveryError) {
    let folder = prefix.isEmpty ? [UInt8(ascii: ".")] : prefix
    var info = stat()
    guard folder.withCString({ stat($0, &info) }) == 0 else { throw Walk.failure(prefix) }
    guard visited.insert(Folder(info)).inserted else { return }
    guard let names = FolderEntries.names(in: folder) else { throw Walk.failure(prefix) }
    for name in names where name.first != UInt8(ascii: ".") {
      let path = prefix + name
      let isScript = name.count >= Walk.suffix.count && name.suffix(Walk.suffix.count).elementsEqual(Walk.suffix)
      guard path.withCString({ lstat($0, &info) }) == 0 else {
        // It has gone since.
        if errno == ENOENT { continue }
        throw Walk.failure(path)
      }
      let isLink = info.st_mode & S_IFMT == S_IFLNK
      if isLink, path.withCString({ stat($0, &info) }) != 0 {
        // A link to nothing: the run says so of a suite.
        if isScript { found.append(path) }
        continue
      }
      if info.st_mode & S_IFMT == S_IFDIR {
        if name == Walk.library, !includesLibraries { continue }
        if isLink { links.append(path + [Walk.slash]) } else { try enter(path + [Walk.slash]) }
      } else if isScript, info.st_mode & S_IFMT == S_IFREG {
        found.append(path)
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
