// The tree of expressions. The parser makes it; the checker fills in what names mean
// (the `var`s of the final classes); the compiler reads it.

package indirect enum Expression {
  case nothing(SourceRange)
  case boolean(Bool, SourceRange)
  case integer(Int, SourceRange)
  case float(Double, SourceRange)
  /// A string without holes: `"a"`, `'a'`, `x"61"`, `"""` blocks.
  case string([UInt8], SourceRange)
  /// A string with holes.
  case interpolation([StringPart], SourceRange)
  case regex(RegexLiteral)
  case name(NameReference)
  case list([Expression], SourceRange)
  case map([MapEntry], SourceRange)
  case parenthesized(Expression, SourceRange)
  case unary(UnaryOperator, Expression, SourceRange)
  case binary(BinaryOperator, Expression, Expression, SourceRange)
  /// `a and b`: the first that is nil or false, or the last.
  case and(Expression, Expression, SourceRange)
  /// `a or b`: the first that is neither nil nor false, or the last.
  case or(Expression, Expression, SourceRange)
  case not(Expression, SourceRange)
  case range(lower: Expression?, upper: Expression?, inclusive: Bool, SourceRange)
  case call(Call)
  case index(Expression, Expression, SourceRange)
  case member(MemberReference)
  /// `try EXPR else EXPR`: on failure the second one, or nil; the failure is in `error` then.
  case attempt(Expression, otherwise: Expression?, SourceRange)
  /// `if EXPR then EXPR else EXPR`.
  case choice(Expression, then: Expression, otherwise: Expression, SourceRange)
  /// `fn(a, b) EXPR`: what a `def` with that one `return` would be. It has no name of its own.
  case function(FunctionDeclaration)
  /// `Packet {kind: 1}` behind `send` and `expect message`.
  case template(MessageTemplate)
  /// A verb phrase: it acts, and has a result.
  case step(Step)
  /// What could not be parsed; a diagnostic has been given.
  case invalid(SourceRange)

  package var range: SourceRange {
    switch self {
    case .nothing(let r), .boolean(_, let r), .integer(_, let r), .float(_, let r), .string(_, let r),
      .interpolation(_, let r), .list(_, let r), .map(_, let r), .parenthesized(_, let r), .unary(_, _, let r),
      .binary(_, _, _, let r), .and(_, _, let r), .or(_, _, let r), .not(_, let r), .range(_, _, _, let r),
      .index(_, _, let r), .attempt(_, _, let r), .choice(_, _, _, let r), .invalid(let r):
      return r
    case .regex(let regex): return regex.range
    case .name(let name): return name.range
    case .call(let call): return call.range
    case .member(let member): return member.range
    case .function(let function): return function.range
    case .template(let template): return template.range
    case .step(let step): return step.range
    }
  }
}

package enum UnaryOperator: String, Sendable { case negate = "-", complement = "~" }

package enum BinaryOperator: String, Sendable, CaseIterable {
  case multiply = "*", divide = "/", remainder = "%", add = "+", subtract = "-"
  case shiftLeft = "<<", shiftRight = ">>", bitAnd = "&", bitXor = "^", bitOr = "|"
  case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
  case contained = "in", containedNot = "not in", matches = "=~", matchesNot = "!~"
}

package enum StringPart {
  case bytes([UInt8])
  case hole(Expression)
}

/// `/…/imsx`. What stands in a hole is matched literally.
package final class RegexLiteral {
  package let parts: [StringPart]
  /// The letters after the closing slash.
  package let flags: [UInt8]
  package let range: SourceRange
  package init(parts: [StringPart], flags: [UInt8], range: SourceRange) {
    self.parts = parts
    self.flags = flags
    self.range = range
  }
  /// The pattern's bytes when it has no holes.
  package var constant: [UInt8]? {
    var bytes: [UInt8] = []
    for part in parts {
      guard case .bytes(let piece) = part else { return nil }
      bytes += piece
    }
    return bytes
  }
}

package struct MapEntry {
  /// A word, a string or an integer.
  package enum Key { case string([UInt8]), interpolation([StringPart]), integer(Int) }
  package let key: Key
  package let keyRange: SourceRange
  package let value: Expression
  package init(key: Key, keyRange: SourceRange, value: Expression) {
    self.key = key
    self.keyRange = keyRange
    self.value = value
  }
}

