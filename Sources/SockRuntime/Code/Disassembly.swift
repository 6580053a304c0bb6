// Compiled code as text: what the compiler's listings in Tests/Scripts/bytecode are held to.

import SockLanguage

extension Program {
  /// Every body, its file's first, as `FunctionCode.listing` has it.
  package var listing: String {
    var bodies: [FunctionCode] = []
    forEachCode { bodies.append($0) }
    return bodies.map(\.listing).joined(separator: "\n")
  }
}

extension FunctionCode {
  /// The instructions, one a line, under the source lines that they come from; and the stretches that have a handler.
  /// Registers are r0, r1, …; a jump's target stands behind an arrow.
  var listing: String {
    var text = "\(kind) \(name): \(registerCount) registers"
    if parameterCount > 0 {
      let starts = (0...(parameterCount - requiredCount)).map { "\(entries[$0])" }.joined(separator: ", ")
      text += ", \(requiredCount) to \(parameterCount) arguments from \(starts)"
    }
    text += "\n"
    var shownLine = 0
    for (at, range) in ranges.enumerated() {
      let line = file.position(of: Int(range.lower)).line
      if line != shownLine {
        shownLine = line
        text += "  \(line): \(String(decoding: file.line(line).drop { $0 == 0x20 }, as: UTF8.self))\n"
      }
      let instruction = table.pointee.instructions[at]
      let number = String(at)
      text += String(repeating: " ", count: max(0, 5 - number.utf8.count)) + "\(number)  \(instruction.operation)"
      let operands = operands(of: instruction)
      text += operands.isEmpty ? "\n" : " \(operands)\n"
    }
    for handler in handlers {
      text += "  \(handler.start)..<\(handler.end) fails → \(handler.target), r\(handler.register)"
      text += handler.isCleanup ? " (cleanup)\n" : "\n"
    }
    return text
  }

  private func constant(_ number: Int) -> String { Show.inspect(table.pointee.constants[number]).text }

  /// Behind an operation that adds to a variable, or slices it: where what it was is kept.
  private func kept(_ c: UInt16) -> String { c == 0 ? "" : ", was r\(c - 1)" }

  private func operands(of i: Instruction) -> String {
    let (a, b, c) = ("r\(i.a)", "r\(i.b)", "r\(i.c)")
    switch i.operation {
    case .awaitTests, .pause: return ""
    case .loadNil, .newCell, .newMap, .raise, .returnValue, .iterateStart, .iteratePairsStart, .cutStart, .selectBegin,
      .leaveChannel, .leaveDeadline, .setError, .retryPause, .beginProbe:
      return a
    case .move, .take, .loadCell, .storeCell, .negate, .complement, .not, .length, .append, .newRangeFrom,
      .skipIfEqual, .skipIfNotEqual, .skipIfFits, .skipIfLess, .skipIfLessOrEqual, .enterChannel, .enterDeadline,
      .collect:
      return "\(a), \(b)"
    case .add, .subtract, .multiply, .divide, .remainder, .shiftLeft, .shiftRight, .bitAnd, .bitOr, .bitXor, .equal,
      .notEqual, .less, .lessOrEqual, .contained, .matches, .matchesNot, .newRange, .newRangeExclusive, .getIndex,
      .setIndex, .appendElement, .sliceElement, .skipIfFitsNaming:
      return "\(a), \(b), \(c)"
    case .addImmediate, .addToElement: return "\(a), \(b), \(i.immediate)"
    case .multiplyConstant, .divideConstant, .remainderConstant, .matchesConstant:
      return "\(a), \(b), \(constant(Int(i.c)))"
    case .loadBoolean: return "\(a), \(i.b != 0)"
    case .loadInteger: return "\(a), \(i.wide)"
    case .loadConstant, .skipIfEqualConstant, .skipIfNotEqualConstant, .skipIfLessConstant, .skipIfLessOrEqualConstant,
      .skipIfGreaterConstant, .skipIfGreaterOrEqualConstant:
      return "\(a), \(constant(i.wide))"
    case .loadStatic, .storeStatic: return "\(a), static \(i.wide)"
    case .loadCaptured, .storeCaptured: return "\(a), captured \(i.b)"
    case .appendStatic, .sliceStatic: return "\(a), static \(i.b)\(kept(i.c))"
    case .appendCell, .sliceCell: return "\(a), \(b)\(kept(i.c))"
    case .appendCaptured, .sliceCaptured: return "\(a), captured \(i.b)\(kept(i.c))"
    case .clear, .newList, .takeApart: return stretches(of: i)
    case .makeFunction, .spawn: return "\(a), \(children[i.wide].name)"
    case .deferFunction: return children[i.wide].name
    case .loadPredefined: return "\(a), \(PredefinedName(number: Int(i.b)).rawValue)"
    case .interpolate, .appendText: return "\(a), \(pieces(of: i.wide))"
    case .makeRegex: return "\(a), r\(regexes[i.wide].first)…r\(regexes[i.wide].first + regexes[i.wide].count - 1)"
    case .getMember: return "\(a), \(b), .\(members[Int(i.c)].name)"
    case .jump, .jumpBack: return "→ \(i.wide)"
    case .jumpIfFalse, .jumpIfTrue, .forRangeStart, .forRangeStartExclusive, .forRangeNext, .iterateNext,
      .iterateNextPair, .cutNext:
      return "\(a) → \(i.wide)"
    case .call: return "\(a), \(i.b) arguments"
    case .callKept: return "\(a), \(b), \(i.c) arguments"
    case .callDirect: return "\(a), \(functions[Int(i.b)].code.name), \(i.c) arguments"
    case .callBuiltin: return "\(a), \(BuiltinFunction(number: Int(i.b)).rawValue), \(i.c) arguments"
    case .callUnary: return "\(a), \(BuiltinFunction(number: Int(i.b)).rawValue), \(c)"
    case .finishCallback: return "\(a), \(BuiltinFunction(number: Int(i.b)).rawValue)"
    case .importModule: return modules[i.wide].name
    case .loadSetting: return "\(a), \(settings[i.wide].name)"
    case .step: return "\(a), \(described(steps[i.wide]))"
    case .select:
      return a + selects[i.wide].cases.map { " → \($0.target)" }.joined()
    case .serve: return "\(a), \(children[serves[i.wide].body].name)"
    case .declareTest: return "\(a), \(children[tests[i.wide].child].name)"
    case .requireTest: return setupUses[i.wide].name
    case .assertionFailed:
      return a + assertions[i.wide].parts.map { ", `\($0.text)` in r\($0.register)" }.joined()
    }
  }

  private func stretches(of i: Instruction) -> String {
    func stretch(_ first: UInt16, _ count: UInt16) -> String {
      count == 0 ? "nothing" : count == 1 ? "r\(first)" : "r\(first)…r\(first + count - 1)"
    }
    return i.operation == .clear ? stretch(i.a, i.b) : "r\(i.a), \(stretch(i.b, i.c))"
  }

  private func pieces(of text: Int) -> String {
    pieces[texts[text]].map { piece in
      switch piece {
      case .constant(let number): constant(number)
      case .register(let register): "r\(register)"
      }
    }.joined(separator: " ")
  }

  private func described(_ step: StepSite) -> String {
    var text = step.verb.rawValue
    if step.receiver >= 0 { text += " on r\(step.base + step.receiver)" }
    if step.operandCount > 0 {
      let first = step.base + step.operands
      text += step.operandCount == 1 ? " r\(first)" : " r\(first)…r\(first + step.operandCount - 1)"
    }
    return text
  }
}
