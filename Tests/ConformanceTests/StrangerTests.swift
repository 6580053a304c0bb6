// What a folder of scripts from a stranger may do to who only looks at it: nothing.

import Glibc
import Testing

@testable import SockConformance

@Suite struct StrangerTests {
  @Test func aListRunsNothing() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock",
      """
      writefile("\(folder.file("written"))", "x")
      run ["touch", "\(folder.file("ran"))"]
      let what = "x"
      test "plain" must "section ${what}" tags [fast]
      end
      for size in [1, 2]
        test "size ${size} of ${what}"
        end
      end
      if what == "x"
        test "sometimes"
        end
      end
      test what todo "until ${what}"
      end
      fail "the top level has run"
      """)
    let outcome = try Program.run([Program.sock, "test", "--list", suite], errors: true)
    #expect(outcome.status == 0)
    #expect(
      outcome.output == """
        \(suite):4: plain  (must section ${what})  [fast]
        \(suite):7: size ${size} of ${what}  (one for each turn of a `for`)
        \(suite):11: sometimes  (where an `if` has it so)
        \(suite):14: ${what}  (its name is known when it runs)

        """)
    #expect(!folder.exists("written") && !folder.exists("ran"))
    let chosen = try Program.run([Program.sock, "test", "--list", "--filter", "plain", suite])
    #expect(chosen.output.contains(": plain") && chosen.output.contains("size ${size}"))
    let must = try Program.run([Program.sock, "test", "--list", "--must-only", suite])
    #expect(must.output.split(separator: "\n").count == 1)
  }

  @Test func noLineOfAnotherFileIsShown() throws {
    let folder = try Folder()
    let kept = try folder.write("private.txt", "token=hunter2 'Tr0ub4dor'\n")
    let other = try Folder()
    let outside = try other.write("outside.sock", "token=hunter2 'Tr0ub4dor'\n")
    let imports = [
      ("a", kept), ("b", "private.txt"), ("c", outside), ("d", "d-link.sock"), ("e", "/proc/self/environ"),
    ]
    for (name, path) in imports {
      _ = try folder.write("\(name).sock", "import \"\(path)\" as other\nprint other\n")
    }
    try #require(symlink(kept, folder.file("d-link.sock")) == 0)
    for command in [["check"], ["fmt"], ["fmt", "--diff"], ["test"], ["test", "--list"], ["run"]] {
      for file in try folder.allFiles() + [folder.file("d-link.sock"), folder.path] where !file.hasSuffix(".txt") {
        let outcome = try Program.run(
          [Program.sock] + command + [file], environment: ["SECRET_OF_ENVIRONMENT=hunter2"], errors: true)
        for part in ["hunter2", "Tr0ub4dor", "token", "SECRET_OF"] {
          #expect(!outcome.output.contains(part), "\(command) \(file): \(outcome.output)")
        }
      }
    }
    #expect(try folder.text("private.txt") == "token=hunter2 'Tr0ub4dor'\n")
    // A library of the suite's own is shown where it is wrong.
    _ = try folder.write("near.sock", "let token = = 1\n")
    let suite = try folder.write("f.sock", "import \"near.sock\" as near\nprint near\n")
    #expect(try Program.run([Program.sock, "check", suite], errors: true).output.contains("let token = = 1"))
  }
}
