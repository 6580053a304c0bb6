// `sock fmt`, the program: what it reads, what it writes, what it leaves alone.
import Glibc
import Testing

@Suite struct FormatCommandTests {
  private static let untidy = "if x\nprint   1\nend"
  private static let tidy = "if x\n  print 1\nend\n"

  /// The list of scripts, and those that are left out of it, is in scripts/format.
  @Test func everyScriptOfTheRepositoryIsInTheLayout() throws {
    let outcome = try RunningProgram(
      [Repository.path("scripts/format"), "--check"], environment: ["SOCK_BINARY": Repository.sock]).finish()
    #expect(outcome.output == "")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [[], ["-"]])
  func standardInputGoesToStandardOutput(arguments: [String]) throws {
    let outcome = try RunningProgram.sock(["fmt"] + arguments, input: Self.untidy).finish()
    #expect(outcome.output == Self.tidy)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
  }

  @Test func filesAreReplacedAndNamed() throws {
    let folder = try TemporaryFolder()
    let (untidy, tidy) = (try folder.write("a.sock", Self.untidy), try folder.write("b.sock", Self.tidy))
    #expect(chmod(untidy, 0o751) == 0)
    let before = try status(tidy)
    let outcome = try sock("fmt", untidy, tidy)
    #expect(outcome.output == "\(untidy)\n")
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
    #expect(Repository.text(untidy) == Self.tidy)
    #expect(try status(untidy).st_mode & 0o7777 == 0o751)
    #expect(try status(tidy).st_ino == before.st_ino, "what needs no change is not written")
    #expect(Repository.names(in: folder.path) == ["a.sock", "b.sock"])
  }

  @Test func foldersAreWalkedWithTheirLibraries() throws {
    let folder = try TemporaryFolder()
    let library = folder.file("lib")
    try #require(mkdir(library, 0o700) == 0)
    defer {
      unlink("\(library)/c.sock")
      rmdir(library)
    }
    #expect(Repository.write(Array(Self.untidy.utf8), to: "\(library)/c.sock"))
    let untidy = try folder.write("a.sock", Self.untidy)
    let other = try folder.write("a.txt", Self.untidy)
    #expect(try sock("fmt", folder.path).output == "\(untidy)\n\(library)/c.sock\n")
    #expect(Repository.text(other) == Self.untidy)
    #expect(try sock("fmt", folder.path).output == "")
  }

  @Test func aLinkStaysALink() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("a", Self.untidy)
    let link = folder.file("b.sock")
    try #require(symlink("a", link) == 0)
    #expect(try sock("fmt", link).status == 0)
    #expect(Repository.text(file) == Self.tidy)
    var info = stat()
    #expect(lstat(link, &info) == 0)
    #expect(info.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func checkNamesAndWritesNothing() throws {
    let folder = try TemporaryFolder()
    let (untidy, tidy) = (try folder.write("a.sock", Self.untidy), try folder.write("b.sock", Self.tidy))
    let outcome = try sock("fmt", "--check", untidy, tidy)
    #expect(outcome.output == "\(untidy)\n")
    #expect(outcome.status == 1)
    #expect(Repository.text(untidy) == Self.untidy)
    #expect(try sock("fmt", "--check", tidy).status == 0)
    let read = try sock("fmt", "--check", "-", input: Self.untidy)
    #expect(read.output == "<stdin>\n")
    #expect(read.status == 1)
  }

  @Test func differencesAreShownAndNothingIsWritten() throws {
    let folder = try TemporaryFolder()
    let untidy = try folder.write("a.sock", Self.untidy)
    let shown = """
      --- \(untidy)
      +++ \(untidy)
      @@ -1,3 +1,3 @@
       if x
      -print   1
      -end
      \\ No newline at end of file
      +  print 1
      +end

      """
    for (options, status) in [(["--diff"], Int32(0)), (["--check", "--diff"], 1)] {
      let outcome = try RunningProgram.sock(["fmt"] + options + [untidy]).finish()
      #expect(outcome.output == shown)
      #expect(outcome.status == status)
    }
    #expect(Repository.text(untidy) == Self.untidy)
  }

  @Test func aFileWithErrorsStaysAndTheOthersDoNot() throws {
    let folder = try TemporaryFolder()
    let (broken, untidy) = (try folder.write("a.sock", "if   x\n"), try folder.write("b.sock", Self.untidy))
    let outcome = try sock("fmt", broken, untidy)
    #expect(outcome.output == "\(untidy)\n")
    #expect(outcome.errors.hasPrefix("\(broken):1:1: "))
    #expect(outcome.status == 2)
    #expect(Repository.text(broken) == "if   x\n")
    let read = try sock("fmt", input: "if   x\n")
    #expect(read.output == "")
    #expect(read.errors.hasPrefix("<stdin>:1:1: "))
    #expect(read.status == 2)
  }

  @Test func whatCannotBeReadOrWrittenIsTold() throws {
    let folder = try TemporaryFolder()
    let missing = try sock("fmt", folder.file("none.sock"))
    #expect(missing.errors == "sock: cannot read \(folder.file("none.sock")): No such file or directory\n")
    #expect(missing.status == 2)
    let pipe = folder.file("pipe.sock")
    try #require(mkfifo(pipe, 0o600) == 0)
    let piped = try sock("fmt", pipe)
    #expect(piped.errors == "sock: cannot read \(pipe): it is no regular file\n")
    #expect(piped.status == 2)
    let full = try RunningProgram(["sh", "-c", "exec \(Repository.sock) fmt > /dev/full"], input: Self.untidy).finish()
    #expect(full.errors == "sock: cannot write to standard output: No space left on device\n")
    #expect(full.status == 2)
    let mixed = try sock("fmt", "-", pipe)
    #expect(mixed.errors.hasPrefix("sock: fmt takes paths or `-` (standard input), not both\n"))
    #expect(mixed.status == 2)
  }

  /// A limit on the size of files stands for a full disk: the file keeps its text, and nothing else stays.
  @Test func aFileThatCannotBeWrittenKeepsItsText() throws {
    let folder = try TemporaryFolder()
    let untidy = try folder.write("a.sock", Self.untidy)
    let outcome = try RunningProgram(
      ["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \(Repository.sock) fmt \(untidy)"]).finish()
    #expect(outcome.errors == "sock: cannot write \(untidy): File too large\n")
    #expect(outcome.status == 2)
    #expect(Repository.text(untidy) == Self.untidy)
    #expect(Repository.names(in: folder.path) == ["a.sock"])
    #expect(access(folder.path, F_OK) == 0 && rmdir(folder.path) != 0 && unlink(untidy) == 0)
    #expect(rmdir(folder.path) == 0, "no temporary file is left")
  }

  private func status(_ path: String) throws -> stat {
    var info = stat()
    try #require(stat(path, &info) == 0)
    return info
  }
}
