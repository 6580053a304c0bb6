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
    ("YUhWdWRHVnlNZz09", "***Zz09"), ("eD1kVHBvZFc1MFpYSXlPZz09", "eD1kVH***PZz09"),
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

  /// What a program draws may change its colour, or its row, in the middle of one.
  @Test(arguments: [
    ("a\u{1B}[1mhun\u{1B}[0;31mter2\u{1B}[0m.", "a\u{1B}[1m***\u{1B}[0m."), (#""hun\e[0mter2""#, #""***""#),
    ("\u{1B}[Hhunte\r\nr2 x", "\u{1B}[H*** x"), ("\u{1B}]0;title\u{07}hun \rter2", "\u{1B}]0;title\u{07}***"),
    ("hun\u{1B}(Bter2", "***"), ("\u{1B}[Hhun ter2", "\u{1B}[Hhun ter2"), ("hun\r\nter2", "hun\r\nter2"),
  ]) func itIsFoundInADrawing(_ text: String, _ shown: String) { #expect(masked(text, "hunter2") == shown) }

  /// As fields and elements of messages are shown whose bytes are a secret's, or a part of it.
  @Test(arguments: [
    ("[104, 117, 110, 116, 101, 114, 50]", "[***]"), ("[104,117,110,116]", "[***]"),
    ("[104, 117, 110]", "[104, 117, 110]"), ("[5, 116, 101, 114, 50, 9]", "[5, ***, 9]"), ("{a: 104, b: 117, c: 110, d: 116}", "{a: ***}"),
    ("[72, 85, 78, 84]", "[***]"), ("104\n117\n110\n116\n", "***\n"), ("0x68, 0x75, 0x6e, 0x74", "***"),
    ("104.117.110.116", "***"), ("1752526452 [116, 101, 114, 50]", "*** [***]"),
    ("all[0]: 104, all[1]: 117, all[2]: 110, all[3]: 116, all[4]: 9", "all[0]: ***, all[4]: 9"),
    ("127.0.0.1:28276", "127.0.0.1:28276"), ("v104 117 110 116", "v104 117 110 116"),
    // Of two bytes and four, of either order, and of eight in which one is another one's.
    ("[26741, 28276]", "[***]"), ("[30056, 29806]", "[***]"), ("at 1752526452 s", "at *** s"), ("1953396072", "***"),
    ("7527043798416896545", "***"), ("-7527043798416896545", "-7527043798416896545"),
    ("{a: 104, b: 30062, c: 116}", "{a: ***}"),
    ("4.636069155328318e+24", "***"), ("7.5570552611317e+31", "***"), ("1.5644764779115097e+195", "***"),
    ("9.016637627323474e-149", "***"), ("1.5644764779115098e+190", "1.5644764779115098e+190"),
    // Its Base64, aHVudGVyMg, and its hex.
    ("[97, 72, 86, 117, 100, 71, 86, 121, 77]", "[***]"), ("[54, 56, 55, 53, 54, 101, 55, 52, 54, 53]", "[***]"),
    ("[54, 56, 55, 53]", "[54, 56, 55, 53]"),
  ]) func itIsFoundInNumbers(_ text: String, _ shown: String) { #expect(masked(text, "hunter2") == shown) }

  /// Negative ones, and those of a secret that has bytes of zero.
  @Test func bytesThatAreNoTextAreFoundInNumbers() {
    let secrets = Secrets()
    secrets.add([0xFE, 0x80, 0x01, 0xC3, 0, 0, 0, 0], name: "key")
    #expect(secrets.masked("[-2, -128, 1, -61, 0, 0, 0, 0]") == "[***, 0]")
    #expect(secrets.masked("[-384, 451]") == "[***]" && secrets.masked("-25165373") == "***")
    #expect(secrets.masked("[0, 0, 0, 0] 1 0 0.5") == "[0, 0, 0, 0] 1 0 0.5")
  }

  @Test func itIsFoundInTwoRowsOfAScreen() {
    let secrets = Secrets()
    secrets.add(Array("hunter2".utf8), name: "pw")
    func rows(_ rows: String...) -> [String] {
      secrets.masked(rows: rows.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(rows("name: hun", "ter2 is it", "hunter2") == ["name: ***", " is it", "***"])
    #expect(rows("hu", "nt", "er2") == ["***", "", ""])
    #expect(rows("a", "b") == ["a", "b"])
  }

  @Test(arguments: [
    ("pass hunter2!", "as it is"), ("pass HUNTER2", "in other letter case"), ("68756E74657232", "in hex"),
    ("x:aHVudGVyMg==", "in Base64"), ("%68unter2", "URL-encoded"), (#"hunt\x65r2"#, "with escapes"), ("hunting", nil),
  ] as [(String, String?)])
  func itsFormIsTold(_ text: String, _ form: String?) throws {
    let secrets = Secrets()
    secrets.add(Array("hunter2".utf8), name: "pw")
    #expect(try #require(secrets.all.first).form(in: Array(text.utf8)) == form)
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

  // MARK: - Pieces

  /// What is shown of a text after a script has taken these, one after the other, from one stream.
  private func masked(_ text: String, afterReading taken: [String], ahead: String = "") -> String {
    let hidden = Secrets()
    hidden.add(Array("hunter2-Tr0ub4dor".utf8), name: "s")
    let stream = Array((taken.joined() + ahead).utf8)
    var start = 0
    stream.withUnsafeBytes { stream in
      for piece in taken {
        let end = start + piece.utf8.count
        hidden.noteRead(UnsafeRawBufferPointer(rebasing: stream[start..<end]), ahead: stream[end...], on: 1)
        start = end
      }
    }
    return hidden.masked(text)
  }

  @Test func whatReadsCutOffIsHidden() {
    let answer = ["AUTH hunt", "er2-T", "r0ub4dor\r\n"]
    #expect(masked("<hunt> <er2-T> hunted", afterReading: answer) == "<***> <***> ***ed")
    #expect(masked("<r0ub4dor> <Tr0u>", afterReading: answer) == "<***> <Tr0u>")
    // Also encoded, and while nobody knows what comes.
    #expect(masked("68756e74, aHVudA==", afterReading: ["AUTH hunt"]) == "***, ***")
    #expect(masked("<hunt> <hunter>", afterReading: ["AUTH hunter"]) == "<hunt> <***>")
    // Shorter ones only together.
    let bytes = "hunter2-Tr0ub4dor".map(String.init)
    #expect(masked("<hun> <nter> <hunter2>", afterReading: bytes) == "<hun> <***> <***>")
    #expect(masked("<hun> <unte> <hunter2->", afterReading: ["hun", "ter", "2-", "Tr0ub4dor"]) == "<hun> <***> <***>")
    // Nothing was cut.
    for whole in [["a hunter2-Tr0ub4dor b"], ["x", "hunter2-Tr0ub4dor", "y"], ["hunt", "ing"], []] {
      #expect(masked("<er2-Tr> <hunt>", afterReading: whole) == "<er2-Tr> <hunt>")
    }
  }

  /// Fields of a message are reads of their own: each piece between any two places of it, with the rest of the secret in
  /// front of the message, in it, and behind it.
  @Test func whatFieldsCutOffIsHidden() {
    let stream = Array("no: hunter2-Tr0ub4dor\r\n".utf8)
    let place = 4..<21
    for (first, last) in [(0, 23), (7, 23), (0, 18), (6, 19)] {
      for end in max(place.lowerBound, first) + 4...min(place.upperBound, last) {
        for start in max(place.lowerBound, first)...end - 4 where end - start < place.count {
          let hidden = Secrets()
          hidden.add(Array("hunter2-Tr0ub4dor".utf8), name: "s")
          stream.withUnsafeBytes { stream in
            hidden.noteFields(
              of: UnsafeRawBufferPointer(rebasing: stream[first..<last]), before: stream[..<first],
              ahead: stream[last...], on: nil
            ) { [start - first..<end - first] }
          }
          let piece = String(decoding: stream[start..<end], as: UTF8.self)
          #expect(hidden.masked("<\(piece)>") == "<***>", "\(start) to \(end), a message from \(first) to \(last)")
        }
      }
    }
    let hidden = Secrets()
    hidden.add(Array("hunter2-Tr0ub4dor".utf8), name: "s")
    stream.withUnsafeBytes { stream in
      hidden.noteFields(of: stream, before: stream[..<0], ahead: stream[..<0], on: nil) { [0..<4, 4..<21, 21..<23] }
    }
    #expect(hidden.masked("<no: > <er2-Tr>") == "<no: > <er2-Tr>", "nothing was cut")
  }

  @Test func ofMuchThatIsReadBothEndsAreLookedAt() {
    let much = String(repeating: "-", count: 10_000)
    let taken = ["hunter2", "-Tr0ub4dor\(much)hunter2-Tr0ub", "4dor"]
    #expect(masked("<hunter2> <-Tr0ub4d> <r0ub> <4dor>", afterReading: taken) == "<***> <-Tr0ub4d> <r0ub> <***>")
    #expect(masked("<-Tr0ub4dor> <hunter2-Tr0ub>", afterReading: taken) == "<***> <***>")
  }

  /// Each piece between two reads' ends, with what comes behind known and not known; escaped, encoded, and as it is.
  @Test(arguments: ["hunter2-Tr0ub4dor", "aHVudGVyMi1Ucjx1YjRkb3I", #"hunter2\u002dTr0ub4dor"#, "hunter2%2dTr0ub4dor"])
  func everyCutIsSeen(_ form: String) {
    let secret = form.hasPrefix("aHV") ? "hunter2-Tr<ub4dor" : "hunter2-Tr0ub4dor"
    let stream = Array("no: \(form)\r\n".utf8)
    let place = 4..<4 + form.utf8.count
    // Half an escape may be anything.
    let isEscaped = form.contains("\\") || form.contains("%")
    for end in place.lowerBound + 4...place.upperBound {
      for start in place.lowerBound...end - 4 where end - start < place.count {
        for isKnown in isEscaped ? [true] : [true, false] {
          let hidden = Secrets()
          hidden.add(Array(secret.utf8), name: "s")
          for (lower, upper) in [(0, start), (start, end), (end, stream.count)] {
            let ahead = isKnown ? stream[upper...] : []
            Array(stream[lower..<upper] + ahead).withUnsafeBytes { bytes in
              let taken = UnsafeRawBufferPointer(rebasing: bytes[..<(upper - lower)])
              hidden.noteRead(taken, ahead: bytes[(upper - lower)...], on: 1)
            }
          }
          let piece = String(decoding: stream[start..<end], as: UTF8.self)
          #expect(hidden.masked("<\(piece)>") == "<***>", "\(start) to \(end), \(isKnown)")
        }
      }
    }
  }

  @Test func channelsAreApart() {
    let hidden = Secrets()
    hidden.add(Array("hunter2-Tr0ub4dor".utf8), name: "s")
    for (channel, text) in [(1, "hun"), (2, "ter2-Tr"), (1, "ting")] {
      Array(text.utf8).withUnsafeBytes { hidden.noteRead($0, ahead: $0[$0.count...], on: channel) }
    }
    #expect(hidden.masked("<hunting> <ter2-Tr>") == "<hunting> <ter2-Tr>")
  }
}
