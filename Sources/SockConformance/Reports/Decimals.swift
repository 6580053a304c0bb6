// Durations as decimal numbers, exactly: no float is rounded on the way.

enum Decimals {
  /// `12.345` of 12,345,000 ns.
  static func milliseconds(_ nanoseconds: Int64) -> String { fixed(nanoseconds / 1000, places: 3) }

  /// `0.012345` of 12,345,000 ns.
  static func seconds(_ nanoseconds: Int64) -> String { fixed(nanoseconds / 1000, places: 6) }

  private static func fixed(_ number: Int64, places: Int) -> String {
    let digits = String(max(0, number))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
    return "\(padded.dropLast(places)).\(padded.suffix(places))"
  }
}
