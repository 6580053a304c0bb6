// What a regular expression matched.

import SockLanguage

package struct MatchHeader {
  /// The text that the offsets count in; nil in a spare one.
  fileprivate var subject: ByteString?
  package let pattern: Pattern
  fileprivate let pairs: Int
}

/// Holds the subject and two offsets for each group, in one allocation; the strings of groups are made when asked for.
package final class Match: ManagedBuffer<MatchHeader, UInt32> {
  fileprivate static let unset = UInt32.max
}

extension Match {
  /// The last match of `pattern`, whose offsets count in `subject` from `base`.
  package static func make(_ pattern: Pattern, subject: ByteString, base: Int = 0) -> Match {
    let pairs = pattern.groupCount + 1
    let buffer = Match.create(minimumCapacity: pairs * 2) { _ in
      MatchHeader(subject: subject, pattern: pattern, pairs: pairs)
    }
    let match = unsafeDowncast(buffer, to: Match.self)
    match.takeOffsets(pattern, base: base)
    return match
  }

  /// The same, in the memory of `spare` if that was made for this pattern. There is no spare one afterwards.
  static func make(_ pattern: Pattern, subject: ByteString, reusing spare: inout Match?) -> Match {
    guard let match = spare.take(), match.header.pattern === pattern else { return make(pattern, subject: subject) }
    match.header.subject = subject
    match.takeOffsets(pattern, base: 0)
    return match
  }

  /// Takes a match out of a register, and keeps it as the spare one if nobody else has it.
  static func discard(_ register: UnsafeMutablePointer<Value>, keeping spare: inout Match?) {
    guard register.isOnlyOwner(of: Match.self), case .match(let match) = register.move() else {
      register.pointee = .nothing
      return
    }
    register.initialize(to: .nothing)
    match.header.subject = nil
    spare = match
  }

  @inline(__always)
  private func takeOffsets(_ pattern: Pattern, base: Int) {
    withUnsafeMutablePointers { header, offsets in
      for group in 0..<header.pointee.pairs {
        if let range = pattern.range(of: group) {
          offsets[group * 2] = UInt32(truncatingIfNeeded: range.lowerBound - base)
          offsets[group * 2 + 1] = UInt32(truncatingIfNeeded: range.upperBound - base)
        } else {
          offsets[group * 2] = Match.unset
          offsets[group * 2 + 1] = Match.unset
        }
      }
    }
  }

  /// The bytes of a group, without counting an owner; nil when it took no part, or when there is no such group. Valid
  /// while the match is kept alive.
  @inline(__always)
  func borrowedBytes(of group: Int) -> UnsafeRawBufferPointer? {
    withUnsafeMutablePointers { header, offsets in
      guard group >= 0, group < header.pointee.pairs, offsets[group * 2] != Match.unset,
        // The subject is the header's first field.
        let subject = UnsafeRawPointer(header).load(as: Unmanaged<ByteString>?.self)
      else { return nil }
      let lower = Int(offsets[group * 2])
      let start = subject._withUnsafeGuaranteedRef { $0.start } + lower
      return UnsafeRawBufferPointer(start: start, count: Int(offsets[group * 2 + 1]) - lower)
    }
  }

  /// The last match of `pattern`, which was made in `bytes`: copies only what its groups hold, so that a match in a
  /// receive buffer does not keep the buffer.
  package static func copying(_ pattern: Pattern, from bytes: UnsafeRawBufferPointer) -> Match {
    let extent = pattern.extent
    let subject = ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[extent]))
    return make(pattern, subject: subject, base: extent.lowerBound)
  }

  package var subject: ByteString { header.subject ?? .empty }
  package var pattern: Pattern { header.pattern }

  /// How many groups the pattern has, not counting the whole match, which is group 0.
  package var groupCount: Int { header.pairs - 1 }

  /// Where a group (from 0 to `groupCount`) stands in the subject; nil when it took no part in the match.
  package func range(of group: Int) -> Range<Int>? {
    withUnsafeMutablePointerToElements { offsets in
      let lower = offsets[group * 2]
      return lower == Match.unset ? nil : Int(lower)..<Int(offsets[group * 2 + 1])
    }
  }

  package func isSet(_ group: Int) -> Bool { range(of: group) != nil }

  /// The bytes of a group (from 0 to `groupCount`), none when it took no part. Valid while the match is kept alive.
  package func bytes(of group: Int) -> UnsafeRawBufferPointer {
    guard let range = range(of: group) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: subject.bytes[range])
  }

  /// The text of a group, nil for one that took no part. A number beyond the pattern's groups is a range error.
  package func group(_ number: Int) throws(Failure) -> Value {
    guard number >= 0, number <= groupCount else {
      let count = groupCount
      let groups = count == 0 ? "no groups" : count == 1 ? "one group" : "\(count) groups"
      throw .range("the match has no group \(number): its pattern has \(groups)")
    }
    guard let range = range(of: number) else { return .nothing }
    return .string(subject.slice(range))
  }

  /// The text of a named group, the first that is set where several share the name; nil when no group has the name.
  package func group(named name: ByteString) -> Value? {
    var isKnown = false
    for entry in pattern.names where ByteString.equal(entry.name, name) {
      isKnown = true
      if let range = range(of: entry.group) { return .string(subject.slice(range)) }
    }
    return isKnown ? .nothing : nil
  }
}
