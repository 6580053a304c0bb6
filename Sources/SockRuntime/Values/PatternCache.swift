// Patterns that are put together while a script runs are compiled once for each text.

import SockLanguage

/// A byte string as a key of a dictionary: by content.
package struct ByteKey: Hashable {
  package let string: ByteString
  package init(_ string: ByteString) { self.string = string }

  package static func == (a: ByteKey, b: ByteKey) -> Bool { ByteString.equal(a.string, b.string) }
  package func hash(into hasher: inout Hasher) { hasher.combine(string.hash) }
}

/// Compiled patterns by text and flags. When it is full, those that were not used since it was last full are let go.
package final class PatternCache {
  private struct Key: Hashable {
    let source: ByteKey
    let flags: ByteKey
  }
  private struct Entry {
    let pattern: Pattern
    var isUsed: Bool
  }

  private var entries: [Key: Entry] = [:]
  private let capacity: Int
  private let limits: PatternLimits

  package init(capacity: Int = 256, limits: PatternLimits = PatternLimits()) {
    self.capacity = max(1, capacity)
    self.limits = limits
  }

  package var count: Int { entries.count }

  /// The pattern of that text; a bad one is a `parse` failure each time.
  package func pattern(source: ByteString, flags: ByteString) throws(Failure) -> Pattern {
    let key = Key(source: ByteKey(source), flags: ByteKey(flags))
    if let index = entries.index(forKey: key) {
      entries.values[index].isUsed = true
      return entries.values[index].pattern
    }
    let pattern = try Pattern(source: source, flags: flags, limits: limits)
    if entries.count >= capacity { sweep() }
    entries[key] = Entry(pattern: pattern, isUsed: false)
    return pattern
  }

  /// Drops what was not used since the last sweep, and everything when all of it was.
  private func sweep() {
    let survivors = entries.filter { $0.value.isUsed }.mapValues { Entry(pattern: $0.pattern, isUsed: false) }
    entries = survivors.count < capacity ? survivors : [:]
  }
}
