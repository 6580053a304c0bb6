// How the cost of one operation is counted: the difference of a run with many operations and one with few, in user
// instructions (callgrind) or system calls (strace), neither of which depends on how busy the machine is.
import Glibc
import SocketCore

/// What is counted of a run.
enum Counter: String {
  case instructions
  case systemCalls = "system calls"
  case pageFaults = "page faults"
}

/// What the program is made to do so and so often.
enum Work: String {
  /// A whole process with an empty script.
  case start
  case roundTrip = "round trip"
  case datagram = "datagram round trip"
  case connection
  /// Of the server in IO::Socket's manual page.
  case exchange
  case line
  /// In pieces of 64 KiB, each sent and received, in one task: nothing depends on who is faster.
  case mebibyte = "MiB sent and received"
  case call = "call of a function"
  case iteration = "turn of a loop"
  case logLine = "log line matched"
}

/// Runs the program under a counter.
struct CostMeasuring {
  private let folder: TemporaryFolder
  private let load: String
  /// valgrind gives up on debug information that is newer than it.
  private let stripped: String

  init() throws {
    folder = try TemporaryFolder()
    load = folder.file("load")
    stripped = folder.file("sock")
    try CostMeasuring.run(["gcc", "-O2", "-o", load, Repository.path("scripts/benchmarks/load.c")])
    try CostMeasuring.run(["strip", "--strip-debug", "-o", stripped, Repository.sock])
  }

  @discardableResult private static func run(_ argv: [String]) throws -> Outcome {
    let outcome = try RunningProgram(argv).finish()
    if outcome.status != 0 { throw HarnessError("\(argv[0]): \(outcome.errors)\(outcome.output)") }
    return outcome
  }

  /// What one operation costs.
  func cost(_ counter: Counter, of work: Work) throws -> Double {
    switch work {
    case .start:
      let empty = try folder.write("empty.sock", "")
      if counter == .pageFaults { return try pageFaults([Repository.sock, empty]) }
      return try count(counter, of: [empty])
    case .roundTrip: return try slope(counter, "echo", "rounds", 1, few(counter), 350)
    case .datagram: return try slope(counter, "datagrams", "datagrams", 1, few(counter), 350)
    case .connection: return try slope(counter, "echo", "connects", 4, 20, 220)
    case .exchange: return try slope(counter, "exchange", "exchanges", 1, 20, 120)
    case .line: return try slope(counter, "lines", "lines", 1, 640, 6400)
    case .mebibyte:
      let program = """
        let [left, right] = socketpair
        let block = repeat("0123456789abcdef", 4096)
        for i in 1..int(args[0])
          left.send block
          right.recv 65536 as data
          assert len(data) == 65536
        end
        """
      return try difference(counter, program, "16", "80") / 4
    case .call:
      // fib(n) makes 2·fib(n + 1) - 1 calls: 1,973 and 8,361.
      let program = """
        def fib(n)
          if n < 2
            return n
          end
          return fib(n - 1) + fib(n - 2)
        end
        fib(int(args[0]))
        """
      return try difference(counter, program, "15", "18") / (8361 - 1973)
    case .iteration:
      let program = """
        let sum = 0
        for i in 1..int(args[0])
          sum = (sum * 31 + i) % 1000003
        end
        """
      return try difference(counter, program, "1000", "21000") / 20000
    case .logLine:
      let lines = try [200, 2200].map { count in
        try folder.write("log-\(count)", (0..<count).map(CostMeasuring.logLine).joined())
      }
      let program = Repository.text("scripts/benchmarks/programs/logs.sock") ?? ""
      return try difference(counter, program, lines[0], lines[1]) / 2000
    }
  }

  /// The rounds of the run that is taken off. Of instructions the first ones take more. But a round whose question is
  /// there already has two calls less, for it does not wait: 50 such rounds taken off 350 that wait are a third of a
  /// call a round too much.
  private func few(_ counter: Counter) -> Int { counter == .instructions ? 50 : 2 }

  private static func logLine(_ number: Int) -> String {
    let verb = number % 3 == 0 ? "POST" : "GET"
    let request = "\(verb) /path/\(number * 7919) HTTP/1.1"
    return "10.0.\(number % 250).7 - - [01/Jan/2026:00:00:00] \"\(request)\" 200 \(number) \"-\"\n"
  }

  // MARK: - Programs

  private func difference(_ counter: Counter, _ program: String, _ few: String, _ many: String) throws -> Double {
    let script = try folder.write("program.sock", program)
    return try count(counter, of: [script, many]) - count(counter, of: [script, few])
  }

