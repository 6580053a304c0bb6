// The page: whole, closed to the network, and what a browser makes of it.

import SockLanguage
import SockRuntime
import Testing

@testable import SockConformance

@Suite struct HtmlTests {
  private func records() -> [TestRecord] {
    var records = Example.all
    for (number, name) in ["postfix", "exim"].enumerated() {
      for clause in ["4.1.10", "4.1.9"] {
        var record = Example.record("clause \(clause)", number == 1 && clause == "4.1.9" ? .fail : .pass, file: "suite/m.sock")
        record.target = name
        record.level = "must"
        record.citation = "RFC 5321 section \(clause)"
        records.append(record)
      }
    }
    return records
  }

  @Test func loadsNothing() throws {
    let html = try Example.report(records()) { HtmlReporter($0) }
    for forbidden in ["src=", "http://", "https://", "<link", "@import", "url("] {
      #expect(!html.contains(forbidden), "\(forbidden)")
    }
    #expect(html.contains("default-src 'none'"))
    // What came from elsewhere is text and nothing else.
    #expect(!html.contains("a<b>"))
    #expect(!html.utf8.contains(0) && !html.utf8.contains(0x1B))
    #expect(!html.contains("\u{202E}"))
    #expect(html.contains("220 &lt;mx&gt;"))
  }

  /// A card of the page, from its tag to the next one's.
  private func card(_ name: String, in html: String) throws -> Substring {
    let start = try #require(html.range(ofFirst: "class=\"name\">\(name)</span>")?.upperBound)
    let rest = html[start...]
    return rest.range(ofFirst: "<details class=\"test\"").map { rest[..<$0.lowerBound] } ?? rest
  }

