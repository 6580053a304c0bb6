// Patterns that can never match, or always do, and cases of `select` that are never chosen.

/// A regular expression, and what it is held against. Equal ones are read once.
struct RegexQuestion: Hashable {
  let key: RegexKey
  let isForLine: Bool
}

extension FileLinter {
  // MARK: - Regexes

  func facts(_ regex: RegexLiteral, isForLine: Bool) -> RegexFacts? {
    // With holes two of one text may differ; they are rare.
    guard let pattern = regex.constant else { return RegexReader.facts(regex, isForLine: isForLine) }
    let question = RegexQuestion(key: RegexKey(pattern: pattern, flags: regex.flags), isForLine: isForLine)
    if let known = regexFacts[question] { return known }
    let facts = RegexReader.facts(regex, isForLine: isForLine)
    regexFacts[question] = .some(facts)
    return facts
  }

  /// Any regex: an anchor where it cannot hold.
  func checkRegex(_ regex: RegexLiteral) {
    guard let facts = facts(regex, isForLine: false), !facts.places.canMatch else { return }
    report(.neverMatches(.anchor, at: source.place(regex.range)))
  }

  // MARK: - expect

  func checkPatterns(of step: Step, as place: StepPlace) {
    guard VerbTable[step.verb].operand.value == .pattern else { return }
    let isForLine = step.has(.line)
    if isForLine, case .expression(let skipped)? = step.option(.skipping)?.value { checkLinePattern(skipped) }
    guard let pattern = step.operands.first?.unwrapped else { return }
    if isForLine { checkLinePattern(pattern) }
    // Where its result is used, a pattern may be there for what it takes; and a case may be meant to take all.
    guard place == .statement else { return }
    switch pattern {
    case .string(let bytes, let range):
      if bytes.isEmpty, !isForLine, !step.has(.message), !mayHaveDatagrams {
        report(.alwaysMatches(.emptyString, at: source.place(range)))
      }
    case .regex(let regex):
      guard facts(regex, isForLine: isForLine)?.matchesAnything == true else { return }
      if isForLine {
        report(.alwaysMatches(.anyLine, at: source.place(regex.range)))
      } else if step.has(.message) {
        report(.alwaysMatches(.anyMessage, at: source.place(regex.range)))
      } else if !mayHaveDatagrams {
        report(.alwaysMatches(.nothing, at: source.place(regex.range)))
      }
    default: break
    }
  }

  /// What a line is compared with: lines come without their ends.
  private func checkLinePattern(_ pattern: Expression) {
    switch pattern.unwrapped {
    case .string(let bytes, let range):
      guard let place = bytes.firstIndex(of: 0x0A) else { return }
      report(.neverMatches(place == bytes.count - 1 ? .lineEnd : .lineFeedInside, at: source.place(range)))
    case .regex(let regex):
      guard let facts = facts(regex, isForLine: true), !facts.places.canMatch,
        self.facts(regex, isForLine: false)?.places.canMatch == true
      else { return }
      report(.neverMatches(.lineEnd, at: source.place(regex.range)))
    default: break
    }
  }

  /// The part of a step's pattern that more bytes would lengthen: its end, or a greedy part that can take what stands
  /// behind it. Of one that cannot fail enough has been said. A screen is whole whenever it is looked at.
  func openEnd(of step: Step, as place: StepPlace) -> OpenEnd? {
    guard VerbTable[step.verb].operand.value == .pattern, !step.has(.line), !step.has(.message), !step.has(.screen),
      case .regex(let regex)? = step.operands.first?.unwrapped,
      let facts = facts(regex, isForLine: false), let open = facts.openEnd ?? facts.hungry?.range, !mayHaveDatagrams,
      place != .statement || !facts.matchesAnything
    else { return nil }
    let isInner = facts.openEnd == nil
    guard regex.constant != nil else { return OpenEnd(range: regex.range, isInner: isInner) }
    let start = Int(regex.range.lower) + 1
    return OpenEnd(range: SourceRange(start + open.lowerBound, start + open.upperBound), isInner: isInner)
  }

