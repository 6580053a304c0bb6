// Every diagnostic: each script of Tests/Scripts/errors has beside it what standard error shows for it.
//
// A script's first comments say what is due: `# code: CODE` a complaint of the front end (several may stand there),
// `# exit: N` a status other than 2, after which times, ports and the like are shown without their values, and
// `# command: WORDS` what the program is asked to do with it, where that is not to run it.
import Glibc
import SockLanguage
import Testing

@Suite struct DiagnosticTests {
  private static let folder = "Tests/Scripts/errors"

  static let scripts = Repository.names(in: folder, endingWith: ".sock")

  /// With `SOCK_UPDATE=1` the expectations are written anew instead of compared.
  private static let updates = getenv("SOCK_UPDATE").map { String(cString: $0) } == "1"

  @Test(arguments: scripts)
  func reads(script: String) throws {
    let source = try #require(Repository.text("\(Self.folder)/\(script)"))
    let status = Self.values("exit", in: source).first.flatMap { Int32($0) } ?? 2
    let outcome = try RunningProgram.sock(
      Self.command(in: source) + [script], input: "", cwd: Repository.path(Self.folder)
    ).finish()
    #expect(outcome.status == status, "\(outcome.errors)")
    if status == 2 { #expect(outcome.output == "", "nothing of a script with errors may run") }
    let golden = "\(Self.folder)/\(script.dropLast(".sock".count)).err"
    let told = status == 2 ? outcome.errors : SteadyText.of(outcome.errors)
    if Self.updates {
      #expect(Repository.write(Array(told.utf8), to: golden))
      return
    }
    let expected = try #require(Repository.read(golden), "there is no \(golden); SOCK_UPDATE=1 writes it")
    #expect(told == String(decoding: expected, as: UTF8.self))
  }

  /// What the comments `# NAME: VALUE` at the head of a script say.
  private static func values(_ name: String, in source: String) -> [String] {
    source.split(separator: "\n").prefix { $0.hasPrefix("#") }.filter { $0.hasPrefix("# \(name): ") }
      .map { String($0.dropFirst(name.utf8.count + 4)) }
  }

  private static func command(in source: String) -> [String] {
    values("command", in: source).flatMap { $0.split(separator: " ").map(String.init) }
  }

  /// The head of a script names the complaints that it causes, all of them and no other.
  @Test(arguments: scripts)
  func headNamesTheCodes(script: String) throws {
    let bytes = try #require(Repository.read("\(Self.folder)/\(script)"))
    let files = Repository.path(Self.folder)
    let text = String(decoding: bytes, as: UTF8.self)
    let source = SourceFile(name: script, bytes: bytes)
    func read(_ path: String, _ importer: String) -> Result<SourceFile, ReadFailure> {
      let folder = importer.contains("/") ? "lib/" : ""
      guard !path.isEmpty, let found = Repository.read("\(files)/\(folder)\(path)"), !found.isEmpty else {
        return .failure(ReadFailure(message: "there is no such file"))
      }
      return .success(SourceFile(name: folder + path, bytes: found))
    }
    let isLinted = Self.command(in: text).first == "check"
    let result = isLinted ? Linter.load(source, read: read) : Loader.load(source, read: read)
    let named = Set(Self.values("code", in: text))
    #expect(Set(result.diagnostics.map(\.code)) == named)
  }

  /// Each kind of complaint that the parser and the checker know has a script that causes it.
  @Test func eachCodeHasItsScript() throws {
    var shown: Set<String> = []
    for script in Self.scripts {
      shown.formUnion(Self.values("code", in: try #require(Repository.text("\(Self.folder)/\(script)"))))
    }
    // Files of 64 MiB and chains of imports are made by the tests of hostile inputs.
    let elsewhere: Set = ["source-too-large", "import-too-deep"]
    #expect(Set(DiagnosticCodes.all.map { $0.rawValue }).subtracting(shown) == elsewhere)
  }

  @Test func eachExpectationHasItsScript() {
    for golden in Repository.names(in: Self.folder, endingWith: ".err") {
      #expect(Self.scripts.contains(golden.dropLast(".err".count) + ".sock"), "\(golden) belongs to no script")
    }
  }

}