/// A use of a name. The checker says what it means.
package final class NameReference {
  package let name: String
  package let range: SourceRange
  package var meaning: NameMeaning = .unresolved
  package init(name: String, range: SourceRange) {
    self.name = name
    self.range = range
  }
}

package enum NameMeaning {
  /// Not declared anywhere; a diagnostic has been given.
  case unresolved
  case variable(Variable)
  case function(BuiltinFunction)
  case predefined(PredefinedName)
}

/// `callee(arguments)`.
package final class Call {
  package let callee: Expression
  package let arguments: [Expression]
  package let range: SourceRange
  package init(callee: Expression, arguments: [Expression], range: SourceRange) {
    self.callee = callee
    self.arguments = arguments
    self.range = range
  }
}

/// `base.name` where `name` is no verb with arguments. (`base.verb` is a `Step`.)
package final class MemberReference {
  package let base: Expression
  package let name: String
  package let nameRange: SourceRange
  package let range: SourceRange
  /// Filled in by the checker.
  package var meaning: MemberMeaning = .property
  package init(base: Expression, name: String, nameRange: SourceRange, range: SourceRange) {
    self.base = base
    self.name = name
    self.nameRange = nameRange
    self.range = range
  }
}

package enum MemberMeaning {
  /// A property of a channel, an address, an error or a match, or a map's key: the value decides.
  case property
  /// `module.name`, of an import.
  case exported(Variable, of: ImportDeclaration)
  /// The callee of `channel.function(…)`: the function runs with that channel current.
  /// (If the value in front is a map that has the key, the key's function is called.)
  case functionOnChannel(NameMeaning)
}

// MARK: - Verb phrases

/// One verb phrase: `[receiver.]verb operands options [within D] [as NAME]`.
package final class Step {
  package let verb: Verb
  package let verbRange: SourceRange
  /// What stands before the dot, or after a verb that takes nothing else (`close c`).
  package let receiver: Expression?
  /// `x.close` without arguments: if x is a map, this is its key `close`.
  package let mayBeMapKey: Bool
  /// The data: values (`send`, `print`: many), at most one for the other verbs.
  package let operands: [Expression]
  package let address: AddressOperand?
  /// The bare word of `sockopt` and `signal`.
  package let word: WordOperand?
  package let options: [StepOption]
  package let within: Expression?
  package let result: NameDeclaration?
  package let range: SourceRange

  package init(
    verb: Verb, verbRange: SourceRange, receiver: Expression?, mayBeMapKey: Bool, operands: [Expression],
    address: AddressOperand?, word: WordOperand?, options: [StepOption], within: Expression?,
    result: NameDeclaration?, range: SourceRange
  ) {
    self.verb = verb
    self.verbRange = verbRange
    self.receiver = receiver
    self.mayBeMapKey = mayBeMapKey
    self.operands = operands
    self.address = address
    self.word = word
    self.options = options
    self.within = within
    self.result = result
    self.range = range
  }

  package func option(_ word: OptionWord) -> StepOption? { options.first { $0.word == word } }
  package func has(_ word: OptionWord) -> Bool { option(word) != nil }
}

package struct StepOption {
  package let word: OptionWord
  package let range: SourceRange
  package let value: OptionValue
  package init(word: OptionWord, range: SourceRange, value: OptionValue) {
    self.word = word
    self.range = range
    self.value = value
  }
}

package enum OptionValue {
  case none
  case expression(Expression)
  case address(AddressOperand)
  case word(WordOperand)
}

/// A word that stands for itself (`SO_RCVBUF`, `TERM`), an integer, or a value in parentheses.
package enum WordOperand {
  case literal(String, SourceRange)
  case integer(Int, SourceRange)
  case expression(Expression)
}

/// What stands where an address is due.
package indirect enum AddressOperand {
  /// `localhost:25`, `[::1]:${port}`, `unix:/run/x.sock`.
  case bare([StringPart], SourceRange)
  /// An integer (a port on loopback), or a value that is an address or the text of one.
  case value(Expression)
  case hostAndPort(Expression, Expression)
}
