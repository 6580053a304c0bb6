// `case`: compare and jump, value by value, from top to bottom.

import SockLanguage

extension BodyCompiler {
  func compileCase(_ choice: CaseStatement) {
    var subject = compile(choice.subject)
    // What a step in one of the values sets by `as` may be the variable that is compared.
    for branch in choice.branches { for value in branch.values { subject = keep(subject, from: value) } }
    var ends: [Int] = []
    for (at, branch) in choice.branches.enumerated() {
      let mark = top
      let (missed, named) = compileComparisons(of: branch, with: subject)
      if let name = branch.name { declare(name, from: named) }
      compileStatements(branch.body)
      release(mark)
      if at + 1 < choice.branches.count || choice.otherwise != nil { ends.append(emit(.jump, 0)) }
      patch(missed, to: here)
    }
    if let otherwise = choice.otherwise { compileStatements(otherwise) }
    patch(ends, to: here)
  }

  /// Behind these instructions one of the branch's values fits; if none does, `missed` are the jumps that are taken.
  /// What `as` names is in r[named].
  private func compileComparisons(of branch: CaseBranch, with subject: Int) -> (missed: [Int], named: Int) {
    var named = subject
    if branch.name != nil, !branch.values.allSatisfy(isCompared) {
      named = allocate()
      emit(.move, named, subject)
    }
    var missed: [Int] = []
    var hits: [Int] = []
    for (at, value) in branch.values.enumerated() {
      currentRange = value.range
      let mark = top
      let isLast = at + 1 == branch.values.count
      if isCompared(value), let number = literal(value) {
        emit(isLast ? .skipIfEqualConstant : .skipIfNotEqualConstant, subject, wide: number)
        let jump = emit(.jump, 0)
        if isLast { missed.append(jump) } else { hits.append(jump) }
      } else {
        let register = constantRange(value).map(loaded) ?? compile(value)
        if named == subject {
          emit(.skipIfFits, subject, register)
        } else {
          emit(.skipIfFitsNaming, named, subject, register)
        }
        let jump = emit(.jump, 0)
        if isLast {
          missed.append(jump)
        } else {
          hits.append(emit(.jump, 0))
          patch(jump, to: here)
        }
      }
      release(mark)
    }
    patch(hits, to: here)
    return (missed, named)
  }

  /// A literal that the subject has only to be equal to.
  private func isCompared(_ value: Expression) -> Bool {
    switch value {
    case .integer, .string: true
    default: false
    }
  }

  /// The number among the constants of a range between two literals: it is made once.
  private func constantRange(_ value: Expression) -> Int? {
    guard case .range(.integer(let lower, _)?, .integer(let upper, _)?, let inclusive, _) = value,
      inclusive || upper > .min
    else { return nil }
    return constant(
      .range(IntegerRange(lower: lower, upper: inclusive ? upper : upper - 1, isExclusive: !inclusive)))
  }

  private func loaded(_ number: Int) -> Int {
    let register = allocate()
    emit(.loadConstant, register, wide: number)
    return register
  }
}
