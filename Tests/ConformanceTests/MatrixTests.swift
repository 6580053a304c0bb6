// The conformance matrix, and names of files.

import SockRuntime
import Testing

@testable import SockConformance

@Suite struct MatrixTests {
  @Test func numbersOfClausesCountByValue() {
    let sorted = ["RFC 5321 section 4.1.1.10", "RFC 5321 section 4.1.1.9", "RFC 959", "RFC 5321", "", "a", "RFC 5321 4.2"]
      .sorted(by: ConformanceMatrix.comesBefore)
    #expect(
      sorted == ["", "RFC 959", "RFC 5321", "RFC 5321 4.2", "RFC 5321 section 4.1.1.9", "RFC 5321 section 4.1.1.10", "a"])
    #expect(!ConformanceMatrix.comesBefore("x1", "x1"))
    #expect(ConformanceMatrix.comesBefore("x99999999999999999999999998", "x99999999999999999999999999"))
  }

  @Test func theWorstOutcomeOfATestCounts() {
    var matrix = ConformanceMatrix(targets: ["a", "b"])
    for (target, verdict) in [("a", TestVerdict.pass), ("a", .fail), ("a", .pass), ("b", .warning), ("b", .pass)] {
      var record = Example.record("one", verdict)
      record.target = target
      record.level = "must"
      matrix.add(record)
    }
    #expect(matrix.requirements.count == 1)
    #expect(matrix.requirements[0].cells.map { $0?.verdict } == [.fail, .warning])
    #expect(matrix.requirements[0].cells.map { $0?.record } == [1, 3])
  }

  @Test func anotherShardsTargetGetsAColumn() {
    var matrix = ConformanceMatrix(targets: ["a"])
    var record = Example.record("one")
    record.target = "a"
    matrix.add(record)
    record.target = "b"
    matrix.add(record)
    #expect(matrix.columns == ["a", "b"])
    #expect(matrix.allRows[0].cells.count == 2)
  }

  @Test func prettyComparesTargets() throws {
    var options = TestOptions()
    options.targets = [("alpha", ""), ("b", "")]
    var records: [TestRecord] = []
    for target in ["alpha", "b"] {
      for name in ["same", "differs"] {
        var record = Example.record(name, target == "b" && name == "differs" ? .fail : .pass)
        record.target = target
        records.append(record)
      }
    }
    let text = try Example.report(records, options) {
      PrettyReporter($0, color: false, isTerminal: false, listOnly: false)
    }
    #expect(text.contains("\nalpha    b      \npass     fail     differs\n1 of 2 tests pass everywhere\n"), "\(text)")
  }

  @Test func namesOfFilesAreSafe() throws {
    #expect(ReportFolder.safe("../../etc/passwd::a b\u{0}\n") == "etc-passwd-a-b")
    #expect(ReportFolder.safe("...") == "test")
    #expect(ReportFolder.safe("日本") == "test")
    #expect(ReportFolder.safe("a/b.sock::x @t [1]") == "a-b.sock-x-t-1")
    #expect(ReportFolder.safe(String(repeating: "x", count: 4000)).utf8.count <= 200)
    let folder = try Folder()
    var reports = try ReportFolder(folder.file("deep/er"))
    let paths = (0..<3).map { _ in reports.path(for: Example.record("Same"), suffix: ".txt") }
      + [reports.path(for: Example.record("same"), suffix: ".txt")]
    #expect(Set(paths.map { $0.lowercased() }).count == 4)
    #expect(paths[0] == folder.file("deep/er/suite-smtp.sock-Same.txt"))
  }

  @Test func aFolderThatIsAFileIsAnError() throws {
    let folder = try Folder()
    let path = try folder.write("x", "")
    #expect(throws: DiscoveryError.self) { try ReportFolder(path) }
    #expect(throws: DiscoveryError.self) { try ReportFolder(path + "/y") }
    #expect(throws: DiscoveryError.self) { try ReportFile(folder.file("none/r.xml")) }
  }

  @Test func aReportAppearsWhole() throws {
    let folder = try Folder()
    let path = try folder.write("r", "old")
    do {
      let file = try ReportFile(path)
      file.write("new")
      file.flush()
      #expect(try folder.text("r") == "old")
      #expect(try folder.text("r.partial") == "new")
      // A second run is told, and does no harm.
      #expect(throws: DiscoveryError.self) { try ReportFile(path) }
      #expect(file.finish() == nil)
    }
    #expect(try folder.text("r") == "new")
    #expect(!folder.exists("r.partial"))
    do { _ = try ReportFile(path) }
    #expect(try folder.text("r") == "new")
    #expect(!folder.exists("r.partial"))
  }
}
