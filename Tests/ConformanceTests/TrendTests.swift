// `sock report trend`: reports that `sock test` has written, compared.
import Glibc
import Testing

@testable import SockConformance

@Suite struct TrendTests {
  private static let suite = """
    param broken = ""
    param delay = 0.0
    param once = ""
    test "works"
      assert true
    end
    test "fails at times"
      if broken =~ /times/
        fail "it was one of those times"
      end
    end
    test "is told as it is"
      if broken =~ /told/
        fail "not as it is"
      end
    end
    test "takes its time"
      sleep delay
    end
    test "comes at a later try"
      let path = once
      if path != "" and not exists(path)
        writefile(path, "tried")
        fail "not at the first try"
      end
    end

    """

  /// A folder with a suite, and the reports of its runs.
  private final class Runs {
    let folder: Folder
    let suite: String
    private(set) var reports: [String] = []

    init(_ text: String = TrendTests.suite) throws {
      folder = try Folder()
      suite = try folder.write("a.sock", text)
    }

    @discardableResult func run(_ options: String...) throws -> Int32 {
      let report = folder.file("run\(reports.count + 1).json")
      reports.append(report)
      return try Program.run([Program.sock, "test", suite, "--report", "json=\(report)"] + options).status
    }

    func trend(_ chosen: [String]? = nil, errors: Bool = false) throws -> Program.Outcome {
      try Program.run([Program.sock, "report", "trend", "--color", "never"] + (chosen ?? reports), errors: errors)
    }

    func name(_ run: Int) -> String { folder.file("run\(run).json") }
  }

