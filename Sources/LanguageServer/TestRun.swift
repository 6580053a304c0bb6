// "Run test" above a test: `sock test` as a process of its own, whose report the editor's log gets.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

extension Server {
  /// Its arguments: a file, and the name of a test as it is written; without one all tests of the file.
  static let runTest = "sock.runTest"

  func codeLenses(_ parameters: Json) throws(RequestError) -> Json {
    let document = try document(parameters)
    let analysis = workspace.analysis(of: document)
    // What has no file cannot be run.
    guard DocumentName.path(ofURI: document.uri) != nil else { return [] }
    return Json(
      analysis.index.tests.map { test in
        let name = TestName(test, in: analysis.source).text
        let line = document.positions.position(Int(test.range.lower)).line
        let start = Position(line: line, character: 0)
        let end = document.positions.position(Int(test.name.range.upper))
        return [
          "range": ["start": start.json, "end": end.json],
          "command": [
            "title": "run test", "command": Json(Server.runTest), "arguments": [Json(document.name), Json(name)],
          ],
        ]
      })
  }

  func execute(_ parameters: Json) throws(RequestError) -> Json {
    let command = parameters["command"].string ?? ""
    guard command == Server.runTest else {
      throw RequestError(.invalidParameters, "there is no command \(Printable.text(Quoting.shortened(command)))")
    }
    let arguments = parameters["arguments"].list ?? []
    guard let file = arguments.first?.string else {
      throw RequestError(.invalidParameters, "\(command) needs the path of a file, and the name of a test")
    }
    let path = DocumentName.path(ofURI: file) ?? file
    let name = arguments.count > 1 ? arguments[1].string : nil
    // What is not saved cannot be run.
    var note = ""
    if let document = workspace.document(named: path), case .success(let stored) = ScriptFiles.readRegular(path),
      stored.bytes != document.bytes
    {
      note = " (the file as it is stored, which is not what the editor shows)"
    }
    do throws(SpawnError) {
      runs.append(try TestRun(path, name, pattern(path, name), note: note))
    } catch {
      throw RequestError(.failed, "cannot start sock: \(error)")
    }
    return .null
  }

  /// A regular expression that fits the test's FILE::NAME, and what runs of it add; nil: all tests of the file.
  private func pattern(_ path: String, _ name: String?) -> String? {
    guard let name else { return nil }
    let declared = workspace.analysis(ofFile: path).flatMap { analysis in
      analysis.index.tests.lazy.map { TestName($0, in: analysis.source) }.first { $0.text == name }
    }
    return TestFilter.pattern(path, declared?.parts ?? [Array(name.utf8)])
  }
}

/// Which tests `--filter` is to choose.
package enum TestFilter {
  /// - Parameter parts: of the test's name, nil for what is computed.
  static func pattern(_ path: String, _ parts: [[UInt8]?]) -> String {
    let text = parts.map { $0.map { quoted(String(decoding: $0, as: UTF8.self)) } ?? ".*" }.joined()
    return "^(?s:\(quoted(path))::\(text))( @[^ ]*)?( \\[[^\\]]*\\])?$"
  }

  /// For a regular expression: each byte that is no letter and no digit may mean something.
  private static func quoted(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...: result.append(byte)
      case 0x0A: result += Array("\\n".utf8)
      default: result += [0x5C, byte]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// One such process.
final class TestRun {
  private let title: String
  /// What the verdict is about, where that is not plain.
  private let note: String
  private let process: ChildProcess
  private var report: [UInt8] = []
  private var isOutputOpen = true

  /// More of a report is not kept.
  private static let longest = 1 << 20

  init(_ path: String, _ name: String?, _ pattern: String?, note: String) throws(SpawnError) {
    title = name ?? path
    self.note = note
    var words = ["/proc/self/exe", "test", "--color", "never"]
    if let pattern { words += ["--filter", pattern] }
    words += ["--", path]
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) }
    process = try ChildProcess.spawn(
      SpawnRequest(
        argv: words.map { Array($0.utf8) }, cwd: folder.flatMap { $0.isEmpty ? nil : Array($0.utf8) }, stderr: .merge))
    // A test that reads its standard input finds nothing there.
    process.close(.stdin)
  }

  /// What is waited for.
  var descriptors: [Int32] { (isOutputOpen ? [process.stdout] : []) + [process.pidfd] }

  func stop() { process.signalGroup(SIGTERM) }

  /// Takes what it has written; true once it has ended, which has been told then.
  func advance(_ server: Server) -> Bool {
    let ended: ExitStatus
    do throws(Errno) {
      let status = try process.tryWait()
      read()
      // What others that it has left behind still write is not waited for.
      guard let status else { return false }
      ended = status
      _ = try process.reap()
    } catch {
      let message = "\(title): cannot wait for sock: \(error.message)"
      server.notify("window/showMessage", ["type": 1, "message": Json(message)])
      return true
    }
    let verdict =
      switch ended.code {
      case 0: "passed"
      case 1: "failed"
      default: "could not be run (status \(ended.code))"
      }
    let text = String(decoding: report, as: UTF8.self)
    server.notify("window/logMessage", ["type": ended.code == 0 ? 3 : 1, "message": Json(text)])
    let shown = "\(Printable.text(title)): \(verdict)\(note)\(reason(ended.code))"
    server.notify("window/showMessage", ["type": ended.code == 0 ? 3 : 1, "message": Json(shown)])
    return true
  }

  /// The first line of the report that tells of a failure.
  private func reason(_ code: Int32) -> String {
    guard code != 0 else { return "" }
    let lines = String(decoding: report, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.contains("error") }.map { ": \($0.drop { $0 == " " })" } ?? ""
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while isOutputOpen {
      switch buffer.withUnsafeMutableBytes({ StandardStream.tryRead(process.stdout, $0) }) {
      case .done(let count):
        report += buffer[..<count].prefix(max(0, TestRun.longest - report.count))
      case .wouldBlock: return
      case .end, .failed: isOutputOpen = false
      }
    }
  }
}
