// What is given to others: installed, packed, in an image, and in the files for CI services. `scripts/test` has built the
// program that is packed and says so with SOCK_BINARY; without it each would wait for the build that runs these tests.
import Glibc
import Testing

@Suite(.enabled(if: getenv("SOCK_BINARY") != nil), .serialized)
struct PackageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  private func run(_ words: [String], _ environment: [String: String] = [:]) throws -> Outcome {
    // Stripping and packing 50 MB takes its time on a busy machine.
    try RunningProgram(words, cwd: folder.path, environment: environment).finish(within: 300)
  }

  private func script(_ name: String, _ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    let outcome = try run([Repository.path("scripts/\(name)")] + arguments, environment)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    return outcome
  }

  /// Every file below a folder of the temporary one, by its path from there.
  private func files(in name: String) throws -> [String] {
    try run(["sh", "-c", "cd \(name) && find . ! -type d | sort"]).lines
  }

  // MARK: - Installed

  @Test func itIsInstalledAndTakenAway() throws {
    let prefix = folder.file("a prefix")
    let told = try script("install", prefix).output
    #expect(told.contains("is installed as \(prefix)/bin/sock\n"))
    #expect(told.contains("is not in PATH"))
    #expect(try run(["\(prefix)/bin/sock", "-e", "print 6 * 7"]).output == "42\n")
    let manual = try run(["sh", "-c", "gzip -dc '\(prefix)/share/man/man1/sock.1.gz' | cmp - \(Repository.path("grammar/sock.1"))"])
    #expect(manual.status == 0, "\(manual.output)")
    #expect(try run(["bash", "-c", "source '\(prefix)/share/bash-completion/completions/sock'; complete -p sock"]).status == 0)
    let list = try files(in: "'a prefix'")
    for file in ["vim/vimfiles/ftdetect/sock.vim", "zsh/site-functions/_sock", "doc/sock/examples/hello.sock", "doc/sock/LICENSES"] {
      #expect(list.contains("./share/\(file)"), "\(list)")
    }
    // What editors take is whole, where the checkout has links, too.
    let vscode = try run(["python3", Repository.path("Tests/Peers/vscode-rules.py"), "\(prefix)/share/sock/vscode"])
    #expect(vscode.output + vscode.errors == "")
    let mode = try run(["cmp", "\(prefix)/share/emacs/site-lisp/sock-mode.el", Repository.path("grammar/sock-mode.el")])
    #expect(mode.status == 0)
    // What is beside it stays.
    _ = try folder.write("a prefix/bin/other", "")
    _ = try script("install", "--remove", prefix)
    #expect(try files(in: "'a prefix'") == ["./bin/other"])
  }

  @Test(arguments: [["-x"], ["a", "b"], ["--image"]])
  func wrongArgumentsInstallNothing(arguments: [String]) throws {
    let outcome = try run([Repository.path("scripts/install")] + arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("usage: scripts/install"))
    #expect(try files(in: ".").isEmpty)
  }

  /// Each finds its own temporary names, and both find all of it there.
  @Test func itIsInstalledTwiceAtOnce() throws {
    let words = [Repository.path("scripts/install"), folder.file("prefix")]
    let installing = try (0..<2).map { _ in try RunningProgram(words, cwd: folder.path) }
    for one in installing { #expect(try one.finish(within: 300).status == 0) }
    #expect(try run(["prefix/bin/sock", "-e", "print 1"]).output == "1\n")
    #expect(try files(in: "prefix").filter { $0.contains(".new") } == [])
  }

  /// A home is missing in many a container.
  @Test(.enabled(if: geteuid() != 0))
  func withoutAHomeItAsksForAFolder() throws {
    let outcome = try run(["env", "-u", "HOME", Repository.path("scripts/install")])
    #expect(outcome.status == 2)
    #expect(outcome.errors == "install: HOME is not set; name a folder: scripts/install FOLDER\n")
  }

  @Test(.enabled(if: geteuid() != 0))
  func whereItMayNotWriteItSaysSo() throws {
    let outcome = try run([Repository.path("scripts/install"), "/usr"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("name another folder: scripts/install FOLDER"))
  }

  // MARK: - Packed

  /// Twice the same bytes; the archive runs from where it is unpacked, the package is what Debian asks of one.
  @Test func theSameSourcesGiveTheSamePackages() throws {
    let first = try script("package", folder.file("one")), second = try script("package", folder.file("two"))
    #expect(first.output == second.output)
    #expect(try run(["sh", "-c", "cd two && sha256sum --check --quiet SHA256SUMS"]).status == 0)

    let archive = try #require(first.lines.first?.split(separator: " ").last)
    #expect(try run(["tar", "-xzf", "one/\(archive)"]).status == 0)
    let name = String(archive.dropLast(".tar.gz".count))
    #expect(try run(["\(name)/bin/sock", "-e", "print \"from an archive\""]).output == "from an archive\n")
    #expect(try run(["sh", "-c", "find . -path './\(name)/*' -printf '%U\\n' | sort -u"]).lines == ["\(geteuid())"])

    let package = "one/\(try #require(first.lines.last?.split(separator: " ").last))"
    let lintian = try run(["lintian", "--allow-root", "--fail-on", "error,warning", package])
    #expect(lintian.status == 0, "\(lintian.output)\(lintian.errors)")
    #expect(lintian.output == "", "\(lintian.output)")
    if geteuid() == 0 { try comesAndGoes(package) }

    // What Debian's own reader makes of the copyrights, where it is strict.
    #expect(try run(["dpkg-deb", "--extract", package, "unpacked"]).status == 0)
    let read = """
      from debian.copyright import Copyright
      with open("unpacked/usr/share/doc/sock/copyright", encoding="utf-8") as file:
          text = Copyright(file, strict=True)
      print(*[text.find_files_paragraph(name).license.synopsis for name in
        ["Sources/sock/Main.swift", "Sources/SocketCore/Socket.swift", "Sources/CSocketCore/Processes.c"]])
      print(*sorted(one.license.synopsis for one in text.all_license_paragraphs()))
      """
    let licences = try run(["/usr/bin/python3", "-c", read])
    #expect(licences.output == "GPL-3+ Apache-2.0 Apache-2.0\nApache-2.0 GPL-3+\n", "\(licences.errors)")
    let licence = try run(["readlink", "-m", "unpacked/usr/share/sock/vscode/LICENSE"]).lines
    #expect(licence == [folder.file("unpacked/usr/share/common-licenses/GPL-3")])
    #expect(try files(in: "unpacked").contains("./usr/share/sock/vscode/extension.js"))
  }

  /// What scripts/PACKAGES.md shows, and one that nobody makes.
  @Test func anotherMachinesPackageIsNotMade() throws {
    let machine = try run(["uname", "-m"]).lines.first
    guard machine == "x86_64" else { return }
    let document = try #require(FencedBlock.all(of: "scripts/PACKAGES.md").first { $0.language == "console" })
    let lines = document.text.split(separator: "\n").map(String.init)
    try #require(lines.count == 2 && lines[0].hasPrefix("$ scripts/package "))
    for (arguments, said) in [
      (lines[0].dropFirst("$ scripts/package ".count).split(separator: " ").map(String.init), lines[1]),
      (["--arch=linux/arm64", "one"], lines[1]),
      (["--arch", "riscv64", "one"], "package: there is no package for riscv64, only for amd64 and arm64, with glibc"),
    ] {
      let outcome = try run([Repository.path("scripts/package")] + arguments)
      #expect(outcome.status == 2 && outcome.errors == said + "\n" && outcome.output == "", "\(outcome.errors)")
    }
    for arguments in [["--arch"], ["a", "b"], ["--all"], ["--arch", "amd64", "--all"]] {
      #expect(try run([Repository.path("scripts/package")] + arguments).errors.hasPrefix("usage: scripts/package"))
    }
    #expect(try files(in: ".").isEmpty)
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    _ = try folder.write("file", "")
    let outcome = try run([Repository.path("scripts/package"), "file"])
    #expect(outcome.status == 2)
    #expect(outcome.errors == "package: file cannot be written; name another folder: scripts/package FOLDER\n")
  }

  /// Into an empty root, by dpkg itself; the C library is not in its list there.
  private func comesAndGoes(_ package: String) throws {
    let root = folder.file("root")
    try #require(try run(["sh", "-c", "mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates && : >root/var/lib/dpkg/status"]).status == 0)
    let before = try run(["sh", "-c", "find root -path root/var -prune -o -print"]).lines
    let dpkg = ["dpkg", "--root=\(root)", "--force-depends", "--force-not-root", "--log=/dev/null"]
    let installed = try run(dpkg + ["--install", package])
    #expect(installed.status == 0, "\(installed.output)\(installed.errors)")
    #expect(try run(["root/usr/bin/sock", "-e", "print 1"]).output == "1\n")
    let removed = try run(dpkg + ["--purge", "sock"])
    #expect(removed.status == 0, "\(removed.output)\(removed.errors)")
    let after = try run(["sh", "-c", "find root -path root/var -prune -o -print"]).lines
    #expect(after == before)
  }

  // MARK: - Alone

  /// The Dockerfile's steps: what its last one copies is a whole root, in which the program finds all that it opens.
  @Test func theImageHoldsTheProgramAlone() throws {
    let steps = try #require(Repository.text("scripts/Dockerfile")).split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    #expect(steps.contains("RUN /source/scripts/install --image /image"))
    #expect(steps.suffix(4) == ["FROM scratch", "COPY --from=build /image /", "WORKDIR /work", "ENTRYPOINT [\"/usr/bin/sock\"]"])
    _ = try script("install", "--image", folder.file("image"))
    let statements = """
      let made = certificate("image.test")
      listen tls:127.0.0.1:0 cert made
      spawn
        accept
        send line hex(sha256(""))
      end
      connect tls:127.0.0.1:${listener.sockport} ca made.ca name "image.test"
      print len(recv line), resolve("localhost")
      """
    let root = geteuid() == 0 ? ["chroot"] : ["unshare", "--user", "--map-root-user", "chroot"]
    _ = try folder.write("image/etc/hosts", "127.0.0.1 localhost\n")
    let outcome = try run(root + [folder.file("image"), "/usr/bin/sock", "-e", statements], ["PATH": "/usr/sbin:/usr/bin:/bin"])
    #expect(outcome.output == "64 [127.0.0.1:0]\n", "\(outcome.errors)")
    let again = try run([Repository.path("scripts/install"), "--image", folder.file("image")])
    #expect(again.status == 2)
    #expect(again.errors.contains("is not empty"))
  }

  // MARK: - CI

  /// Two parts of a suite in which one test of three fails: each service's file runs all of it, and its job is red.
  @Test(arguments: ["github", "gitlab", "kubernetes"])
  func theFileOfAServiceRunsTheSuite(service: String) throws {
    try #require(mkdir(folder.file("tests"), 0o700) == 0)
    for (name, body) in [("one", "assert true"), ("two", "assert 1 == 2"), ("three", "assert true")] {
      _ = try folder.write("tests/\(name).sock", "test \"number \(name)\"\n  \(body)\nend\n")
    }
    let outcome = try run(["python3", Repository.path("Tests/Peers/ci-service.py"), service, Repository.root, "2"])
    #expect(outcome.status == 1, "\(outcome.output)\(outcome.errors)")
    let verdicts = outcome.lines.filter { $0.contains(" number ") && ($0.hasPrefix("pass") || $0.hasPrefix("fail")) }
    #expect(Set(verdicts.compactMap { $0.firstMatch(of: /number (\w+)/)?.1 }) == ["one", "two", "three"], "\(outcome.output)")
    switch service {
    case "github":
      #expect(outcome.output.contains("::error"))
      #expect(Repository.read(folder.file("report.html")) != nil)
      #expect(Repository.text(folder.file("outputs"))?.contains("report=parts/1\n") == true)
    case "gitlab": #expect(Repository.read(folder.file("sock-report/report.xml")) != nil)
    default: break
    }
  }

  /// By the services' own schemas, where `check-jsonschema` has been installed with them.
  @Test(
    .enabled(if: Repository.exists(".build/python/check-jsonschema/bin/check-jsonschema")),
    arguments: [
      ("github-actions", "action.yml", "using: composite", "using: decomposed"),
      ("github-workflows", "scripts/ci/github.yml", "runs-on:", "run-on:"),
      ("gitlab-ci", "scripts/ci/gitlab.yml", "parallel: 4", "parallel: many"),
    ])
  func theFileIsWhatTheServiceTakes(schema: String, file: String, right: String, wrong: String) throws {
    let check = [Repository.path(".build/python/check-jsonschema/bin/check-jsonschema"), "--builtin-schema", "vendor.\(schema)"]
    // GitLab looks into a job only when it is one: a template's name begins with a dot.
    let text = try #require(Repository.text(file)).replacing("\n.sock:\n", with: "\nconformance:\n")
    let outcome = try run(check + [try folder.write("right.yml", text)])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(try run(check + [try folder.write("wrong.yml", text.replacing(right, with: wrong))]).status != 0)
  }

  /// Values with blanks, quotes and globs are one word each, and no command.
  @Test func aValueOfTheActionStaysAValue() throws {
    _ = try folder.write("a suite.sock", "param word\nparam other = \"\"\ntest \"a\"\n  fail \"${word} ${other}\"\nend\n")
    let outcome = try run(
      [Repository.path("scripts/ci/run-suite")],
      [
        "SOCK_FILES": "a suite.sock", "SOCK_SETTINGS": "word=a * b\nother=$(touch made) `touch made`; \"'", "SOCK_REPORT": "r",
      ])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("a * b $(touch made) `touch made`; \"'"))
    #expect(Repository.read(folder.file("made")) == nil)
  }

  @Test(arguments: [
    (["CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"], "2/3"), (["JOB_COMPLETION_INDEX": "0", "SOCK_SHARDS": "3"], "1/3"),
    (["CIRCLE_NODE_INDEX": "2", "CIRCLE_NODE_TOTAL": "3"], "3/3"),
  ])
  func theServiceSaysWhichPartItIs(environment: [String: String], shard: String) throws {
    for number in 1...7 { _ = try folder.write("\(number).sock", "test \"number \(number)\"\nend\n") }
    func list(_ shard: String, _ environment: [String: String] = [:]) throws -> Outcome {
      try RunningProgram.sock(["test", "--list", "--shard", shard, "."], cwd: folder.path, environment: environment).finish()
    }
    let named = try list(shard)
    #expect(!named.lines.isEmpty && named.lines.count < 7)
    #expect(try list("env", environment).output == named.output)
    let index = try #require(environment.first { $0.key.hasSuffix("INDEX") })
    let alone = try list("env", [index.key: index.value])
    #expect(alone.status == 2)
    #expect(alone.errors.contains("how many parts?"))
    #expect(try list("env", environment.mapValues { _ in "9" }).status == 2 || index.key == "CI_NODE_INDEX")
    #expect(try list("env").errors.contains("none of CI_NODE_INDEX"))
  }
}