  @Test func twoRunsThatAreAlike() throws {
    let runs = try Runs()
    try runs.run()
    try runs.run()
    let trend = try runs.trend()
    #expect(trend.status == 0)
    #expect(
      trend.output == "2 runs, from \(runs.name(1)) to \(runs.name(2))\nnothing broken, fixed, flaky or slower\n")
  }

  @Test func whatBrokeAndWhatWasMended() throws {
    let runs = try Runs()
    try runs.run("--set", "broken=told")
    try runs.run("--set", "broken=told")
    try runs.run("--set", "broken=times")
    #expect(try runs.run("--set", "broken=times") == 1)
    let trend = try runs.trend()
    #expect(trend.status == 1)
    #expect(
      trend.output == """
        4 runs, from \(runs.name(1)) to \(runs.name(4))
        broken: 1
          \(runs.suite):7 fails at times  fails since \(runs.name(3))
            it was one of those times
        fixed: 1
          \(runs.suite):12 is told as it is  passes since \(runs.name(3)); it failed to \(runs.name(2))
            not as it is

        """, "\(trend.output)")
    // The same file, before it broke.
    let before = try runs.trend([runs.name(1), runs.name(2)])
    #expect(before.status == 1)
    #expect(before.output.contains("is told as it is  fails since \(runs.name(1)), the first of these runs\n"))
  }

  @Test func whatFailsAtTimes() throws {
    let runs = try Runs()
    for broken in ["", "times", "", "times", ""] { try runs.run("--set", "broken=\(broken)") }
    try runs.run("--retries", "1", "--set", "once=\(runs.folder.file("once"))")
    let trend = try runs.trend()
    #expect(trend.status == 0)
    #expect(
      trend.output.hasSuffix(
        """
        flaky: 2
          \(runs.suite):7 fails at times  failed in 2 of 6
            it was one of those times
          \(runs.suite):20 comes at a later try  passed at a later try in 1 of 6
            passed at try 2; before: not at the first try

        """), "\(trend.output)")
    // Three failures in a row are no chance any more.
    for _ in 0..<3 { try runs.run("--set", "broken=times") }
    let broken = try runs.trend()
    #expect(broken.status == 1)
    #expect(broken.output.contains("fails at times  fails since \(runs.name(7)); flaky before\n"), "\(broken.output)")
  }

  /// 400 ms more are, and what a busy machine does is not.
  @Test func whatBecameSlow() throws {
    let runs = try Runs()
    for _ in 0..<3 { try runs.run("--set", "delay=0.01") }
    for _ in 0..<3 { try runs.run("--set", "delay=0.41") }
    let trend = try runs.trend()
    #expect(trend.status == 0)
    let lines = trend.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 3, "\(trend.output)")
    let heading = "slower (the median of the last 3 runs is half again and 50 ms more than the median of the 3 before"
    #expect(lines[1].hasPrefix(heading))
    let slower = try #require(lines.last)
    #expect(slower.hasPrefix("  \(runs.suite):17 takes its time  4"), "\(slower)")
    #expect(slower.contains(" ms, was "))
  }

  @Test func whatIsNewAndWhatIsGone() throws {
    let runs = try Runs("test \"old\"\n  assert true\nend\ntest \"stays\"\n  assert true\nend\n")
    try runs.run()
    _ = try runs.folder.write("a.sock", "test \"stays\"\n  assert true\nend\ntest \"fresh\"\n  assert 1 == 2\nend\n")
    try runs.run()
    let trend = try runs.trend()
    #expect(trend.status == 1)
    #expect(trend.output.contains("fresh  fails since \(runs.name(2)), in which it is new\n"))
    #expect(trend.output.contains("new: 1\n  \(runs.suite):4 fresh  since \(runs.name(2))\n"))
    #expect(trend.output.contains("gone: 1\n  \(runs.suite):1 old  last in \(runs.name(1))\n"))
    // A file whose top level fails has not lost its tests.
    _ = try runs.folder.write("a.sock", "assert false\ntest \"stays\"\n  assert true\nend\n")
    try runs.run()
    let failed = try runs.trend()
    let top = "\(runs.suite) (its top level)"
    #expect(failed.output.contains("broken: 1\n  \(top)  fails since \(runs.name(3))\n"), "\(failed.output)")
    #expect(failed.output.contains("not in the last run, which did not come to them: 3\n"), "\(failed.output)")
    #expect(!failed.output.contains("gone"))
    _ = try runs.folder.write("a.sock", "test \"stays\"\n  assert true\nend\n")
    try runs.run()
    let mended = try runs.trend()
    #expect(mended.status == 0)
    #expect(mended.output.contains("flaky: 1\n  \(top)  failed in 1 of 4\n"), "\(mended.output)")
  }

  /// What was not chosen has not gone.
  @Test(arguments: [["--filter", "stays"], ["--filter=stays"], ["--tag", "t"]])
  func whatWasNotChosen(options: [String]) throws {
    let runs = try Runs("test \"old\"\n  assert true\nend\ntest \"stays\" tags [t]\n  assert true\nend\n")
    try runs.run()
    let report = runs.folder.file("chosen.json")
    _ = try Program.run([Program.sock, "test", runs.suite, "--report", "json=\(report)"] + options)
    let trend = try runs.trend([runs.name(1), report])
    #expect(
      trend.output.contains(
        "not in the last run, which ran chosen tests only (--\(options[0].contains("tag") ? "tag" : "filter")): 1\n  \(runs.suite):1 old\n"),
      "\(trend.output)")
    #expect(!trend.output.contains("gone"))
  }

  @Test func oneFileUnderSeveralSpellings() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", "test \"one\"\n  assert false\nend\n")
    let spellings = ["a.sock", "./a.sock", "../\(folder.path.split(separator: "/").last ?? "")/a.sock", suite]
    var reports: [String] = []
    for (number, name) in spellings.enumerated() {
      reports.append(folder.file("r\(number).json"))
      _ = try Program.run([
        "sh", "-c", "cd \(folder.path) && exec \"$@\"", "sh", Program.sock, "test", name, "--report", "json=r\(number).json",
      ])
    }
    // The third is another's name to who does not know the folder.
    for others in [[0, 1], [1, 3], [0, 3]] {
      let trend = try Program.run([Program.sock, "report", "trend"] + others.map { reports[$0] })
      #expect(trend.output.contains("broken: 1\n") && !trend.output.contains("gone"), "\(trend.output)")
      #expect(!trend.output.contains("in which it is new"), "\(trend.output)")
    }
    #expect(FileSpelling.normal("./x//y/../a.sock") == "x/a.sock")
    #expect(FileSpelling.normal("../../a.sock") == "../../a.sock")
    #expect(FileSpelling.normal("/x/./a.sock") == "/x/a.sock")
  }

  /// Implementations, and ways to cut what is sent, are tests of their own.
  @Test func targetsAndSegmentationsAreApart() throws {
    let runs = try Runs("param target = \"\"\ntest \"one\"\n  assert target !~ /:2$/\nend\n")
    try runs.run("--target", "old=127.0.0.1:1", "--target", "new=127.0.0.1:1")
    try runs.run("--target", "old=127.0.0.1:1", "--target", "new=127.0.0.1:2")
    let trend = try runs.trend()
    #expect(trend.output.contains("broken: 1\n  \(runs.suite):2 one @new  fails since"), "\(trend.output)")
    try runs.run("--segment", "1")
    #expect(try runs.trend().output.contains("new: 1\n  \(runs.suite):2 one [") )
  }

  @Test func aHundredReports() throws {
    let runs = try Runs()
    try runs.run()
    try runs.run("--set", "broken=told")
    var paths: [String] = []
    for number in 0..<100 {
      let text = try runs.folder.text("run\(number < 60 ? 1 : 2).json")
      paths.append(try runs.folder.write("\(number).json", text))
    }
    let trend = try runs.trend(paths)
    #expect(trend.status == 1)
    #expect(trend.output.contains("is told as it is  fails since \(paths[60])\n"))
  }

  @Test func whatIsNoReport() throws {
    let runs = try Runs()
    try runs.run()
    let whole = try runs.folder.text("run1.json")
    func problem(_ name: String, _ text: String?) throws -> String {
      let path = try text.map { try runs.folder.write(name, $0) } ?? runs.folder.file(name)
      let trend = try runs.trend([runs.name(1), path], errors: true)
      #expect(trend.status == 2)
      return trend.output
    }
    let none = runs.folder.file("none.json")
    #expect(try problem("none.json", nil).contains("cannot read the report \(none): No such file"))
    #expect(try problem("empty.json", "").contains("empty.json is empty"))
    #expect(try problem("r.xml", "<testsuites>\n").contains("r.xml:1: "))
    let bad = whole.replacing("\"verdict\":\"pass\"", with: "\"verdict\":\"good\"")
    #expect(
      try problem("bad.json", bad)
        .contains("bad.json:2: there is no verdict `good`; is it a report of --report json?"))
    let shard = "\"targets\":[],\"shard\":{\"index\":1,\"count\":3}"
    #expect(
      try problem("shard.json", whole.replacing("\"targets\":[]", with: shard))
        .contains("shard.json is of shard 1/3 only; `sock report merge"))
    #expect(try runs.trend([runs.name(1), runs.name(1)], errors: true).output.contains("is named twice"))
    #expect(try runs.trend([runs.name(1)], errors: true).output.contains("name two JSON reports or more"))
    let asked = try runs.trend([runs.name(1), "x", "--report", "tap"], errors: true)
    #expect(asked.output.contains("--report is an option of `sock report merge`"))
    // A run that was killed: what there is is compared.
    let lines = whole.split(separator: "\n")
    let beginning = lines.prefix(3).joined(separator: "\n") + "\n" + String(lines[3].prefix(20))
    let cut = try runs.folder.write("cut.json", beginning)
    let killed = try runs.trend([runs.name(1), cut], errors: true)
    #expect(killed.status == 0)
    #expect(killed.output.contains("cut.json: the run did not end; the tests before are here\n"))
    #expect(killed.output.contains("not in the last run, which did not come to them: 3\n"), "\(killed.output)")
  }
}
