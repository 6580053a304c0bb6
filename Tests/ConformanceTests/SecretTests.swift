// That no form of a secret stands in anything that is written: secrets with evil characters, many ways of failing, and
// every kind of output, searched byte by byte.

import Testing

@testable import SockConformance
@testable import SockRuntime

@Suite struct SecretTests {
  /// With what a literal, a report or a format escapes, or what is not text at all.
  static let values: [[UInt8]] = [
    Array("hunter2-Tr0ub4dor".utf8), Array(#"q"7\w${z}k'/9"#.utf8), Array("zq\tvx\nkj\r\u{1B}[31mwq".utf8),
    Array("zp%41+q&<kx>=".utf8), Array("wörd zü 密码 jq".utf8),
    [0x00, 0x7A, 0xFF, 0xFE, 0x71, 0x80, 0x6A, 0x01, 0x78, 0x00],
    Array("qzxj".utf8), Array(String(repeating: "Zq7/k+", count: 60).utf8),
  ]

  /// Each fails in a way of its own, and takes the secret to another place.
  private static let body = #"""
    test "line ${pw}" must "section ${pw}"
      let [a, b] = socketpair
      a.send line "AUTH ada " + pw
      b.expect line "AUTH ada none"
    end
    test "todo" todo "until ${pw}"
      fail "not ${pw}: ${json({p: pw})} ${json(json([pw]))}"
    end
    test "skip"
      skip "since ${pw}"
    end
    test "encoded"
      let [a, b] = socketpair
      a.send line base64(pw) + " " + base64("u:" + pw) + " " + base64("us:" + pw + "\n") + " " + base64("use:" + pw)
      a.send line replace(replace(base64("ab" + pw), "+", "-"), "/", "_") + " " + hex(pw) + " " + upper(hex(pw))
      a.send line urlencode(pw) + " " + json([pw, {"k": pw}]) + " " + upper(pw) + " " + lower(pw)
      check (b.recv line) == "x"
      check (b.recv line) == "x"
      b.expect line "x"
    end
    test "binary"
      let [a, b] = socketpair
      a.send x"00 01 02 03 04 05 06 07 08 09 0a" + pw + x"00 ff" + pw
      b.expect x"00 01 02 03 04 05 06 07 08 09 0b"
    end
    test "expected"
      let [a, b] = socketpair
      a.send x"00" + pw[0..<len(pw) - 1] + x"ff ff"
      b.expect x"00" + pw
    end
    test "pieces"
      let [a, b] = socketpair
      a.send "AUTH " + pw + "\r\n" chunks 3
      b.recv exactly 7 as begin
      b.expect line "y"
    end
    test "begun"
      let [a, b] = socketpair
      a.send pw + "\r\n"
      b.recv exactly len(pw) - 4 as begin
      assert (b.recv line) == "y", "after ${begin}"
    end
    test "long"
      let [a, b] = socketpair
      a.send repeat("-", 197) + pw + repeat("-", 400) + "\n"
      b.expect "+"
    end
    test "unread"
      let [a, b] = socketpair
      a.send pw + "\r\n" + pw
      b.expect eof
    end
    test "address"
      if pw =~ /[\/\0]/ or len(pw) > 60
        skip "no name of a file"
      end
      listen unix:${tmpdir}/${pw} as l
      connect unix:${tmpdir}/${pw} as c
      connect unix:${tmpdir}/${pw}x
    end
    test "values"
      let m = {pw: [pw, {deep: pw}], other: repeat("x", 190) + pw}
      print pw, m, inspect(m), "two\n${pw}"
      log "logged ${pw} ${inspect(inspect(pw))}"
      assert m == {}, "message ${pw}"
    end
    test "type"
      let n = pw + 1
    end
    test "parse"
      let n = int(repeat("7", 38) + pw)
    end
    test "process"
      run ["sh", "-c", "echo \"$0\" >&2; printf '%s' \"$0\"; exit 3", replace(pw, "\0", "0")] as p
      p.expect "nothing of it"
    end
    test "thrown"
      try
        fail "inner ${pw}"
      catch e
        fail "outer ${e.message}"
      end
    end
    test "silence"
      let [a, b] = socketpair
      a.send pw
      b.expect silence 50ms
    end
    test "regex"
      let [a, b] = socketpair
      a.send "abc" + pw
      b.expect /abc${pw}z/ within 100ms
    end
    """#

  @Test(arguments: values.indices) func noFormIsInAnyOutput(_ number: Int) throws {
    let secret = SecretTests.values[number]
    let folder = try Folder()
    let digits = secret.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
    // Not in the suite's own text, which reports quote: from where it stands in a file of its own.
    let library = try folder.write("kept.sock", "let value = x\"\(digits)\"\n")
    let suite = try folder.write(
      "a.sock", "import \"kept.sock\" as kept\nparam secret pw = kept.value\n"
        + "param secret longer = kept.value + \"-LoNgEr9\"\n" + SecretTests.body)
    for segment in ["4", "5000"] {
      let outcome = try Program.run(
        [
          Program.sock, "test", suite, "--segment", segment, "--report", "json=\(folder.file("r.json"))",
          "--report", "tap=\(folder.file("r.tap"))", "--report", "junit=\(folder.file("r.xml"))",
          "--report", "html=\(folder.file("r.html"))", "--report", "github=\(folder.file("r.github"))",
          "--report", "pretty=\(folder.file("r.txt"))", "--transcript", folder.file("text"),
          "--pcap", folder.file("pcap"),
        ], errors: true)
      #expect(outcome.status == 1 || outcome.status == 2, "\(outcome.output)")
      #expect(outcome.output.contains("***"))
      expectNothing(of: secret, in: Array(outcome.output.utf8), "the terminal")
      for file in try folder.allFiles() where file != suite && file != library {
        expectNothing(of: secret, in: try Folder.bytes(of: file), file)
      }
    }
  }

  @Test(arguments: values.indices) func aPlainScriptShowsNone(_ number: Int) throws {
    let secret = SecretTests.values[number]
    let folder = try Folder()
    let digits = secret.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
    _ = try folder.write("kept.sock", "let value = x\"\(digits)\"\n")
    let script = try folder.write(
      "a.sock", """
      import "kept.sock" as kept
      param secret pw = kept.value
      print pw, [pw], base64(pw), hex(pw)
      log pw, base64("u:" + pw)
      let [a, b] = socketpair
      a.send line pw
      b.expect line "x"
      """)
    let outcome = try Program.run([Program.sock, script], errors: true)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("***"))
    expectNothing(of: secret, in: Array(outcome.output.utf8), "the terminal")
    // What goes over a channel is data.
    let data = try folder.write(
      "b.sock", "import \"kept.sock\" as kept\nparam secret pw = kept.value\nstdout.send hex(pw)\n")
    #expect(try Program.run([Program.sock, data]).output == digits.filter { $0 != " " })
  }

  /// Each field is printed alone, and what came is shown where it is not what was expected.
  @Test func whatMessagesCutOffIsShownNowhere() throws {
    let folder = try Folder()
    let kept = try folder.write("kept", "hunter2-Tr0ub4dor")
    let suite = try folder.write(
      "a.sock",
      """
      param secret pw = readfile("\(kept)")
      message Pair
        a bytes 8
        b bytes 9
        c u8:text
      end
      message Other
        a ber
        b line
        c cstr
        d protobuf
      end
      test "received"
        let [a, b] = socketpair
        a.send pw + "\\x03abc" chunks 5
        b.recv message Pair as pair
        print "<${pair.a}> <${pair.b}>", pair.a, hex(pair.b)
        check pair.a == "x"
      end
      test "expected"
        let [a, b] = socketpair
        a.send pw + "\\x03abc"
        b.expect message Pair {c: "x"}
      end
      test "decoded"
        let bytes = x"04 04" + pw[..<4] + pw[4..<8] + "\\r\\n" + pw[8..<12] + x"00 0a05" + pw[12..]
        let other = decode(Other, bytes)
        print pw == other.a.value + other.b + other.c + other.d[0].value
        let pair = decode(Pair, pw + x"00")
        print "<${pair.a}> <${pair.b}>"
        fail "${other}"
      end
      """)
    let outcome = try Program.run(
      [Program.sock, "test", suite, "--report", "json=\(folder.file("r.json"))"], errors: true)
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.contains("<***> <***>"), "\(outcome.output)")
    #expect(try folder.text("r.json").contains("\"log\":\"true\\n<***>"))
    for piece in ["hunter2-", "Tr0ub4dor", "hunter2", "r0ub4"] {
      #expect(!outcome.output.contains(piece), "\(piece): \(outcome.output)")
      let report = String(decoding: try Folder.bytes(of: folder.file("r.json")), as: UTF8.self)
      #expect(!report.contains(piece), "\(piece): \(report)")
    }
  }

  /// Its bytes are numbers then, alone and in lists.
  @Test func whatMessagesReadAsNumbersIsShownNowhere() throws {
    let folder = try Folder()
    let kept = try folder.write("kept", "hunter2-Tr0ub4dor")
    let suite = try folder.write(
      "a.sock",
      """
      param secret pw = readfile("\(kept)")
      message Bytes
        head u8
        all list of u8 count 17
      end
      message Words
        head u8
        words list of u16 count 4
        rest list of i32le count 2
      end
      message Longs
        head u64
        float f64le
      end
      message Wrong
        head u8
        all list of u8 until 0
      end
      test "received"
        let [a, b] = socketpair
        a.send "\\x07" + pw
        b.recv message Bytes as bytes
        print bytes, json(bytes), bytes.all[2..<9]
        check bytes.all == [1]
      end
      test "expected"
        let [a, b] = socketpair
        a.send "\\x07" + pw
        b.expect message Words {words: [1, 2, 3, 4]}
      end
      test "decoded"
        let longs = decode(Longs, pw[..<16])
        print "<${longs.head}> <${longs.float}>"
        check longs.head == 1
      end
      test "wrong"
        let [a, b] = socketpair
        a.send "\\x07" + pw
        a.close
        b.recv message Wrong
      end
      """)
    let (json, html) = (folder.file("r.json"), folder.file("r.html"))
    let outcome = try Program.run(
      [
        Program.sock, "test", suite, "--report", "json=\(json)", "--report", "html=\(html)", "--report", "pretty",
        "--transcript", folder.file("transcripts"),
      ], errors: true)
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.contains("{head: 7, all: [***]}"), "\(outcome.output)")
    #expect(outcome.output.contains("<***> <***>"), "\(outcome.output)")
    var texts = [outcome.output]
    for file in try folder.allFiles() where file != suite && file != kept {
      texts.append(String(decoding: try Folder.bytes(of: file), as: UTF8.self))
    }
    #expect(texts.count == 7)
    // h and u, n and t, and those of more bytes.
    let numbers = ["104, 117", "104,117", "110, 116", "26741, 28276", "28276", "1966109268", "1868842082"]
    for text in texts {
      for number in numbers { #expect(!text.contains(number), "\(number): \(text)") }
    }
  }

  /// By a peer that is none of ours, byte by byte and in halves, and by the reads.
  @Test func whatReadsCutOffIsShownNowhere() throws {
    let secret = Array("hunter2-Tr0ub4dor".utf8)
    let folder = try Folder()
    let dribble = try folder.write(
      "dribble.py",
      """
      import socket, sys, time
      # The peer waits until what it has sent was read.
      size, listener = int(sys.argv[1]), socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1], flush=True)
      connection = listener.accept()[0]
      connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
      echoed = b"535 no: " + open(sys.argv[2], "rb").read() + b"\\r\\n"
      for at in range(0, len(echoed), size):
          connection.sendall(echoed[at:at + size])
          connection.recv(1)
      """)
    let kept = try folder.write("kept", String(decoding: secret, as: UTF8.self))
    let suite = try folder.write(
      "a.sock",
      """
      param secret pw = readfile("\(kept)")
      for size in [1, 3, 8, 16]
        test "what came ${size}"
          run ["python3", "\(dribble)", str(size), "\(kept)"] as peer
          let port = peer.recv line
          connect 127.0.0.1:${port}
          let all = ""
          while recv as piece
            all += piece
            # Shorter ones are shown.
            if len(piece) >= 4
              print "<${piece}> ${hex(piece)} ${base64(piece)}"
              log json({p: piece})
              check piece == "nothing"
            end
            print "<${all}>"
            check all == "${piece}none"
            send "."
          end
        end
        test "by the reads ${size}"
          let [a, b] = socketpair
          a.send line "535 no: " + pw
          a.close
          b.recv 8 peek
          while b.recv size as piece
            if size >= 4
              print "-${piece}-"
              check "-${piece}-" == "nothing"
            end
          end
        end
        test "fails ${size}"
          let [a, b] = socketpair
          a.send line pw
          b.recv exactly size + 4 as piece
          fail "it was -${piece}-"
        end
      end
      """)
    let outcome = try Program.run(
      [
        Program.sock, "test", suite, "--report", "json=\(folder.file("r.json"))",
        "--report", "junit=\(folder.file("r.xml"))", "--transcript", folder.file("text"),
      ], errors: true)
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.contains("535 no: ***"), "\(outcome.output)")
    expectNothing(of: secret, in: Array(outcome.output.utf8), "the terminal")
    for file in try folder.allFiles() where ![suite, dribble, kept].contains(file) {
      expectNothing(of: secret, in: try Folder.bytes(of: file), file)
    }
  }

  // MARK: - Searching

  /// Six bytes of it in a row, in any form, are too many; of a shorter one all.
  private func expectNothing(of secret: [UInt8], in bytes: [UInt8], _ place: String) {
    for text in SecretTests.readings(of: bytes) {
      let lower = text.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
      for (name, form) in SecretTests.forms(of: secret) {
        let length = min(form.count, name.hasPrefix("hex") ? 15 : 6)
        for at in 0...(form.count - length) {
          let part = form[at..<at + length].map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
          guard let found = SecretTests.offset(of: part, in: lower) else { continue }
          let around = lower[max(0, found - 60)..<min(lower.count, found + 60)]
          Issue.record("\(place): \(name), byte \(at): …\(String(decoding: around, as: UTF8.self))…")
          return
        }
      }
      if let found = SecretTests.offset(of: Array("****".utf8), in: lower) {
        let around = lower[max(0, found - 60)..<min(lower.count, found + 60)]
        Issue.record("\(place): more than three stars: …\(String(decoding: around, as: UTF8.self))…")
        return
      }
    }
  }

  private static func offset(of part: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { all in part.withUnsafeBytes { all.offset(of: $0) } }
  }

  private static func forms(of secret: [UInt8]) -> [(name: String, bytes: [UInt8])] {
    var forms: [(String, [UInt8])] = [("as it is", secret)]
    let pairs = secret.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    for separator in ["", " "] { forms.append(("hex", Array(pairs.joined(separator: separator).utf8))) }
    for before in 0..<3 {
      let encoded = base64([UInt8](repeating: 0, count: before) + secret)
      // Only what the secret alone decides.
      let whole = (before + secret.count) * 8 / 6
      let own = Array(encoded[[0, 2, 3][before]..<whole])
      forms.append(("base64, \(before) before", own))
      let url = String(decoding: own, as: UTF8.self).replacing("+", with: "-").replacing("/", with: "_").utf8
      forms.append(("base64url, \(before) before", Array(url)))
    }
    return forms
  }

  private static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        result.append(alphabet[Int(bits >> UInt32(count)) & 63])
      }
    }
    if count > 0 { result.append(alphabet[Int(bits << UInt32(6 - count)) & 63]) }
    return result
  }

  /// The bytes, and what they say to who undoes escapes and entities, once and twice.
  private static func readings(of bytes: [UInt8]) -> [[UInt8]] {
    var readings = [bytes]
    var text = bytes
    for (entity, character) in [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&amp;", "&")] {
      text = Array(String(decoding: text, as: UTF8.self).replacing(entity, with: character).utf8)
    }
    readings.append(text)
    for _ in 0..<3 {
      var undone = Unescaped(plain: text)
      guard undone.undoEscapes() else { break }
      text = undone.bytes
      readings.append(text)
    }
    var percents = Unescaped(plain: bytes)
    if percents.undoPercents() { readings.append(percents.bytes) }
    return readings
  }
}

@Suite struct SecretSourceTests {
  @Test func secretsComeFromElsewhere() throws {
    let folder = try Folder()
    let file = try folder.write("pw", "hunter2-Zq\n")
    let script = try folder.write("a.sock", "param secret pw = \"none\"\nstdout.send \"${len(pw)} ${hex(pw)}\"\n")
    let suite = try folder.write(
      "b.sock", "param secret pw = \"none\"\ntest \"a\"\n  assert pw == \"hunter2-Zq\", pw\nend\n")
    let environment = ["SOCK_TEST_PW=hunter2-Zq"]
    for source in ["env:SOCK_TEST_PW", "file:\(file)", "file:/dev/fd/0"] {
      let words = [Program.sock, "--secret", "pw=\(source)", script]
      let shell = ["sh", "-c", "f=$1; shift; \"$@\" < \"$f\"", "sh", file]
      #expect(try Program.run(shell + words, environment: environment).output == "10 68756e746572322d5a71", "\(source)")
      // The process that runs the tests gets it too, also where it can be read only once.
      let test = "f=$1; shift; cat \"$f\" | \"$@\""
      let outcome = try Program.run(
        ["sh", "-c", test, "sh", file, Program.sock, "test", "--secret", "pw=\(source)", suite],
        environment: environment, errors: true)
      #expect(outcome.status == 0, "\(source): \(outcome.output)")
    }
    for wrong in ["hunter2-Zq", "env:", "env:SOCK_TEST_NO_SUCH", "file:\(folder.file("none"))", "value:hunter2-Zq"] {
      let outcome = try Program.run([Program.sock, "--secret", "pw=\(wrong)", script], errors: true)
      #expect(outcome.status == 2)
      #expect(!outcome.output.contains("hunter2"), "\(outcome.output)")
    }
    // It is hidden whatever the script calls it.
    let plain = try folder.write("c.sock", "param pw = \"none\"\nprint pw, base64(pw)\n")
    let outcome = try Program.run([Program.sock, "--secret", "pw=env:SOCK_TEST_PW", plain], environment: environment)
    #expect(outcome.output == "*** ***\n")
    let unknown = try Program.run([Program.sock, "--secret", "nope=file:\(file)", plain], errors: true)
    #expect(unknown.status == 2 && unknown.output.contains("--secret nope: the script has no `param nope`"))
  }

  @Test func theListOfProcessesShowsNoSecret() throws {
    let folder = try Folder()
    let seen = folder.file("seen")
    // Its own process, and the one that has started that.
    let look = try folder.write(
      "look.sh", "cat /proc/$PPID/cmdline /proc/$(cut -d ' ' -f 4 /proc/$PPID/stat)/cmdline | tr '\\0' ' '\n")
    let suite = try folder.write(
      "a.sock",
      """
      param secret pw = "none"
      test "who looks"
        assert pw == "hunter2-Zq"
        run ["sh", "\(look)"] as p
        writefile("\(seen)", (p.recv all))
      end
      """)
    for words in [["--set", "pw=hunter2-Zq"], ["--set=pw=hunter2-Zq"]] {
      let outcome = try Program.run([Program.sock, "test", suite] + words, errors: true)
      #expect(outcome.status == 0, "\(outcome.output)")
      let text = try folder.text("seen")
      #expect(text.contains("--worker") && text.contains(suite) && text.contains("pw=*** "), "\(text)")
      #expect(!text.contains("hunter2"), "\(text)")
    }
  }
}
