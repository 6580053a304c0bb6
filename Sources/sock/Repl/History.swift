// The inputs of this session and of earlier ones: in readline's list, and in a file that sessions share.

import CReadline
import Glibc
import SockRuntime
import SocketCore

final class History {
  /// So many inputs are kept.
  private static let limit: Int32 = 10_000

  private let folder: String?
  private var path: String? { folder.map { $0 + "/history" } }
  private var last: [UInt8] = []
  /// Why nothing is kept.
  private var problem: String?
  private var wasTold = false

  /// Reads what earlier sessions have left.
  init() {
    using_history()
    creadline_use_timestamps()
    folder = StateFolder.path
    guard let folder, let path else {
      stifle_history(History.limit)
      return
    }
    if let error = StateFolder.make(folder) ?? History.makeFile(path) {
      problem = "the history is not kept: \(path): \(error.message)"
    } else {
      withLock {
        read_history(path)
        if creadline_history_length() > History.limit { history_truncate_file(path, History.limit) }
      }
    }
    stifle_history(History.limit)
  }

  private static func makeFile(_ path: String) -> Errno? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return Errno(rawValue: errno) }
    defer { close(descriptor) }
    return fchmod(descriptor, 0o600) == 0 ? nil : Errno(rawValue: errno)
  }

  /// Sessions take turns: one that shortens the file would else lose what another one adds meanwhile. The folder is
  /// locked because the file is replaced then.
  private func withLock(_ body: () -> Void) {
    let descriptor = folder.map { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } ?? -1
    // Where locks do not work, as on some network file systems, an added line is still written in one piece.
    if descriptor >= 0 { flock(descriptor, LOCK_EX) }
    body()
    if descriptor >= 0 { close(descriptor) }
  }

  /// What was refused in this session: the keys of the history find it, so that it can be mended, and nothing else does.
  nonisolated(unsafe) private static var refused: Set<[UInt8]> = []

  /// Keeps an input, of one line or several. Not one that begins with a space, nor the same twice in a row.
  /// - Parameter wasRefused: it is no input for a later session, and none that is suggested.
  func add(_ input: [UInt8], wasRefused: Bool = false) {
    guard let first = input.first, first != UInt8(ascii: " "), input != last, !input.contains(0) else { return }
    last = input
    add_history((input + [0]).map { CChar(bitPattern: $0) })
    if wasRefused {
      History.refused.insert(input)
      return
    }
    History.refused.remove(input)
    guard problem == nil, let path else { return }
    withLock {
      if let error = History.makeFile(path) {
        problem = "the history is not kept: \(path): \(error.message)"
      } else if append_history(1, path) != 0 {
        problem = "the history is not kept: \(path): \(Errno(rawValue: errno).message)"
      }
    }
  }

  // MARK: - Looking into it

  /// More entries are not looked at while somebody types.
  private static let entriesSearched = 5_000

  /// The latest first.
  private static func search<Result>(_ body: (UnsafePointer<CChar>) -> Result?) -> Result? {
    guard let list = history_list() else { return nil }
    let count = Int(creadline_history_length())
    for at in stride(from: count - 1, through: max(0, count - entriesSearched), by: -1) {
      guard let line = list[at]?.pointee.line else { continue }
      if let found = body(line) { return found }
    }
    return nil
  }

  /// How the latest input that begins with this text goes on; empty: none does.
  static func continuation(of text: [UInt8]) -> [UInt8] {
    guard !text.contains(0) else { return [] }
    return text.withUnsafeBytes { wanted in
      search { line in
        guard let start = wanted.baseAddress, strncmp(line, start, wanted.count) == 0, line[wanted.count] != 0 else {
          return nil
        }
        let rest = line + wanted.count
        if !refused.isEmpty, refused.contains(Array(UnsafeRawBufferPointer(start: line, count: strlen(line)))) {
          return nil
        }
        return Array(UnsafeRawBufferPointer(start: rest, count: strlen(rest)))
      }
    } ?? []
  }

  /// What `connect` was followed by, the latest first.
  static var addresses: [String] {
    var found: [String] = []
    let limit = 20
    _ = search { (line: UnsafePointer<CChar>) -> Bool? in
      guard strstr(line, "connect ") != nil else { return nil }
      let words = String(cString: line).split { " \n\t;".contains($0) }
      for (word, next) in zip(words, words.dropFirst()) where word == "connect" || word.hasSuffix(".connect") {
        let address = String(next)
        guard address.contains(":"), !address.contains("\""), !address.contains("$"), !found.contains(address) else {
          continue
        }
        found.append(address)
      }
      return found.count >= limit ? true : nil
    }
    return found
  }

  /// The problem, the first time that it is asked for.
  func takeProblem() -> String? {
    guard let problem, !wasTold else { return nil }
    wasTold = true
    return problem
  }
}
