// Functions on time: now format_time parse_time format_duration. Names of days and months are English wherever it runs.

import Glibc
import SockLanguage

/// What a `%` and a letter stand for, in both directions.
enum TimeField: Character, CaseIterable {
  case shortDay = "a"
  case day = "A"
  case shortMonth = "b"
  case month = "B"
  case dayOfMonth = "d"
  case paddedDay = "e"
  case microseconds = "f"
  case date = "F"
  case hour = "H"
  case hourOf12 = "I"
  case dayOfYear = "j"
  case milliseconds = "L"
  case monthNumber = "m"
  case minute = "M"
  case half = "p"
  case hourAndMinute = "R"
  case epoch = "s"
  case second = "S"
  case clock = "T"
  case yearOfCentury = "y"
  case year = "Y"
  case offset = "z"
  case zone = "Z"
  case percent = "%"

  /// Those that stand for several others.
  var expansion: StaticString? {
    switch self {
    case .date: "%Y-%m-%d"
    case .clock: "%H:%M:%S"
    case .hourAndMinute: "%H:%M"
    default: nil
    }
  }

  static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
}

extension TimeField {
  /// The one that stands at a `%` of a format.
  init(_ format: UnsafeRawBufferPointer, at place: Int, _ arguments: Arguments) throws(Failure) {
    if place + 1 < format.count, let field = TimeField(rawValue: Character(UnicodeScalar(format[place + 1]))) {
      self = field
      return
    }
    let length = place + 1 < format.count ? max(1, ByteClass.utf8Length(format, at: place + 1)) : 0
    let end = place + 1 + length
    let written = ByteString.copy(UnsafeRawBufferPointer(rebasing: format[place..<end]))
    let known = TimeField.allCases.map { "%\($0.rawValue)" }.joined(separator: " ")
    throw arguments.parse("\(Show.inspect(.string(written)).text) at byte \(place) of the format is none of \(known)")
  }
}

enum TimeFunctions {
  /// Seconds since the start of 1970 (UTC), with their fraction.
  static func now() -> Value { .float(wallTime) }

  /// The same for who is no script.
  static var wallTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  // MARK: - To text

  /// `format_time(t, format [, zone])`: seconds since 1970 as text, by UTC unless it is said.
  static func format(_ arguments: Arguments) throws(Failure) -> Value {
    guard let time = arguments[0].number else {
      throw arguments.wrongType(0, "a time in seconds since 1970, as `now()` gives it")
    }
    let format = try arguments.string(1)
    let zone = try Zone(arguments, 2)
    guard time.isFinite, Calendar.times.contains(Int(exactly: time.rounded(.down)) ?? .max) else {
      throw arguments.range("\(Show.text(arguments[0]).text) is no time between the years 1 and 9999")
    }
    // To the next microsecond, which is about what a float of today's times tells apart: cut, .1 would show as .099.
    let fraction = Int(((time - time.rounded(.down)) * 1e6).rounded())
    let seconds = Int(time.rounded(.down)) + fraction / 1_000_000
    let microseconds = fraction % 1_000_000
    let offset = zone.offset(at: seconds)
    var builder = ByteBuilder(capacity: format.count * 2)
    let shown = ShownTime(
      time: seconds, microseconds: microseconds, clock: seconds + offset.seconds, offset: offset)
    guard Calendar.times.contains(shown.clock) else {
      throw arguments.range("\(Show.text(arguments[0]).text) is there no time between the years 1 and 9999")
    }
    try write(shown, format.bytes, arguments, to: &builder)
    return .string(try builder.finish(arguments.name))
  }

  private struct ShownTime {
    let time: Int
    let microseconds: Int
    /// Seconds since 1970, as its zone's clock shows them.
    let clock: Int
    let offset: (seconds: Int, name: String)

    var day: Int { (clock - secondOfDay) / 86_400 }
    var secondOfDay: Int { (clock % 86_400 + 86_400) % 86_400 }
  }

