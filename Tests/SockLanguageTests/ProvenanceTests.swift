// Where the value of a name comes from, by the text of its file.

import Testing

@testable import SockLanguage

@Suite struct ProvenanceTests {
  /// The lines of what may have set `p` where the text has `HERE`, each with its kind.
  private func sources(_ text: String) throws -> [String] {
    let file = SourceFile(name: "t.sock", text: text)
    let place = try #require(text.firstRange(of: "HERE"))
    let offset = text.utf8.distance(from: text.startIndex, to: place.lowerBound)
    return Provenance(Parser.parse(file).body).sources(of: "p", at: offset).map { source in
      let line = file.position(of: Int(source.range.lower)).line
      switch source.kind {
      case .value: return "\(line) value"
      case .turn: return "\(line) turn"
      case .step: return "\(line) step"
      case .setting: return "\(line) setting"
      case .parameter(let number, let function): return "\(line) \(function.name.name) \(number)"
      }
    }
  }

  @Test(arguments: [
    ("let p = 1\nconnect HERE", ["1 value"]), ("param p = 1\nconnect HERE", ["1 setting"]),
    ("listen 0 as p\nconnect HERE", ["1 step"]), ("let q = 1\nconnect HERE", []),
    // The last one counts, and what stands behind does not.
    ("let p = 1\np = 2\nconnect HERE\np = 3", ["2 value"]),
    // Which of them was run is not known.
    ("let p = 1\nif q\n  p = 2\nend\nconnect HERE", ["1 value", "3 value"]),
    ("let p = 1\nif q\n  p = 2\n  connect HERE\nend", ["3 value"]),
    ("let p = 1\np += 1\nconnect HERE", ["1 value", "2 value"]),
    ("for p in [1, 2]\n  connect HERE\nend", ["1 turn"]),
    ("let p = 1\nwhile true\n  connect HERE\n  p = 2\nend", ["1 value", "4 value"]),
    ("def f(q, p = 2)\n  connect HERE\nend", ["1 f 1"]),
    ("def f(q)\n  connect HERE\nend\nlet p = 1", ["4 value"]),
    ("let p = 1\ndef f(p)\n  let p = 3\nend\nconnect HERE", ["1 value"]),
    ("test \"a\"\n  let p = 1\nend\ntest \"b\"\n  let p = 2\n  connect HERE\nend", ["5 value"]),
    ("setup\n  let p = 1\nend\ntest \"b\"\n  connect HERE\nend", ["2 value"]),
    ("let p = 1\nspawn\n  let p = 2\nend\nconnect HERE", ["1 value"]),
    ("let [q, p] = [1, 2]\nretry within 1s\n  connect HERE\nend", ["1 value"]),
    ("let p = 1\ntry\n  p = 2\ncatch e\n  p = 3\nend\nconnect HERE", ["1 value", "3 value", "5 value"]),
  ] as [(String, [String])])
  func aNameIsTracedBack(_ text: String, _ expected: [String]) throws {
    let found = try sources(text)
    #expect(found == expected, "\(text)")
  }

  @Test func aTaskIsNamed() throws {
    let text = "spawn as left\n  print 1\nend\nspawn\n  print 2\nend\nspawn as right\n  def f()\n    print 3\n  end\nend"
    let tree = Provenance(Parser.parse(SourceFile(name: "t.sock", text: text)).body)
    func task(at part: String) throws -> String? {
      tree.task(at: text.utf8.distance(from: text.startIndex, to: try #require(text.firstRange(of: part)).lowerBound))
    }
    #expect(try task(at: "print 1") == "left")
    #expect(try task(at: "print 2") == nil)
    #expect(try task(at: "print 3") == nil)
  }
}
