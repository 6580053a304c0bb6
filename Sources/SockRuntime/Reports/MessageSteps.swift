// Bytes that a step has sent or read as a declared message, in words: its fields.

import SockLanguage

/// The steps of a run whose messages are known.
struct MessageSteps {
  /// Files of a session have one name.
  private struct Place: Hashable {
    let file: ObjectIdentifier
    let range: SourceRange
  }

  /// With the step, which keeps its file: another could get its identity.
  private var layouts: [Place: MessageStep] = [:]
  /// So many characters of the fields are shown.
  private static let shown = 160

  mutating func add(_ steps: [MessageStep]) {
    for step in steps { layouts[Place(file: ObjectIdentifier(step.file), range: step.range)] = step }
  }

  /// The fields, where the event is one whole message of the step that caused it; else nil.
  func words(of entry: Transcript.Entry) -> String? {
    guard !layouts.isEmpty, let site = entry.site, entry.count == entry.bytes.count, entry.count > 0,
      let layout = layouts[Place(file: ObjectIdentifier(site.file), range: site.range)]?.layout,
      let fields = entry.bytes.withUnsafeBytes({ try? MessageDecoder.decodeWhole(layout, $0) })
    else { return nil }
    let text = "\(layout.name) \(Show.inspect(.map(fields)).text)"
    return text.count > MessageSteps.shown ? "\(text.prefix(MessageSteps.shown))… (\(entry.count) bytes)" : text
  }
}
