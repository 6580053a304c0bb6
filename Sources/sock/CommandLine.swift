// The command line: words in, what the user asked for out.
//
// Written by hand: the argument parser's library costs 0.4 ms and 16 MB with the Foundation that it brings, and a script
// tool is started often.

import SockConformance
import SockLanguage
import SockRuntime
import SocketCore

/// What the user asked for.
enum Invocation {
  case run(Source, RunRequest)
  /// Files and folders.
  /// - isStrict: warnings count, too.
  case check([String], isStrict: Bool)
  case format(FormatRequest)
  case test(TestOptions)
  /// Joins JSON reports; the options say into which.
  case mergeReports([String], TestOptions)
  /// Tells what has changed over runs, from their JSON reports.
  case compareReports([String])
  case new(String)
  case record(RecordRequest)
  case replay(ReplayRequest)
  /// A message of a script, and what is to be read as one.
  case decode(String, String)
  case repl(ReplRequest)
  /// `--help`: how a command is used; nil: the program.
  case usage(Command?)
  /// `sock help` and its words.
  case help([String])
  case manualPage
  case completion(Shell)
  case languageServer
  case debugAdapter
  case version

  enum Source {
    case file(String)
    case statements(String)
    /// - isNamed: it was asked for, as `-`; else there was no other script.
    case standardInput(isNamed: Bool)
  }
}

/// What holds for a run.
struct RunRequest {
  var arguments: [String] = []
  var settings: [(name: String, value: String)] = []
  var secrets: [(name: String, value: [UInt8])] = []
  var permissions = Permissions()
  var limits = RunLimits()
  var timeoutScale = 1.0
  var seed: UInt64?
  /// Only shows what the script is compiled to.
  var disassembles = false
  var usesScalarLoop = true
}

/// A command line that cannot be understood: what is wrong, and what would be right.
struct UsageError: Error {
  let message: String
}

/// Whether messages are coloured, as `--color` says; nil: as the terminal is.
nonisolated(unsafe) var colorChoice: Bool?

struct CommandLineParser {
  private let words: [String]
  private var at = 0
  private var command = Command.run
  private var namesCommand = false
  private var options: [(option: Option, value: String)] = []
  private var rest: [String] = []
  /// What `--secret` names is read; a worker is told what was in it.
  private var readsSecrets = true

  /// - Parameter words: what stands after the program's name.
  static func parse(_ words: [String], readsSecrets: Bool = true) throws(UsageError) -> Invocation {
    var parser = CommandLineParser(words: words)
    parser.readsSecrets = readsSecrets
    return try parser.parse()
  }

  private init(words: [String]) { self.words = words }