  @Test func nothingFromElsewhereIsMarkup() throws {
    let evil = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&lt;</details></pre>`--><!--"
    var record = Example.record(evil, .fail, file: evil)
    record.message = evil
    record.report = "\(evil):12:3: \(evil)\n12 | \(evil)\n   | ^^^\n   = received \(evil)\n"
    record.report += "   expected 0000 \(evil)\n\(evil)"
    record.log = evil
    record.tags = [evil]
    record.todo = evil
    record.citation = evil
    record.level = "must"
    record.target = evil
    record.leaks = [evil]
    record.excerpts = [SourceExcerpt(file: evil, line: 12, first: 12, lines: [evil], isCall: false)]
    record.tries = [TestTry(verdict: .fail, message: evil, duration: 1, report: evil), TestTry(record)]
    record.channels = [ChannelInfo(number: 4, label: evil, kind: "tcp", local: evil, peer: evil)]
    record.transcript = [
      TranscriptLine(
        at: 1, channel: 4, event: "<", isData: true, count: evil.utf8.count, bytes: Array(evil.utf8), fields: evil, file: evil,
        line: 1, peer: evil),
      Example.line(2, 4, "<", [0] + Array(evil.utf8)), Example.line(3, 4, evil),
    ]
    record.point = FailurePoint(at: 2, channel: 4, bytesBack: 40)
    var options = TestOptions()
    options.targets = [(evil, evil)]
    options.facts = RunFacts(version: evil, command: [evil, "a b"], host: evil, commit: evil)
    options.facts?.settings = [(evil, evil)]
    var summary = Example.summary([record, record])
    summary.warnings = [evil]
    summary.missing = [evil]
    summary.improvements = [evil]
    summary.stopped = [record]
    let html = try Example.report([record, record], options, summary: summary) { HtmlReporter($0) }
    // One script, the page's own, and no tag or attribute that came along.
    #expect(html.ranges(of: "<script").count == 1)
    #expect(html.ranges(of: "</script").count == 1)
    for forbidden in ["<img", "onerror='", "<!--", "-->"] {
      let isThere = html.contains(forbidden)
      #expect(!isThere, "\(forbidden)")
    }
    // What opens is closed, as often.
    for tag in ["details", "pre", "div", "section", "li", "ol", "span", "b", "code", "mark", "figure", "table", "a", "dd"] {
      let opened = html.ranges(of: "<\(tag)>").count + html.ranges(of: "<\(tag) ").count
      #expect(opened == html.ranges(of: "</\(tag)>").count, "\(tag)")
    }
  }

  @Test(.enabled(if: Program.exists("openssl"))) func thePolicyNamesThePagesOwnScript() throws {
    let command = "printf %s \"$1\" | openssl dgst -sha256 -binary | base64"
    let digest = try Program.run(["sh", "-c", command, "sh", HtmlPage.script])
    // A line end at the end is the shell's to keep: `$1` has it.
    #expect("sha256-\(digest.output)" == "\(HtmlPage.scriptHash)\n")
    let html = try Example.report(records()) { HtmlReporter($0) }
    #expect(html.contains("script-src '\(HtmlPage.scriptHash)'"))
    #expect(html.contains("<script>\(HtmlPage.script)</script>"))
    #expect(!html.contains("script-src 'unsafe-inline'"))
  }

  @Test func whatFailedStandsFirstAndTheFirstOfItOpen() throws {
    var records = (0..<300).map { Example.record("passes \($0)") }
    records.append(Example.record("fails first", .fail))
    records.append(Example.record("passes last"))
    records.append(Example.record("fails second", .error))
    records.append(Example.record("wavers", .flaky))
    let html = try Example.report(records) { HtmlReporter($0) }
    let names = html.matches(of: #/class="name">([^<]*)</#).map { String($0.output.1) }
    #expect(names.prefix(4) == ["fails first", "fails second", "wavers", "passes 0"])
    #expect(names.count == 304)
    #expect(html.ranges(of: #/<details class="test"[^>]* open>/#).count == 1)
    #expect(html.contains("id=\"t300\" data-verdict=\"fail\" open>"))
    // Both have one message, but not one verdict.
    #expect(html.contains("<td class=\"count\">2</td>"))
    for (number, name) in [(300, "fails first"), (302, "fails second")] {
      let isThere = html.contains("<a href=\"#b\(number)\">\(name)</a> <small>suite/smtp.sock:7</small>")
      #expect(isThere, "\(name)")
    }
  }

  @Test func aConversationStandsOnce() throws {
    var record = Example.record("greets", .fail)
    record.channels = [ChannelInfo(number: 4, label: "conn", kind: "tcp", local: nil, peer: nil)]
    record.transcript = [
      Example.line(0, 4, "connected"), Example.line(1_000_000, 4, ">", Array("EHLO x\r\n".utf8)),
      Example.line(2_003_000, 4, "<", Array("554 no\r\n".utf8)), Example.line(9_000_000, 4, "closed"),
    ]
    record.point = FailurePoint(at: 2_500_000, channel: 4)
    record.message = "expected a line, received \"554 no\""
    record.excerpts = [
      SourceExcerpt(file: record.file, line: 12, first: 11, lines: ["  send", "  expect line /^250/", "end"], isCall: false)
    ]
    record.report = """
      \(record.file):12:3: expected a line, received "554 no"
         |
      12 |   expect line /^250/
         |   ^^^^^^^^^^^^^^^^^^
         = received  "554 no\\r\\n"
         = help      ask again
         … 2 events before
         conn  0.000  connected suite/smtp.sock:12
         conn  0.001  > "EHLO x\\r\\n" suite/smtp.sock:12
         conn  0.002  < "554 no\\r\\n" suite/smtp.sock:12
         conn  7.777  < "not in the line" suite/smtp.sock:12

      """
    let card = try card("greets", in: try Example.report([record]) { HtmlReporter($0) })
    #expect(card.ranges(of: "EHLO x").count == 1)
    #expect(!card.contains("events before"))
    // Nothing is left out that stands nowhere else.
    #expect(card.contains("7.777  &lt; &quot;not in the line&quot;"))
    #expect(card.contains("<span class=\"got\">   = received  &quot;554 no\\r\\n&quot;</span>"))
    #expect(card.contains("<span class=\"help\">   = help      ask again</span>"))
    #expect(card.contains("<b class=\"place\"><i>12</i>   <mark>expect line /^250/</mark></b>"))
    #expect(card.ranges(of: "expect line").count == 1)
    // The answer is red, and after it stands what failed, before what happened afterwards.
    #expect(card.contains("<li class=\"in l0 bad\"><span class=\"at\">0.002<i>003</i> s</span>"))
    let fault = try #require(card.range(ofFirst: "<li class=\"fault l0\"><span class=\"at\">0.002<i>500</i> s</span>"))
    #expect(card[fault.upperBound...].contains(">closed<"))
    #expect(card.contains("✗</span>expected a line, received"))
  }

  @Test func aByteIsMarkedAndTheRestFolded() throws {
    var record = Example.record("blob", .fail)
    let blob = (0..<2048).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    record.channels = [ChannelInfo(number: 4, label: "conn", kind: "tcp", local: nil, peer: nil)]
    // It came in two pieces; the byte to blame is the 0x140th of the second.
    record.transcript = [
      Example.line(0, 4, "<", Array(blob[..<1000])), Example.line(1, 4, "<", Array(blob[1000...])),
      Example.line(2, 5, ">", [1, 2, 3]), Example.line(3, 6, ">", Array("text".utf8)),
    ]
    record.point = FailurePoint(at: 2, channel: 4, bytesBack: 1048 - 0x140)
    let card = try card("blob", in: try Example.report([record]) { HtmlReporter($0) })
    #expect(card.contains("<li class=\"in l0 bad\"><span class=\"at\">0.000<i>000</i>"))
    let row = String(TranscriptText.hexDump(blob[(1000 + 0x140)..<(1000 + 0x150)], indentation: 0).dropFirst(6).prefix(2))
    #expect(card.contains("0140  <mark>\(row)</mark> "))
    // 66 rows: four are shown, 19 before them and 43 behind are folded.
    #expect(card.contains("<summary>19 rows more</summary>"))
    #expect(card.contains("<summary>43 rows more</summary>"))
    // Three channels have a column each.
    #expect(card.contains("<ol class=\"line n3\">") && card.contains("<li class=\"out l2\">"))
    #expect(!card.contains("class=\"scrub\""))
  }

  /// What a run knows of its failures is enough to find the byte among the events, and the moment.
  @Test func theByteOfARunIsMarked() throws {
    let folder = try Folder()
    let script = try folder.write(
      "t.sock", """
        test "byte"
          let [a, b] = socketpair
          a.send "GET "
          b.expect "GET "
          a.send "hexlo <world>"
          b.expect "hello <world>"
        end
        test "silence"
          let [a, b] = socketpair
          a.send "x"
          b.expect "x"
          b.expect line within 20ms
        end
        test "checks"
          let [a, b] = socketpair
          a.send line "one"
          let line = b.recv line
          check line == "two"
          check line == "three"
        end

        """)
    let report = folder.file("r.html")
    let outcome = try Program.run([Program.sock, "test", "--report", "html=\(report)", script], errors: true)
    #expect(outcome.status == 1, "\(outcome.output)")
    let html = try folder.text("r.html")
    let byte = try card("byte", in: html)
    #expect(byte.contains("<code>&quot;he<mark>x</mark>lo &lt;world&gt;&quot;</code>"))
    #expect(byte.ranges(of: " bad\">").count == 1)
    let silence = try card("silence", in: html)
    #expect(silence.contains(#/<li class="fault l1"><span class="at">0\.0[2-9].*</ol>/#.dotMatchesNewlines()))
    #expect(!silence.contains(" bad\">"))
    let checks = try card("checks", in: html)
    #expect(checks.contains("<mark>check line == &quot;two&quot;</mark>"))
    // The second check has its own account.
    #expect(checks.contains("&quot;three&quot;"))
  }

  /// The byte of a field that is not as expected, of a wrong checksum, and of a wrong constant that `recv` finds.
  @Test func theByteOfAFieldIsMarked() throws {
    let folder = try Folder()
    let script = try folder.write(
      "t.sock", """
        message Note
          kind u8 = 7
          text u16:bytes
          sum u32 = crc32(text)
        end
        test "field"
          let [a, b] = socketpair
          a.send Note {text: "one"}
          a.send Note {text: "two"}
          b.expect message Note {text: "one"}
          b.expect message Note {text: "too"}
        end
        test "passed over"
          let [a, b] = socketpair
          a.send Note {text: "one"}
          a.send Note {text: "two"}
          b.expect message Note {text: "too"} skipping {text: "one"}
        end
        test "sum"
          let [a, b] = socketpair
          a.send x"07 0003 6f6e65 a1b2c3d4"
          b.expect message Note
        end
        test "constant"
          let [a, b] = socketpair
          a.send x"99 0003 6f6e65 a1b2c3d4"
          b.recv message Note
        end

        """)
    let report = folder.file("r.html")
    let outcome = try Program.run([Program.sock, "test", "--report", "html=\(report)", script], errors: true)
    #expect(outcome.status == 1, "\(outcome.output)")
    let html = try folder.text("r.html")
    for (name, marked) in [
      ("field", "07 10 07 <mark>00</mark> 03 74"), ("passed over", "07 10 07 <mark>00</mark> 03 74"),
      ("sum", "6f 6e 65 <mark>a1</mark> b2"), ("constant", "<mark>99</mark> 00 03"),
    ] {
      let card = try card(name, in: html)
      #expect(card.contains(marked), "\(name): \(card)")
      #expect(card.ranges(of: " bad\">").count == 1, "\(name)")
    }
  }

  @Test func triesStandSideBySide() throws {
    var record = Example.record("wavers", .flaky)
    record.attempts = 3
    record.tries = [
      TestTry(verdict: .fail, message: "first", duration: 1_000_000, report: "a:1:1: first\n   = received  \"451\"\n"),
      TestTry(verdict: .fail, message: "second", duration: 2_000_000, report: "a:1:1: second\n"),
      TestTry(verdict: .pass, message: "", duration: 3_000_000, report: ""),
    ]
    record.report = record.tries[0].report
    let card = try card("wavers", in: try Example.report([record]) { HtmlReporter($0) })
    #expect(card.ranges(of: "class=\"try\"").count == 3)
    #expect(card.contains("v-pass\">pass</span> <span class=\"quiet\">3.0 ms"))
    // The account of the first try is not told again.
    #expect(card.ranges(of: "= received").count == 1)
  }

  @Test func theHeadTellsOfTheRunAndOfNoSecret() throws {
    let folder = try Folder()
    let script = try folder.write(
      "t.sock", """
        param user = "x"
        param secret pw = "y"
        # Before the test.
        def say(text)
          fail text + pw
        end
        test "one"
          print user
          say("no ")
        end

        """)
    let report = folder.file("r.html")
    let outcome = try Program.run(
      [Program.sock, "test", "--report", "html=\(report)", "--report", "json=\(folder.file("r.json"))", "--retries", "1",
        "--set", "user=ada", "--set", "pw=hunter2-Tr0ub4dor", script],
      environment: ["CI_COMMIT_SHA=0123456789abcdef0123456789abcdef01234567"], errors: true)
    #expect(outcome.status == 1, "\(outcome.output)")
    let html = try folder.text("r.html")
    for expected in [
      "<dt>Command</dt><dd><code>sock test --report html=", "<code>user=ada</code> <code>pw=***</code>",
      "<code>0123456789abcdef0123456789abcdef01234567</code>", "<dt>Host</dt>", "<dt>sock</dt><dd>0.",
      // The step, and who has called it; both tries.
      "<b class=\"place\"><i>5</i>   <mark>fail text + pw</mark></b>", "<i>3</i> # Before the test.",
      "<b class=\"call\"><i> 9</i>   say(&quot;no &quot;)</b>", "<b>2</b> <span class=\"badge v-fail\">", "<span class=\"row\">",
    ] {
      // The whole page would be told.
      let isThere = html.contains(expected)
      #expect(isThere, "\(expected)")
    }
    #expect(html.contains("--set user=ada --set &#39;pw=***&#39;"))
    #expect(!html.contains("hunter2"))
    #expect(!(try folder.text("r.json")).contains("hunter2"))
    // What was written can be read, and says the same.
    let merged = try Program.run(
      [Program.sock, "report", "merge", folder.file("r.json"), "--report", "html=\(folder.file("m.html"))"], errors: true)
    #expect(merged.status == 1, "\(merged.output)")
    let head = #/<dl class="run">.*</dl>/#
    #expect(try folder.text("m.html").firstMatch(of: head)?.output == html.firstMatch(of: head)?.output)
    #expect(try folder.text("m.html").firstMatch(of: head) != nil)
  }

  /// A branch, a further work tree of it with its reference among packed ones, and a commit that no branch has.
  @Test func theCommitIsReadWithoutGit() throws {
    let folder = try Folder()
    let hash = "00112233445566778899aabbccddeeff00112233"
    let script = """
      cd "$1" && mkdir -p a/.git/refs/heads/x a/sub b c/.git a/.git/worktrees/b
      echo 'ref: refs/heads/x/y' > a/.git/HEAD; echo \(hash) > a/.git/refs/heads/x/y
      echo 'gitdir: ../a/.git/worktrees/b' > b/.git; echo 'ref: refs/heads/w' > a/.git/worktrees/b/HEAD
      echo ../.. > a/.git/worktrees/b/commondir
      printf '# pack-refs\\n\(hash.dropLast())9 refs/heads/w\\n' > a/.git/packed-refs
      echo \(hash.dropLast())5 > c/.git/HEAD
      printf 'test "one"\\nend\\n' > one.sock
      for f in a/sub b c; do (cd $f; env -i PATH="$PATH" "$2" test --report json "$1/one.sock" | head -1); done
      """
    let outcome = try Program.run(["sh", "-c", script, "sh", folder.path, Program.sock], errors: true)
    let commits = outcome.output.matches(of: #/"commit":"([^"]*)"/#).map { String($0.output.1) }
    #expect(commits == ["\(hash) (x/y)", "\(hash.dropLast())9 (w)", "\(hash.dropLast())5"], "\(outcome.output)")
  }

  @Test func whatMayNotBeShownIsNoExcerpt() {
    let lines = "one\ntwo\nthree\nfour\nfive\nsix\n"
    let file = SourceFile(name: "a.sock", bytes: Array(lines.utf8))
    let other = SourceFile(name: "/etc/passwd", bytes: Array(lines.utf8), mayBeShown: false)
    let call = SourceSite(file: file, range: SourceRange(0, 3))
    let all = SourceExcerpt.all(of: SourceSite(file: other, range: SourceRange(4, 7)), calls: [call, call]) {
      $0.replacing("two", with: "***")
    }
    #expect(all == [SourceExcerpt(file: "a.sock", line: 1, first: 1, lines: ["one", "***", "three"], isCall: true)])
    let last = SourceExcerpt.all(of: SourceSite(file: file, range: SourceRange(24, 25)), calls: []) { $0 }
    #expect(last == [SourceExcerpt(file: "a.sock", line: 6, first: 4, lines: ["four", "five", "six"], isCall: false)])
  }

  /// What stands on the page is bounded, and in the script nothing looks at all tests for each of them.
  @Test func aBigSuiteStaysSmall() throws {
    let records = (0..<2000).map { number in
      var record = Example.record("case \(number)", number % 100 == 7 ? .fail : .pass, file: "suite/\(number / 50).sock")
      record.channels = [ChannelInfo(number: 1, label: "conn", kind: "tcp", local: "127.0.0.1:4000", peer: "127.0.0.1:25")]
      record.transcript = (0..<6).map { Example.line(Int64($0) * 1000, 1, $0 % 2 == 0 ? ">" : "<", Array("250 ok \($0)\r\n".utf8)) }
      return record
    }
    let html = try Example.report(records) { HtmlReporter($0) }
    #expect(html.utf8.count < 5_000_000, "\(html.utf8.count) bytes")
    #expect(html.contains("<td class=\"count\">20</td>"))
    #expect(html.contains("<summary>and 14 more</summary>"))
  }

  @Test(.enabled(if: Program.exists("chromium"))) func aBrowserShowsIt() throws {
    let folder = try Folder()
    var options = TestOptions()
    options.targets = [("postfix", "127.0.0.1:1"), ("exim", "127.0.0.1:2")]
    // What the page's own script does is seen in the page that it leaves behind.
    let probe = """
      <script>{
        const visible = () => document.querySelectorAll(".test:not([hidden])").length;
        const seen = [visible()];
        document.querySelector(".chip[data-verdict=fail]").click(); seen.push(visible());
        document.querySelector(".chip[data-verdict=error]").click(); seen.push(visible());
        document.querySelector(".chip[data-verdict=error]").click();
        document.querySelector(".chip[data-verdict=fail]").click(); seen.push(visible());
        const search = document.getElementById("search");
        search.value = "CLAUSE exim"; search.dispatchEvent(new Event("input")); seen.push(visible());
        search.value = 'mx> "more\\\\r"'; search.dispatchEvent(new Event("input")); seen.push(visible());
        search.value = "no such test"; search.dispatchEvent(new Event("input"));
        seen.push(document.getElementById("nothing").hidden ? "hidden" : "told");
        search.value = ""; search.dispatchEvent(new Event("input"));
        location.hash = "#b15";
        addEventListener("hashchange", () => {
          seen.push(document.getElementById("t15").open ? "open" : "closed");
          document.body.dataset.seen = seen.join(" ");
          // The first failure that has a time line of its own, and the bar over it.
          const line = document.querySelector(".line");
          const test = line.closest(".test");
          test.open = true;
          setTimeout(() => {
            const bar = test.querySelector(".scrub input");
            bar.value = 0.0000025; bar.dispatchEvent(new Event("input"));
            const scrubbed = [test.querySelector(".now .what").textContent];
            bar.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", cancelable: true }));
            bar.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", cancelable: true }));
            scrubbed.push(test.querySelector(".now").className, test.querySelectorAll(".now").length);
            document.getElementById("bytes").click();
            scrubbed.push(test.querySelector(".in .hex.made").textContent.split("\\n")[0]);
            document.body.dataset.scrubbed = scrubbed.join("|");
          }, 100);
        });
        document.body.dataset.clauses = [...document.querySelectorAll("#matrix tbody th")].map(t => t.textContent).join("|");
        document.body.dataset.cells = [...document.querySelectorAll("#matrix tr.first:nth-child(2) .cell")].map(t => t.textContent).join("|");
      }</script></body>
      """
    // The policy of the page lets no other script run than its own.
    let html = try Example.report(records(), options) { HtmlReporter($0) }
      .replacing("script-src '\(HtmlPage.scriptHash)'", with: "script-src 'unsafe-inline'")
    let end = try #require(html.range(ofLast: "</body>"))
    let page = html[..<end.lowerBound] + probe + html[end.upperBound...]
    let file = try folder.write("r.html", String(page))
    let outcome = try Program.run(
      [
        "timeout", "50", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--user-data-dir=\(folder.file("profile"))", "--virtual-time-budget=2000", "--dump-dom", "file://\(file)",
      ])
    #expect(outcome.status == 0)
    let body = outcome.output.split(separator: "\n").first { $0.hasPrefix("<body") } ?? ""
    // All 16; the 3 that fail; those and the error; all again; two of exim; the one with these bytes.
    #expect(body.contains("data-seen=\"16 3 4 16 2 1 told open\""), "\(body)")
    // At 2.5 µs the event of 2 µs, then what came at 3, and the failure after that.
    #expect(
      body.contains(
        #"data-scrubbed="→&quot;\0\xff\n&quot;0000  00 ff 0a                                          ...|fault l0 now|1|"#
          + #"0000  32 32 30 20 3c 6d 78 3e  0d 0a 6d 6f 72 65 0d 0a  220 &lt;mx&gt;..more..""#), "\(body)")
    #expect(body.contains("data-clauses=\"RFC 5321 section 4.1.1.1|RFC 5321 section 4.1.9|RFC 5321 section 4.1.10|–\""), "\(body)")
    #expect(body.contains("data-cells=\"pass|fail"), "\(body)")
  }
}

extension StringProtocol {
  fileprivate func range(ofFirst text: String) -> Range<Index>? { ranges(of: text).first }
}

extension String {
  fileprivate func range(ofLast text: String) -> Range<Index>? {
    var at = endIndex
    while at > startIndex {
      at = index(before: at)
      if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
    }
    return nil
  }
}
