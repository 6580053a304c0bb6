// `sock completion SHELL`, as the shells themselves complete with it.
import Glibc
import Testing

@Suite struct ShellCompletionTests {
  /// A folder with a script, another file and a folder in it, and the completion that sock prints.
  private func folder(_ shell: String) throws -> (folder: TemporaryFolder, script: String) {
    let folder = try TemporaryFolder()
    _ = try folder.write("alpha.sock", "print 1\n")
    _ = try folder.write("alpine.txt", "")
    let outcome = try sock("completion", shell)
    #expect(outcome.status == 0 && outcome.errors == "")
    return (folder, try folder.write("_sock", outcome.output))
  }

  private static let cases: [(line: String, expected: [String])] = [
    ("te", ["test"]), ("repo", ["report"]), ("al", ["alpha.sock"]), ("test al", ["alpha.sock"]),
    ("run al", ["alpha.sock"]),
    ("--col", ["--color"]), ("--color a", ["always", "auto"]), ("test --rer", ["--rerun-failed"]),
    ("test --report j", ["json", "junit"]), ("--limit mem", ["memory="]), ("test --baseline alpi", ["alpine.txt"]),
    ("test --filter al", []), ("test --segment s", ["sweep"]), ("completion ", ["bash", "fish", "zsh"]),
    ("report m", ["merge"]), ("report tr", ["trend"]), ("report merge alpi", ["alpine.txt"]),
    ("check --wo", []), ("test --wo", []),
    ("--set a=b te", ["test"]), ("-e 1 --lim", ["--limit"]),
  ]

  @Test(arguments: cases) func bash(_ line: String, _ expected: [String]) throws {
    let (folder, script) = try folder("bash")
    defer { withExtendedLifetime(folder) {} }
    // As readline cuts the line: `=` is a word.
    let words = line.replacing("=", with: " = ").split(separator: " ", omittingEmptySubsequences: false)
      .map { String($0) }
    let call = """
      . "$1"; shift; COMP_WORDS=(sock "$@"); COMP_CWORD=$#; _sock; printf '%s\\n' "${COMPREPLY[@]}"
      complete -p sock
      """
    let bash = try RunningProgram(
      ["bash", "--norc", "-u", "-c", call, "bash", script] + words, cwd: folder.path
    ).finish()
    #expect(bash.errors == "")
    #expect(bash.lines.dropLast().filter { !$0.isEmpty }.sorted() == expected)
    #expect(bash.lines.last == "complete -F _sock sock")
  }

  /// A value behind `=`, which bash takes for three words, and what stands behind a script.
  @Test(arguments: [
    (["--color", "=", "n"], ["never"]), (["--color", "="], ["always", "auto", "never"]),
    (["alpha.sock", "alpi"], ["alpine.txt"]), (["run", "alpha.sock", "alpi"], ["alpine.txt"]),
    (["run", "test", "alpi"], ["alpine.txt"]),
  ]) func bashWords(_ words: [String], _ expected: [String]) throws {
    let (folder, script) = try folder("bash")
    defer { withExtendedLifetime(folder) {} }
    let call = #". "$1"; shift; COMP_WORDS=(sock "$@"); COMP_CWORD=$#; _sock; printf '%s\n' "${COMPREPLY[@]}""#
    let bash = try RunningProgram(["bash", "--norc", "-u", "-c", call, "bash", script] + words, cwd: folder.path)
      .finish()
    #expect(bash.lines.sorted() == expected)
  }

  @Test(arguments: cases) func fish(_ line: String, _ expected: [String]) throws {
    guard access("/usr/bin/fish", X_OK) == 0 else { return }
    let (folder, script) = try folder("fish")
    defer { withExtendedLifetime(folder) {} }
    let fish = try RunningProgram(
      ["fish", "--no-config", "-c", "source $argv[1]; complete -C \"sock $argv[2]\"", script, line], cwd: folder.path,
      environment: ["HOME": folder.path]
    ).finish()
    #expect(fish.errors == "")
    #expect(fish.lines.map { String($0.prefix { $0 != "\t" }) }.filter { !$0.isEmpty }.sorted() == expected)
  }

  /// Typed at a prompt of zsh, where `sock` says what words it got: the script found in $fpath, and sourced.
  @Test(arguments: ["fpath=($1:h \\$fpath); autoload -Uz compinit; compinit -u -D",
    "autoload -Uz compinit; compinit -u -D; source $1"], [
    ("te\t", "test"), ("alp\t", "alpha.sock"), ("test --rer\t", "test --rerun-failed"),
    ("--color nev\t", "--color never"), ("test --report gi\t", "test --report github"),
    ("completion f\t", "completion fish"), ("test --baseline alpi\t", "test --baseline alpine.txt"),
    ("report mer\t", "report merge"), ("alpha.sock alpi\t", "alpha.sock alpine.txt"),
    ("test --segment=sw\t", "test --segment=sweep"),
  ]) func zsh(_ installed: String, _ typing: (typed: String, expected: String)) throws {
    guard access("/usr/bin/zsh", X_OK) == 0 else { return }
    let (folder, script) = try folder("zsh")
    defer { withExtendedLifetime(folder) {} }
    let drive = """
      zmodload zsh/zpty; zpty -b z zsh -f -i
      zpty -w z "PS1=; \(installed)"
      zpty -w z "sock() { print -r -- \\"got:[\\$*]\\" }"
      zpty -w z "print rea''dy"; zpty -r z text '*ready*'
      zpty -w z "sock $2"; zpty -r z text '*got:\\[*\\]*'; print -r -- $text; zpty -d z
      """
    let zsh = try RunningProgram(
      ["zsh", "-f", "-c", drive, "zsh", script, typing.typed], cwd: folder.path, environment: ["HOME": folder.path]
    ).finish(within: 30)
    let got = zsh.output.replacing("\r", with: "").split(separator: "got:[").last?.split(separator: "]").first ?? ""
    #expect(got.trimmingSuffix { $0 == " " } == typing.expected, "\(zsh.output)\(zsh.errors)")
  }

  @Test func eachShellTakesItsScript() throws {
    for shell in ["bash", "zsh", "fish"] where access("/usr/bin/\(shell)", X_OK) == 0 {
      let (folder, script) = try folder(shell)
      defer { withExtendedLifetime(folder) {} }
      let outcome = try RunningProgram([shell, "-n", script]).finish()
      #expect(outcome.status == 0 && outcome.errors == "", "\(shell): \(outcome.errors)")
    }
  }

  @Test(arguments: [[], ["tcsh"], ["bash", "zsh"]]) func otherShellsAreRefused(_ words: [String]) throws {
    let outcome = try RunningProgram.sock(["completion"] + words).finish()
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("sock completion bash|zsh|fish"))
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while drops: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, drops(last) { text.removeLast() }
    return String(text)
  }
}
