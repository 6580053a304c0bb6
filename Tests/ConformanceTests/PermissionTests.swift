// `--deny` and `--allow`: what a script is kept from, what it is told, and the ways around that lead nowhere.

import Glibc
import Testing

@testable import SockConformance

@Suite struct PermissionTests {
  /// A statement that is allowed, or that fails with `denied` and names this option.
  struct Attempt: Sendable, CustomTestStringConvertible {
    let options: [String]
    let statements: String
    /// Nil: it is done.
    let denial: String?
    var testDescription: String { "\(options.joined(separator: " ")): \(statements)" }

    init(_ options: String, _ statements: String, denied denial: String? = nil) {
      self.options = options.split(separator: " ").map(String.init)
      self.statements = statements
      self.denial = denial
    }
  }

  private static let connection = "listen 0 as l\nconnect 127.0.0.1:${l.sockport} as c"

  /// A proxy that says yes to all; the script has closed when it has.
  private static func throughProxy(_ target: String, second: String = "") -> String {
    """
    listen 127.0.0.1:0 as l
    spawn
      l.accept as c
      c.recv until "\\r\\n\\r\\n"
      c.send "HTTP/1.1 200 OK\\r\\n\\r\\n"
      c.recv
    end
    connect \(target) through ["http:127.0.0.1:${l.sockport}"\(second)] within 5s
    """
  }

