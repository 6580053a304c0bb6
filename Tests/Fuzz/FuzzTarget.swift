// What is fed, and what must hold for every input. That it neither crashes nor hangs is libFuzzer's to see.
import Glibc
import SockConformance
import SockLanguage
import SockRuntime

enum FuzzTarget: String, CaseIterable {
  /// Lexer, parser, checker, linter, formatter, renderer and compiler, with a whole script.
  case script
  /// Completion, with the cursor at the place that the first two bytes say.
  case completion
  /// A pattern, a NUL, and what it is matched with.
  case pattern
  /// A format of `unpack` and `pack`, a NUL, and bytes.
  case unpack
  /// A format of `format`, a NUL, and its arguments.
  case format
  case json
  /// A JSON report of `sock test`, as `sock report merge` reads it.
  case report
  /// A capture, and the scripts that are made of what it holds.
  case capture
  /// The name of a declared message, a NUL, and the message.
  case message

  nonisolated(unsafe) static var current = FuzzTarget.script

  func feed(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .script: Self.script(Array(bytes))
    case .completion: Self.completion(Array(bytes))
    case .pattern: Self.pattern(bytes)
    case .unpack: Self.unpack(bytes)
    case .format: Self.format(bytes)
    case .json: Self.json(bytes)
    case .report: Self.report(bytes)
    case .capture: Self.capture(Array(bytes))
    case .message: Self.message(bytes)
    }
  }

  static func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if condition { return }
    print(message())
    abort()
  }

  // MARK: - Scripts

  private static func script(_ text: [UInt8]) {
    let source = SourceFile(name: "fuzzed.sock", bytes: text)
    let result = Linter.load(source) { _, _ in .failure(ReadFailure(message: "there is no such file")) }
    for diagnostic in result.diagnostics {
      let shown = DiagnosticRenderer.render(diagnostic, color: false)
      require(shown.hasPrefix("fuzzed.sock:"), "a complaint without its place: \(shown)")
      require(Int(diagnostic.range.upper) <= text.count, "\(diagnostic.code) lies outside of the text")
    }
    let parsed = Parser.parse(source)
    if !parsed.diagnostics.contains(where: { $0.severity == .error }) {
      do throws(Formatter.Mismatch) {
        let laidOut = try Formatter.formatAndVerify(parsed)
        let again = Formatter.format(Parser.parse(SourceFile(name: "fuzzed.sock", bytes: laidOut)))
        require(again == laidOut, "formatting what was formatted changes it")
      } catch {
        require(false, "formatting has changed the meaning of line \(error.line)")
      }
    }
    guard !result.hasErrors else { return }
    // A program that is too large for the machine is an answer, too.
    _ = try? Compiler.compile(result.main)
  }

  private static func completion(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return }
    let text = Array(bytes[2...])
    let cursor = (Int(bytes[0]) << 8 | Int(bytes[1])) % (text.count + 1)
    _ = Completer.complete(text, cursor: cursor, in: CompletionContext())
  }

  // MARK: - Values

  nonisolated(unsafe) private static let context = BuiltinContext(limits: PatternLimits(backtracking: 20_000, memory: 4096))

  /// What stands before the first NUL, and what behind it.
  private static func halves(_ bytes: UnsafeRawBufferPointer) -> (ByteString, ByteString) {
    let end = bytes.firstIndex(of: 0) ?? bytes.count
    return (
      .copy(UnsafeRawBufferPointer(rebasing: bytes[..<end])),
      .copy(UnsafeRawBufferPointer(rebasing: bytes[min(end + 1, bytes.count)...]))
    )
  }

  /// What a builtin gives; nil when it fails, which is an answer.
  @discardableResult
  private static func call(_ function: BuiltinFunction, _ values: [Value]) -> Value? {
    values.withUnsafeBufferPointer { try? Builtins.call(function, $0, context) }
  }

  private static func pattern(_ bytes: UnsafeRawBufferPointer) {
    let (source, subject) = halves(bytes)
    guard let pattern = try? context.patterns.pattern(source: source, flags: ByteString("")) else { return }
    for partial in [false, true] {
      for anchored in [false, true] {
        guard case .matched = pattern.match(subject.bytes, anchored: anchored, partial: partial) else { continue }
        let range = pattern.range(of: 0)
        require(range.map { $0.upperBound <= subject.count } ?? false, "a match outside of its subject")
      }
    }
    call(.replace, [.string(subject), .regex(pattern), Value("<$0>")])
    call(.split, [.string(subject), .regex(pattern)])
    call(.split, [.string(subject), .regex(pattern), .integer(3)])
    call(.matches, [.string(subject), .regex(pattern)])
    // A text that was escaped matches itself, and nothing of it means anything.
    if let escaped = call(.escape_regex, [.string(source)]), let literal = call(.regex, [escaped]) {
      guard case .list(let found)? = call(.matches, [.string(source), literal]) else {
        return require(false, "an escaped text is no pattern")
      }
      require(source.isEmpty || found.items.count == 1, "an escaped text does not match itself once")
    }
  }

  private static func unpack(_ bytes: UnsafeRawBufferPointer) {
    let (format, data) = halves(bytes)
    guard case .list(let values)? = call(.unpack, [.string(format), .string(data)]) else { return }
    // What was taken apart can be put together again, but for `rest`, which `pack` has not.
    call(.pack, [.string(format)] + values.items)
  }

  private static func format(_ bytes: UnsafeRawBufferPointer) {
    let (format, data) = halves(bytes)
    // A width of hundreds of millions is a string of that size: under the sanitizer it takes 20 s to fill.
    guard !String(decoding: format.bytes, as: UTF8.self).contains(/[0-9]{7}/) else { return }
    let arguments: [Value] = [.string(data), .integer(data.count), .float(Double(data.count) / 3), .nothing]
    for count in 0...arguments.count { call(.format, [.string(format)] + arguments[..<count]) }
    let readers: [BuiltinFunction] = [
      .unhex, .unbase64, .unbase64url, .urldecode, .int, .float, .title, .hexdump, .inet_checksum,
    ]
    for function in readers { call(function, [.string(format)]) }
    time(format, data)
  }

  /// What is written by a format can be read by it, if it says day and time.
  private static func time(_ format: ByteString, _ data: ByteString) {
    call(.parse_time, [.string(data), .string(format)])
    call(.parse_time, [Value("2024-02-29"), .string(format), .string(data)])
    guard case .string(let text)? = call(.format_time, [.integer(data.count * 86_399), .string(format)]) else { return }
    call(.parse_time, [.string(text), .string(format)])
  }

  private static func json(_ bytes: UnsafeRawBufferPointer) {
    guard let value = call(.parse_json, [.string(.copy(bytes))]) else { return }
    guard let written = call(.json, [value]) else { return }
    guard let again = call(.parse_json, [written]), let twice = call(.json, [again]) else {
      return require(false, "what `json` writes cannot be read")
    }
    guard case .string(let one) = written, case .string(let other) = twice else { return }
    require(ByteString.equal(one, other), "JSON that is read and written again is another")
  }

  // MARK: - Messages

  nonisolated(unsafe) private static let messages = MessageTarget()

  private static func message(_ bytes: UnsafeRawBufferPointer) {
    let (name, data) = halves(bytes)
    messages.feed(name, data.bytes)
  }

  // MARK: - Captures

  /// What is made of any capture is a script without mistakes.
  private static func capture(_ bytes: [UInt8]) {
    guard let capture = try? Capture(bytes) else { return }
    for role in [RecordedSide.client, .server] {
      var request = RecordedScriptRequest()
      request.role = role
      request.recordings = [Recording(capture.connections), Recording(capture.connections.dropLast())]
      guard let text = RecordedScript.text(request, path: "made.sock") else { continue }
      let result = Loader.load(SourceFile(name: "made.sock", bytes: text)) { _, _ in
        .failure(ReadFailure(message: "it imports nothing"))
      }
      require(!result.hasErrors, "the script that is made has a mistake: \(String(decoding: text, as: UTF8.self))")
    }
  }

  // MARK: - Reports

  /// Without a name of its own; it is read as this process's descriptor.
  private static let file = {
    var template = Array("/tmp/sock-fuzz-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    unlink(template)
    return descriptor
  }()

  private static func report(_ bytes: UnsafeRawBufferPointer) {
    guard ftruncate(file, 0) == 0, pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count else { return }
    _ = try? JsonReport.merge(["/proc/self/fd/\(file)"], TestOptions(), reporters: [])
  }
}
