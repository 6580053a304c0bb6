// Test support: a tree as one line of S-expressions, and short ways to parse a text.

@testable import SockLanguage

func parse(_ text: String) -> ParsedFile { Parser.parse(SourceFile(name: "t.sock", text: text)) }

/// The tree of a text, a statement each line; the diagnostics instead if there are any.
func dump(_ text: String) -> String {
  let parsed = parse(text)
  if !parsed.diagnostics.isEmpty { return complaints(parsed).joined(separator: "\n") }
  return TreeDump.block(parsed.body, separator: "\n")
}

/// `code@text of the range`, in order.
func complaints(_ text: String) -> [String] { complaints(parse(text)) }

func complaints(_ parsed: ParsedFile) -> [String] {
  parsed.diagnostics.map { "\($0.code)@\(parsed.source.text($0.range))" }
}

/// The codes alone.
func codes(_ text: String) -> [String] { parse(text).diagnostics.map(\.code) }

enum TreeDump {
  static func block(_ block: Block, separator: String = " ") -> String {
    block.statements.map(statement).joined(separator: separator)
  }

  static func condition(_ condition: Condition) -> String {
    expression(condition.value) + (condition.name.map { " as \($0.name)" } ?? "")
  }

  static func statement(_ statement: Statement) -> String {
    switch statement.kind {
    case .declare(let target, let value): return "(let \(self.target(target)) \(expression(value)))"
    case .assign(let target, let operation, let value):
      return "(\(operation.text) \(assignee(target)) \(expression(value)))"
    case .param(let parameter):
      let value = parameter.value.map { " " + expression($0) } ?? ""
      return "(param\(parameter.isSecret ? " secret" : "") \(parameter.name.name)\(value))"
    case .importFile(let file): return "(import \(text(Array(file.path.utf8))) \(file.name.name))"
    case .returnValue(let value): return "(return\(value.map { " " + expression($0) } ?? ""))"
    case .breakLoop: return "(break)"
    case .continueLoop: return "(continue)"
    case .deferred(let inner, let scope): return "(defer/\(scope.kind) \(self.statement(inner)))"
    case .expression(let value): return expression(value)
    case .conditional(let branches, let otherwise):
      let parts = branches.map { "(\(condition($0.condition)) => \(block($0.body)))" }
      return "(if \(parts.joined(separator: " "))\(otherwise.map { " (else => \(block($0)))" } ?? ""))"
    case .choice(let choice):
      var parts = choice.branches.map { branch in
        let name = branch.name.map { " as \($0.name)" } ?? ""
        return "(is \(branch.values.map(expression).joined(separator: " "))\(name) => \(block(branch.body)))"
      }
      if let otherwise = choice.otherwise { parts.append("(else => \(block(otherwise)))") }
      return "(case \(expression(choice.subject)) \(parts.joined(separator: " ")))"
    case .whileLoop(let condition, let body): return "(while \(self.condition(condition)) => \(block(body)))"
    case .forLoop(let names, let values, let body):
      let key = names.key.map { "\($0.name), " } ?? ""
      return "(for \(key)\(target(names.element)) \(expression(values)) => \(block(body)))"
    case .loop(let body): return "(loop => \(block(body)))"
    case .function(let function):
      let parameters = function.parameters.map { parameter in
        parameter.name.name + (parameter.defaultValue.map { "=" + expression($0) } ?? "")
      }
      return "(def \(function.name.name) (\(parameters.joined(separator: " "))) => \(block(function.body)))"
    case .message(let message):
      let fields = message.fields.map { $0.name ?? "_" }
      return "(message \(message.name.name) \(fields.joined(separator: " ")))"
    case .attempt(let body, let catching, let finally):
      let clause = catching.map { " (catch \($0.name?.name ?? "-") => \(block($0.body)))" } ?? ""
      return "(try => \(block(body))\(clause)\(finally.map { " (finally => \(block($0)))" } ?? ""))"
    case .with(let value, let body): return "(with \(expression(value)) => \(block(body)))"
    case .within(let value, let body): return "(within \(expression(value)) => \(block(body)))"
    case .spawn(let spawn): return "(spawn \(spawn.name?.name ?? "-") => \(block(spawn.body)))"
    case .serve(let serve):
      let receiver = serve.receiver.map(expression) ?? "-"
      let workers = serve.workers.map { " workers \(expression($0))" } ?? ""
      return "(serve \(receiver) \(serve.count.map(expression) ?? "-")\(workers) => \(block(serve.body)))"
    case .retry(let limit, let every, let body):
      return "(retry \(expression(limit)) \(every.map(expression) ?? "-") => \(block(body)))"
    case .select(let select):
      var parts = select.cases.map { choice in
        let trigger =
          switch choice.trigger {
          case .step(let step): self.step(step)
          case .after(let limit): "(after \(expression(limit)))"
          }
        return "(when \(trigger)\(choice.condition.map { " if " + expression($0) } ?? "") => \(block(choice.body)))"
      }
      if let otherwise = select.otherwise { parts.append("(else => \(block(otherwise)))") }
      return "(select\(select.isAll ? " all" : "") \(parts.joined(separator: " ")))"
    case .test(let test):
      var head = expression(test.name)
      if let level = test.level { head += " \(level) \(test.citation.map(expression) ?? "-")" }
      if !test.tags.isEmpty { head += " tags[\(test.tags.joined(separator: " "))]" }
      if let timeout = test.timeout { head += " timeout \(expression(timeout))" }
      if let todo = test.todo { head += " todo \(expression(todo))" }
      return "(test \(head) => \(block(test.body)))"
    case .setup(let setup): return "(setup => \(block(setup.body)))"
    case .invalid: return "(invalid)"
    }
  }