  private mutating func parse() throws(UsageError) -> Invocation {
    var isFirst = true
    while at < words.count {
      let word = words[at]
      at += 1
      if word == "--" {
        rest += words[at...]
        break
      }
      if word == "-" || !word.hasPrefix("-") {
        if isFirst, let named = Command(rawValue: word) {
          command = named
          namesCommand = true
          isFirst = false
          continue
        }
        isFirst = false
        rest.append(word)
        if command == .run {
          // From the script on, all words are the script's.
          try requireNoLateRule(words[at...], behind: word)
          rest += words[at...]
          break
        }
        continue
      }
      try parseOption(word)
      isFirst = isFirst && command == .run
    }
    if options.contains(where: { $0.option == .help }) { return .usage(namesCommand ? command : nil) }
    if options.contains(where: { $0.option == .version }) { return .version }
    for (option, _) in options where !option.commands.contains(command) {
      throw UsageError(message: "\(option.name) is an option of `sock \(option.commands[0])`, not of `sock \(command)`")
    }
    if let value = last(.color) {
      switch value {
      case "always": colorChoice = true
      case "never": colorChoice = false
      case "auto": colorChoice = nil
      default: throw UsageError(message: "--color \(value): it is auto, always or never")
      }
    }
    switch command {
    case .run: return try runInvocation()
    case .check:
      guard !rest.isEmpty else { throw UsageError(message: "check needs files or folders: \(command.synopsis)") }
      return .check(rest, isStrict: has(.strict))
    case .fmt:
      guard rest.count <= 1 || !rest.contains("-") else {
        throw UsageError(message: "fmt takes paths or `-` (standard input), not both")
      }
      return .format(FormatRequest(paths: rest, checks: has(.checkLayout), showsDifference: has(.diff)))
    case .test: return .test(try testOptions())
    case .report:
      return try reportInvocation()
    case .record: return .record(try recordRequest())
    case .replay: return .replay(try replayRequest())
    case .decode:
      guard rest.count == 2 else { throw UsageError(message: "decode needs a message and bytes: \(command.synopsis)") }
      return .decode(rest[0], rest[1])
    case .repl:
      guard rest.isEmpty || rest.count == 1 && StartAddress.isOne(rest[0]) else {
        throw UsageError(
          message: "repl takes no file; sock repl --load \(rest[0]) runs it first, sock \(rest[0]) runs it alone")
      }
      return try replInvocation(connectingTo: rest.first)
    case .new:
      guard rest.count == 1 else { throw UsageError(message: "new needs the name of a file: sock new FILE.sock") }
      return .new(rest[0])
    case .lsp:
      guard rest.isEmpty else {
        throw UsageError(message: "lsp takes no file: an editor starts it, and names the files")
      }
      return .languageServer
    case .dap:
      guard rest.isEmpty else {
        throw UsageError(message: "dap takes no file: an editor starts it, and names what is to run")
      }
      return .debugAdapter
    case .completion:
      guard rest.count == 1, let shell = Shell(rawValue: rest[0]) else {
        throw UsageError(message: "completion needs the name of a shell: \(command.synopsis)")
      }
      return .completion(shell)
    case .help: return has(.man) ? .manualPage : .help(rest)
    }
  }

  /// What would hold a script or hide its secrets must not be taken for one of its own words in silence.
  private func requireNoLateRule(_ words: ArraySlice<String>, behind script: String) throws(UsageError) {
    for word in words {
      if word == "--" { return }
      for option in [Option.deny, .allow, .secret] where word == option.name || word.hasPrefix(option.name + "=") {
        throw UsageError(
          message: "\(option.name) stands behind \(script), whose arguments follow: write `sock \(option.name) … "
            + "\(script)`; behind `--` it would be an argument")
      }
    }
  }

