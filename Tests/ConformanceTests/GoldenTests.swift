// `golden` and `sock test --update`: answers that are compared with those that somebody has kept.

import Glibc
import Testing

@testable import SockConformance

@Suite struct GoldenTests {
  private static func suite(_ answer: String, _ masks: String = "") -> String {
    """
    test "an answer"
      let [a, b] = socketpair
      a.send "\(answer)"
      a.close
      b.recv all as text
      assert golden("golden/answer", text\(masks)) == text
    end

    """
  }

  private func run(_ folder: Folder, _ text: String, _ options: [String] = []) throws -> Program.Outcome {
    try Program.run([Program.sock, "test", try folder.write("suite.sock", text)] + options)
  }

  @Test func aFirstRunFailsWithTheCure() throws {
    let folder = try Folder()
    let outcome = try run(folder, Self.suite("220 ready\\n"))
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("there is no golden answer in \(folder.path)/golden/answer: "), "\(outcome.output)")
    #expect(outcome.output.contains("= received  \"220 ready\\n\""), "\(outcome.output)")
    #expect(outcome.output.contains("= help: `sock test --update` writes it"), "\(outcome.output)")
    #expect(!folder.exists("golden"))
  }

  @Test func updatesKeepWhatComes() throws {
    let folder = try Folder()
    #expect(try run(folder, Self.suite("220 ready\\n"), ["--update"]).status == 0)
    #expect(try folder.text("golden/answer") == "220 ready\n")
    #expect(try run(folder, Self.suite("220 ready\\n")).status == 0)
    let outcome = try run(folder, Self.suite("220 Ready\\n"))
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("the answer is not the one in \(folder.path)/golden/answer, received \"220 Ready\\n\""))
    #expect(outcome.output.contains("= expected  \"220 ready\\n\""), "\(outcome.output)")
    #expect(try folder.text("golden/answer") == "220 ready\n")
    #expect(try run(folder, Self.suite("220 Ready\\n"), ["--update"]).status == 0)
    #expect(try folder.text("golden/answer") == "220 Ready\n")
  }

  /// What is the same stays as it is: its time of change tells a `make`.
  @Test func whatIsTheSameIsNotWritten() throws {
    let folder = try Folder()
    #expect(try run(folder, Self.suite("220\\n"), ["--update"]).status == 0)
    var before = stat()
    #expect(stat(folder.file("golden/answer"), &before) == 0)
    #expect(try run(folder, Self.suite("220\\n"), ["--update"]).status == 0)
    var after = stat()
    #expect(stat(folder.file("golden/answer"), &after) == 0)
    #expect(before.st_ino == after.st_ino && before.st_mode & 0o777 == 0o666 & ~currentMask)
  }

  private var currentMask: mode_t {
    let mask = umask(0)
    umask(mask)
    return mask
  }

  @Test func whatIsMaskedDoesNotCount() throws {
    let folder = try Folder()
    let masks = ", [/id \\d+/, /at [0-9:]+/]"
    #expect(try run(folder, Self.suite("250 id 17 at 12:00\\n", masks), ["--update"]).status == 0)
    #expect(try folder.text("golden/answer") == "250 … …\n")
    #expect(try run(folder, Self.suite("250 id 4711 at 13:07\\n", masks)).status == 0)
    #expect(try run(folder, Self.suite("251 id 4711 at 13:07\\n", masks)).status == 1)
    // A mask that comes later holds for what was kept before.
    #expect(try run(folder, Self.suite("250 ready\\n"), ["--update"]).status == 0)
    #expect(try run(folder, Self.suite("250 steady\\n", ", [/\\w+eady/]")).status == 0)
  }

  @Test func secretsAreNotKept() throws {
    let folder = try Folder()
    let text = "param secret password = \"\"\n" + Self.suite("your password is hunter2-Tr0ub4dor\\n")
    let secret = try folder.write("secret", "hunter2-Tr0ub4dor")
    #expect(try run(folder, text, ["--update", "--secret", "password=file:\(secret)"]).status == 0)
    #expect(try folder.text("golden/answer") == "your password is ***\n")
    #expect(try run(folder, text, ["--secret", "password=file:\(secret)"]).status == 0)
  }

  /// `--update` would write the answer over a test.
  @Test func aScriptIsNoAnswer() throws {
    let folder = try Folder()
    let text = "test \"a\"\n  golden(\"suite.sock\", \"220\\n\")\nend\n"
    let outcome = try run(folder, text, ["--update"])
    #expect(outcome.status == 1 && outcome.output.contains("is a script's name"), "\(outcome.output)")
    #expect(try folder.text("suite.sock") == text)
  }

  /// Of two answers for one file only the last one would be kept, and the test of the other one fails from then on.
  @Test func twoAnswersOfOneNameAreNotKept() throws {
    let folder = try Folder()
    let text = """
      def keep(answer)
        return golden("answer", answer)
      end
      test "one"
        keep("220\\n")
        keep("220\\n")
      end
      test "other"
        let kept = keep("221\\n")
      end

      """
    let outcome = try run(folder, text, ["--update"])
    #expect(outcome.status == 1)
    let place = "\(folder.path)/suite.sock:2"
    #expect(
      outcome.output.contains("\(folder.path)/answer is to keep two answers that differ, of \(place), twice"),
      "\(outcome.output)")
    #expect(outcome.output.contains("= expected  \"220\\n\"") && outcome.output.contains("= received  \"221\\n\""))
    #expect(try folder.text("answer") == "220\n")
    // Of several files, too, which may run side by side.
    let one = try folder.write("one.sock", Self.suite("220\\n"))
    let other = try folder.write("other.sock", "\n" + Self.suite("221\\n"))
    let both = try Program.run([Program.sock, "test", one, other, "--update", "--jobs", "1"])
    #expect(both.status == 1)
    #expect(both.output.contains(", of \(one):6 and \(other):7"), "\(both.output)")
  }

  @Test func permissionsHold() throws {
    let folder = try Folder()
    let outcome = try run(folder, Self.suite("220\\n"), ["--update", "--deny", "write"])
    #expect(outcome.status == 1 && outcome.output.contains("--deny"), "\(outcome.output)")
    #expect(!folder.exists("golden"))
  }
}
