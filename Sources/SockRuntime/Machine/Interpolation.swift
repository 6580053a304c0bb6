// Building strings and lists: `"…${x}…"`, and `s = s + x` in place.

import SockLanguage

enum Interpolation {
  static func tooLong() -> Failure {
    .limit("a string of more than \(ByteString.maximumCount >> 20) MiB (limit string)")
  }

  /// The text of an interpolated string, number `text` of the code.
  static func text(
    _ table: UnsafeMutablePointer<CodeTable>, _ text: Int, _ registers: UnsafeMutablePointer<Value>
  ) throws(Failure) -> ByteString {
    let pieces = Pieces(table, text, registers)
    if pieces.count == 1, case .string(let whole) = pieces[0].pointee { return whole }
    if let count = pieces.byteCount {
      guard count <= ByteString.maximumCount else { throw tooLong() }
      let result = try ByteString.reserve(count)
      pieces.append(to: result)
      return result
    }
    var builder = ByteBuilder()
    for at in 0..<pieces.count { Show.appendText(pieces[at].pointee, to: &builder) }
    return try builder.finish(otherwise: tooLong())
  }

  /// `s = s + "…${x}"`: the pieces are written behind what `s` has already.
  static func append(
    _ table: UnsafeMutablePointer<CodeTable>, _ text: Int, _ registers: UnsafeMutablePointer<Value>,
    to target: UnsafeMutablePointer<Value>
  ) throws(Failure) {
    let pieces = Pieces(table, text, registers)
    if target.borrowedString != nil, let count = pieces.byteCount {
      try extend(target, by: count) { pieces.append(to: $0) }
    } else {
      target.pointee = try Arithmetic.add(target.pointee, .string(self.text(table, text, registers)))
    }
  }

  /// `s = s + x`.
  static func append(
    _ more: UnsafeMutablePointer<Value>, to target: UnsafeMutablePointer<Value>
  ) throws(Failure) {
    if target.borrowedString != nil, let addition = more.borrowedString {
      let count = addition._withUnsafeGuaranteedRef { $0.count }
      // `s = s + s`: its bytes would move when room is made.
      if more != target {
        try extend(target, by: count) { string in addition._withUnsafeGuaranteedRef { string.append($0.bytes) } }
        return
      }
    }
    if let list = target.borrowedList, let addition = more.borrowedList, target.isOnlyOwner(of: List.self) {
      let count = addition._withUnsafeGuaranteedRef { $0.items.count }
      try List.admit(list._withUnsafeGuaranteedRef { $0.growth(by: count) })
      list._withUnsafeGuaranteedRef { list in
        addition._withUnsafeGuaranteedRef { list.items.append(contentsOf: $0.items) }
      }
      return
    }
    target.pointee = try Arithmetic.add(target.pointee, more.pointee)
  }

  /// The same where `old` holds what the target was when `more` was not computed yet. If it is that still, `old` lets go
  /// of it, so that the target can be its only owner.
  static func append(
    _ more: UnsafeMutablePointer<Value>, to target: UnsafeMutablePointer<Value>, whichWas old: UnsafeMutablePointer<Value>?
  ) throws(Failure) {
    if let old {
      guard old.isSameObject(as: target) else {
        target.pointee = try Arithmetic.add(old.pointee, more.pointee)
        return
      }
      old.pointee = .nothing
    }
    try append(more, to: target)
  }

  /// Lets `write` append `more` bytes to the string in `target`: in place when that is its only owner and there is room.
  /// Room doubles, so a loop that builds a string is linear.
  @inline(__always)
  private static func extend(
    _ target: UnsafeMutablePointer<Value>, by more: Int, _ write: (ByteString) -> Void
  ) throws(Failure) {
    // Moved out, so that the register does not count as an owner.
    guard case .string(var string) = target.move() else { preconditionFailure("the caller has seen that it is a string") }
    defer { target.initialize(to: .string(string)) }
    let count = string.count + more
    guard count <= ByteString.maximumCount else { throw tooLong() }
    if count > string.room || !isKnownUniquelyReferenced(&string) {
      let room = count <= string.room ? count : max(count, min(string.count * 2, ByteString.maximumCount))
      let larger = try ByteString.reserve(max(room, 32))
      larger.append(string.bytes)
      string = larger
    }
    write(string)
  }
}

/// The pieces of one interpolated string, where they are.
private struct Pieces {
  private let first: UnsafeMutablePointer<TextPiece>
  let count: Int
  private let constants: UnsafeMutablePointer<Value>
  private let registers: UnsafeMutablePointer<Value>

  @inline(__always)
  init(_ table: UnsafeMutablePointer<CodeTable>, _ text: Int, _ registers: UnsafeMutablePointer<Value>) {
    let range = table.pointee.texts[text]
    first = table.pointee.pieces + range.lowerBound
    count = range.count
    constants = table.pointee.constants
    self.registers = registers
  }

  @inline(__always)
  subscript(_ at: Int) -> UnsafeMutablePointer<Value> {
    switch first[at] {
    case .constant(let number): return constants + number
    case .register(let number): return registers + number
    }
  }

  /// How many bytes they take; nil when one is neither a string nor an integer.
  @inline(__always)
  var byteCount: Int? {
    var total = 0
    for at in 0..<count {
      let piece = self[at]
      if let string = piece.borrowedString {
        total += string._withUnsafeGuaranteedRef { $0.count }
      } else if case .integer(let number) = piece.pointee {
        total += Decimal.count(of: number)
      } else {
        return nil
      }
    }
    return total
  }

  /// Writes them behind what the string has; there is room for `byteCount`.
  @inline(__always)
  func append(to string: ByteString) {
    for at in 0..<count {
      let piece = self[at]
      if let part = piece.borrowedString {
        part._withUnsafeGuaranteedRef { string.append($0.bytes) }
      } else if case .integer(let number) = piece.pointee {
        let (old, count) = (string.count, Decimal.count(of: number))
        Decimal.write(number, count: count, to: string.start + old)
        string.setCount(old + count)
      }
    }
  }
}
