// The table of what socat does: each line of sock in it is one, and each of socat's addresses has its row.
import Testing

@Suite struct SocatTableTests {
  /// The two cells of each row.
  private static let rows: [(names: String, answer: String)] = {
    (Repository.text("grammar/socat.md") ?? "").split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| "), !line.hasPrefix("| socat |") else { return nil }
      let cells = line.replacing("\\|", with: "\u{1}").split(separator: "|").map {
        String($0.drop { $0 == " " }).replacing("\u{1}", with: "|")
      }
      return cells.count == 2 ? (cells[0], cells[1]) : (String(line), "")
    }
  }()

  /// What stands in backquotes.
  private static func quoted(_ cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().compactMap { at, part in
      at % 2 == 1 ? String(part) : nil
    }
  }

  /// One process for all: a script a file.
  @Test func eachLineIsASockScript() throws {
    let folder = try TemporaryFolder()
    var scripts: [String] = []
    for (number, row) in Self.rows.enumerated() {
      guard row.answer.hasPrefix("`") else {
        #expect(
          ["no: ", "not yet: ", "always: "].contains { row.answer.hasPrefix($0) },
          "\(row.names) has neither a script nor a reason: \(row.answer)")
        continue
      }
      let script = try #require(Self.quoted(row.answer).first)
      scripts.append(try folder.write("row\(number).sock", script + "\n"))
    }
    #expect(scripts.count > 70)
    let outcome = try RunningProgram.sock(["check"] + scripts).finish()
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
  }

  /// Those that socat itself lists, but for the 4 or 6 in their names.
  @Test func eachAddressHasItsRow() throws {
    let outcome = try RunningProgram(["socat", "-h"]).finish()
    try #require(outcome.status == 0)
    let list = outcome.output.replacing("<address-head>", with: "").split(separator: "address-head:").dropFirst()
    let addresses = try #require(list.first).split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix(" "), line.contains("groups=") else { return nil }
      let name = line.drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
      return name.uppercased().replacing(/^(IP|TCP|UDP|SCTP)[46]/) { String($0.1) }
    }
    #expect(addresses.count > 60)
    let names = Set(Self.rows.flatMap { Self.quoted($0.names) })
    for address in addresses { #expect(names.contains(address), "socat has \(address)") }
  }
}