  private static func target(_ target: Target) -> String {
    switch target {
    case .name(let name): name.name
    case .list(let names, _): "[\(names.map(\.name).joined(separator: " "))]"
    }
  }

  private static func assignee(_ target: AssignmentTarget) -> String {
    switch target {
    case .name(let name): name.name
    case .index(let base, let index, _): "(at \(expression(base)) \(expression(index)))"
    case .member(let base, let name, _): "(. \(expression(base)) \(name))"
    case .list(let names, _): "[\(names.map(\.name).joined(separator: " "))]"
    }
  }

  static func expression(_ value: Expression) -> String {
    switch value {
    case .nothing: return "nil"
    case .boolean(let truth, _): return "\(truth)"
    case .integer(let number, _): return "\(number)"
    case .float(let number, _): return "\(number)f"
    case .string(let bytes, _): return text(bytes)
    case .interpolation(let parts, _): return "(str \(self.parts(parts)))"
    case .regex(let regex):
      return
        "(re \(parts(regex.parts))\(regex.flags.isEmpty ? "" : " " + String(decoding: regex.flags, as: UTF8.self)))"
    case .name(let name): return name.name
    case .list(let elements, _): return "[\(elements.map(expression).joined(separator: " "))]"
    case .map(let entries, _):
      return "{\(entries.map { "\(key($0.key)):\(expression($0.value))" }.joined(separator: " "))}"
    case .parenthesized(let inner, _): return "(\(expression(inner)))"
    case .unary(let operation, let operand, _): return "(\(operation.rawValue) \(expression(operand)))"
    case .binary(let operation, let left, let right, _):
      return "(\(operation.rawValue) \(expression(left)) \(expression(right)))"
    case .and(let left, let right, _): return "(and \(expression(left)) \(expression(right)))"
    case .or(let left, let right, _): return "(or \(expression(left)) \(expression(right)))"
    case .not(let operand, _): return "(not \(expression(operand)))"
    case .range(let lower, let upper, let inclusive, _):
      return "(\(inclusive ? ".." : "..<") \(lower.map(expression) ?? "-") \(upper.map(expression) ?? "-"))"
    case .call(let call):
      return "(call \(([call.callee] + call.arguments).map(expression).joined(separator: " ")))"
    case .index(let base, let index, _): return "(at \(expression(base)) \(expression(index)))"
    case .member(let member): return "(. \(expression(member.base)) \(member.name))"
    case .attempt(let inner, let otherwise, _):
      return "(try \(expression(inner))\(otherwise.map { " else " + expression($0) } ?? ""))"
    case .choice(let condition, let first, let second, _):
      return "(if \(expression(condition)) \(expression(first)) \(expression(second)))"
    case .function(let function):
      let parameters = function.parameters.map { $0.name.name + ($0.defaultValue.map { "=" + expression($0) } ?? "") }
      return "(fn (\(parameters.joined(separator: " "))) => \(block(function.body)))"
    case .template(let template): return "(template \(expression(template.message)) \(expression(template.fields)))"
    case .step(let step): return self.step(step)
    case .invalid: return "(invalid)"
    }
  }

  private static func step(_ step: Step) -> String {
    var parts = [step.verb.rawValue + (step.mayBeMapKey ? "?" : "")]
    if let receiver = step.receiver { parts.append("<\(expression(receiver))>") }
    if let address = step.address { parts.append(self.address(address)) }
    if let word = step.word { parts.append(self.word(word)) }
    parts += step.operands.map(expression)
    for option in step.options {
      switch option.value {
      case .none: parts.append("+\(option.word)")
      case .expression(let value): parts.append("+\(option.word)=\(expression(value))")
      case .address(let value): parts.append("+\(option.word)=\(address(value))")
      case .word(let value): parts.append("+\(option.word)=\(word(value))")
      }
    }
    if let within = step.within { parts.append("within=\(expression(within))") }
    if let result = step.result { parts.append("as=\(result.name)") }
    return "(\(parts.joined(separator: " ")))"
  }

  private static func address(_ address: AddressOperand) -> String {
    switch address {
    case .bare(let parts, _): "@\(self.parts(parts))"
    case .value(let value): "@\(expression(value))"
    case .hostAndPort(let host, let port): "@(\(expression(host)) \(expression(port)))"
    }
  }

  private static func word(_ word: WordOperand) -> String {
    switch word {
    case .literal(let text, _): "'\(text)"
    case .integer(let number, _): "'\(number)"
    case .expression(let value): expression(value)
    }
  }

  private static func parts(_ parts: [StringPart]) -> String {
    parts.map { part in
      switch part {
      case .bytes(let bytes): text(bytes)
      case .hole(let value): "${\(expression(value))}"
      }
    }.joined(separator: " ")
  }

  private static func key(_ key: MapEntry.Key) -> String {
    switch key {
    case .string(let bytes): text(bytes)
    case .interpolation(let parts): "(str \(self.parts(parts)))"
    case .integer(let number): "\(number)"
    }
  }

  /// Bytes as a string literal shows them.
  private static func text(_ bytes: [UInt8]) -> String {
    "\""
      + bytes.map { byte in
        switch byte {
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x22: "\\\""
        case 0x20..<0x7F: String(Character(Unicode.Scalar(byte)))
        default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
      }.joined() + "\""
  }
}
