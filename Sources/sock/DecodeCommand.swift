// `sock decode`: a file's bytes, or hexadecimal digits, as the fields of a message that a script declares.

import Glibc
import SockConformance
import SockLanguage
import SockRuntime

enum DecodeCommand {
  /// The exit status: 0 when all of the bytes are such messages, 1 when they are not, 2 when nothing can be read.
  /// - Parameters:
  ///   - message: `FILE.sock:NAME`.
  ///   - source: a file, `-` for standard input, or digits.
  static func run(_ message: String, _ source: String) -> Int32 {
    let colon = message.lastIndex(of: ":") ?? message.endIndex
    let path = String(message[..<colon])
    let name = String(message[colon...].dropFirst())
    if path.isEmpty || colon == message.endIndex {
      let missing = path.isEmpty ? "the file" : "the name"
      let given = message.isEmpty ? "" : "; in `\(message)` \(missing) is missing"
      Main.tell("sock: decode takes a file and the name of a message in it: \(Command.decode.synopsis)\(given)\n")
      return 2
    }
    let file: SourceFile
    switch ScriptFiles.read(path) {
    case .success(let read): file = read
    case .failure(let problem):
      Main.tell("sock: cannot read \(path): \(problem.message)\n")
      return 2
    }
    let result = Loader.load(file, read: ScriptFiles.read(importing:from:))
    if result.hasErrors {
      for diagnostic in result.diagnostics {
        Main.tell(DiagnosticRenderer.render(diagnostic, color: Main.usesColor, columns: Main.messageColumns))
      }
      return 2
    }
    let bytes: [UInt8]
    switch self.bytes(of: source) {
    case .success(let read): bytes = read
    case .failure(let problem):
      Main.tell("sock: \(problem.message)\n")
      return 2
    }
    var status: Int32 = 0
    let outcome = MessageListing.write(name, in: result.main, bytes) { rows in
      status = Main.say(rows)
      return status == 0
    }
    guard let outcome else {
      let names = MessageListing.names(in: result.main)
      let known = names.isEmpty ? "it declares none" : "there are \(names.joined(separator: ", "))"
      let wanted = name.isEmpty ? "the name of a message is missing behind `\(message)`" : nil
      Main.tell("sock: \(wanted ?? "\(path) has no message `\(name)`"): \(known)\n")
      return 2
    }
    guard status == 0, case .wrong(let problem) = outcome else { return status }
    Main.tell("sock: \(problem)\n")
    return 1
  }

  private static func bytes(of source: String) -> Result<[UInt8], ReadFailure> {
    if source == "-" { return named("standard input", ScriptFiles.data(STDIN_FILENO)) }
    let read = ScriptFiles.data(source)
    if case .success = read { return read }
    if let bytes = digits(source) { return .success(bytes) }
    if access(source, F_OK) == 0 { return named(source, read) }
    return .failure(ReadFailure(message: "`\(source)` is no file, and no hexadecimal digits"))
  }

  private static func named(
    _ source: String, _ read: Result<[UInt8], ReadFailure>
  ) -> Result<[UInt8], ReadFailure> {
    read.mapError { ReadFailure(message: "cannot read \(source): \($0.message)") }
  }

  private static func digits(_ source: String) -> [UInt8]? {
    let digits = source.utf8.filter { ![0x20, 0x09, 0x0A, 0x3A].contains($0) }
    guard !digits.isEmpty, digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for at in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Character(UnicodeScalar(digits[at])).hexDigitValue,
        let low = Character(UnicodeScalar(digits[at + 1])).hexDigitValue
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
