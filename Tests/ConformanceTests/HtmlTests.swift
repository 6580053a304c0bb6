// The page: whole, closed to the network, and what a browser makes of it.

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
        search.value = "no such test"; search.dispatchEvent(new Event("input"));
        seen.push(document.getElementById("nothing").hidden ? "hidden" : "told");
        search.value = ""; search.dispatchEvent(new Event("input"));
        location.hash = "#t15";
        addEventListener("hashchange", () => {
          seen.push(document.getElementById("t15").open ? "open" : "closed");
          document.body.dataset.seen = seen.join(" ");
        });
        document.body.dataset.clauses = [...document.querySelectorAll("#matrix tbody th")].map(t => t.textContent).join("|");
        document.body.dataset.cells = [...document.querySelectorAll("#matrix tr.first:nth-child(2) .cell")].map(t => t.textContent).join("|");
      }</script></body>
      """
    // The policy of the page lets its own script run only because it is inline: so is the probe.
    let html = try Example.report(records(), options) { HtmlReporter($0) }
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
    // All 16; the 3 that fail; those and the error; all again; two of exim.
    #expect(body.contains("data-seen=\"16 3 4 16 2 told open\""), "\(body)")
    #expect(body.contains("data-clauses=\"RFC 5321 section 4.1.1.1|RFC 5321 section 4.1.9|RFC 5321 section 4.1.10|–\""), "\(body)")
    #expect(body.contains("data-cells=\"pass|fail"), "\(body)")
  }
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
