// The program: understands the command line and calls what it names.

import Glibc
import LanguageServer
import SockConformance
import SockLanguage
import SockRuntime
import SocketCore

@main
enum Main {
  static let version = "0.1.0"

  static func main() {
    // Without the libraries' own last functions: nothing waits for them.
    _exit(run())
  }

  private static func run() -> Int32 {
    keepStandardDescriptors()
    let invocation: Invocation
    do throws(UsageError) {
      invocation = try CommandLineParser.parse(Array(CommandLine.arguments.dropFirst()))
    } catch {
      tell("sock: \(error.message)\n      sock --help shows what there is\n")
      return 2
    }
    // Which of them are secrets is not known before the script is.
    SystemCall.hideArgumentValues(of: Option.set.name)
    switch invocation {
    case .usage(let command):
      return say(Usage.text(command))
    case .help(let words): return HelpCommand.run(words)
    case .manualPage: return HelpCommand.manualPage()
    case .version:
      return say(Version.text)
    case .check(let paths, let isStrict): return CheckCommand.run(paths, isStrict: isStrict)
    case .format(let request): return FormatCommand.run(request)
    case .test(let options): return TestCommand.run(options)
    case .mergeReports(let paths, let options): return ReportCommand.merge(paths, options)
    case .compareReports(let paths): return ReportCommand.trend(paths)
    case .record(let request): return RecordCommand.run(request)
    case .replay(let request): return ReplayCommand.run(request)
    case .decode(let message, let source): return DecodeCommand.run(message, source)
    case .new(let path): return NewCommand.run(path)
    case .repl(var request):
      request.options.usesColor = usesColor
      request.options.columns = { messageColumns }
      return ReplCommand.run(request)
    case .completion(let shell):
      return say(ShellCompletion.script(for: shell))
    case .debugAdapter: return DebugCommand.run()
    case .languageServer: return Server(version: version).run()
    case .run(let source, let request): return run(source, request)
    }
  }

  private static func run(_ source: Invocation.Source, _ request: RunRequest) -> Int32 {
    let file: SourceFile
    switch source {
    case .statements(let text): file = SourceFile(name: "<-e>", text: text)
    case .standardInput(let isNamed):
      switch ScriptFiles.read(STDIN_FILENO, name: "<stdin>") {
      case .success(let read):
        // What was meant to be named, as by a variable of a shell that is empty, must not pass as an empty script.
        guard isNamed || !read.bytes.isEmpty else {
          tell("sock: there is nothing to run, and standard input is empty; name a script, or -e 'STATEMENTS'\n")
          return 2
        }
        file = read
      case .failure(let error):
        tell("sock: cannot read standard input: \(error.message)\n")
        return 2
      }
    case .file(let path):
      switch ScriptFiles.read(path) {
      case .success(let read): file = read
      case .failure(let error):
        let near = Suggestion.nearest(path, among: Command.allCases.map(\.rawValue))
        tell("sock: cannot read \(path): \(error.message)\(near.map { "; did you mean `sock \($0)`?" } ?? "")\n")
        return 2
      }
    }
    guard let checked = load(file) else { return 2 }
    let interface = ScriptInterface(checked)
    if asksForHelp(request.arguments), !interface.readsArguments { return HelpCommand.show(checked) }
    var options = RunOptions()
    options.arguments = request.arguments.map { Array($0.utf8) }
    options.settings = request.settings.map { ($0.name, Array($0.value.utf8)) }
    options.secrets = request.secrets
    options.permissions = request.permissions
    options.timeoutScale = request.timeoutScale
    options.usesColor = usesColor
    options.columns = { messageColumns }
    options.limits = request.limits
    options.chance = request.seed.map { Chance(seed: $0) }
    options.usesScalarLoop = request.usesScalarLoop
    if request.disassembles { return Script.listing(checked, options).map { say($0) } ?? 2 }
    if checked.hasTests {
      tell("sock: \(file.name) has tests; run them with `sock test \(ShellWord.quoted(file.name))`\n")
      return 2
    }
    // A script that takes nothing has nothing to pay for it at its start.
    if !interface.takesNothing || !request.arguments.isEmpty {
      guard let values = values(request, for: interface) else { return 2 }
      options.settings += values
    }
    return Script.run(checked, options)
  }

