// JSON: valid for others, and enough for sock to make every other report from.

import SockRuntime
import Testing

@testable import SockConformance

/// Keeps what it is told.
private final class Listener: Reporter {
  var records: [TestRecord] = []
  var files: [String] = []
  var targets: [String] = []
  func began(_ options: TestOptions, files: [String]) {
    self.files = files
    targets = options.targets.map(\.name)
  }
  func ended(_ record: TestRecord) { records.append(record) }
  func finished(_ summary: Summary) -> String? { nil }
}

@Suite struct JsonTests {
  private func report(_ records: [TestRecord], shard: (Int, Int)? = nil) throws -> String {
    var options = TestOptions()
    options.shard = shard.map { (index: $0.0, count: $0.1) }
    options.targets = [("postfix", "127.0.0.1:25")]
    return try Example.report(records, options) { JsonReporter($0) }
  }

  @Test func survivesBeingRead() throws {
    let folder = try Folder()
    let text = try report(Example.all)
    let listener = Listener()
    let summary = try JsonReport.merge([try folder.write("a.json", text)], TestOptions(), reporters: [listener])
    #expect(listener.records.count == Example.all.count)
    #expect(listener.files == ["suite/smtp.sock", "suite/other.sock"])
    #expect(listener.targets == ["postfix"])
    #expect(summary.counts == Example.summary(Example.all).counts)
    #expect(summary.failed == 2 && summary.errors == 1 && summary.expected == 1)
    #expect(summary.duration == 99_000_000)
    // All that was written is written again.
    let again = try report(listener.records)
    func tests(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix("{\"event\":\"test\"") } }
    #expect(tests(again) == tests(text))
    // Every other report says the same of what was read.
    let html = try Example.report(listener.records) { HtmlReporter($0) }
    #expect(html == (try Example.report(Example.all) { HtmlReporter($0) }))
    #expect(
      try Example.report(listener.records) { JunitReporter($0) } == (try Example.report(Example.all) { JunitReporter($0) }))
  }

  @Test(.enabled(if: Program.exists("python3"))) func othersReadIt() throws {
    let folder = try Folder()
    let program = """
      import json, sys, base64
      lines = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
      assert [l['event'] for l in lines] == ['run'] + ['test'] * (len(lines) - 2) + ['end']
      rich = lines[-2]
      print(ascii(rich['name']))
      print([base64.b64decode(t['base64']) for t in rich['transcript'] if 'base64' in t], lines[-1]['counts']['fail'])
      """
    let file = try folder.write("a.json", try report(Example.all))
    let outcome = try Program.run(["python3", "-c", program, file], errors: true)
    #expect(outcome.status == 0)
    let name = #"'a<b>&"c" \x1b[31m \x00\u202e%:, # \\ ]]>\r\nend'"#
    #expect(
      outcome.output
        == "\(name)\n[b'220 <mx>\\r\\nmore\\r\\n', b'\\x00\\xff\\n', b'\\x01\\x00', b'hello'] 3\n")
  }

  @Test(arguments: [
    ("", "is empty"), ("hello", "unexpected"), ("[1]", "a JSON object"), (#"{"event":"test"}"#, "begins with the event `run`"),
    (#"{"event":"run","version":2,"started_us":0,"files":[],"targets":[]}"#, "version 2"),
    (#"{"event":"run","version":1,"started_us":0,"files":[1],"targets":[]}"#, "`files`"),
    (#"{"event":"run","version":1,"started_us":0,"files":[],"targets":[],"shard":{"index":5,"count":3}}"#, "no shard 5/3"),
    ("{\"event\":\"run\",\"version\":1,\"started_us\":0,\"files\":[],\"targets\":[]}\n{\"event\":\"test\"}\n", ":2: `file`"),
    ("{\"event\":\"run\",\"version\":1,\"started_us\":0,\"files\":[],\"targets\":[]}\nxx\n{}\n", ":2: "),
  ])
  func whatIsNoReportIsRefused(_ text: String, _ expected: String) throws {
    let folder = try Folder()
    let path = try folder.write("a.json", text)
    do {
      _ = try JsonReport.merge([path], TestOptions(), reporters: [])
      Issue.record("it was taken")
    } catch {
      #expect(error.message.hasPrefix(path))
      #expect(error.message.contains(expected), "\(error.message)")
    }
  }

  @Test func textIsEscaped() {
    #expect(JsonText.quoted("a\"\\\n\r\t\u{1}\u{7F}\u{85}\u{A0}\u{2027}\u{2028}\u{2029}\u{202A}é€😀")
      == "\"a\\\"\\\\\\n\\r\\t\\u0001\\u007f\\u0085\u{A0}\u{2027}\\u2028\\u2029\\u202aé€😀\"")
    #expect(JsonText.quoted("") == "\"\"")
    for count in 0...4 {
      let expected = ["\"\"", "\"/w==\"", "\"//4=\"", "\"//79\"", "\"//79/A==\""][count]
      #expect(JsonText.base64([0xFF, 0xFE, 0xFD, 0xFC].prefix(count).map { $0 }) == expected)
    }
  }

  @Test func aCutReportIsReadAsFarAsItGoes() throws {
    let folder = try Folder()
    let text = try report(Example.all)
    let lines = text.split(separator: "\n")
    let cut = lines[..<3].joined(separator: "\n") + "\n" + lines[3].prefix(40)
    let listener = Listener()
    let summary = try JsonReport.merge([try folder.write("a.json", cut)], TestOptions(), reporters: [listener])
    #expect(listener.records.map(\.name) == ["is pass", "is fail"])
    #expect(summary.missing.count == 1)
    #expect(summary.exitStatus == 2)
  }

  @Test func shardsAreJoined() throws {
    let folder = try Folder()
    let first = try folder.write("1.json", try report([Example.record("a")], shard: (1, 2)))
    let second = try folder.write("2.json", try report([Example.record("b")], shard: (2, 2)))
    let all = try JsonReport.merge([first, second], TestOptions(), reporters: [])
    #expect(all.missing.isEmpty && all.total == 2 && all.exitStatus == 0)
    let part = try JsonReport.merge([first], TestOptions(), reporters: [])
    #expect(part.missing == ["the report of shard 2/2 is missing"])
    #expect(part.exitStatus == 2)
    #expect(throws: DiscoveryError.self) { try JsonReport.merge([first, first], TestOptions(), reporters: []) }
  }
}
