// Which misspelt names are recognized, and which are too far away.

import Testing

@testable import SockLanguage

@Suite struct SuggestionTests {
  static let words = ["recv", "send", "expect", "connect", "print", "if", "len", "sockopt", "x"]

  @Test(arguments: [
    ("rcv", "recv"), ("recvv", "recv"), ("revc", "recv"), ("Recv", "recv"), ("snd", "send"), ("exepct", "expect"),
    ("conect", "connect"),
    ("fi", "if"), ("lne", "len"), ("PRINT", "print"), ("socktop", "sockopt"), ("X", "x"),
  ]) func near(_ name: String, _ meant: String) {
    #expect(Suggestion.nearest(name, among: Self.words) == meant)
  }

  @Test(arguments: ["", "y", "ab", "abcdef", "receiver", "recv", String(repeating: "recv", count: 100)])
  func notNear(_ name: String) {
    #expect(Suggestion.nearest(name, among: Self.words) == nil)
  }

  @Test func theNearestWins() {
    #expect(Suggestion.nearest("counts", among: ["count", "counter", "counts_", "mounts"]) == "count")
  }

  @Test(arguments: [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)])
  func distances(_ a: String, _ b: String, _ distance: Int) {
    #expect(Suggestion.distance(Array(a.utf8), Array(b.utf8)) == distance)
    #expect(Suggestion.distance(Array(b.utf8), Array(a.utf8)) == distance)
  }
}
