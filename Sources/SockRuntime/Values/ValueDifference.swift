// Where two lists or maps part: the path to the first value that differs, instead of two texts to compare by eye.

/// What differs first in two values, of which at least one is a list or a map.
struct ValueDifference {
  /// As a script would write it behind a name: `.items[4].price`; empty where the values themselves differ.
  private(set) var path = ""
  /// What stands there on either side, in words.
  private(set) var left = ""
  private(set) var right = ""
  /// How many places differ, this one too; counting ends at `most`.
  private(set) var count = 0

  private static let most = 100
  /// Deeper than this nothing is looked at: lists may hold themselves.
  private static let deepest = 64

  /// Nil where no list or map is concerned, or no difference is found.
  init?(_ left: Value, _ right: Value) {
    switch (left, right) {
    case (.list, .list), (.map, .map): break
    default: return nil
    }
    var pairs = 100_000
    compare(left, right, "", depth: 0, &pairs)
    if count == 0 { return nil }
  }

  /// In a few words; the names of the two sides stand in front of what they have.
  func words(_ leftName: String, _ rightName: String) -> String {
    let rest = switch count {
    case 1: "the rest is equal"
    case 2: "and at one more place"
    default: "and at \(count - 1)\(count < ValueDifference.most ? "" : " or more") other places"
    }
    let place = path.isEmpty ? "" : "at \(path.hasPrefix(".") ? String(path.dropFirst()) : path): "
    return "\(place)\(leftName) has \(left), \(rightName) has \(right); \(rest)"
  }

  /// How a first line goes on.
  var outcome: String {
    let place = path.isEmpty ? "" : "\(path.hasPrefix(".") ? String(path.dropFirst()) : path): "
    return ", \(place)\(left), not \(right)"
  }

  private mutating func compare(_ left: Value, _ right: Value, _ path: String, depth: Int, _ pairs: inout Int) {
    pairs -= 1
    guard pairs > 0, depth < ValueDifference.deepest, count < ValueDifference.most else { return }
    switch (left, right) {
    case (.list(let a), .list(let b)):
      if a === b { return }
      for at in 0..<min(a.items.count, b.items.count) {
        compare(a.items[at], b.items[at], "\(path)[\(at)]", depth: depth + 1, &pairs)
      }
      if a.items.count != b.items.count {
        note(path, ValueDifference.size(a.items.count, "element"), ValueDifference.size(b.items.count, "element"))
      }
    case (.map(let a), .map(let b)):
      if a === b { return }
      for entry in a.entries where entry.isLive {
        let inner = path + ValueDifference.step(entry.key)
        if let other = b.place(of: entry.key) {
          compare(entry.value, other.pointee, inner, depth: depth + 1, &pairs)
        } else {
          note(inner, ValueDifference.shown(entry.value), "no such key")
        }
      }
      for entry in b.entries where entry.isLive && a.place(of: entry.key) == nil {
        note(path + ValueDifference.step(entry.key), "no such key", ValueDifference.shown(entry.value))
      }
    default:
      do throws(Failure) {
        if try Equality.equal(left, right) { return }
      } catch {
        // Too large to be compared: then it was not this that has been found to differ.
        return
      }
      note(path, ValueDifference.shown(left), ValueDifference.shown(right))
    }
  }

  private mutating func note(_ path: String, _ left: String, _ right: String) {
    if count == 0 { (self.path, self.left, self.right) = (path, left, right) }
    count += 1
  }

  private static func size(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }

  private static func step(_ key: Value) -> String {
    if case .string(let text) = key, isName(text) { return ".\(text.text)" }
    return "[\(shown(key))]"
  }

  private static func isName(_ text: ByteString) -> Bool {
    guard let first = text.bytes.first, !(0x30...0x39).contains(first) else { return false }
    return text.bytes.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || (0x30...0x39).contains($0) || $0 == 0x5F }
  }

  private static func shown(_ value: Value) -> String {
    let text = Show.inspect(value).text
    return text.count > ByteDifference.longest ? "\(text.prefix(ByteDifference.longest))…" : text
  }
}
