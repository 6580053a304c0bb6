// What a failed `assert` or `check` says: the condition, the values of its parts, and where two values part.

import SockLanguage

extension Interpreter {
  func assertionFailure(_ site: AssertionSite, message: Value, _ regs: Registers) -> Failure {
    var text = "assertion failed: \(site.text)"
    if case .nothing = message { } else {
      // A condition that is a word says nothing that the message does not.
      text = Show.text(message).text + (["false", "nil"].contains(site.text) ? "" : " (\(site.text))")
    }
    let failure = Failure(.assertion, text)
    var told: Set<Int> = []
    if let sides = site.sides, sides.isEquality { told = tellDifference(sides, regs, failure) }
    var values: [(register: Int, text: String, value: String)] = []
    for part in site.parts where part.wasComputed(regs) && !told.contains(part.register) {
      let value = inspected(regs[part.register])
      // A name that occurs twice has one value; an action that is done twice may give two.
      if !values.contains(where: { $0.text == part.text && $0.value == value }) {
        values.append((part.register, part.text, value))
      }
    }
    failure.notes.insert(contentsOf: values.map { "\($0.text) is \($0.value)" }, at: 0)
    if failure.outcome == nil, site.sides != nil || values.first?.text == site.text {
      let compared = site.sides.map { [$0.left.register, $0.right.register] } ?? values.map(\.register)
      failure.outcome = Interpreter.outcome(
        values.filter { compared.contains($0.register) }.map { ($0.text == site.text ? "it" : $0.text, $0.value) })
    }
    return failure
  }

  /// How the first line goes on: with what it was, where that is short enough.
  private static func outcome(_ values: [(text: String, value: String)]) -> String? {
    guard (1...2).contains(values.count), values.allSatisfy({ $0.value.utf8.count <= ByteDifference.longest }) else {
      return nil
    }
    return values.map { ", \($0.text) is \($0.value)" }.joined()
  }

  /// Says where two lists, maps or strings part.
  ///
  /// - Returns: the registers of the sides whose values that makes unnecessary.
  private func tellDifference(_ sides: AssertionSite.Sides, _ regs: Registers, _ failure: Failure) -> Set<Int> {
    let both: Set = [sides.left.register, sides.right.register]
    func name(_ text: String, or other: String) -> String { text.utf8.count <= 20 ? text : other }
    let (left, right) = (regs[sides.left.register], regs[sides.right.register])
    if let difference = ValueDifference(left, right) {
      let words = difference.words(name(sides.left.text, or: "the left side"), name(sides.right.text, or: "the right side"))
      failure.notes.append("differs   \(words)")
      failure.outcome = difference.outcome
      return [left, right].allSatisfy { Show.inspect($0).count <= ByteDifference.longest } ? [] : both
    }
    guard case .string(let a) = sides.isTurned ? right : left, case .string(let b) = sides.isTurned ? left : right else {
      return []
    }
    // By custom what came stands on the left.
    let (wanted, came) = hiddenAlike(b.bytes, a.bytes)
    guard let difference = ByteDifference(expected: wanted, received: came) else {
      failure.notes.append("differs   in a secret")
      return both
    }
    if difference.isLong || difference.hasCause { failure.notes.append("differs   \(difference.words)") }
    let hex = difference.dump
    failure.appendix += hex
    guard difference.isLong else { return [] }
    failure.outcome = difference.outcome
    if hex.isEmpty, !difference.isTold {
      let bytesOfSides =
        sides.isTurned ? [difference.expected, difference.received] : [difference.received, difference.expected]
      for (side, bytes) in zip([sides.left, sides.right], bytesOfSides) {
        failure.notes.append("\(side.text) is \(bytes.withUnsafeBytes { excerpt($0, around: difference.at) })")
      }
    }
    return both
  }

  private func inspected(_ value: Value) -> String {
    if case .string(let text) = value, text.count > 1000 { return shown(text.bytes, limit: 1000) }
    return Show.inspect(value).text
  }
}
