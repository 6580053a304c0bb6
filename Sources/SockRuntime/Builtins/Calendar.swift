// Days, and clocks of several zones: what times are counted by.

import Glibc
import SockLanguage

/// The proleptic Gregorian calendar: days since the first of January 1970.
enum Calendar {
  /// From year 1 to year 9999, in seconds since 1970.
  static let times = -62_135_596_800...253_402_300_799

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func days(in month: Int, of year: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days from the beginning of year 1 to that of another one, which is 1 or later.
  private static func daysBefore(year: Int) -> Int {
    let past = year - 1
    return past * 365 + past / 4 - past / 100 + past / 400
  }

  private static let daysBefore1970 = daysBefore(year: 1970)

  /// The first is 1.
  static func dayOfYear(_ year: Int, _ month: Int, _ day: Int) -> Int {
    (1..<month).reduce(day) { $0 + days(in: $1, of: year) }
  }

  static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
    daysBefore(year: year) - daysBefore1970 + dayOfYear(year, month, day) - 1
  }

  /// Sunday is 0.
  static func weekday(ofDay day: Int) -> Int { ((day + 4) % 7 + 7) % 7 }

  static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let days = day + daysBefore1970
    // No year is longer than that, so it is this one or the one before.
    var year = days * 400 / 146_097 + 1
    if daysBefore(year: year) > days { year -= 1 }
    if daysBefore(year: year + 1) <= days { year += 1 }
    var rest = days - daysBefore(year: year)
    var month = 1
    while rest >= self.days(in: month, of: year) {
      rest -= self.days(in: month, of: year)
      month += 1
    }
    return (year, month, rest + 1)
  }
}

/// Where a clock hangs.
enum Zone {
  case utc
  case local
  /// Seconds east of Greenwich.
  case fixed(Int)

  /// - Parameter position: of the argument that says it; UTC where it is left out.
  init(_ arguments: Arguments, _ position: Int) throws(Failure) {
    guard position < arguments.count else {
      self = .utc
      return
    }
    let text = try arguments.string(position)
    switch text.text {
    case "UTC", "utc": self = .utc
    case "local": self = .local
    default:
      var at = 0
      guard let offset = Zone.offset(text.bytes, &at), at == text.count else {
        throw arguments.range(
          "\(Show.inspect(.string(text)).text) is no zone: those are \"UTC\", \"local\" and offsets like \"+02:00\"")
      }
      self = .fixed(offset)
    }
  }

  /// `+0200`, `+02:00` or `+02` at a place in a text; seconds east of Greenwich.
  static func offset(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
    var place = at
    guard place < bytes.count, bytes[place] == 0x2B || bytes[place] == 0x2D else { return nil }
    let sign = bytes[place] == 0x2D ? -1 : 1
    place += 1
    func twoDigits() -> Int? {
      guard place + 1 < bytes.count, ByteClass.isDigit(bytes[place]), ByteClass.isDigit(bytes[place + 1]) else {
        return nil
      }
      defer { place += 2 }
      return Int(bytes[place] - 0x30) * 10 + Int(bytes[place + 1] - 0x30)
    }
    guard let hours = twoDigits(), hours < 24 else { return nil }
    let behindHours = place
    if place < bytes.count, bytes[place] == 0x3A { place += 1 }
    var minutes = 0
    if let read = twoDigits() {
      guard read < 60 else { return nil }
      minutes = read
    } else {
      place = behindHours
    }
    at = place
    return sign * (hours * 3600 + minutes * 60)
  }

  /// How far its clock is from UTC's at a time, and what it is called.
  func offset(at time: Int) -> (seconds: Int, name: String) {
    switch self {
    case .utc: return (0, "UTC")
    case .fixed(let seconds): return (seconds, Zone.text(seconds))
    case .local:
      var time = time_t(time)
      var parts = tm()
      guard localtime_r(&time, &parts) != nil else { return (0, "UTC") }
      return (parts.tm_gmtoff, parts.tm_zone.map { String(cString: $0) } ?? Zone.text(parts.tm_gmtoff))
    }
  }

  /// The time at which its clock shows so many seconds since 1970.
  func time(showing seconds: Int) -> Int {
    var time = seconds - offset(at: seconds).seconds
    // The clock may have been changed in between.
    if case .local = self { time = seconds - offset(at: time).seconds }
    return time
  }

  /// `+0200`.
  static func text(_ seconds: Int) -> String {
    let minutes = abs(seconds) / 60
    let digits = String(10_000 + minutes / 60 * 100 + minutes % 60).dropFirst()
    return (seconds < 0 ? "-" : "+") + digits
  }
}
