// `sock test --compare`: where servers answer otherwise, though the tests pass.

import Testing

@testable import SockConformance

@Suite struct ComparisonTests {
  private static let suite = """
    param target

    test "a file"
      connect target
      send "GET /hello.txt HTTP/1.0\\r\\n\\r\\n"
      expect /HTTP\\/1\\.0 200 /
      recv until "\\r\\n\\r\\n"
      recv all as body
      assert len(body) == 6
    end

    test "what is not there"
      connect target
      send "GET /none HTTP/1.0\\r\\n\\r\\n"
      expect /HTTP\\/1\\.0 404 /
      recv all
    end

    """

  /// Python's server of a folder with one file.
  private struct Server {
    let process: Program
    let address: String
    let folder: Folder

    init(_ text: String) throws {
      folder = try Folder()
      // Its time of change is told in the answer, in whole seconds.
      _ = try Program.run(["touch", "-d", "@1000000000", try folder.write("hello.txt", text)])
      process = try Program([
        "/usr/bin/python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.path,
      ])
      let line = try process.output(until: " ...")
      let port = try #require(line.firstMatch(of: /port (\d+)/)?.1)
      address = "127.0.0.1:\(port)"
    }
  }

  private func compare(_ one: Server, _ other: Server, _ options: [String] = []) throws -> Program.Outcome {
    let suite = try one.folder.write("suite.sock", Self.suite)
    return try Program.run(
      [
        Program.sock, "test", suite, "--compare", "--target", "one=\(one.address)", "--target", "other=\(other.address)",
      ] + options)
  }

