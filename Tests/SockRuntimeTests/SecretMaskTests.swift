// Which bytes are taken for a secret, in which form, and which are not.

import Testing

@testable import SockRuntime

@Suite struct SecretMaskTests {
  private func masked(_ text: String, _ secrets: String...) -> String {
    let hidden = Secrets()
    for (number, secret) in secrets.enumerated() { hidden.add(Array(secret.utf8), name: "s\(number)") }
    return hidden.masked(text)
  }

  @Test(arguments: [
    ("PASS hunter2!", "PASS ***!"), ("HUNTER2 Hunter2", "*** ***"), ("hunter2hunter2", "***"),
    // hunter2 alone, behind one byte, and behind two; as part of a longer text.
    ("aHVudGVyMg==", "***"), ("eGh1bnRlcjI=", "e***"), ("eHhodW50ZXIy", "eH***"), ("dTpodW50ZXIyOg==", "dT***Og=="),
    ("68756e74657232", "***"), ("68756E74657232", "***"), ("68 75 6e 74 65 72 32 00", "*** 00"),
    ("68:75:6e:74:65:72:32", "***"),
    ("%68unter2", "***"), ("a+hunte%722+b", "a+***+b"), (#"hunt\x65r2 \u0068unter2 \u{68}unter2"#, "*** *** ***"),
    // At the edges of values, and of what was cut.
    (#"received "ter2\r\n""#, #"received "***\r\n""#), (#"starts "AUTH hunt""#, #"starts "AUTH ***""#),
    (#"starts "AUTH hu…"#, #"starts "AUTH ***…"#), (#""hunting""#, #""hunting""#), ("hunt", "***"), ("hun", "hun"),
    ("a hunter in the woods", "a hunter in the woods"),
  ]) func itIsFound(_ text: String, _ shown: String) { #expect(masked(text, "hunter2") == shown) }

  @Test func escapedOnesAreFound() {
    for text in [#"a"b\c"#, #"a\"b\\c"#, #"a\\\"b\\\\c"#, "a%22b%5Cc"] {
      #expect(masked("-\(text)-", #"a"b\c"#) == "-***-")
    }
  }

  @Test func theLongerOfTwoIsHiddenWhole() {
    #expect(masked("token12345 token1 x", "token1", "token12345") == "*** *** x")
    #expect(masked("token12345 token1 x", "token12345", "token1") == "*** *** x")
  }

  @Test func aShortOneIsHiddenWhereItStandsAlone() {
    #expect(masked("PIN 42, 1424 and 42", "42") == "PIN ***, 1424 and ***")
    #expect(masked("a cat, A", "a") == "*** cat, A")
    #expect(masked("nothing", "") == "nothing")
  }

  @Test func mostOfOneIsAsGoodAsAll() {
    #expect(masked("-hunter2-Tr0ub4doX-", "hunter2-Tr0ub4dor") == "-***X-")
    #expect(masked("-hunter2-Tr-", "hunter2-Tr0ub4dor") == "-hunter2-Tr-")
  }

  @Test func linesOfAKeyAreSecrets() {
    #expect(masked("-- MIIEvQIBADAN --", "-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n") == "-- *** --")
  }
}