  func reportOpenEnd(_ open: OpenEnd) {
    let part = source.text(open.range)
    let place = source.place(open.range)
    report(open.isInner ? .hungryRegex(part, at: place) : .openEndedRegex(part, at: place))
  }

  // MARK: - case

  /// A literal that stands behind two `is`.
  func checkValues(of choice: CaseStatement) {
    var above: [[UInt8]: SourceRange] = [:]
    for value in choice.branches.flatMap(\.values) {
      let key: [UInt8]
      switch value.unwrapped {
      case .string(let bytes, _): key = [0x22] + bytes
      case .integer(let number, _): key = Array(String(number).utf8)
      case .nothing, .boolean: key = Array(source.bytes(in: value.unwrapped.range))
      default: continue
      }
      if let first = above[key] {
        let text = source.text(value.range)
        report(.valueNeverReached(text, line: line(of: first), at: source.place(value.range)))
      } else {
        above[key] = value.range
      }
    }
  }

  // MARK: - select

  /// A case that waits for the same as one above it on its channel.
  func checkCases(of select: SelectStatement) {
    guard !select.isAll else { return }
    var above: [(step: Step, receiver: ArraySlice<UInt8>)] = []
    for item in select.cases {
      guard case .step(let step) = item.trigger else { continue }
      let receiver = step.receiver.map { source.bytes(in: $0.range) } ?? []
      if let earlier = above.first(where: { $0.receiver == receiver && takesPlace($0.step, of: step) }) {
        report(.caseNeverChosen(line: line(of: earlier.step.range), at: source.place(step.range)))
      }
      // Each of many cases is compared with the first ones only, so that a long list costs no more than its length.
      if item.condition == nil, above.count < 100 { above.append((step, receiver)) }
    }
  }

  /// Whether a case that can be chosen for `lower` would be chosen for `upper` already.
  private func takesPlace(_ upper: Step, of lower: Step) -> Bool {
    guard upper.verb == lower.verb else { return false }
    // What is called may answer otherwise each time.
    if sameText(upper, lower) { return VerbTable[upper.verb].waiting != .selectable(.data) || upper.isConstant }
    guard upper.verb == .expect, upper.options.count == 1, lower.options.count == 1,
      upper.options[0].word == lower.options[0].word
    else { return upper.isPrefix(of: lower) && !mayHaveDatagrams }
    // Any line, or any message, stands above a certain one.
    return (upper.has(.line) || upper.has(.message)) && upper.operands.isEmpty
  }

  private func sameText(_ a: Step, _ b: Step) -> Bool {
    guard a.operands.count == b.operands.count, a.options.count == b.options.count else { return false }
    let operands = zip(a.operands, b.operands).allSatisfy { one, other in
      source.bytes(in: one.range) == source.bytes(in: other.range)
    }
    return operands
      && zip(a.options, b.options).allSatisfy { one, other in
        one.word == other.word && text(one.value) == text(other.value)
      }
  }

  private func text(_ value: OptionValue) -> ArraySlice<UInt8>? {
    if case .expression(let expression) = value { source.bytes(in: expression.range) } else { nil }
  }
}

extension Step {
  /// Its operands and options are the same each time.
  fileprivate var isConstant: Bool {
    operands.allSatisfy(\.isConstantPattern)
      && options.allSatisfy { option in
        switch option.value {
        case .none: true
        case .expression(let value): value.isConstantPattern
        case .address, .word: false
        }
      }
  }

  /// Both expect certain bytes next, and those of this one come first in the other's.
  fileprivate func isPrefix(of other: Step) -> Bool {
    guard verb == .expect, other.verb == .expect, options.isEmpty, other.options.isEmpty,
      case .string(let bytes, _)? = operands.first?.unwrapped,
      case .string(let longer, _)? = other.operands.first?.unwrapped
    else { return false }
    return longer.starts(with: bytes)
  }
}

extension Expression {
  /// Without the parentheses around it.
  var unwrapped: Expression {
    var inner = self
    while case .parenthesized(let next, _) = inner { inner = next }
    return inner
  }

  fileprivate var isConstantPattern: Bool {
    switch unwrapped {
    case .string, .integer, .float: true
    case .regex(let regex): regex.constant != nil
    default: false
    }
  }
}