  static let attempts = [
    Attempt("--deny run", #"run ["true"]"#, denied: "--deny run"),
    Attempt("--deny run", #"run "true""#, denied: "--deny run"),
    Attempt("--deny run=sh", #"run ["sh", "-c", "true"]"#, denied: "--deny run=sh"),
    Attempt("--deny run=sh", #"run ["/bin/sh", "-c", "true"]"#, denied: "--deny run=sh"),
    Attempt("--deny run=sh", #"run ["../bin/sh", "-c", "true"] cwd "/usr""#, denied: "--deny run=sh"),
    Attempt("--deny run=/bin/sh", #"run ["sh", "-c", "true"]"#, denied: "--deny run=/bin/sh"),
    Attempt("--deny run=true", #"run ["prog"] env {PATH: "data"}"#, denied: "--deny run=true"),
    Attempt("--deny run=true", #"run ["sh", "-c", "true"]"#),
    Attempt("--deny run=nowhere", #"run ["true"]"#),
    Attempt("--deny run", "writefile(\"new\", \"x\")"),
    Attempt("--allow run=true", #"run ["true"]"#),
    Attempt("--allow run=true", #"run ["sh", "-c", "true"]"#, denied: "--allow run=sh"),
    Attempt("--allow run", #"readfile("data/in")"#, denied: "--allow read=data/in"),
    Attempt("--deny read", #"readfile("data/in")"#, denied: "--deny read"),
    Attempt("--deny read", #"env("HOME")"#, denied: "--deny read"),
    Attempt("--deny read", #"run "cat" stdin "data/in""#, denied: "--deny read"),
    Attempt("--deny read=private", #"run "cat" stdin "data/in""#),
    Attempt("--deny read=private", #"run "cat" stdin "data/link""#, denied: "--deny read=private"),
    Attempt("--deny run", #"run "cat" fds [listen 0]"#, denied: "--deny run"),
    Attempt("--deny read=private", #"readfile("data/in")"#),
    Attempt("--deny read=private", #"readfile("private/key")"#, denied: "--deny read=private"),
    Attempt("--deny read=private", #"readfile("data/../private/key")"#, denied: "--deny read=private"),
    Attempt("--deny read=private", #"readfile("data/link")"#, denied: "--deny read=private"),
    Attempt("--deny read=private", #"readfile("/proc/self/cwd/private/key")"#, denied: "--deny read=private"),
    Attempt("--allow read=data", #"readfile("data/in")"#),
    Attempt("--allow read=data", #"readfile("data/link")"#, denied: "--allow read=data/link"),
    Attempt("--allow read=data", #"readfile("data-beside")"#, denied: "--allow read=data-beside"),
    Attempt("--allow read=data", #"readfile("/proc/self/environ")"#, denied: "--allow read=/proc/self/environ"),
    Attempt("--allow read=data", #"readfile("/proc/self/fd/0")"#, denied: "--allow read=/proc/self/fd/0"),
    Attempt("--allow read=data", #"env("HOME")"#, denied: "--allow read=env:HOME"),
    Attempt("--allow read=env:HOME", #"env("HOME")"#),
    Attempt("--allow listen=127.0.0.1:0", "listen 127.0.0.1:0"),
    Attempt("--allow read=data --deny read=data/in", #"readfile("data/in")"#, denied: "--deny read=data/in"),
    Attempt("--deny write", #"writefile("new", "x")"#, denied: "--deny write"),
    Attempt("--deny write", "print tmpdir", denied: "--deny write"),
    Attempt("--allow write=data", #"writefile("data/new", "x")"#),
    Attempt("--allow write=data/in", #"writefile("data/in", "x")"#),
    Attempt("--allow write=data", #"writefile("new", "x")"#, denied: "--allow write=new"),
    Attempt("--allow write=data", #"writefile("data/dangling", "x")"#, denied: "--allow write=data/dangling"),
    Attempt("--deny write", #"appendfile("new", "x")"#, denied: "--deny write"),
    Attempt("--deny write", #"removefile("data/in")"#, denied: "--deny write"),
    Attempt("--deny write", #"mkdir("new")"#, denied: "--deny write"),
    Attempt("--deny write", #"chmod("data/in", "600")"#, denied: "--deny write"),
    Attempt("--allow write=data", "appendfile(\"data/new\", \"x\")\nremovefile(\"data/new\")\nmkdir(\"data/dir\")"),
    Attempt("--allow write=data", #"mkdir("new")"#, denied: "--allow write=new"),
    Attempt("--allow write=data", #"removefile("data/link")"#),
    Attempt("--allow write=data", #"removefile("data/../private/key")"#, denied: "--allow write=data/../private/key"),
    Attempt("--allow write=data", #"removefile("data/..")"#, denied: "--allow write=data/.."),
    Attempt("--deny write=private", #"chmod("data/link", "600")"#, denied: "--deny write=private"),
    Attempt("--deny read=private", #"exists("private/key")"#, denied: "--deny read=private"),
    Attempt("--deny read=private", #"listdir("private")"#, denied: "--deny read=private"),
    Attempt("--allow read=data", #"listdir("data")"#),
    Attempt("--deny run", #"output("true")"#, denied: "--deny run"),
    Attempt("--allow run=true", #"output("true")"#),
    Attempt("--allow run=true", #"output(["sh", "-c", "true"])"#, denied: "--allow run=sh"),
    Attempt("--deny connect", connection, denied: "--deny connect"),
    Attempt("--deny connect", #"resolve("nowhere.invalid")"#, denied: "--deny connect"),
    Attempt("--deny connect", "bind udp:127.0.0.1:0 as u\nu.send \"x\" to 127.0.0.1:9", denied: "--deny connect"),
    Attempt("--deny connect", "listen unix:s\nconnect unix:s as c", denied: "--deny connect"),
    Attempt("--deny connect", "listen localhost:0\nlet [a, b] = socketpair\na.send \"x\""),
    Attempt("--allow connect,listen", connection),
    Attempt("--allow listen,connect=127.0.0.1", connection),
    Attempt("--allow listen,connect=localhost", connection),
    Attempt("--allow listen,connect=127.0.0.1:1", connection, denied: "--allow connect=127.0.0.1:"),
    Attempt("--allow listen,connect=[::1]", connection, denied: "--allow connect=127.0.0.1:"),
    Attempt("--deny connect", throughProxy("127.0.0.1:1"), denied: "--deny connect"),
    Attempt("--deny connect", throughProxy("a.test:1"), denied: "--deny connect"),
    Attempt("--deny connect=192.0.2.1", throughProxy("192.0.2.1:1"), denied: "--deny connect=192.0.2.1"),
    Attempt("--deny connect=192.0.2.1", throughProxy("a.test:1"), denied: "--deny connect=192.0.2.1"),
    Attempt("--deny connect=192.0.2.1:2", throughProxy("a.test:1")),
    Attempt("--deny connect=127.0.0.1", throughProxy("192.0.2.1:1"), denied: "--deny connect=127.0.0.1"),
    Attempt("--allow listen,connect=192.0.2.1", throughProxy("192.0.2.1:1"), denied: "--allow connect=127.0.0.1:"),
    Attempt("--allow listen,connect=localhost", throughProxy("192.0.2.1:1"), denied: "--allow connect=192.0.2.1:1"),
    Attempt("--allow listen,connect=localhost", throughProxy("a.test:1"), denied: "--allow connect=:1"),
    Attempt("--allow listen,connect=localhost", throughProxy("localhost:1")),
    Attempt("--allow listen,connect=localhost,connect=:1", throughProxy("a.test:1")),
    Attempt("--allow listen,connect=localhost,connect=192.0.2.1", throughProxy("192.0.2.1:1")),
    Attempt(
      "--allow listen,connect=localhost,connect=:1", throughProxy("a.test:1", second: ", \"socks5:b.test:2\""),
      denied: "--allow connect=:2"),
    Attempt("--allow listen,connect=unix:s", "listen unix:s\nconnect unix:s as c"),
    Attempt("--allow listen,connect=unix:t", "listen unix:s\nconnect unix:s as c", denied: "--allow connect=unix:s"),
    Attempt(
      "--deny connect=127.0.0.1", "listen 0 as l\nconnect [::ffff:127.0.0.1]:${l.sockport}",
      denied: "--deny connect=127.0.0.1"),
    Attempt(
      "--deny connect=127.0.0.1", "listen 0 as l\nconnect 0.0.0.0:${l.sockport}", denied: "--deny connect=127.0.0.1"),
    Attempt("--deny listen", "listen 0", denied: "--deny listen"),
    Attempt("--deny listen", "listen unix:s", denied: "--deny listen"),
    Attempt("--deny listen", "bind udp:127.0.0.1:0", denied: "--deny listen"),
    Attempt("--deny listen=127.0.0.1", "listen 0.0.0.0:0", denied: "--deny listen=127.0.0.1"),
    Attempt("--allow listen=localhost", "listen 127.0.0.1:0"),
    Attempt("--allow listen=localhost", "listen 0.0.0.0:0", denied: "--allow listen=0.0.0.0:0"),
    Attempt("--deny listen", joining, denied: "--deny listen"),
    Attempt("--deny listen=239.1.1.1", joining, denied: "--deny listen=239.1.1.1"),
    Attempt("--deny listen=239.1.1.2", joining),
    Attempt("--allow listen=239.1.1.1", joining),
    Attempt("--allow listen=127.0.0.1", joining, denied: "--allow listen=239.1.1.1:0"),
    Attempt(
      "--deny listen=:5353", #"socket inet dgram as s; s.sockopt IP_ADD_MEMBERSHIP x"ef01010100000000""#,
      denied: "--deny listen=:5353"),
    Attempt("--deny listen", #"socket inet dgram as s; s.sockopt 42 x"00" level ip"#, denied: "--deny listen"),
    Attempt("--deny connect", "socket inet raw proto icmp", denied: "--deny connect"),
    Attempt("--deny listen=127.0.0.1:25", "bind packet:lo", denied: "--deny listen=127.0.0.1:25"),
    Attempt("--allow connect,listen=127.0.0.1", "socket packet raw", denied: "--allow listen,connect"),
    Attempt("--allow connect=127.0.0.1", "connect 127.0.0.2:1 proto mptcp", denied: "--allow connect=127.0.0.2:1"),
  ]

  private static let joining = #"socket inet dgram as s; s.multicast join "239.1.1.1" interface lo"#

  private func makeFolder() throws -> Folder {
    let folder = try Folder()
    for name in ["data", "private"] { try #require(mkdir(folder.file(name), 0o700) == 0) }
    for name in ["data/in", "private/key", "data-beside"] { _ = try folder.write(name, "kept\n") }
    try #require(symlink("../private/key", folder.file("data/link")) == 0)
    try #require(symlink("../private/new", folder.file("data/dangling")) == 0)
    try #require(symlink("/bin/true", folder.file("data/prog")) == 0)
    return folder
  }

  private func run(_ words: [String], in folder: Folder) throws -> Program.Outcome {
    let shell = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder.path, Program.sock]
    return try Program.run(shell + words, errors: true)
  }

  @Test(arguments: attempts) func theFirstWallHolds(_ attempt: Attempt) throws {
    let folder = try makeFolder()
    let outcome = try run(attempt.options + ["-e", attempt.statements], in: folder)
    guard let denial = attempt.denial else {
      #expect(outcome.status == 0, "\(outcome.output)")
      return
    }
    #expect(outcome.status == 1)
    #expect(outcome.output.contains(" is denied: ") && outcome.output.contains("`\(denial)"), "\(outcome.output)")
    #expect(!folder.exists("new") && !folder.exists("private/new"))
    // It can be caught, and no `retry` waits for it.
    let body = attempt.statements.split(separator: "\n").map { "  \($0)\n" }.joined()
    let another = try makeFolder()
    let caught = try run(attempt.options + ["-e", "try\n\(body)catch e\n  print e.code\nend"], in: another)
    #expect(caught.output.hasSuffix("denied\n"), "\(caught.output)")
  }

  @Test func testsAndSessionsAreHeldToo() throws {
    let folder = try makeFolder()
    _ = try folder.write(
      "a.sock",
      "import \"lib.sock\" as lib\ntest \"a\"\n  assert lib.value == 1\n  print readfile(\"private/key\")\nend\n")
    _ = try folder.write("lib.sock", "let value = 1\n")
    #expect(try run(["test", "a.sock"], in: folder).status == 0)
    for options in [["--deny", "read"], ["--allow", "read=data,run"]] {
      let outcome = try run(["test"] + options + ["a.sock"], in: folder)
      #expect(outcome.status == 1 && outcome.output.contains("reading `private/key` is denied"), "\(outcome.output)")
    }
    let lines = "cd \"$1\" && echo 'print readfile(\"private/key\")' | \"$2\" repl --deny read"
    let session = try Program.run(["sh", "-c", lines, "sh", folder.path, Program.sock], errors: true)
    #expect(session.output.contains("reading `private/key` is denied"))
    for wrong in ["--deny=files", "--allow=read=", "--allow=connect=nowhere.invalid", "--deny=run,"] {
      #expect(try run([wrong, "-e", "print 1"], in: folder).status == 2)
    }
  }

  /// What is started is held by the kernel only: the first wall is not in its way.
  @Test func theSecondWallHolds() throws {
    let folder = try makeFolder()
    let support = try run(["--version"], in: folder).output
    func shell(_ options: String, _ command: String) throws -> String {
      let words = options.split(separator: " ").map(String.init)
      let statements = """
        listen 127.0.0.1:0
        run ["sh", "-c", '\(command)', listener.sockport] stderr merge as p
        print (p.recv all)
        """
      return try run(words + ["-e", statements], in: folder).output
    }
    if support.contains("Landlock") {
      #expect(try shell("--deny write", "echo x > new; echo made").contains("made"))
      #expect(!folder.exists("new"))
      _ = try shell("--allow run,listen,write=data", "echo x > data/new; echo x > new; rm private/key")
      #expect(folder.exists("data/new") && !folder.exists("new") && folder.exists("private/key"))
      #expect(!(try shell("--deny read", "cat private/key data/in").contains("kept")))
      let seen = try shell("--allow run,listen,read=data", "cat data/in; cat private/key data/link")
      #expect(seen.contains("kept") && seen.contains("denied"), "\(seen)")
    }
    if support.contains("seccomp") {
      let status = try run(["--deny", "run", "-e", "print readfile(\"/proc/self/status\")"], in: folder).output
      #expect(status.contains("Seccomp:\t2") && status.contains("NoNewPrivs:\t1"))
      let connect = "exec 3<>/dev/tcp/127.0.0.1/$0 && echo through"
      let bash = "exec bash -c \"\(connect)\" \"$0\""
      #expect(try shell("--deny write", bash).contains("through"))
      #expect(!(try shell("--deny connect", bash).contains("through")))
    }
  }

  /// What touches the machine stands in one place each, behind its question.
  @Test func nothingGoesPastThePermissions() throws {
    let asked = [
      ".startConnect(": "permissions.requireConnect", "socket.bind(address)": "permissions.requireListen",
      ".listen(backlog": "permissions.requireListen", "ChildProcess.spawn(": "permissions.requireRun",
      "try TemporaryDirectory(": "permissions.requireFile", "getenv(FileFunctions": "permissions.requireVariable",
      "open(terminated": ", permissions)", "Device.open(": "permissions.requireFile",
      "unlink(terminated": ", permissions", "mkdir(terminated": ", permissions",
      "chmod(terminated": ", permissions", "names(in: path.array": ", permissions",
    ]
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let found = try Program.run(["find", "/\(root)/Sources/SockRuntime", "-name", "*.swift"])
    let files = found.output.split(separator: "\n")
    #expect(files.count > 50)
    // Whether anybody answers on a Unix socket's file is asked behind the question for `listen`.
    for file in files where !file.hasSuffix("/SocketFile.swift") {
      let lines = String(decoding: try Folder.bytes(of: String(file)), as: UTF8.self).split(separator: "\n")
      for (number, line) in lines.enumerated() {
        for (call, question) in asked where line.contains(call) {
          let before = lines[max(0, number - 10)..<number]
          #expect(before.contains { $0.contains(question) }, "\(file): \(line)")
        }
      }
    }
  }
}
