// What a script wants to go wrong with what a channel sends or receives.

import SockLanguage
import SocketCore

/// What happens in one direction. Durations are nanoseconds, chances go from 0 to 1.
struct FaultRules {
  /// How one direction comes to a standstill or an end.
  enum Stop: Equatable {
    /// Both directions end in good order, as a process does that closes.
    case cut
    /// A reset (RST).
    case reset
    /// Nothing more is taken: a peer that has stopped reading.
    case stall
    /// What comes is taken, and kept until it is released.
    case hold
  }

  /// When it does.
  enum Point {
    case bytes(Int)
    case messages(Int)
    /// On the monotonic clock.
    case time(Int64)
  }

  var delay: Int64 = 0
  /// The delay is up to so much shorter or longer.
  var jitter: Int64 = 0
  /// Bytes a second; nil: as fast as it goes.
  var rate: Double?
  var stop: Stop?
  var point = Point.bytes(0)
  /// As the script has said it.
  var stopWords = ""
  /// For each byte, that it is another.
  var corrupt = 0.0
  // For each message.
  var drop = 0.0
  var duplicate = 0.0
  var reorder = 0.0
  /// What becomes of a message; it goes on as it is without, and nil drops it.
  var rewrite: ((ByteString) throws(Failure) -> ByteString?)?
  /// Each line is a message; else those of the channel's framing.
  var hasLines = false

  /// The first of its words that acts on messages.
  var wordOfMessages: String? {
    if stop != nil, case .messages = point { return OptionWord.messages.rawValue }
    if rewrite != nil { return OptionWord.rewrite.rawValue }
    let chances: [(OptionWord, Double)] = [(.drop, drop), (.duplicate, duplicate), (.reorder, reorder)]
    return chances.first { $0.1 > 0 }?.0.rawValue
  }

  /// Whether it has to be known where messages end.
  var needsMessages: Bool { wordOfMessages != nil }

  var isEmpty: Bool {
    delay == 0 && jitter == 0 && rate == nil && stop == nil && corrupt == 0 && !needsMessages
  }

  /// In the order and the words in which a script says it.
  var words: String {
    var parts: [String] = []
    if delay > 0 { parts.append("delay \(FaultRules.duration(delay))") }
    if jitter > 0 { parts.append("jitter \(FaultRules.duration(jitter))") }
    if let rate { parts.append("rate \(Show.text(.float(rate)).text)") }
    if stop != nil { parts.append(stopWords) }
    for (word, chance) in [("corrupt", corrupt), ("drop", drop), ("duplicate", duplicate), ("reorder", reorder)]
    where chance > 0 {
      parts.append("\(word) \(Show.text(.float(chance)).text)")
    }
    if rewrite != nil { parts.append("rewrite") }
    return parts.joined(separator: " ")
  }

  private static func duration(_ nanoseconds: Int64) -> String {
    nanoseconds < 1_000_000_000
      ? "\(Show.text(.float(Double(nanoseconds) / 1e6)).text)ms" : "\(Show.text(.float(Double(nanoseconds) / 1e9)).text)s"
  }
}