  /// Dates and the times of files are what each answer says anew.
  @Test func thoseThatSayTheSameDoNotDiffer() throws {
    let outcome = try compare(try Server("hello\n"), try Server("hello\n"))
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("\n2 answers compared, none differs\n"), "\(outcome.output)")
  }

  @Test func whatEachHasSaidIsTold() throws {
    let (one, other) = (try Server("hello\n"), try Server("hullo\n"))
    let report = one.folder.file("r.json")
    let outcome = try compare(one, other, ["--report", "json=\(report)", "--report", "pretty"])
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.contains("4 passed in"), "\(outcome.output)")
    #expect(outcome.output.contains("2 answers compared, 1 differ, in 1 test\n"), "\(outcome.output)")
    #expect(outcome.output.contains("suite.sock:6: to \"GET /hello.txt HTTP/1.0\\r\\n\\r\\n\"\n"), "\(outcome.output)")
    #expect(outcome.output.contains(": \"hello\\n\", \"hullo\\n\"\n"), "\(outcome.output)")
    #expect(try one.folder.text("r.json").contains("\"compared\":2,\"differences\":[{"))
    let (html, xml) = (one.folder.file("r.html"), one.folder.file("r.xml"))
    let merged = try Program.run([
      Program.sock, "report", "merge", report, "--report", "html=\(html)", "--report", "junit=\(xml)",
      "--report", "pretty",
    ])
    #expect(merged.status == 1)
    #expect(merged.output.contains("2 answers compared, 1 differ, in 1 test\n"), "\(merged.output)")
    let page = try one.folder.text("r.html")
    #expect(page.contains("<h1><span class=\"state bad\">1 answers differ</span></h1>"))
    #expect(page.contains("<span class=\"quiet\">1 of 2 compared</span>"))
    #expect(page.contains("<tr><th>one</th><td><code>") && page.contains("&quot;hullo\\n&quot;</p>"), "\(page)")
    let cases = try one.folder.text("r.xml")
    #expect(cases.contains("<testsuite name=\"answers that differ\" tests=\"1\" failures=\"1\" errors=\"0\">"), "\(cases)")
    #expect(cases.contains("suite.sock:6\" classname=\"sock.compare\">"), "\(cases)")
    #expect(cases.contains("<testsuites name=\"sock\" tests=\"5\" failures=\"1\" errors=\"0\""), "\(cases)")
  }

  @Test func whatIsMaskedDoesNotCount() throws {
    let outcome = try compare(try Server("hello\n"), try Server("hullo\n"), ["--mask", "h[eu]llo"])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  /// One closes, and another one keeps silent: that neither says anything is not the same.
  @Test func whoClosesIsToldFromWhoIsSilent() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "suite.sock",
      """
      param target
      test "it is greeted"
        connect target
        send line "HELO"
        recv line within 300ms
      end

      """)
    func server(_ does: String) throws -> (process: Program, address: String) {
      let script = try folder.write(
        "server.py",
        """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        print(server.getsockname()[1], flush=True)
        kept = []
        while True:
            client, _ = server.accept()
            client.recv(100)
            \(does)
        """)
      let process = try Program(["python3", "-u", script])
      return (process, "127.0.0.1:\(try process.output(until: "\n").filter(\.isNumber))")
    }
    let polite = try server("client.sendall(b'250\\n'); client.close()")
    let (closing, silent) = (try server("client.close()"), try server("kept.append(client)"))
    func compare(_ targets: [String]) throws -> Program.Outcome {
      try Program.run(
        [Program.sock, "test", suite, "--compare"] + targets.flatMap { ["--target", $0] } + [
          "--report", "json=\(folder.file("r.json"))", "--report", "html=\(folder.file("r.html"))", "--report",
          "junit=\(folder.file("r.xml"))", "--report", "pretty",
        ])
    }
    let all = try compare(["polite=\(polite.address)", "closing=\(closing.address)", "silent=\(silent.address)"])
    let rows = "      polite   \"250\\n\"\n      closing  closed\n      silent   silent\n"
    #expect(all.output.contains(rows), "\(all.output)")
    #expect(try folder.text("r.xml").contains("closing  closed\n      silent   silent\n"))
    let page = try folder.text("r.html")
    #expect(page.contains("<tr><th>closing</th><td><span class=\"quiet\">closed</span></td></tr>"), "\(page)")
    #expect(page.contains("<tr><th>silent</th><td><span class=\"quiet\">silent</span></td></tr>"), "\(page)")
    #expect(try folder.text("r.json").contains(#"{"target":"closing","received":null,"instead":"closed"}"#))
    let merged = try Program.run([
      Program.sock, "report", "merge", folder.file("r.json"), "--report", "pretty",
    ])
    #expect(merged.output.contains(rows), "\(merged.output)")
    // Where nobody answers, too.
    let two = try compare(["closing=\(closing.address)", "silent=\(silent.address)"])
    #expect(two.output.contains("      closing  closed\n      silent   silent\n"), "\(two.output)")
    let same = try compare(["silent=\(silent.address)", "other=\(silent.address)"])
    #expect(same.output.contains("0 answers compared"), "\(same.output)")
  }

  /// The suite passes without them; nothing was compared.
  @Test func whoSaysNothingFailsTheRun() throws {
    let one = try Server("hello\n")
    let suite = try one.folder.write(
      "suite.sock",
      """
      param target
      test "if it is there"
        let there = try connect target else nil
        if there != nil
          there.send "GET /hello.txt HTTP/1.0\\r\\n\\r\\n"
          there.recv all
        end
      end

      """)
    let report = one.folder.file("r.json")
    func compare(_ other: String, _ third: String) throws -> Program.Outcome {
      try Program.run([
        Program.sock, "test", suite, "--compare", "--target", "b=\(other)", "--target", "c=\(third)", "--report",
        "json=\(report)", "--report", "pretty",
      ])
    }
    // Nobody listens at these.
    let both = try compare("127.0.0.1:1", "127.0.0.1:2")
    #expect(both.status == 1, "\(both.output)")
    #expect(both.output.contains("0 answers compared, none differs\n"), "\(both.output)")
    for name in ["b", "c"] {
      #expect(both.output.contains("\(name) has said nothing in any test: none of its"), "\(both.output)")
    }
    let page = one.folder.file("r.html")
    let merged = try Program.run([Program.sock, "report", "merge", report, "--report", "html=\(page)"])
    #expect(merged.status == 1)
    #expect(try one.folder.text("r.html").contains("<p class=\"missing\">b has said nothing in any test"))
    let alone = try compare(one.address, "127.0.0.1:1")
    #expect(alone.status == 1 && alone.output.contains("c has said nothing in any test"), "\(alone.output)")
    #expect(!alone.output.contains("b has said nothing"), "\(alone.output)")
  }

  @Test(arguments: [
    (["--compare"], "--compare compares what several answer"),
    (["--compare", "--target", "a=1"], "--compare compares what several answer"),
    (["--mask", "x"], "--mask is for --compare"),
    (["--compare", "--target", "a=1", "--target", "a=2"], "--target a=2: 1 is called a, too"),
    (["--compare", "--target", "a=1", "--target", "b=2", "--mask", "("], "--mask (:"),
  ])
  func whatIsWrongIsSaid(options: [String], message: String) throws {
    let outcome = try Program.run([Program.sock, "test", "."] + options, errors: true)
    #expect(outcome.status == 2)
    #expect(outcome.output.contains(message), "\(outcome.output)")
  }

  /// Of clients it is what they ask.
  @Test func clientsAreComparedByWhatTheySay() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "suite.sock",
      """
      param client
      test "asks"
        listen 0
        run client to listener
        accept
        recv until "\\r\\n\\r\\n"
        send "HTTP/1.0 200 OK\\r\\n\\r\\n"
      end

      """)
    let outcome = try Program.run([
      Program.sock, "test", suite, "--compare", "--client", "plain=curl -sS http://{address}/", "--client",
      "named=curl -sS --user-agent other http://{address}/",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("before anything is sent"), "\(outcome.output)")
    #expect(outcome.output.contains("in line 3: \"User-Agent: curl/"), "\(outcome.output)")
  }
}
