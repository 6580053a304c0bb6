// What reports write at their end.

import Foundation
import Testing

@testable import SockConformance

@Suite struct ReportSpoolTests {
  /// 200 sections that grow in turn to 8 MiB together, so that each is in memory and in many places of the file.
  @Test func sectionsThatGrowInTurnComeBackWhole() throws {
    let spool = ReportSpool()
    let sections = (0..<200).map { _ in spool.begin() }
    var expected = [String](repeating: "", count: sections.count)
    for turn in 0..<40 {
      for section in sections {
        let text = "\(turn) of \(section) " + String(repeating: "é", count: (turn * 31 + section * 17) % 997) + "\n"
        spool.append(text, to: section)
        expected[section] += text
      }
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for section in [0, 77, 199] {
      let path = folder.appendingPathComponent("\(section)").path
      let file = try ReportFile(path)
      spool.copy(section, to: file)
      #expect(file.finish() == nil)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == expected[section])
    }
    #expect(spool.problem == nil)
  }
}
