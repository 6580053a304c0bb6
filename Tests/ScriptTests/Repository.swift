// Where things are: the repository, the program under test, and the scripts in a folder.
import Glibc

enum Repository {
  /// The repository's top folder, without a slash at its end.
  static let root: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  static func path(_ relative: String) -> String { "\(root)/\(relative)" }

  /// The program under test: `SOCK_BINARY` if that is set, else the one that was built beside these tests.
  static let sock: String = {
    if let named = getenv("SOCK_BINARY") {
      let path = String(cString: named)
      return path.hasPrefix("/") ? path : Repository.path(path)
    }
    guard let link = realpath("/proc/self/exe", nil) else { return path(".build/debug/sock") }
    defer { free(link) }
    let beside = String(cString: link).split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/sock"
    if access(beside, X_OK) == 0 { return beside }
    return path(".build/debug/sock")
  }()

  /// Whether the program under test is the one that people run.
  static let isReleaseBuild = sock.contains("/release/")

  /// The names in a folder that end with `suffix`, sorted; none when there is no such folder.
  static func names(in folder: String, endingWith suffix: String = "") -> [String] {
    guard let directory = opendir(folder.hasPrefix("/") ? folder : path(folder)) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix("."), name.hasSuffix(suffix) { names.append(name) }
    }
    return names.sorted()
  }

  static func exists(_ relative: String) -> Bool { access(path(relative), R_OK) == 0 }

  /// The bytes of a file; nil when it cannot be read.
  static func read(_ relative: String) -> [UInt8]? {
    guard let file = fopen(relative.hasPrefix("/") ? relative : path(relative), "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  static func text(_ relative: String) -> String? { read(relative).map { String(decoding: $0, as: UTF8.self) } }

  /// Writes a file anew; false when that cannot be done.
  static func write(_ bytes: [UInt8], to relative: String) -> Bool {
    guard let file = fopen(relative.hasPrefix("/") ? relative : path(relative), "wb") else { return false }
    let written = fwrite(bytes, 1, bytes.count, file)
    return fclose(file) == 0 && written == bytes.count
  }
}

/// A new directory that goes, with all that is in it, when the object goes.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = "/tmp/sock-tests-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    if mkdir(path, 0o700) != 0 { throw HarnessError("cannot make \(path)") }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file into the folder and gives its path.
  func write(_ name: String, _ text: String) throws -> String {
    if !Repository.write(Array(text.utf8), to: file(name)) { throw HarnessError("cannot write \(file(name))") }
    return file(name)
  }

  deinit { TemporaryFolder.remove(path) }

  /// With all that is in it; a link is removed, not followed.
  private static func remove(_ path: String) {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name == "." || name == ".." { continue }
        let inside = "\(path)/\(name)"
        if unlink(inside) != 0 { remove(inside) }
      }
      closedir(directory)
    }
    rmdir(path)
  }
}
