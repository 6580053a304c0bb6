// Messages of many fields, and messages that come in many pieces: four times as much takes about four times as long.
import Glibc
import Testing

@Suite(.serialized) struct MessageScaleTests {
  /// Seconds of the processor that a run of the program takes, of its own and of the kernel's for it.
  private func time(_ arguments: [String]) throws -> Double {
    var words: [UnsafeMutablePointer<CChar>?] = ([Repository.sock] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, Repository.sock, nil, nil, &words, environ) == 0)
    var status: Int32 = 0
    var usage = rusage()
    try #require(wait4(pid, &status, 0, &usage) == pid && status == 0, "\(arguments): status \(status)")
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// How many times longer one run takes than another, without what each takes to begin.
  private func ratio(_ few: [String], _ many: [String], within most: Double) throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("empty.sock", "")
    let start = try time([empty])
    // Others want the processor and its caches, too: it is enough that one of three is well.
    var ratios: [Double] = []
    for _ in 0..<3 {
      ratios.append((try time(many) - start) / max(try time(few) - start, 0.001))
      if let last = ratios.last, last < most { return }
    }
    Issue.record("it takes \(ratios) times as long, and \(most) at most would do")
  }

  // MARK: - In pieces

  private static let declarations = """
    message Line
      kind u8
      text line
      next Line if kind == 1
    end
    message Lines
      count u32
      lines list of Line count count
    end
    message Element
      element ber
    end

    """

  /// A message of so many small elements, of which each byte comes alone.
  @Test(arguments: [
    ("Lines", "recv message Lines", "pack(\"u32\", n) + repeat(x\"00\" + \"ab\\r\\n\", n)"),
    ("Lines fault", "recv message Lines", "pack(\"u32\", n) + repeat(x\"00\" + \"ab\\r\\n\", n)"),
    ("Lines", "expect message Lines {count: any}", "pack(\"u32\", n) + repeat(x\"00\" + \"ab\\r\\n\", n)"),
    ("Lines", "recv message", "pack(\"u32\", n) + repeat(x\"00\" + \"ab\\r\\n\", n)"),
    ("Element", "recv message Element", "x\"3080\" + repeat(x\"2480050000 00\", n) + x\"0000\""),
    ("Lines", "recv message Lines", "pack(\"u32\", 2) + x\"00\" + repeat(\"abcde\", n) + \"\\r\\n\" + x\"00\" + \"\\n\""),
  ])
  func aMessageInPiecesIsDecodedOnce(name: String, step: String, bytes: String) throws {
    let folder = try TemporaryFolder()
    let hasFault = name.hasSuffix(" fault")
    var framing = step == "recv message" || hasFault ? "b.framing \(name.prefix { $0 != " " })" : ""
    if hasFault { framing += "\n        b.fault duplicate 1 read" }
    let script = try folder.write(
      "pieces.sock", Self.declarations + """
        let n = int(args[0])
        let [a, b] = socketpair
        \(framing)
        let bytes = \(bytes)
        spawn as reader
          b.\(step) within 300s as message
          print "whole"
        end
        for byte in bytes
          a.send byte
          sleep 0s
        end
        wait reader
        """)
    try ratio([script, "400"], [script, "1600"], within: 8)
  }

  // MARK: - Of many fields

  /// Each field is read by others, is bounded by a length, or is a message of which one field is read.
  @Test(arguments: ["check", "run"]) func aMessageOfManyFieldsIsCompiledInTime(command: String) throws {
    let folder = try TemporaryFolder()
    func script(_ count: Int) throws -> String {
      var text = "message Head\n  kind u8\nend\nmessage Many\n"
      for number in 0..<(count / 4) {
        text += "  length\(number) u16 = size(body\(number))\n  body\(number) bytes\n  head\(number) Head\n"
          + "  value\(number) u8 if head\(number).kind == 1 and length\(number) > 0\n"
      }
      return try folder.write("many-\(count).sock", text + "end\nprint len(encode(Many)) > 0\n")
    }
    try ratio([command, try script(2000)], [command, try script(8000)], within: 6)
  }
}
