// `sock decode`: bytes as the fields of a declared message, each with its place.

import SockLanguage

package enum MessageListing {
  /// The names of the messages that a file declares.
  package static func names(in checked: CheckedFile) -> [String] {
    checked.exports.filter { $0.value.message != nil }.keys.sorted()
  }

  package enum Outcome {
    /// All of the bytes are such messages.
    case whole
    /// What is wrong with the last one.
    case wrong(String)
    /// Nobody takes the rows any more.
    case unwanted
  }

  /// Writes the messages that follow each other in the bytes, a row for each field; of a list of plain numbers the
  /// first ones. Nil: the file declares no such message.
  ///
  /// - Parameter write: takes some rows, and says whether more are wanted.
  package static func write(
    _ name: String, in checked: CheckedFile, _ bytes: [UInt8], to write: @escaping ([UInt8]) -> Bool
  ) -> Outcome? {
    guard let declaration = checked.exports[name]?.message else { return nil }
    let layout = Compiler().layout(of: declaration)
    var rows = ListingRows(write)
    var at = 0
    var problem: String?
    repeat {
      let trace = LayoutTrace()
      var size = 0
      bytes[at...].withUnsafeBytes { part in
        do throws(LayoutStop) {
          size = try MessageDecoder.decode(layout, part, trace: trace).size
        } catch {
          if case .wrong(let wrong) = error { problem = wrong.words(layout.name) }
        }
      }
      rows.add(at, problem == nil ? size : nil, depth: 0, layout.name)
      rows.add(trace, from: at)
      if problem != nil, at > 0 { problem? += " of the message that begins at byte \(at)" }
      if problem == nil, size == 0, at < bytes.count {
        problem = "\(bytes.count - at) bytes are left over, at byte \(at)"
      }
      at += size
    } while problem == nil && rows.areWanted && at < bytes.count
    rows.flush()
    if !rows.areWanted { return .unwanted }
    return problem.map { .wrong($0) } ?? .whole
  }
}

/// Rows that are written as they are made: all of them together may be many times the bytes.
private struct ListingRows {
  private var text = Array("offset   size  field\n".utf8)
  private let write: ([UInt8]) -> Bool
  private(set) var areWanted = true
  private static let piece = 64 * 1024

  init(_ write: @escaping ([UInt8]) -> Bool) { self.write = write }

  mutating func flush() {
    if areWanted, !text.isEmpty { areWanted = write(text) }
    text.removeAll(keepingCapacity: true)
  }

  /// - Parameter offset: of the message, which the trace counts from.
  mutating func add(_ trace: LayoutTrace, from offset: Int) {
    for entry in trace.entries where areWanted {
      let (place, depth) = (entry.range.lowerBound + offset, Int(entry.depth))
      add(place, entry.range.count, depth: depth, entry.name, ListingRows.shown(entry))
      guard let (count, range) = trace.folded(behind: entry) else { continue }
      add(range.lowerBound + offset, range.count, depth: depth, "… \(count) more")
    }
  }

  /// - Parameter size: nil: there is no end to it.
  mutating func add(_ offset: Int, _ size: Int?, depth: Int, _ name: String, _ value: String = "") {
    add(offset)
    text.append(0x20)
    if let size { add(size) } else { text.append(contentsOf: repeatElement(0x20, count: 6)) }
    text.append(contentsOf: repeatElement(0x20, count: 2 + 2 * depth))
    text.append(contentsOf: name.utf8)
    text.append(contentsOf: value.utf8)
    text.append(0x0A)
    if text.count >= ListingRows.piece { flush() }
  }

  private mutating func add(_ number: Int) {
    let digits = String(number).utf8
    text.append(contentsOf: repeatElement(0x20, count: max(0, 6 - digits.count)))
    text.append(contentsOf: digits)
  }

  private static let shownCharacters = 100
  /// No more bytes of a string are looked at for them.
  private static let shownBytes = 1024

  private static func shown(_ entry: LayoutTrace.Entry) -> String {
    switch entry.value {
    case .map: if case .choice = entry.type { return "" } else { return ": \(entry.type.spelled)" }
    case .list(let list): return ": \(list.items.count) element\(list.items.count == 1 ? "" : "s")"
    case .string(let string) where string.count > shownBytes:
      var start = ByteBuilder()
      Show.appendQuoted(UnsafeRawBufferPointer(rebasing: string.bytes[..<shownBytes]), to: &start)
      return ": \(start.finish().text.prefix(shownCharacters))…"
    default:
      let text = Show.inspect(entry.value).text
      return ": \(text.count > shownCharacters ? "\(text.prefix(shownCharacters))…" : text)"
    }
  }
}
