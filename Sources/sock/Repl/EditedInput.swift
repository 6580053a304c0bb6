// What `:edit` opens.

import SockLanguage
import SockRuntime

enum EditedInput {
  struct Problem: Error { let message: String }

  /// - Parameter argument: empty for the last input, the number of one of an input's lines, or the name of a function.
  static func find(_ argument: String, in repl: Repl) -> Result<[UInt8], Problem> {
    if argument.isEmpty {
      let last = repl.inputs.last { $0.text.first { $0 != 0x20 && $0 != 0x09 } != UInt8(ascii: ":") }
      return .success(last?.text ?? [])
    }
    if let number = Int(argument) {
      let found = repl.inputs.last { $0.line <= number && number <= $0.line + $0.text.filter { $0 == 0x0A }.count }
      return found.map { .success($0.text) } ?? .failure(Problem(message: "there was no input with line \(number)"))
    }
    if let definition = repl.session.definition(of: argument) { return .success(definition) }
    let functions = repl.session.completionNames.filter { $0.kind == .function }.map(\.name)
    let near = Suggestion.nearest(argument, among: functions).map { "; did you mean `\($0)`?" } ?? ""
    return .failure(Problem(message: "no function `\(Printable.text(argument))` was entered here\(near)"))
  }
}
