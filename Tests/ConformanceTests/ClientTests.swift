// `sock test --client`: the suite is the server, and programs that this project did not write are its clients.

import Testing

@testable import SockConformance

@Suite struct ClientTests {
  /// An HTTP server for one request. What the client prints is what it got.
  private static let suite = """
    param client

    setup
      listen 0
    end

    test "a body of a known length" must "RFC 9112 section 6.3"
      run client to listener as program
      accept
      expect "GET / HTTP/1.1\\r\\n"
      recv until "\\r\\n\\r\\n"
      send "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nhi\\n"
      close
      program.expect "hi\\n"
      expect exit 0
    end

    test "a body that is cut is an error" must "RFC 9112 section 8"
      run client to listener
      accept
      recv until "\\r\\n\\r\\n"
      send "HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nhi\\n"
      close
      expect exit 1..255
    end

    """

  private static let curl = "curl -sS http://{address}/"
  /// Takes whatever comes for a success.
  private static let careless = """
    python3 -c 'import os, socket
    s = socket.create_connection((os.environ["SOCK_HOST"], int(os.environ["SOCK_PORT"])))
    s.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    print(s.makefile("rb").read().decode().split("\\r\\n\\r\\n")[1], end="")'
    """

  @Test func eachProgramIsTestedAndNamed() throws {
    let folder = try Folder()
    let suite = try folder.write("suite.sock", Self.suite)
    let run = try Program.run([
      Program.sock, "test", suite, "--client", Self.curl, "--client", "careless=\(Self.careless)",
      "--report", "json=\(folder.file("r.json"))", "--report", "junit=\(folder.file("r.xml"))",
      "--report", "html=\(folder.file("r.html"))", "--report", "pretty",
    ])
    #expect(run.status == 1, "\(run.output)")
    #expect(run.output.contains("a body that is cut is an error  must RFC 9112 section 8  @curl"), "\(run.output)")
    #expect(run.output.contains("ended with status 0, expected a status in 1..255"), "\(run.output)")
    #expect(run.output.contains("3 passed, 1 failed"), "\(run.output)")
    #expect(try folder.text("r.json").contains("\"targets\":[{\"name\":\"curl\",\"address\":\"\(Self.curl)\"}"))
    #expect(try folder.text("r.json").contains("\"target\":\"careless\""))
    #expect(try folder.text("r.xml").contains("a body of a known length @curl"))
    let page = try folder.text("r.html")
    #expect(page.contains("@careless") && page.contains(">Client<"))
  }

  @Test func theListNamesThem() throws {
    let folder = try Folder()
    let suite = try folder.write("suite.sock", Self.suite)
    let run = try Program.run([Program.sock, "test", "--list", suite, "--client", "first=a", "--client", "/usr/bin/second b"])
    #expect(run.status == 0)
    #expect(run.output.contains("a body of a known length") && run.output.contains("@first"), "\(run.output)")
    #expect(run.output.contains("@second"), "\(run.output)")
  }

  @Test(arguments: [
    ([], "needs `client`: give `--client 'COMMAND'`"), (["--client", " "], "the command is missing"),
    (["--client", "curl a", "--client", "curl b"], "another one is called curl"),
    (["--client", "curl a", "--target", "a=b"], "a run has one of them"),
    (["--client", "curl 'a"], "quote in the command is not closed"),
    (["--client", "there-is-no-such-program {port}"], "there-is-no-such-program"),
  ])
  func whatIsWrongIsSaid(options: [String], message: String) throws {
    let folder = try Folder()
    let suite = try folder.write("suite.sock", Self.suite)
    let run = try Program.run([Program.sock, "test", suite] + options, errors: true)
    #expect(run.status == (message.hasPrefix("there") ? 1 : 2), "\(run.output)")
    #expect(run.output.contains(message), "\(run.output)")
  }

  /// A list of words takes more of them; a text stays one.
  @Test func testsAddArguments() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "suite.sock",
      """
      param client = ["false"]
      test "HEAD"
        listen 0
        run client + ["-I", "--user-agent", "two words", "http://{address}/a"] to listener
        accept
        expect "HEAD "
        recv until "User-Agent: two words\\r\\n"
        recv until "\\r\\n\\r\\n"
        send "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n"
      end

      """)
    let text = try folder.write(
      "text.sock",
      """
      param client = "none"
      test "a text"
        listen 0
        run ["sh", "-c", client] to listener
        accept
        expect "GET /"
        recv until "\\r\\n\\r\\n"
        send "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nhi\\n"
      end

      """)
    let run = try Program.run([Program.sock, "test", suite, "--client", "curl --globoff --path-as-is -sS"])
    #expect(run.status == 0, "\(run.output)")
    let other = try Program.run([Program.sock, "test", text, "--client", "\(Self.curl) | cat >/dev/null"])
    #expect(other.status == 0, "\(other.output)")
  }

  /// Each test has a port and a process of its own, however many run at one time.
  @Test func manyAtOnceDoNotCollide() throws {
    let folder = try Folder()
    for number in 1...12 {
      _ = try folder.write(
        "suite\(number).sock",
        """
        param client
        for turn in 1..4
          test "its own answer ${turn}"
            listen 0
            run client to listener as program
            accept
            recv until "\\r\\n\\r\\n"
            let text = "\(number) ${turn}\\n"
            send "HTTP/1.1 200 OK\\r\\nContent-Length: ${len(text)}\\r\\n\\r\\n${text}"
            assert (program.recv all) == text
          end
        end

        """)
    }
    let run = try Program.run([
      Program.sock, "test", folder.path, "--jobs", "12", "--timeout-scale", "8", "--client", Self.curl,
    ])
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("48 passed"), "\(run.output)")
  }

  /// A client that hangs is told of, and ended with all that it has started.
  @Test func oneThatHangsIsEnded() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "suite.sock",
      """
      param client
      test "it ends"
        timeout 200ms
        listen 0
        run client to listener
        accept within 10s
      end

      """)
    let mark = folder.path.split(separator: "-").last ?? ""
    let client = "sh -c 'python3 -c \"import socket, sys, time; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); time.sleep(100)\" {host} {port} \(mark) & wait'"
    let run = try Program.run([Program.sock, "test", suite, "--client", client])
    #expect(run.status == 1, "\(run.output)")
    #expect(run.output.contains("(sh) did not end within 200 ms after the test's last step"), "\(run.output)")
    #expect(try !Program.run(["ps", "-eo", "args"]).output.split(separator: "\n").contains { $0.hasSuffix(mark) })
  }
}
