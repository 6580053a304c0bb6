// What tests draw by chance: the same with the seed that a report of a failure names.

import Testing

@Suite struct SeedTests {
  private static let suite = """
    test "one"
      fail "one ${random(1_000_000_000)} ${hex(random_bytes(12))} ${uuid()}"
    end
    test "two"
      fail "two ${random(1_000_000_000)}"
    end
    test "without"
      fail "nothing is drawn"
    end
    """

  /// By the tests' first words: what those of a.sock have drawn.
  private func drawn(_ text: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where line.contains("a.sock:") {
      for name in ["one", "two"] {
        guard let place = line.firstRange(of: ": \(name) ") else { continue }
        found[name] = found[name] ?? String(line[place.upperBound...])
      }
    }
    return found
  }

  private func words(behind word: String, _ text: String) -> [String] {
    let all = text.split { " `\n<>&\"".contains($0) }.map(String.init)
    return zip(all, all.dropFirst()).filter { $0.0 == word }.map(\.1)
  }

  @Test func aReportNamesTheSeedThatDrawsTheSame() throws {
    let folder = try Folder()
    let path = try folder.write("a.sock", Self.suite)
    let other = try folder.write("b.sock", Self.suite)
    let first = try Program.run([Program.sock, "test", path])
    let seed = try #require(words(behind: "--seed", first.output).first)
    #expect(Set(words(behind: "--seed", first.output)) == [seed])
    #expect(drawn(first.output).count == 2)
    // Alone, beside others at the same time, and in another order.
    let options = [["--filter", "two"], ["--jobs", "2", other], ["--shuffle"], []]
    for more in options {
      let again = try Program.run([Program.sock, "test", path, "--seed", seed] + more)
      #expect(drawn(again.output)["two"] == drawn(first.output)["two"], "\(more)")
    }
    let another = try Program.run([Program.sock, "test", path])
    #expect(drawn(another.output) != drawn(first.output))
  }

  @Test func eachReportHasIt() throws {
    let folder = try Folder()
    let path = try folder.write("a.sock", Self.suite)
    for format in ["pretty", "tap", "junit", "github", "html"] {
      let outcome = try Program.run([Program.sock, "test", "--seed", "4711", "--report", format, path])
      #expect(outcome.output.contains("--seed 4711"), "\(format)")
    }
    let json = try Program.run([Program.sock, "test", "--seed", "4711", "--report", "json", path])
    let tests = json.output.split(separator: "\n").filter { $0.contains("\"event\":\"test\"") }
    #expect(tests.filter { $0.contains("\"seed\":\"4711\"") }.count == 2)
    #expect(json.output.contains("\"seed\":null"))
  }

  /// Each try draws other numbers, and its report names the seed that draws them at the first.
  @Test func repetitionsDrawOtherNumbers() throws {
    let folder = try Folder()
    let path = try folder.write("a.sock", Self.suite)
    let outcome = try Program.run([Program.sock, "test", "--seed", "1", "--repeat", "3", "--filter", "two", path])
    #expect(Set(words(behind: "--seed", outcome.output)) == ["1", "2", "3"])
    let third = try Program.run([Program.sock, "test", "--seed", "3", "--filter", "two", path])
    let number = try #require(drawn(third.output)["two"])
    #expect(outcome.output.contains("two \(number)"))
  }
}
