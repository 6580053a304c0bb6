// Script files: which file a name means, and what of it may be shown.

import Glibc
import SockLanguage
import SocketCore

/// Reads script files. Names are made unique by the importer's folder, so a file imported twice is one file.
package enum ScriptFiles {
  /// Larger sources are no scripts; `Limits.sourceBytes` of the language holds inside it.
  private static let maximumBytes = 64 << 20

  /// A name like `std:dns` is that of a file in the program.
  ///
  /// What is called a script and is a link to something else may not be shown: a folder of scripts that a stranger has
  /// made may hold one to any file.
  package static func read(_ path: String, name: String? = nil) -> Result<SourceFile, ReadFailure> {
    if let library = StandardLibrary.read(path) { return library }
    return read(path, name: name ?? path, mayBeShown: !isNamedAsScript(path) || isScript(path))
  }

  private static func read(_ path: String, name: String, mayBeShown: Bool) -> Result<SourceFile, ReadFailure> {
    opened(path) { read($0, name: name, mayBeShown: mayBeShown) }
  }

  private static func opened<Content>(
    _ path: String, _ read: (Int32) -> Result<Content, ReadFailure>
  ) -> Result<Content, ReadFailure> {
    // C would open what stands before the NUL.
    if path.utf8.contains(0) { return .failure(ReadFailure(message: "a path cannot hold a NUL")) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(ReadFailure(message: Errno(rawValue: errno).message)) }
    defer { close(descriptor) }
    return read(descriptor)
  }

  package static func read(
    _ descriptor: Int32, name: String, mayBeShown: Bool = true
  ) -> Result<SourceFile, ReadFailure> {
    bytes(of: descriptor, atMost: maximumBytes, "so it is no script").map { bytes in
      SourceFile(name: name, bytes: bytes, mayBeShown: mayBeShown)
    }
  }

  /// The bytes of a file that is data: as many as a string holds.
  package static func data(_ path: String) -> Result<[UInt8], ReadFailure> { opened(path, data) }

  package static func data(_ descriptor: Int32) -> Result<[UInt8], ReadFailure> {
    bytes(of: descriptor, atMost: ByteString.maximumCount, "the most that a string holds")
  }

  /// - Parameter reason: what of the limit is said behind it.
  private static func bytes(
    of descriptor: Int32, atMost most: Int, _ reason: String
  ) -> Result<[UInt8], ReadFailure> {
    let tooMany = ReadFailure(message: "larger than \(most >> 20) MiB, \(reason)")
    var bytes: [UInt8] = []
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      if status.st_size > most { return .failure(tooMany) }
      // With room from the start it is in memory once.
      bytes.reserveCapacity(Int(status.st_size))
    }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 8)
    defer { chunk.deallocate() }
    while true {
      switch StandardStream.tryRead(descriptor, chunk) {
      case .done(let count): bytes.append(contentsOf: chunk[..<count])
      case .end: return .success(bytes)
      case .wouldBlock: _ = SystemCall.poll(descriptor, reading: true, writing: false, timeoutNanoseconds: -1)
      case .failed(let error): return .failure(ReadFailure(message: error.message))
      }
      if bytes.count > most { return .failure(tooMany) }
    }
  }

  /// A path in an `import` counts from the folder of the file that imports. Only a script below that folder, or below the
  /// current one, may be shown.
  package static func read(importing path: String, from importer: String) -> Result<SourceFile, ReadFailure> {
    if let library = StandardLibrary.read(path) { return library }
    let folder = folder(of: importer)
    let path = self.path(importing: path, from: importer)
    if let problem = irregularity(of: path) { return .failure(problem) }
    let mayBeShown = isScript(path) && [folder.isEmpty ? "." : folder, "."].contains { isBelow($0, path) }
    return read(path, name: path, mayBeShown: mayBeShown)
  }

  /// The name of the file that an `import` means; nothing is read.
  package static func path(importing path: String, from importer: String) -> String {
    normalized(path.hasPrefix("/") ? path : folder(of: importer) + path)
  }

  /// With its slash; empty where there is none.
  private static func folder(of importer: String) -> String {
    importer.lastIndex(of: "/").map { String(importer[...$0]) } ?? ""
  }

  /// A pipe that nobody writes to would keep a check of the script waiting for ever.
  package static func readRegular(_ path: String) -> Result<SourceFile, ReadFailure> {
    if let library = StandardLibrary.read(path) { return library }
    return irregularity(of: path).map { .failure($0) } ?? read(path)
  }

  private static func irregularity(of path: String) -> ReadFailure? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR else {
      return nil
    }
    return ReadFailure(message: "it is no regular file")
  }

  private static func isNamedAsScript(_ path: String) -> Bool { path.hasSuffix(".sock") }

  /// The file is called a script where it really lies.
  private static func isScript(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return isNamedAsScript(path) }
    return realPath(path).map(isNamedAsScript) ?? false
  }

  private static func isBelow(_ folder: String, _ path: String) -> Bool {
    guard let folder = realPath(folder), let path = realPath(path) else { return false }
    return path.hasPrefix(folder == "/" ? folder : folder + "/")
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// `a/../b` is `b`, so that two ways to one file are one name.
  private static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
