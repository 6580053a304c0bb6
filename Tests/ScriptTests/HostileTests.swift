// Inputs that were made to hurt: each ends within a stated time and a stated memory, in one clear error or in success,
// never by a signal.
import Glibc
import SockLanguage
import Testing

/// What must come of one hostile script.
struct Hostile: Sendable, CustomTestStringConvertible {
  let name: String
  let script: [UInt8]
  let status: Int32
  /// A part of what standard error shows; empty: it shows nothing.
  let told: String
  let arguments: [String]

  init(_ name: String, _ script: String, fails told: String, status: Int32 = 1, arguments: [String] = []) {
    self.init(name, bytes: Array(script.utf8), fails: told, status: status, arguments: arguments)
  }

  init(_ name: String, bytes: [UInt8], fails told: String, status: Int32 = 2, arguments: [String] = []) {
    self.name = name
    script = bytes
    self.status = status
    self.told = told
    self.arguments = arguments
  }

  init(_ name: String, passes script: String) {
    self.init(name, bytes: Array(script.utf8), fails: "", status: 0)
  }

  var testDescription: String { name }
}

/// The same numbers for the same seed, on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite(.serialized) struct HostileTests {
  /// The address space that a run may have, in KiB: 2 GiB, of which the runtime takes 200 MiB without using them.
  private static let memory = 2 << 20
  /// How long a run may take, in seconds; a debug build on a busy machine is slow.
  private static let patience = 40.0
  /// How much may be told, in bytes: complaints come to 50 at most.
  private static let longestAnswer = 32 << 10

  @Test(arguments: texts + nesting + values + time + names + runaways + peers)
  func ends(_ hostile: Hostile) throws {
    let folder = try TemporaryFolder()
    #expect(Repository.write(hostile.script, to: folder.file("hostile.sock")))
    let outcome = try Self.limited(hostile.arguments + ["hostile.sock"], cwd: folder.path)
    #expect(outcome.status == hostile.status, "\(outcome.errors.prefix(1000))")
    #expect(outcome.stderr.count <= Self.longestAnswer)
    if hostile.told.isEmpty {
      #expect(outcome.errors == "")
    } else {
      #expect(outcome.errors.contains(hostile.told), "\(outcome.errors.prefix(1000))")
      // At run time there is one failure.
      if hostile.status == 1 {
        #expect(outcome.errors.split(separator: "\n").count { $0.hasPrefix("hostile.sock:") } == 1)
      }
    }
  }

  private static func limited(_ arguments: [String], cwd: String) throws -> Outcome {
    let command = ["sh", "-c", "ulimit -v \(memory) && exec \"$@\"", "sh", Repository.sock] + arguments
    return try RunningProgram(command, cwd: cwd).finish(within: patience)
  }

  // MARK: - Texts

  private static let long = String(repeating: "a", count: 10_000_000)

  private static func noise(_ seed: UInt64, from least: UInt8) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return (0..<50_000).map { _ in UInt8.random(in: least...255, using: &random) }
  }

  static let texts: [Hostile] = [
    Hostile("random bytes, seed 1", bytes: noise(1, from: 0), fails: "this is no text"),
    Hostile("random bytes, seed 2", bytes: noise(2, from: 1), fails: "hostile.sock:1:"),
    Hostile("random bytes, seed 3", bytes: noise(3, from: 1), fails: "hostile.sock:1:"),
    Hostile("random bytes, seed 4", bytes: noise(4, from: 0x20), fails: "hostile.sock:1:"),
    Hostile("a line of 10 MB", passes: "print len(\"\(long)\")\n"),
    Hostile("a comment of 10 MB", passes: "#\(long)\nprint 1\n"),
    Hostile("a string of 10 MB without an end", "print \"\(long)\n", fails: "is not closed on its line", status: 2),
    Hostile("a regex of 10 MB", "expect /\(long)/\n", fails: "regular expression is too large", status: 2),
    Hostile("a name of 10 MB", "print \(long)\n", fails: "aaa…` is not declared", status: 2),
    Hostile("a host of 10 MB", "connect \(long):1\n", fails: "aaa…`"),
    Hostile("an empty file", passes: ""),
    Hostile("a file with only a BOM", passes: "\u{FEFF}"),
    Hostile("CRLF line ends", passes: "let a = 1\r\nif a == 1\r\n  print \"x\"\r\nend\r\n"),
    Hostile("CR line ends", "print 1\rprint 2\r", fails: "a CR alone ends no line", status: 2),
    Hostile("no line end at the end", passes: "print 1"),
  ]

  static let nesting: [Hostile] = [
    "(", "[", "{a: ", "f(", "a[", "-", "not ", "try ", "\"${", "if 1 == 2\n", "loop\n", "spawn\n", "def f()\n",
    "(send ",
  ].map { piece in
    let start = piece.hasSuffix("\n") || piece.hasPrefix("try") ? "" : "print "
    return Hostile(
      "100,000 times \(piece.filter { $0 != "\n" })", start + String(repeating: piece, count: 100_000),
      fails: "levels deep", status: 2)
  }

  // MARK: - Values

  private static let big = "let big = float(\"1e300\")\nlet nan = big * big - big * big\n"

  static let values: [Hostile] = [
    Hostile("a string of 2^40 bytes", "print len(repeat(\"x\", 1 << 40))\n", fails: "longer than a string may be"),
    Hostile("a string times a number", "let n = 1 << 40\nlet s = \"x\"\nprint s * n\n", fails: "`repeat(s, n)`"),
    Hostile("2^40 random bytes", "print len(random_bytes(1 << 40))\n", fails: "longer than a string may be"),
    Hostile("a list of 2^40", "print len(repeat([1], 1 << 40))\n", fails: "the list would be longer"),
    Hostile("a width of 10^12", "print format(\"%1000000000000d\", 1)\n", fails: "longer than a string may be"),
    Hostile("the least integer's magnitude", "print abs(-9223372036854775807 - 1)\n", fails: "no positive counterpart"),
    Hostile("the least integer by -1", "let m = -9223372036854775807 - 1\nprint m / -1\n", fails: "overflow"),
    Hostile("an index of 2^62", "print \"abc\"[1 << 62]\n", fails: "outside a string"),
    Hostile("a range of all integers", "print len(-9223372036854775807..9223372036854775807)\n",
      fails: "more integers"),
    Hostile("backtracking", "print (repeat(\"a\", 5000) + \"!\") =~ /^(a+)+$/\n", fails: "limit regex-backtracking"),
    Hostile("JSON of a million brackets", "print parse_json(repeat(\"[\", 1000000))\n", fails: "more than 500 deep"),
    Hostile("a list in itself", "let a = []\npush(a, a)\nlet b = []\npush(b, b)\nprint a == b\n", fails: "500 deep"),
    Hostile("a million lists inside each other",
      passes: "let a = []\nfor i in 1..1000000\n  a = [a]\nend\nprint len(str(a))\n"),
    Hostile("a 100 MB value in an assertion", "let s = repeat(\"x\", 100000000)\nassert s == \"y\"\n",
      fails: "(100000000 bytes)"),
  ]

  static let time: [Hostile] = [
    Hostile("a sleep of 1e300 s", big + "within 50ms\n  sleep big\nend\n", fails: "time was over"),
    Hostile("a sleep of nan", big + "sleep nan\n", fails: "cannot last nan s"),
    Hostile("a sleep of -1 s", "sleep -1s\n", fails: "cannot last -1 s"),
    Hostile("a deadline of -1 s", "let [a, b] = socketpair\na.recv within -1s\n", fails: "cannot be in -1 s"),
    Hostile("a block of -1 s", "within -1s\n  sleep 1s\nend\n", fails: "cannot be in -1 s"),
    Hostile("a deadline of nan", big + "let [a, b] = socketpair\na.recv within nan\n", fails: "cannot be in nan s"),
    Hostile("a timeout of nan", big + "let [a, b] = socketpair\na.timeout nan\n", fails: "not nan"),
    Hostile("an after of nan", big + "select\nwhen after nan\n  print 1\nend\n", fails: "cannot be in nan s"),
    Hostile("a retry of nan", big + "retry within nan\n  fail \"x\"\nend\n", fails: "cannot be in nan s"),
    Hostile("a pause of 1e300 s", big + "retry within 50ms every big\n  assert 1 == 2\nend\n", fails: "1 == 2"),
    Hostile("an end of 1e300 s", passes: big + "let [a, b] = socketpair\nb.close\na.recv within big\n"),
  ]

  // MARK: - Names of things outside

  static let names: [Hostile] = [
    Hostile("a port of 65536", "let port = 65536\nlisten port\n", fails: "ports are 0 to 65535"),
    Hostile("a port of 10^20", "listen \"127.0.0.1:100000000000000000000\"\n", fails: "ports are 0 to 65535"),
    Hostile("a socket's path with a NUL", "listen \"unix:/tmp/a\\0b\"\n", fails: "cannot be a Unix socket's path"),
    Hostile("a file's path with a NUL", "readfile(\"/tmp/a\\0b\")\n", fails: "cannot hold a NUL"),
    Hostile("a host with a NUL", "connect \"a\\0b:25\"\n", fails: "cannot resolve"),
    Hostile("a command with a NUL", "run \"echo a\\0b\"\n", fails: "NUL"),
    Hostile("a folder with a NUL", "run \"true\" cwd \"/tmp\\0\"\n", fails: "NUL"),
    Hostile("a variable with a NUL", "run \"true\" env {A: \"a\\0b\"}\n", fails: "NUL"),
    Hostile("a path of 200 bytes", "listen \"unix:/\" + repeat(\"a\", 200)\n", fails: "ENAMETOOLONG"),
    Hostile("an import of itself", "import \"hostile.sock\" as me\n", fails: "imports itself", status: 2),
    Hostile("an import of a folder", "import \"/tmp\" as folder\n", fails: "Is a directory", status: 2),
    Hostile("an import that is not there", "import \"no.sock\" as no\n", fails: "No such file", status: 2),
    Hostile("an endless import", "import \"/dev/zero\" as zero\n", fails: "no regular file", status: 2),
    Hostile("an import with a NUL", "import \"hostile.sock\\0\" as me\n", fails: "cannot hold a NUL", status: 2),
  ]

  // MARK: - Scripts that never end

  static let runaways: [Hostile] = [
    Hostile("a function that calls itself", "def f()\n  f()\nend\nf()\n", fails: "limit call-depth"),
    Hostile("the same with arguments", "def f(n)\n  return 1 + f(n + 1)\nend\nprint f(0)\n", fails: "limit call-depth"),
    Hostile("through a defer", "def f()\n  defer f()\nend\nf()\n", fails: "limit call-depth"),
    Hostile("a task in each turn", "loop\n  spawn\n    sleep 100s\n  end\nend\n", fails: "limit tasks",
      arguments: ["--limit", "tasks=50000"]),
    Hostile("a task that makes another", "def f()\n  spawn\n    f()\n    sleep 100s\n  end\nend\nf()\nsleep 100s\n",
      fails: "limit tasks", arguments: ["--limit", "tasks=50000"]),
    Hostile("a task for each connection", """
      listen 0 as server
      spawn
        loop
          connect server.sockname as client
          spawn
            client.recv
          end
        end
      end
      server.serve
        recv
      end
      """, fails: "limit tasks", arguments: ["--limit", "tasks=100"]),
    Hostile("a list that grows", "let list = []\nloop\n  push(list, repeat(\"x\", 5000))\nend\n", fails: "limit memory",
      arguments: ["--limit", "memory=300"]),
    Hostile("a list that grows while it sleeps", """
      let list = []
      loop
        sleep 1ms
        push(list, repeat("x", 10000000))
      end
      """, fails: "limit memory", arguments: ["--limit", "memory=300"]),
    Hostile("small values, a few in each turn", """
      let list = []
      loop
        for i in 1..1000
          push(list, [i, "${i} and some more of this text, so that it comes to something"])
        end
        sleep 0s
      end
      """, fails: "limit memory", arguments: ["--limit", "memory=60"]),
    Hostile("a list that doubles", "let l = [1]\nloop\n  l = l + l\nend\n", fails: "limit memory",
      arguments: ["--limit", "memory=300"]),
    Hostile("a string that doubles", "let s = \"x\"\nloop\n  s += s\nend\n", fails: "limit memory",
      arguments: ["--limit", "memory=300"]),
    Hostile("a string of 500 MB", "let s = repeat(\"x\", 500000000)\nprint len(s)\n", fails: "limit memory",
      arguments: ["--limit", "memory=300"]),
    Hostile("100 million bytes apart", "print len(split(repeat(\"x\", 50000000), \"\"))\n", fails: "limit memory",
      arguments: ["--limit", "memory=300"]),
    Hostile("JSON of 30 million numbers", "print len(parse_json(\"[\" + repeat(\"1,\", 30000000) + \"1]\"))\n",
      fails: "limit memory", arguments: ["--limit", "memory=300"]),
    Hostile("a map that grows", "let m = {}\nlet i = 0\nloop\n  i += 1\n  m[i] = repeat(\"x\", 900)\nend\n",
      fails: "limit memory", arguments: ["--limit", "memory=100"]),
    Hostile("a million strings of JSON", """
      let l = ["a text of some length, over and over again"]
      for i in 1..24
        l = [l, l]
      end
      print len(json(l))
      """, fails: "limit memory", arguments: ["--limit", "memory=100"]),
    Hostile("two million elements of ASN.1", """
      message Element
        body ber
      end
      print len(decode(Element, x"3084003d0900" + repeat(x"0500", 2000000)).body.value)
      """, fails: "limit memory", arguments: ["--limit", "memory=200"]),
    Hostile("what it could not have is caught", passes: """
      let list = []
      for i in 1..100
        try
          push(list, repeat("x", 1000000000))
        catch e
          assert e.code == "limit"
        end
      end
      assert len(list) <= 4
      """),
    Hostile("closures that keep each other", """
      let last = nil
      def make(before)
        let kept = [before, repeat("x", 5000)]
        def get()
          return kept
        end
        return get
      end
      loop
        last = make(last)
      end
      """, fails: "limit memory", arguments: ["--limit", "memory=300"]),
    Hostile("tasks that wait for each other", """
      let tasks = []
      spawn as first
        sleep 1ms
        wait tasks[0]
      end
      spawn as second
        wait first
      end
      push(tasks, second)
      wait first
      """, fails: "every task waits for another one"),
  ]

  // MARK: - Peers

  static let peers: [Hostile] = [
    Hostile("a line that never ends", """
      let [a, b] = socketpair
      spawn
        loop
          b.send repeat("x", 65536)
        end
      end
      a.recv line
      """, fails: "limit buffer"),
    Hostile("a stream that never ends", """
      let [a, b] = socketpair
      spawn
        loop
          b.send repeat("x", 65536)
        end
      end
      a.recv all
      """, fails: "limit buffer"),
    Hostile("an expected line that never ends", """
      let [a, b] = socketpair
      spawn
        loop
          b.send repeat("x", 65536)
        end
      end
      a.expect line /y/
      """, fails: "limit buffer"),
    Hostile("one byte at a time", """
      let [a, b] = socketpair
      spawn
        loop
          b.send "x"
          sleep 1ms
        end
      end
      a.recv line within 200ms
      """, fails: "within 200 ms"),
    Hostile("2^40 bytes wanted", "let [a, b] = socketpair\na.recv exactly (1 << 40)\n", fails: "1 GiB"),
    Hostile("a message of 2 GiB", "let [a, b] = socketpair\na.framing \"u32\"\nb.send x\"7fffffff\"\na.recv message\n",
      fails: "limit buffer"),
    Hostile("closed while it reads", "let [a, b] = socketpair\nspawn\n  a.close\nend\na.recv exactly 9\n",
      fails: "closed"),
    Hostile("closed while it sends", """
      let [a, b] = socketpair
      spawn
        a.close
      end
      a.send repeat("x", 10000000)
      """, fails: "closed"),
    Hostile("gone while it sends", """
      let [a, b] = socketpair
      spawn
        b.close
      end
      a.send repeat("x", 10000000)
      """, fails: "the other side has closed"),
    Hostile("a line that backtracks", """
      let [a, b] = socketpair
      b.send repeat("a", 5000) + "!\\n"
      a.expect line /^(a|aa)+$/
      """, fails: "limit regex-backtracking"),
    Hostile("a framing without an end", """
      def size(bytes)
        loop
        end
      end
      let [a, b] = socketpair
      a.framing size
      b.send "x"
      a.recv message
      """, fails: "does not come to an end"),
  ]

  /// The step that would hold more fails, and with it its connection; another one, which only computes, does not.
  @Test func peersThatSendTooMuchHarmNobodyElse() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("main.sock", """
      listen 0 as server
      spawn
        server.serve
          recv line as first
          if first == "count"
            let x = 0
            for i in 1..300000
              x += i
            end
            send line "${x}"
          else
            recv line
          end
        end
      end
      def flood()
        connect server.sockname as c
        c.send line "flood"
        for i in 1..40
          try c.send repeat("x", 1000000) within 5s
        end
        return c
      end
      let floods = []
      for i in 1..10
        spawn as one
          return flood()
        end
        push(floods, one)
      end
      let waiting = []
      for one in floods
        push(waiting, wait one)
      end
      for i in 1..5
        connect server.sockname as honest
        honest.send line "count"
        honest.expect line "45000150000"
      end
      print "served"
      exit
      """)
    let outcome = try Self.limited(["--limit", "memory=200", script], cwd: folder.path)
    #expect(outcome.output == "served\n", "\(outcome.errors.prefix(2000))")
    #expect(outcome.errors.contains("the values take more than 200 MiB (limit memory)"))
  }

  /// Where the system gives less than the limit: an error, and no crash.
  @Test(arguments: [
    "let l = []\nloop\n  push(l, repeat(\"x\", 3000000))\nend\n", "let l = [1]\nloop\n  l = l + l\nend\n",
    "let l = []\nlet i = 0\nloop\n  i += 1\n  push(l, \"${i}\" + repeat(\"x\", 500))\nend\n",
    "let s = \"x\"\nloop\n  s += s\nend\n",
  ])
  func theSystemGivesNoMore(_ script: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("main.sock", script)
    let command = ["sh", "-c", "ulimit -v 400000 && exec \"$@\"", "sh", Repository.sock, path]
    let outcome = try RunningProgram(command, cwd: folder.path).finish(within: Self.patience)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("the system gives the process no more than 390 MiB of memory (ulimit -v)"))
  }

  // MARK: - Files

  @Test func aFolderIsNoScript() throws {
    let outcome = try Self.limited(["/"], cwd: Repository.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("cannot read /"))
  }

  @Test func anEndlessScriptIsRefused() throws {
    let outcome = try Self.limited(["/dev/zero"], cwd: Repository.root)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("64 MiB"))
  }

  @Test func aPipeThatNobodyWritesToIsNotImported() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe.sock"), 0o600) == 0)
    let script = try folder.write("main.sock", "import \"pipe.sock\" as pipe\n")
    let outcome = try Self.limited([script], cwd: folder.path)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("no regular file"))
  }

  @Test func importsAreNotNestedForEver() throws {
    let folder = try TemporaryFolder()
    for number in 0..<200 {
      _ = try folder.write("file\(number).sock", "import \"file\(number + 1).sock\" as next\n")
    }
    let outcome = try Self.limited(["file0.sock"], cwd: folder.path)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("imports are nested deeper than"))
  }

  /// What is deferred gets its time when the script is told to end, and no more.
  @Test func aFinallyWithoutAnEndDoesNotOutliveItsScript() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("main.sock", "try\n  print \"up\"\n  sleep 100s\nfinally\n  loop\n  end\nend\n")
    let program = try RunningProgram.sock([script])
    #expect(try program.line() == "up")
    _ = kill(program.process.pid, SIGTERM)
    #expect(try program.finish(within: 30).status == 128 + SIGTERM)
  }
}