  /// What a whole run costs.
  private func count(_ counter: Counter, of arguments: [String]) throws -> Double {
    let account = try Account(folder.file("account"))
    try CostMeasuring.run(tracer(counter, account.path) + arguments)
    return try sum(counter, account)
  }

  /// Those that the kernel answers from memory; there are no others after the first run.
  private func pageFaults(_ argv: [String]) throws -> Double {
    var words: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var fewest = Int.max
    for _ in 0..<5 {
      var pid: pid_t = 0
      guard posix_spawn(&pid, argv[0], nil, nil, &words, environ) == 0 else {
        throw HarnessError("cannot run \(argv[0])")
      }
      var status: Int32 = 0
      var usage = rusage()
      guard wait4(pid, &status, 0, &usage) == pid, status == 0 else { throw HarnessError("\(argv[0]) failed") }
      fewest = min(fewest, usage.ru_minflt)
    }
    return Double(fewest)
  }

  // MARK: - Servers

  private static let servers = [
    "echo": """
      serve
        while recv 65536 as data
          send data
        end
      end
      """,
    "datagrams": """
      loop
        recv as data
        send data
      end
      """,
    "lines": """
      serve
        eol "\\n"
        autoflush off
        while recv line as text
          send line upper(text)
        end
      end
      """,
    "exchange": """
      loop
        accept
        print "Connection from ${conn.peerhost}:${conn.peerport}"
        recv 1024 as data
        print "received data: ${data}"
        send "ok"
        shutdown write
      end
      """,
  ]

  /// - Parameters:
  ///   - server: of `servers`.
  ///   - mode: of load.c.
  private func slope(
    _ counter: Counter, _ server: String, _ mode: String, _ connections: Int, _ few: Int, _ many: Int
  ) throws -> Double {
    let body = CostMeasuring.servers[server] ?? ""
    let start = mode == "datagrams" ? "bind udp:127.0.0.1:0" : "listen 0"
    let script = try folder.write("\(server).sock", "\(start)\nprint listener.sockport\n\(body)\n")
    let counts = try [few, many].map { amount in
      let account = try Account(folder.file("account"))
      let program = try RunningProgram(tracer(counter, account.path) + [script])
      let port = try program.line()
      try CostMeasuring.run([load, mode, port, String(connections), String(amount)])
      // Not by a signal that it answers: what it would say grows with what went over its channels.
      program.process.signal(SIGUSR1)
      _ = try program.finish()
      return try sum(counter, account)
    }
    return (counts[1] - counts[0]) / Double(many - few)
  }

  // MARK: - Counters

  /// The program under a counter, as the child itself: a signal reaches it. strace is in a process group of its own: it
  /// still writes when the program has ended and its group is cleared away.
  private func tracer(_ counter: Counter, _ account: String) -> [String] {
    switch counter {
    case .instructions:
      return ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=\(account)", stripped]
    case .systemCalls, .pageFaults:
      return ["strace", "-DD", "-f", "-c", "-U", "name,calls", "-o", account, Repository.sock]
    }
  }

  private func sum(_ counter: Counter, _ account: Account) throws -> Double {
    let text = try account.text()
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if counter == .instructions, words.dropFirst().starts(with: ["Collected", ":"]), let last = words.last {
        return Double(last) ?? 0
      }
      if counter == .systemCalls, words.count == 2, words[0] == "total" { return Double(words[1]) ?? 0 }
    }
    throw HarnessError("no account of \(counter.rawValue) came:\n\(text)")
  }
}

/// What a tracer writes, strace only when the program has ended: through a named pipe, whose end is the tracer's.
private final class Account {
  let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    unlink(path)
    // Open before the tracer opens it, which else waits for a reader.
    guard mkfifo(path, 0o600) == 0 else { throw HarnessError("cannot make \(path)") }
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw HarnessError("cannot open \(path)") }
  }

  deinit { close(descriptor) }

  /// All of it. The tracer has opened the pipe before the program began.
  func text() throws -> String {
    let deadline = Deadline(after: patience)
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while !deadline.hasPassed {
      _ = SystemCall.poll(descriptor, reading: true, writing: false, timeoutNanoseconds: deadline.pollTimeout)
      switch piece.withUnsafeMutableBytes({ StandardStream.tryRead(descriptor, $0) }) {
      case .done(let count): bytes += piece[..<count]
      case .end: return String(decoding: bytes, as: UTF8.self)
      case .wouldBlock: continue
      case .failed(let error): throw HarnessError("cannot read \(path): \(error.message)")
      }
    }
    throw HarnessError("the tracer does not end; it wrote:\n\(String(decoding: bytes, as: UTF8.self))")
  }
}