  /// What the arguments give to which `param`; nil when they do not fit, or something required is missing, which has been
  /// told then.
  private static func values(
    _ request: RunRequest, for interface: ScriptInterface
  ) -> [(name: String, value: [UInt8])]? {
    do throws(MisfitError) {
      let given = Set(request.settings.map(\.name) + request.secrets.map(\.name))
      let own = Option.allCases.filter { $0.commands.contains(.run) }.map(\.name)
      let values = try interface.values(of: request.arguments, given: given, ownOptions: own)
      if let missing = interface.missing(given: given.union(values.map(\.name))) { throw missing }
      return values
    } catch {
      tell("sock: \(error.message)\n      usage: \(interface.usage)\n")
      return nil
    }
  }

  /// `--help` behind the script; behind `--` it would be an argument.
  private static func asksForHelp(_ arguments: [String]) -> Bool {
    for argument in arguments {
      if argument == "--" { return false }
      if argument == Option.help.name || argument == Option.help.shortName { return true }
    }
    return false
  }

  /// The checked file; nil when it has errors, which have been told then.
  static func load(_ file: SourceFile) -> CheckedFile? {
    let result = Loader.load(file, read: ScriptFiles.read(importing:from:))
    // `joined`, even of nothing, costs a start 88,000 instructions: the runtime looks up what a list of texts is.
    for diagnostic in result.diagnostics {
      tell(DiagnosticRenderer.render(diagnostic, color: usesColor, columns: messageColumns))
    }
    if let first = result.diagnostics.first, SystemCall.isTerminal(StandardStream.error) {
      // A log knows its reader; a person at a terminal may not know where to look.
      tell("`sock help errors \(first.code)` explains the first of these\n")
    }
    return result.hasErrors ? nil : result.main
  }

  /// A program that is started without one of them must not get a socket or an event under its number. For reading
  /// only: what is written there fails (EBADF), as it would have without.
  private static func keepStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      guard open("/dev/null", O_RDONLY) == descriptor else { return }
    }
  }

  /// Colour on a terminal, or where a variable asks for it (FORCE_COLOR, https://bixense.com/clicolors), and not where
  /// the user has said no (https://no-color.org). The logs of GitHub and GitLab show colours.
  static func usesColor(on descriptor: Int32) -> Bool {
    if let colorChoice { return colorChoice }
    if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
    for name in ["FORCE_COLOR", "CLICOLOR_FORCE"] {
      if let value = getenv(name), value.pointee != 0, strcmp(value, "0") != 0 { return true }
    }
    for name in ["GITHUB_ACTIONS", "GITLAB_CI"] {
      if let value = getenv(name), strcmp(value, "true") == 0 { return true }
    }
    // Without a name nobody knows what it does.
    guard let term = getenv("TERM"), term.pointee != 0, strcmp(term, "dumb") != 0 else { return false }
    return SystemCall.isTerminal(descriptor)
  }

  /// How wide what is shown may be: as the terminal is, and no wider than is read with ease.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(Int(size.ws_col), 100)
  }

  /// How wide the terminal is that standard error goes to; nil: it goes to none.
  static var messageColumns: Int? {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Somebody sits there and can answer.
  static var isTerminal: Bool {
    SystemCall.isTerminal(StandardStream.input) && SystemCall.isTerminal(StandardStream.output)
  }

  static var usesColor: Bool { usesColor(on: STDERR_FILENO) }

  /// Writes to standard output what was asked for; the exit status. A reader that has seen enough (`| head`) is told
  /// nothing: 141, as of one that SIGPIPE has ended.
  static func say(_ text: String) -> Int32 { say(Array(text.utf8)) }

  static func say(_ bytes: [UInt8]) -> Int32 {
    guard let error = OutputWriter.writeOutput(bytes) else { return 0 }
    if error == .brokenPipe { return 128 + SIGPIPE }
    tell("sock: cannot write to standard output: \(error.message)\n")
    return 2
  }

  static func tell(_ text: String) {
    if !text.isEmpty { OutputWriter.writeError(text) }
  }
}