  private static func write(
    _ time: ShownTime, _ format: UnsafeRawBufferPointer, _ arguments: Arguments, to builder: inout ByteBuilder
  ) throws(Failure) {
    let date = Calendar.date(ofDay: time.day)
    var lookout = Lookout()
    var at = 0
    while at < format.count {
      let next = format.offset(of: 0x25, from: at) ?? format.count
      builder.append(UnsafeRawBufferPointer(rebasing: format[at..<next]))
      try lookout.step(bytes: next - at)
      guard next < format.count else { break }
      let field = try TimeField(format, at: next, arguments)
      at = next + 2
      func number(_ value: Int, _ digits: Int, padding: UInt8 = 0x30) {
        builder.append(repeating: padding, count: digits - Decimal.count(of: value))
        builder.append(decimal: value)
      }
      let hour = time.secondOfDay / 3600
      switch field {
      case .shortDay: builder.append(text: String(TimeField.days[Calendar.weekday(ofDay: time.day)].prefix(3)))
      case .day: builder.append(text: TimeField.days[Calendar.weekday(ofDay: time.day)])
      case .shortMonth: builder.append(text: String(TimeField.months[date.month - 1].prefix(3)))
      case .month: builder.append(text: TimeField.months[date.month - 1])
      case .dayOfMonth: number(date.day, 2)
      case .paddedDay: number(date.day, 2, padding: 0x20)
      case .microseconds: number(time.microseconds, 6)
      case .milliseconds: number(time.microseconds / 1000, 3)
      case .hour: number(hour, 2)
      case .hourOf12: number((hour + 11) % 12 + 1, 2)
      case .half: builder.append(hour < 12 ? "AM" : "PM")
      case .dayOfYear: number(Calendar.dayOfYear(date.year, date.month, date.day), 3)
      case .monthNumber: number(date.month, 2)
      case .minute: number(time.secondOfDay / 60 % 60, 2)
      case .second: number(time.secondOfDay % 60, 2)
      case .epoch: builder.append(decimal: time.time)
      case .yearOfCentury: number(date.year % 100, 2)
      case .year: number(date.year, 4)
      case .offset: builder.append(text: Zone.text(time.offset.seconds))
      case .zone: builder.append(text: time.offset.name)
      case .percent: builder.append(0x25)
      case .date, .clock, .hourAndMinute:
        guard let expansion = field.expansion else { continue }
        try write(
          time, UnsafeRawBufferPointer(start: expansion.utf8Start, count: expansion.utf8CodeUnitCount), arguments,
          to: &builder)
      }
      try builder.requireRoom(arguments.name)
    }
  }

  // MARK: - From text

  /// `parse_time(text, format [, zone])`: the seconds since 1970 that a text says; a float where it says a fraction.
  /// What it does not say is as at the beginning of 1970, and the zone is UTC.
  static func parse(_ arguments: Arguments) throws(Failure) -> Value {
    let text = try arguments.string(0)
    let format = try arguments.string(1)
    let zone = try Zone(arguments, 2)
    Meter.charge(bytes: text.count + format.count)
    var reader = TimeReader(text: text, arguments: arguments)
    try reader.read(format.bytes)
    return try reader.time(zone)
  }

  // MARK: - Durations

  /// `format_duration(seconds)`: in the units of literals, with three digits: `54.5ms`, `1.25s`, `2m5s`.
  static func formatDuration(_ arguments: Arguments) throws(Failure) -> Value {
    guard let seconds = arguments[0].number else { throw arguments.wrongType(0, "a duration in seconds") }
    guard seconds.magnitude < 1e15 else {
      throw arguments.range("\(Show.text(arguments[0]).text) is no duration that can be shown")
    }
    let sign = seconds < 0 ? "-" : ""
    let size = threeDigits(seconds.magnitude)
    if size == 0 { return Value("0s") }
    if size < 1 { return Value("\(sign)\(Show.text(.float(threeDigits(size * 1000))).text)ms") }
    if size < 60 { return Value("\(sign)\(Show.text(.float(size)).text)s") }
    let whole = Int(seconds.magnitude.rounded())
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")].drop { $0.0 == 0 }
    let shown = parts.reversed().drop { $0.0 == 0 }.reversed()
    return Value(sign + shown.map { "\($0.0)\($0.1)" }.joined())
  }

  /// The number with its first three digits.
  private static func threeDigits(_ number: Double) -> Double {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      guard let start = text.baseAddress else { return number }
      _ = withVaList([number]) { vsnprintf(start, text.count, "%.2e", $0) }
      return strtod(start, nil)
    }
  }
}
