// How much of a test is reported. Readers of reports have limits: xmllint takes 10 MB in an attribute, and a page is for
// people.

enum Bounds {
  /// Bytes of a name, a message, a reason: what stands in one line.
  static let line = 8 << 10
  /// Bytes of an account, and of all the checks of a test together.
  static let account = 256 << 10
  /// Failed checks of a test that are told in full.
  static let checks = 200

  /// The text, or its beginning and how much more there was.
  static func cut(_ text: String, to limit: Int) -> String {
    let bytes = text.utf8
    guard bytes.count > limit else { return text }
    // Half of a character at the cut goes as well.
    var end = bytes.index(bytes.startIndex, offsetBy: limit)
    while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
    return "\(text[..<end])… (\(bytes.count - bytes.distance(from: bytes.startIndex, to: end)) bytes more)"
  }

  static func apply(to record: inout TestRecord) {
    record.name = cut(record.name, to: line)
    record.citation = record.citation.map { cut($0, to: line) }
    record.todo = record.todo.map { cut($0, to: line) }
    record.message = cut(record.message, to: line)
    record.report = cut(record.report, to: account)
    // All tries together take what one account may.
    var left = account
    for index in record.tries.indices {
      record.tries[index].message = cut(record.tries[index].message, to: line)
      record.tries[index].report = cut(record.tries[index].report, to: max(line, left))
      left -= record.tries[index].report.utf8.count
    }
    record.leaks = record.leaks.prefix(checks).map { cut($0, to: line) }
    var room = account
    let checks = record.checks.prefix(Bounds.checks).map { check in
      let text = cut(check, to: max(line, room))
      room -= text.utf8.count
      return text
    }
    let more = record.checks.count - checks.count
    record.checks = checks + (more > 0 ? ["… and \(more) failed checks more"] : [])
  }
}
