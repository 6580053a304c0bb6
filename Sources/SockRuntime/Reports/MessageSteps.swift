// Bytes that a step has sent or read as declared messages, or that are such by their channel's framing, in words: their
// fields.

import SockLanguage

/// The steps of a run whose messages are known, and the channels.
struct MessageSteps {
  /// Files of a session have one name.
  private struct Place: Hashable {
    let file: ObjectIdentifier
    let range: SourceRange
  }

  /// With the step, which keeps its file: another could get its identity.
  private var layouts: [Place: MessageStep] = [:]
  /// The messages of channels that `framing` has named some for, and since when; nil: none any more.
  private var framings: [Int: [(since: Int64, layout: MessageLayout?)]] = [:]
  /// The framings of so many channels are kept: the latest.
  private static let framingsKept = 1024
  /// Messages that a step could not decode, and their fields up to what is wrong: so many, the latest, of so many
  /// bytes.
  private var faulty: [(bytes: [UInt8], layout: MessageLayout, words: String)] = []
  private static let faultsKept = 16
  static let faultyKept = 16 * 1024
  /// So many characters of the fields are shown in one row.
  static let shown = 160

  mutating func add(_ steps: [MessageStep]) {
    for step in steps { layouts[Place(file: ObjectIdentifier(step.file), range: step.range)] = step }
  }

  /// What goes over a channel from now on is such messages.
  /// - Parameters:
  ///   - layout: nil: it is not any more.
  ///   - now: on the transcript's clock.
  mutating func note(_ layout: MessageLayout?, of channel: Int, now: Int64) {
    guard layout != nil || framings[channel] != nil else { return }
    framings[channel, default: []].append((now, layout))
    if framings.count > 2 * MessageSteps.framingsKept {
      framings = framings.filter { $0.key > channel - MessageSteps.framingsKept }
    }
  }

  /// A step has read them as such a message, and found them wrong.
  /// - Parameter words: the fields up to the fault, without secrets.
  mutating func note(faulty bytes: [UInt8], of layout: MessageLayout, _ words: String) {
    if faulty.count == MessageSteps.faultsKept { faulty.removeFirst() }
    faulty.append((bytes, layout, words))
  }

  /// The fields, where the event is whole messages, or ends with one that a step has found wrong: those of the step that
  /// caused it, or of its channel; else nil.
  /// - Parameter limit: so many characters of them.
  func words(of entry: Transcript.Entry, limit: Int = MessageSteps.shown) -> String? {
    if layouts.isEmpty, framings.isEmpty { return nil }
    guard entry.event == .sent || entry.event == .received, entry.count == entry.bytes.count, entry.count > 0 else {
      return nil
    }
    let ofStep = entry.site.flatMap { layouts[Place(file: ObjectIdentifier($0.file), range: $0.range)]?.layout }
    let ofChannel = framings[Int(entry.channel)]?.last { $0.since <= entry.at }?.layout
    for layout in [ofStep, ofChannel] {
      if let layout, let text = words(of: entry.bytes, layout, limit) { return text }
    }
    return nil
  }

  private func words(of bytes: [UInt8], _ layout: MessageLayout, _ limit: Int) -> String? {
    var texts: [String] = []
    var at = 0
    var count = 0
    while at < bytes.count {
      let rest = bytes[at...]
      // First: one that has bytes left over can be decoded without them.
      if let wrong = faulty.last(where: { $0.layout === layout && rest.elementsEqual($0.bytes) }) {
        texts.append(wrong.words)
        break
      }
      let decoded = rest.withUnsafeBytes { try? MessageDecoder.decode(layout, $0) }
      guard let decoded, decoded.size > 0 else { return nil }
      at += decoded.size
      // Those behind are decoded all the same: all of the bytes have to be such messages.
      guard count <= limit else { continue }
      let text = "\(layout.name) \(Show.inspect(.map(decoded.fields)).text)"
      count += text.count
      texts.append(text)
    }
    let text = texts.joined(separator: ", ")
    return text.count > limit ? "\(text.prefix(limit))… (\(bytes.count) bytes)" : text
  }
}

extension Interpreter {
  /// What the fields of messages are told by: the channel's framing is another one now.
  func noteFraming(of channel: Channel) {
    let layout: MessageLayout? = if case .message(let layout)? = channel.settings?.framing { layout } else { nil }
    messageSteps.note(layout, of: channel.number, now: scheduler.transcript.now)
  }
}
