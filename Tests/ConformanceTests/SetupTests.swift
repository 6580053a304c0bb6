// The names of `setup` in the functions of its file: each test has them anew, and nothing else has them.

import Testing

@Suite struct SetupTests {
  /// Its checks are in the suite itself.
  private static let suite = """
    let [past, tape] = socketpair
    past.send line "once"
    def ask(text)
      send line text
      server.expect line text
      db.asked += 1
      total += 1
      return db.asked
    end
    def note(x)
      seen = x
    end
    def in_task()
      spawn as t
        return [db.asked, plus(2)]
      end
      return wait t
    end
    def is_first()
      return first
    end
    def total_of_now()
      return total
    end
    let told = []
    try
      note("too early")
    catch e
      push(told, e.message)
    end
    let [here, there] = socketpair
    spawn
      here.recv line
      try
        note(1)
      catch e
        here.send line e.message
      end
    end
    setup
      listen 0
      connect listener.sockport
      accept as server
      let db = {asked: 0}
      let total = 10
      let seen = nil
      let while_it_runs = total_of_now()
      try
        tape.recv line within 20ms
        let first = true
      catch
      end
      def plus(x)
        return x + total
      end
    end
    test "it is set, and can be set"
      check ask("a") == 1
      check ask("b") == 2
      check total == 12
      note("x")
      check seen == "x"
      check in_task() == [2, 14]
      check is_first()
      check while_it_runs == 10
    end
    test "each test has its own"
      check [db.asked, seen, is_first()] == [0, nil, nil]
      check ask("c") == 1
      check total == 11
    end
    for i in 1..2
      test "turn ${i}, from a task of the test"
        spawn as t
          return ask("d")
        end
        check (wait t) == 1
        check ask("e") == 2
      end
    end
    test "outside of a test they fail"
      check told == ["`seen` is set by `setup`, and no test runs"], told
      there.send line "now"
      there.expect line "`seen` is set by `setup`, and this task is none of a test"
    end
    """

  @Test func functionsOfTheFileReachTheNamesOfSetup() throws {
    let folder = try Folder()
    let suite = try folder.write("a.sock", Self.suite)
    let outcome = try Program.run([Program.sock, "test", suite])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("5 passed"))
  }

  @Test func whatTheTopLevelCallsIsTold() throws {
    let folder = try Folder()
    let suite = try folder.write(
      "a.sock", "def f()\n  return db\nend\nsetup\n  let db = 1\nend\nf()\ntest \"a\"\nend\n")
    let outcome = try Program.run([Program.sock, "test", suite])
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("2:10: `db` is set by `setup`, and no test runs"), "\(outcome.output)")
    #expect(outcome.output.contains("called from f(), \(suite):7"))
  }
}
