// Hides secrets in what is shown: in texts, and in transcripts, where one may be spread over several events.

extension Interpreter {
  /// The same with every secret in it hidden.
  func masked(_ bytes: [UInt8]) -> [UInt8] {
    guard !secrets.isEmpty else { return bytes }
    var bytes = bytes
    for secret in secrets {
      var from = 0
      while let at = bytes.withUnsafeBytes({ all in secret.withUnsafeBytes { all.offset(of: $0, from: from) } }) {
        bytes.replaceSubrange(at..<at + secret.count, with: [UInt8](repeating: 0x2A, count: 3))
        from = at + 3
      }
    }
    return bytes
  }

  /// The transcript with every secret in it hidden, also one that went out or came in pieces. Lengths stay as they are.
  var maskedEntries: [Transcript.Entry] {
    var entries = scheduler.transcript.entries
    guard !secrets.isEmpty else { return entries }
    SecretMask.hide(secrets, in: &entries)
    return entries
  }

  package func masked(_ text: String) -> String {
    secrets.isEmpty ? text : String(decoding: masked(Array(text.utf8)), as: UTF8.self)
  }
}

enum SecretMask {
  /// One direction of one channel: what follows each other there belongs together.
  private struct Direction: Hashable {
    let channel: Int32
    let event: TranscriptEvent
  }

  /// Replaces each byte of a secret by `*`. Where bytes were not kept, what may be a secret's beginning is hidden too.
  static func hide(_ secrets: [[UInt8]], in entries: inout [Transcript.Entry]) {
    var directions: [Direction: [Int]] = [:]
    for (index, entry) in entries.enumerated() where entry.event == .sent || entry.event == .received {
      directions[Direction(channel: entry.channel, event: entry.event), default: []].append(index)
    }
    for indices in directions.values {
      var run: [Int] = []
      for index in indices {
        run.append(index)
        if entries[index].count > entries[index].bytes.count {
          hide(secrets, in: &entries, run, isCut: true)
          run.removeAll(keepingCapacity: true)
        }
      }
      hide(secrets, in: &entries, run, isCut: false)
    }
  }

  /// Hides them in events whose bytes follow each other without a gap.
  private static func hide(_ secrets: [[UInt8]], in entries: inout [Transcript.Entry], _ run: [Int], isCut: Bool) {
    var bytes: [UInt8] = []
    for index in run { bytes += entries[index].bytes }
    var hidden: [Range<Int>] = []
    for secret in secrets {
      var from = 0
      while let at = bytes.withUnsafeBytes({ all in secret.withUnsafeBytes { all.offset(of: $0, from: from) } }) {
        hidden.append(at..<at + secret.count)
        from = at + secret.count
      }
      if isCut {
        let longest = min(secret.count - 1, bytes.count)
        if longest > 0, let length = (1...longest).last(where: { bytes.suffix($0).elementsEqual(secret.prefix($0)) }) {
          hidden.append(bytes.count - length..<bytes.count)
        }
      }
    }
    guard !hidden.isEmpty else { return }
    for range in hidden {
      for at in range { bytes[at] = 0x2A }
    }
    var at = 0
    for index in run {
      let count = entries[index].bytes.count
      entries[index].bytes = Array(bytes[at..<at + count])
      at += count
    }
  }
}
