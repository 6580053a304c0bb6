// A program that is given all of its input and whose output is wanted whole.

extension ChildProcess {
  /// What a program has printed, and how it has ended.
  public struct Communication: Hashable, Sendable {
    /// What it wrote to its standard output; with its errors among it where the request merges them.
    public let output: [UInt8]
    /// What it wrote to its standard error; empty where that is no pipe.
    public let errors: [UInt8]
    /// How it ended.
    public let status: ExitStatus
  }

  /// Gives the program all of its input, ends that, and collects what it prints until it has ended: Python's
  /// `communicate`. Neither side waits for the other at a full pipe.
  ///
  /// ```swift
  /// let sort = try ChildProcess.spawn(SpawnRequest(argv: [Array("sort".utf8)]))
  /// print(try sort.communicate("b\na\n".utf8).output)
  /// ```
  ///
  /// - Parameters:
  ///   - input: a program that ends, or closes its input, before it has read all of it does no wrong.
  ///   - longest: so many bytes of output are kept, and so many of errors; at least 0.
  ///   - deadline: for all of it.
  /// - Throws: `.timeout`; EMSGSIZE for a program that prints more than `longest`; EINVAL for one on a terminal, which
  ///   has no end of input. The program runs on then, and what it had printed is gone: end it with `signalGroup`.
  public func communicate(
    _ input: some Collection<UInt8> = EmptyCollection(), longest: Int = 1 << 26, within deadline: Deadline = .never
  ) throws(SocketError) -> Communication {
    if leadsSession { throw .system(.invalidArgument) }
    var streams = Streams(input: ContiguousArray(input), longest: max(0, longest))
    let poller: Poller
    do throws(Errno) { poller = try Poller() } catch { throw .system(error) }
    if streams.input.isEmpty { close(.stdin) }
    for (stream, fd) in [(Stream.stdin, stdin), (.stdout, stdout), (.stderr, stderr)] where fd >= 0 {
      let (token, isInput) = (UInt64(stream.rawValue), stream == .stdin)
      let failed = poller.add(fd, token: token, reading: !isInput, writing: isInput, trigger: .level)
      if let failed { throw .system(failed) }
    }
    while stdin >= 0 || stdout >= 0 || stderr >= 0 {
      var ready: [Stream] = []
      let failed = poller.wait(timeoutNanoseconds: deadline.pollTimeout) { token, _ in
        if let stream = Stream(rawValue: Int(token)) { ready.append(stream) }
      }
      if let failed { throw .system(failed) }
      if ready.isEmpty, deadline.hasPassed { throw .timeout }
      for stream in ready where try streams.move(stream, of: self) { close(stream) }
    }
    return Communication(output: streams.output, errors: streams.errors, status: try wait(within: deadline))
  }

  /// What goes to a program and what has come from it.
  private struct Streams {
    let input: ContiguousArray<UInt8>
    let longest: Int
    var sent = 0
    var output: [UInt8] = []
    var errors: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(input: ContiguousArray<UInt8>, longest: Int) {
      self.input = input
      self.longest = longest
    }

    /// Writes or reads what can be; true at the end of the stream.
    mutating func move(_ stream: Stream, of process: ChildProcess) throws(SocketError) -> Bool {
      if stream == .stdin {
        switch input.withUnsafeBytes({ all in
          StandardStream.tryWrite(process.stdin, UnsafeRawBufferPointer(rebasing: all[sent...]))
        }) {
        case .done(let count): sent += count
        case .wouldBlock, .failed(.interrupted): break
        case .end, .failed(.brokenPipe): return true
        case .failed(let error): throw .system(error)
        }
        return sent == input.count
      }
      let fd = stream == .stdout ? process.stdout : process.stderr
      switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(fd, $0) }) {
      case .done(let count):
        let isOutput = stream == .stdout
        if (isOutput ? output : errors).count + count > longest { throw .system(.messageTooLong) }
        if isOutput { output += buffer[..<count] } else { errors += buffer[..<count] }
      case .wouldBlock, .failed(.interrupted): break
      case .end: return true
      case .failed(let error): throw .system(error)
      }
      return false
    }
  }
}
