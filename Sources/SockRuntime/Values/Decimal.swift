// Integers in decimal digits.

enum Decimal {
  /// How many bytes the number takes: 1 to 20.
  @inline(__always)
  static func count(of number: Int) -> Int {
    var count = number < 0 ? 2 : 1
    var rest = number.magnitude
    while rest >= 10_000 {
      rest /= 10_000
      count &+= 4
    }
    if rest >= 1000 { return count &+ 3 }
    if rest >= 100 { return count &+ 2 }
    return rest >= 10 ? count &+ 1 : count
  }

  /// Writes the number, which takes `count` bytes.
  @inline(__always)
  static func write(_ number: Int, count: Int, to start: UnsafeMutablePointer<UInt8>) {
    var digit = start + count
    var rest = number.magnitude
    repeat {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      digit -= 1
      digit.pointee = 0x30 + UInt8(truncatingIfNeeded: remainder)
      rest = quotient
    } while rest != 0
    if number < 0 { start.pointee = 0x2D }
  }
}
