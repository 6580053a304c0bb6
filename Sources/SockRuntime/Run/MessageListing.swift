// `sock decode`: bytes as the fields of a declared message, each with its place.

import SockLanguage

package enum MessageListing {
  /// The names of the messages that a file declares.
  package static func names(in checked: CheckedFile) -> [String] {
    checked.exports.filter { $0.value.message != nil }.keys.sorted()
  }

  /// The messages that follow each other in the bytes, a line for each field; and what is wrong with the last one. Nil:
  /// the file declares no such message.
  package static func text(
    of name: String, in checked: CheckedFile, _ bytes: [UInt8]
  ) -> (text: String, problem: String?)? {
    guard let declaration = checked.exports[name]?.message else { return nil }
    let layout = Compiler().layout(of: declaration)
    var text = "offset   size  field\n"
    var at = 0
    repeat {
      let trace = LayoutTrace()
      var size = 0
      var problem: String?
      bytes[at...].withUnsafeBytes { part in
        do throws(LayoutStop) {
          size = try MessageDecoder.decode(layout, part, trace: trace).size
        } catch {
          if case .wrong(let wrong) = error { problem = wrong.words(layout.name) }
        }
      }
      text += row(at, problem == nil ? "\(size)" : "", "\(layout.name)")
      for entry in trace.entries {
        let indentation = String(repeating: "  ", count: entry.depth)
        let place = entry.range.lowerBound + at
        text += row(place, "\(entry.range.count)", "\(indentation)\(entry.name)\(shown(entry))")
      }
      if let problem { return (text, at == 0 ? problem : "\(problem) of the message that begins at byte \(at)") }
      if size == 0 { return (text, at < bytes.count ? "\(bytes.count - at) bytes are left over, at byte \(at)" : nil) }
      at += size
    } while at < bytes.count
    return (text, nil)
  }

  private static func row(_ offset: Int, _ size: String, _ text: String) -> String {
    "\(padded("\(offset)", to: 6)) \(padded(size, to: 6))  \(text)\n"
  }

  private static func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }

  private static func shown(_ entry: LayoutTrace.Entry) -> String {
    switch entry.value {
    case .map: return entry.type == "choose" ? "" : ": \(entry.type)"
    case .list(let list): return ": \(list.items.count) element\(list.items.count == 1 ? "" : "s")"
    default:
      let text = Show.inspect(entry.value).text
      return ": \(text.count > 100 ? "\(text.prefix(100))…" : text)"
    }
  }
}
