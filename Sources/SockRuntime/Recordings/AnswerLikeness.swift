// Whether two answers are the same but for what any answer says anew: the time, and identifiers made up for it.

package enum AnswerLikeness {
  /// Of longer answers only the bytes are compared.
  private static let longest = 16 << 10

  /// - Parameter span: when both were written, in seconds since 1970.
  package static func areAlike(_ one: [UInt8], _ other: [UInt8], in span: ClosedRange<Int>) -> Bool {
    if one == other { return true }
    guard one.count <= longest, other.count <= longest else { return false }
    return fits(other, AnswerPattern(one, others: [], span: span))
      || fits(one, AnswerPattern(other, others: [], span: span))
  }

  private static func fits(_ bytes: [UInt8], _ pattern: AnswerPattern) -> Bool {
    guard !pattern.isConstant else { return false }
    do throws(Failure) {
      let regex = try Pattern(source: ByteString("\\A(?:\(pattern.regex(isOpen: false)))\\z"), flags: ByteString("s"))
      if case .matched = regex.match(ByteString(bytes).bytes, from: 0, anchored: true, partial: false) { return true }
    } catch {
      // What makes no pattern is compared as it is.
      return false
    }
    return false
  }
}