  private mutating func parseOption(_ word: String) throws(UsageError) {
    var name = word
    var inline: String?
    if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
      name = String(word[..<equals])
      inline = String(word[word.index(after: equals)...])
    }
    if !word.hasPrefix("--"), word.utf8.count > 2 {
      // A short option with its value behind it: -j4.
      name = String(word.prefix(2))
      inline = String(word.dropFirst(2))
    }
    let named = Option.allCases.filter { $0.name == name || $0.shortName == name }
    // `--pcap` is another option of another command.
    guard let option = named.first(where: { $0.commands.contains(command) }) ?? named.first else {
      throw UsageError(message: "there is no option \(name)\(cure(of: name, inline))")
    }
    guard option.argument != nil else {
      if inline != nil { throw UsageError(message: "\(name) takes no value") }
      options.append((option, ""))
      return
    }
    if let inline {
      options.append((option, inline))
      return
    }
    guard at < words.count else { throw UsageError(message: "\(name) needs a value: \(name) \(option.argument ?? "")") }
    options.append((option, words[at]))
    at += 1
  }

  /// What may have been meant by an option that does not exist, with the mark before it; empty: nothing near.
  private func cure(of name: String, _ inline: String?) -> String {
    if name == "-v" || name == "-V" {
      return namesCommand && command == .test
        ? ": each test is named without it, and of a failed one all is shown" : "; did you mean --version?"
    }
    for (index, word) in words.enumerated().dropFirst(at) where !word.hasPrefix("-") && Command(rawValue: word) == nil {
      guard case .success(let source) = ScriptFiles.read(word),
        let setting = ScriptInterface.setting(named: name, among: Parser.parse(source).body)
      else { continue }
      let value = inline ?? (index > at ? words[at] : nil)
      return "; the `param` of \(word) is given as `\(ScriptInterface.option(for: setting, value))`"
    }
    // Before a command is named, one may still follow.
    let known = Option.allCases.filter { !$0.isHidden && (!namesCommand || $0.commands.contains(command)) }
    return Suggestion.nearest(name, among: known.map(\.name)).map { "; did you mean \($0)?" } ?? ""
  }

  // MARK: - Values

  private func last(_ option: Option) -> String? { options.last { $0.option == option }?.value }
  private func all(_ option: Option) -> [String] { options.filter { $0.option == option }.map(\.value) }
  private func has(_ option: Option) -> Bool { options.contains { $0.option == option } }

  private func pair(_ text: String, _ option: Option) throws(UsageError) -> (name: String, value: String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      // It may be the secret itself.
      let shown = option == .secret ? "" : " \(text)"
      throw UsageError(message: "\(option.name)\(shown): write \(option.name) \(option.argument ?? "")")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private func count(_ option: Option, _ text: String, minimum: Int) throws(UsageError) -> Int {
    guard let number = Int(text), number >= minimum else {
      throw UsageError(message: "\(option.name) \(text): it is an integer of at least \(minimum)")
    }
    return number
  }

  /// `200`, or `17..20`: those of a longer run, by their numbers.
  private func mutations(_ text: String) throws(UsageError) -> ClosedRange<Int> {
    let ends = text.split(separator: "..", omittingEmptySubsequences: false).map { Int($0) }
    if ends.count == 1, let count = ends[0], count > 0 { return 1...count }
    if ends.count == 2, let first = ends[0], let last = ends[1], first > 0, first <= last { return first...last }
    throw UsageError(
      message: "--mutate \(text): it is a number of mutations, as 200, or those from one to another, as 17..17")
  }

  private func settings() throws(UsageError) -> [(name: String, value: String)] {
    var settings: [(name: String, value: String)] = []
    for text in all(.set) { settings.append(try pair(text, .set)) }
    return settings
  }

  private func secrets() throws(UsageError) -> [(name: String, value: [UInt8])] {
    guard readsSecrets else { return [] }
    var secrets: [(name: String, value: [UInt8])] = []
    for text in all(.secret) {
      let (name, source) = try pair(text, .secret)
      secrets.append((name, try SecretSource.read(source, for: name)))
    }
    return secrets
  }

  private func permissions() throws(UsageError) -> Permissions {
    var permissions = Permissions()
    for (option, text) in options where option == .deny || option == .allow {
      if let problem = permissions.add(text, allows: option == .allow) {
        throw UsageError(message: "\(option.name) \(text): \(problem)")
      }
    }
    return permissions
  }

  private func limits() throws(UsageError) -> RunLimits {
    var limits = RunLimits()
    for text in all(.limit) {
      let (name, value) = try pair(text, .limit)
      guard let number = Int(value), number > 0 else {
        throw UsageError(message: "--limit \(text): a limit is a positive integer")
      }
      guard limits.set(name, to: number) else {
        let near = Suggestion.nearest(name, among: RunLimits.names).map { "; did you mean \($0)?" } ?? "."
        throw UsageError(
          message: "there is no limit \(name)\(near) The limits are \(RunLimits.names.joined(separator: ", "))")
      }
    }
    return limits
  }

  private func seed() throws(UsageError) -> UInt64? {
    guard let text = last(.seed) else { return nil }
    guard let seed = UInt64(text) else { throw UsageError(message: "--seed \(text): a seed is a positive integer") }
    return seed
  }

  private func timeoutScale() throws(UsageError) -> Double {
    guard let text = last(.timeoutScale) else { return 1 }
    guard let factor = Double(text), CommandLineParser.scales.contains(factor) else {
      throw UsageError(message: "--timeout-scale \(text): the factor is a number from 0.001 to 1000000, as 4")
    }
    return factor
  }

  /// Beyond these, deadlines come before anything can happen, or never.
  private static let scales = 0.001...1_000_000

  // MARK: - Commands

  private func runInvocation() throws(UsageError) -> Invocation {
    var request = RunRequest()
    request.settings = try settings()
    request.secrets = try secrets()
    request.permissions = try permissions()
    request.limits = try limits()
    request.timeoutScale = try timeoutScale()
    request.seed = try seed()
    request.disassembles = has(.disassemble)
    request.usesScalarLoop = !has(.noScalarLoop)
    if let statements = last(.execute) {
      request.arguments = rest
      return .run(.statements(statements), request)
    }
    guard let first = rest.first else {
      if Main.isTerminal { return try replInvocation() }
      if !SystemCall.isTerminal(StandardStream.input) { return .run(.standardInput(isNamed: false), request) }
      throw UsageError(message: "there is nothing to run; name a script, or -e 'STATEMENTS'")
    }
    if !namesCommand, StartAddress.isOne(first), !StartAddress.isFile(first) {
      guard rest.count == 1 else {
        throw UsageError(
          message: "behind \(first) nothing follows: sock \(first), or sock repl \(first) -e 'STATEMENT'")
      }
      return try replInvocation(connectingTo: first)
    }
    request.arguments = Array(rest.dropFirst())
    return .run(first == "-" ? .standardInput(isNamed: true) : .file(first), request)
  }

  /// - Parameter address: where the session begins connected to.
  private func replInvocation(connectingTo address: String? = nil) throws(UsageError) -> Invocation {
    var request = ReplRequest()
    for option in [Option.seed, .disassemble, .noScalarLoop] where has(option) {
      throw UsageError(message: "\(option.name) is an option of a script, not of a session")
    }
    request.statements = (address.map { [StartAddress.statement($0)] } ?? []) + all(.execute)
    request.usesStartFile = !has(.noStartFile)
    request.options.settings = try settings().map { ($0.name, Array($0.value.utf8)) }
    request.options.secrets = try secrets()
    request.secrets = all(.secret)
    request.options.permissions = try permissions()
    request.options.limits = try limits()
    request.options.timeoutScale = try timeoutScale()
    request.files = all(.load)
    return .repl(request)
  }

  private func recordRequest() throws(UsageError) -> RecordRequest {
    var request = RecordRequest()
    guard rest.count == 1 else { throw UsageError(message: "record needs the name of a script: \(command.synopsis)") }
    request.path = rest[0]
    request.capture = last(.capture)
    request.relay.listen = last(.listen) ?? ""
    request.relay.target = last(.to) ?? ""
    if request.capture != nil {
      for option in [Option.listen, .client, .keep] where has(option) {
        throw UsageError(message: "\(option.name) listens for a client; with --pcap a capture is read: leave out one of them")
      }
      request.server = last(.to)
    } else if request.relay.target.isEmpty || request.relay.listen.isEmpty && !has(.client) {
      throw UsageError(
        message: "record needs --listen ADDRESS --to ADDRESS, or --pcap FILE: sock record --listen 7000 --to "
          + "127.0.0.1:6379 FILE.sock")
    }
    if request.relay.listen.isEmpty { request.relay.listen = request.relay.isDatagram ? "udp:0" : "0" }
    if request.relay.isDatagram != request.relay.listen.hasPrefix("udp:"), request.capture == nil {
      throw UsageError(message: "--listen \(request.relay.listen) --to \(request.relay.target): both are udp:, or none is")
    }
    if !request.relay.target.isEmpty, request.capture == nil, !hasPort(request.relay.target) {
      throw UsageError(message: "--to \(request.relay.target): a server has a port: 127.0.0.1:6379")
    }
    request.relay.command = last(.client)
    request.relay.options = options(forServer: request.relay.target)
    if let text = last(.sessions) {
      request.relay.sessions = try count(.sessions, text, minimum: 1)
      request.countsSessions = true
    }
    if let text = last(.side) {
      guard let role = RecordedSide(rawValue: text) else {
        throw UsageError(message: "--as \(text): it is client or server")
      }
      request.role = role
    }
    request.keep = last(.keep)
    request.secrets = try secrets()
    for text in all(.secret) {
      let (name, source) = try pair(text, .secret)
      request.secretSources[name] = SecretSource.expression(source)
    }
    if let problem = RecordedScript.problem(with: request.secrets) { throw UsageError(message: "--secret \(problem)") }
    request.timeoutScale = try timeoutScale()
    return request
  }

  /// A number alone is a port of this machine; a path has none.
  private func hasPort(_ address: String) -> Bool {
    if address.hasPrefix("unix:") { return true }
    let parts = address.split(separator: ":", omittingEmptySubsequences: false)
    return parts.last.map { !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } } ?? false
  }

  /// What `connect` and `starttls` are told of the server's certificate.
  private func options(forServer address: String) -> String {
    if has(.insecure) { return " insecure" }
    return last(.authority).map { " ca \(SourceText.quoted(Array($0.utf8)))" } ?? ""
  }

  private func replayRequest() throws(UsageError) -> ReplayRequest {
    guard rest.count == 1 else { throw UsageError(message: "replay needs a capture: \(command.synopsis)") }
    guard has(.to) != has(.listen) else {
      throw UsageError(
        message: "replay plays the client with --to ADDRESS, or the server with --listen ADDRESS: name one of them")
    }
    var request = ReplayRequest(path: rest[0])
    request.target = last(.to)
    request.listen = last(.listen)
    request.options = options(forServer: request.target ?? "")
    request.timeoutScale = try timeoutScale()
    return request
  }

  private func reportInvocation() throws(UsageError) -> Invocation {
    let paths = Array(rest.dropFirst())
    switch rest.first {
    case "merge":
      guard !paths.isEmpty else {
        throw UsageError(message: "report merge joins JSON reports: sock report merge FILE… --report FORMAT[=FILE]")
      }
      var options = TestOptions()
      try readReports(into: &options)
      return .mergeReports(paths, options)
    case "trend":
      guard paths.count > 1 else {
        throw UsageError(
          message: "report trend compares runs: name two JSON reports or more, the oldest first: "
            + "sock report trend FILE…")
      }
      for option in [Option.report, .transcript, .pcap] where has(option) {
        throw UsageError(message: "\(option.name) is an option of `sock report merge`; `sock report trend` prints text")
      }
      return .compareReports(paths)
    default:
      throw UsageError(
        message: "report joins JSON reports or compares them: sock report merge FILE… --report FORMAT[=FILE], or "
          + "sock report trend FILE…")
    }
  }

  private func testOptions() throws(UsageError) -> TestOptions {
    var test = TestOptions()
    test.paths = rest
    test.settings = try settings().map { ($0.name, Array($0.value.utf8)) }
    test.secrets = try secrets()
    test.permissions = try permissions()
    test.limits = try limits()
    test.timeoutScale = try timeoutScale()
    test.jobs = try last(.jobs).map { text throws(UsageError) in try count(.jobs, text, minimum: 1) } ?? Machine.cores
    test.filter = last(.filter)
    test.tags = all(.tag)
    test.mustOnly = has(.mustOnly)
    test.failFast = has(.failFast)
    test.pauses = has(.pause)
    for option in [Option.deny, .allow] where test.pauses && has(option) {
      throw UsageError(
        message: "\(option.name) holds the process that runs tests, which with --pause is the one that writes reports: "
          + "leave out one of them")
    }
    if let text = last(.retries) { test.retries = try count(.retries, text, minimum: 0) }
    if let text = last(.repeats) { test.repeats = try count(.repeats, text, minimum: 1) }
    test.seed = try seed() ?? UInt64.random(in: 0...0xFFFF_FFFF)
    test.isShuffled = has(.shuffle)
    if let text = last(.shard) { test.shard = try Shard.read(text) }
    test.isWorker = has(.worker)
    test.listOnly = has(.list)
    test.rerunFailed = has(.rerunFailed)
    for text in all(.target) {
      let (name, address) = try pair(text, .target)
      if let other = test.targets.first(where: { $0.name == name }) {
        throw UsageError(
          message: "--target \(text): \(other.address) is called \(name), too; each target has a name of its own")
      }
      test.targets.append((name, address))
    }
    for text in all(.testedClient) {
      let (name, command) = try client(text)
      if test.targets.contains(where: { $0.name == name }) {
        throw UsageError(message: "--client \(text): another one is called \(name); give it a name, as NAME=COMMAND")
      }
      test.targets.append((name, command))
    }
    test.testsClients = has(.testedClient)
    if test.testsClients, has(.target) {
      throw UsageError(
        message: "--client tests programs and --target servers, so that a run has one of them; what a client's suite "
          + "needs beside it is given by --set NAME=VALUE")
    }
    test.compares = has(.compare)
    test.masks = all(.mask)
    if test.compares, test.targets.count < 2 {
      throw UsageError(
        message: "--compare compares what several answer: name them by --target a=ADDRESS --target b=ADDRESS")
    }
    if !test.compares, !test.masks.isEmpty {
      throw UsageError(message: "--mask is for --compare; `golden` takes its masks from the script")
    }
    if let text = last(.segment) {
      if text == "sweep" {
        test.segmentations = [.asWritten, .pieces(1), .halves, .joined]
      } else {
        test.segmentations = [.pieces(try count(.segment, text, minimum: 1))]
      }
    }
    if let text = last(.mutate) { test.mutations = try mutations(text) }
    test.findings = last(.findings)
    if test.mutations == nil, test.findings != nil {
      throw UsageError(message: "--findings says where --mutate writes what it finds: --mutate N --findings DIR")
    }
    // What a test is changed to does not hold, so that nothing is to be kept of it or tried again.
    for option in [Option.pause, .retries, .repeats, .shuffle, .rerunFailed, .compare, .update, .list]
    where test.mutations != nil && has(option) {
      throw UsageError(message: "\(option.name) is for tests as they stand: leave it out, or --mutate")
    }
    test.baseline = last(.baseline)
    test.updatesBaseline = has(.updateBaseline)
    test.updatesGolden = has(.update)
    if test.updatesBaseline, test.baseline == nil {
      throw UsageError(message: "--update-baseline needs --baseline FILE: the file that is to be written")
    }
    try readReports(into: &test)
    return test
  }

  /// What `--client` names: a name, if one stands in front, or else that of the program; and its command.
  private func client(_ text: String) throws(UsageError) -> (name: String, command: String) {
    let head = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "._-+".contains($0)) }
    let isNamed = !head.isEmpty && text.dropFirst(head.count).first == "="
    let command = isNamed ? String(text.dropFirst(head.count + 1)) : text
    let program = command.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    guard !program.isEmpty else {
      throw UsageError(message: "--client \(text): the command is missing, as 'curl http://{address}/'")
    }
    return (isNamed ? String(head) : program.split(separator: "/").last.map(String.init) ?? program, command)
  }

  private func readReports(into options: inout TestOptions) throws(UsageError) {
    for text in all(.report) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let format = parts.first ?? ""
      guard Reports.formats.contains(format) else {
        let near = Suggestion.nearest(format, among: Reports.formats).map { "; did you mean \($0)?" } ?? "."
        throw UsageError(
          message: "--report \(text): there is no format `\(format)`\(near) The formats are "
            + Reports.formats.joined(separator: ", "))
      }
      let file = parts.count > 1 ? parts[1] : nil
      if file == "" { throw UsageError(message: "--report \(text): the name of the file is missing") }
      if let file, options.reports.contains(where: { $0.file == file }) {
        throw UsageError(message: "--report \(text): another report goes to \(file) already")
      }
      if file == nil, format != "github",
        let other = options.reports.first(where: { $0.file == nil && $0.format != "github" })
      {
        throw UsageError(
          message: "--report \(text): \(other.format) goes to standard output already; write --report \(format)=FILE")
      }
      options.reports.append((format, file))
    }
    options.transcriptDirectory = last(.transcript)
    options.pcapDirectory = last(.pcap)
  }
}
