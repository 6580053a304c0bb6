// What of an answer varies: numbers, dates and identifiers, and only where two answers show it.

import Testing

@testable import SockRuntime

@Suite struct AnswerPatternTests {
  private func pattern(_ answers: [String]) -> String {
    let bytes = answers.map { Array($0.utf8) }
    let pattern = AnswerPattern(bytes[0], others: Array(bytes.dropFirst()))
    return pattern.isConstant ? answers[0] : pattern.regex(isOpen: false)
  }

  @Test(arguments: [
    (["+OK"], "+OK"), (["+OK", "+OK"], "+OK"), ([":1", ":2"], #":\d+"#), ([":9", ":10"], #":\d+"#),
    (["220 mx (1.5) #7", "220 mx (1.5) #8"], #"220 mx \(1\.5\) #\d+"#),
    // An identifier has a digit in it at least once; words are what was asked for.
    (["id a1f0", "id 99be"], "id [0-9a-f]+"), (["id 1a", "id 0f"], "id [0-9A-Za-z]+"),
    (["id A1F0", "id beef"], "id [0-9A-Za-z]+"),
    (["id a1z", "id Q2"], "id [0-9A-Za-z]+"), (["hello bob", "hello eve"], "hello bob"),
    (["hello bob, 3", "hello eve, 4"], #"hello bob, \d+"#), (["+OK", "-ERR no such key"], "+OK"),
    // An answer of another shape says nothing, and hides nothing.
    ([":1", "-ERR", ":3"], #":\d+"#),
    // The seconds vary, so the date around them will.
    (["at 21 Nov 2026 05:58:01 +0000", "at 21 Nov 2026 05:58:07 +0000"],
      #"at \d+ [A-Za-z]+ \d+ \d+:\d+:\d+ \+\d+"#),
    (["Sat, 21 Nov 2026 05:58:01 GMT", "Sat, 21 Nov 2026 05:59:01 GMT"],
      #"[A-Za-z]+, \d+ [A-Za-z]+ \d+ \d+:\d+:\d+ GMT"#),
    (["2026-11-21T05:58:01Z", "2026-11-21T05:58:02Z"], #"\d+-\d+-[0-9TZ]+:\d+:[0-9TZ]+"#),
    // What is near is no part of it.
    (["v1.2.3 uptime 17", "v1.2.3 uptime 18"], #"v1\.2\.3 uptime \d+"#),
    // Other shapes inside a word.
    (["nonce <a.1-b@x>", "nonce <c-22@x>"], #"nonce <\S+>"#), (["t -5", "t 5"], #"t \S+"#),
    (["a/b$ 1", "a/b$ 2"], #"a\/b\$ \d+"#), (["${x} 1", "${x} 2"], #"\$\{x\} \d+"#),
    (["\u{1}é 1", "\u{1}é 2"], #"\x01\xc3\xa9 \d+"#),
  ]) func patterns(_ answers: [String], _ expected: String) {
    #expect(pattern(answers) == expected)
  }

  /// Words are one of those that were seen, unless they look made up: long, or one letter over and over.
  @Test(arguments: [
    (["is yes", "is no", "is yes"], "is (?:no|yes)"), (["is xxxxxx", "is xxxx", "is xxxx"], "is [A-Za-z]+"),
    (["is abcdefghijklmnop", "is bcdefghijklmno", "is bcdefghijklmno"], "is [A-Za-z]+"),
  ]) func words(_ answers: [String], _ expected: String) {
    var rules = AnswerPattern.Rules()
    rules.takesWords = true
    let bytes = answers.map { Array($0.utf8) }
    #expect(AnswerPattern(bytes[0], samples: Array(bytes.dropFirst()), rules: rules, nil).regex(isOpen: false) == expected)
  }

  @Test func theEndOfAStreamSaysHowLong() {
    let even = AnswerPattern(Array("x 12".utf8), others: [Array("x 34".utf8)])
    #expect(even.endsFixed)
    #expect(even.regex(isOpen: true) == #"x \d{2}"#)
    let uneven = AnswerPattern(Array("x 9".utf8), others: [Array("x 10".utf8)])
    #expect(!uneven.endsFixed)
  }
}
