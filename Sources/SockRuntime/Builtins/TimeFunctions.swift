// Functions on time: now format_time parse_time format_duration. Names of days and months are English wherever it runs.

import Glibc
import SockLanguage

/// What a `%` and a letter stand for, in both directions.
private enum TimeField: UInt8, CaseIterable {
  case shortDay = 0x61  // a
  case day = 0x41  // A
  case shortMonth = 0x62  // b
  case month = 0x42  // B
  case dayOfMonth = 0x64  // d
  case paddedDay = 0x65  // e
  case microseconds = 0x66  // f
  case date = 0x46  // F
  case hour = 0x48  // H
  case hourOf12 = 0x49  // I
  case dayOfYear = 0x6A  // j
  case milliseconds = 0x4C  // L
  case monthNumber = 0x6D  // m
  case minute = 0x4D  // M
  case half = 0x70  // p
  case hourAndMinute = 0x52  // R
  case epoch = 0x73  // s
  case second = 0x53  // S
  case clock = 0x54  // T
  case yearOfCentury = 0x79  // y
  case year = 0x59  // Y
  case offset = 0x7A  // z
  case zone = 0x5A  // Z
  case percent = 0x25  // %

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

/// The proleptic Gregorian calendar: days since the first of January 1970.
private enum Calendar {
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
private enum Zone {
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

enum TimeFunctions {
  private static func field(
    _ format: UnsafeRawBufferPointer, at place: Int, _ arguments: Arguments
  ) throws(Failure) -> TimeField {
    if place + 1 < format.count, let field = TimeField(rawValue: format[place + 1]) { return field }
    let length = place + 1 < format.count ? max(1, ByteClass.utf8Length(format, at: place + 1)) : 0
    let end = place + 1 + length
    let written = ByteString.copy(UnsafeRawBufferPointer(rebasing: format[place..<end]))
    let known = TimeField.allCases.map { "%\(String(UnicodeScalar($0.rawValue)))" }.joined(separator: " ")
    throw arguments.parse("\(Show.inspect(.string(written)).text) at byte \(place) of the format is none of \(known)")
  }

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
    let seconds = Int(time.rounded(.down))
    // What is between two nanoseconds belongs to the one before, as what is between two seconds does.
    let nanoseconds = min(999_999_999, Int((time - time.rounded(.down)) * 1e9))
    let offset = zone.offset(at: seconds)
    var builder = ByteBuilder(capacity: format.count * 2)
    let shown = ShownTime(
      time: seconds, nanoseconds: nanoseconds, clock: min(max(seconds + offset.seconds, Calendar.times.lowerBound),
        Calendar.times.upperBound), offset: offset)
    try write(shown, format.bytes, arguments, to: &builder)
    return .string(try builder.finish(arguments.name))
  }

  private struct ShownTime {
    let time: Int
    let nanoseconds: Int
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
      let field = try field(format, at: next, arguments)
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
      case .microseconds: number(time.nanoseconds / 1000, 6)
      case .milliseconds: number(time.nanoseconds / 1_000_000, 3)
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

  private struct TimeReader {
    let text: ByteString
    let arguments: Arguments
    var at = 0
    var (year, month, day) = (1970, 1, 1)
    var hour = 0
    var hourOf12: Int?
    var isAfternoon: Bool?
    var (minute, second) = (0, 0)
    var weekday: Int?
    var dayOfYear: Int?
    var hasMonth = false
    var fraction: Double?
    var epoch: Int?
    var offset: Int?

    init(text: ByteString, arguments: Arguments) {
      self.text = text
      self.arguments = arguments
    }

    private var bytes: UnsafeRawBufferPointer { text.bytes }

    private func error(_ wanted: String) -> Failure {
      let rest = ByteString.copy(UnsafeRawBufferPointer(rebasing: bytes[min(at, bytes.count)...].prefix(20)))
      let found = rest.isEmpty ? "the end of the text" : "\(Show.inspect(.string(rest)).text) at byte \(at)"
      return arguments.parse("expected \(wanted), found \(found)")
    }

    mutating func read(_ format: UnsafeRawBufferPointer, isWhole: Bool = true) throws(Failure) {
      var place = 0
      while place < format.count {
        let byte = format[place]
        if byte == 0x25 {
          let field = try TimeFunctions.field(format, at: place, arguments)
          place += 2
          try read(field)
        } else if ByteClass.isSpace(byte) {
          // As much of it as there is.
          while at < bytes.count, ByteClass.isSpace(bytes[at]) { at += 1 }
          place += 1
        } else {
          guard at < bytes.count, bytes[at] == byte else {
            throw error(Show.inspect(.string(ByteString([byte]))).text)
          }
          at += 1
          place += 1
        }
      }
      if isWhole, at < bytes.count { throw error("the end of the text") }
    }

    /// So many digits at most, behind blanks where a number may be padded with them.
    private mutating func number(
      _ what: String, _ range: ClosedRange<Int>, digits: Int, padded isPadded: Bool = false
    ) throws(Failure) -> Int {
      if isPadded { while at < bytes.count, bytes[at] == 0x20 { at += 1 } }
      let start = at
      var value = 0
      while at < bytes.count, at - start < digits, ByteClass.isDigit(bytes[at]) {
        value = value * 10 + Int(bytes[at] - 0x30)
        at += 1
      }
      guard at > start, range.contains(value) else {
        at = start
        throw error("\(what) from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }

    /// Which of some names comes next, in any case; also by its first three letters.
    private mutating func name(_ what: String, of names: [String]) throws(Failure) -> Int {
      func isNext(_ name: Substring) -> Bool {
        name.utf8.count <= bytes.count - at
          && zip(name.utf8, bytes[at...]).allSatisfy { $0 | 0x20 == $1 | 0x20 }
      }
      for (number, name) in names.enumerated() {
        for form in [name[...], name.prefix(3)] where isNext(form) {
          at += form.utf8.count
          return number
        }
      }
      throw error(what)
    }

    private mutating func read(_ field: TimeField) throws(Failure) {
      switch field {
      case .shortDay, .day: weekday = try name("a day of the week", of: TimeField.days)
      case .shortMonth, .month:
        month = try name("a month's name", of: TimeField.months) + 1
        hasMonth = true
      case .dayOfMonth, .paddedDay:
        day = try number("a day", 1...31, digits: 2, padded: true)
        hasMonth = true
      case .monthNumber:
        month = try number("a month", 1...12, digits: 2)
        hasMonth = true
      case .dayOfYear: dayOfYear = try number("a day of the year", 1...366, digits: 3)
      case .hour: hour = try number("an hour", 0...23, digits: 2, padded: true)
      case .hourOf12: hourOf12 = try number("an hour", 1...12, digits: 2, padded: true)
      case .half: isAfternoon = try name("AM or PM", of: ["AM", "PM"]) == 1
      case .minute: minute = try number("a minute", 0...59, digits: 2)
      // A leap second is taken for the one behind it.
      case .second: second = try number("a second", 0...60, digits: 2)
      case .microseconds, .milliseconds:
        let start = at
        let value = try number("a fraction", 0...999_999_999, digits: 9)
        fraction = Double(value) / pow(10, Double(at - start))
      case .yearOfCentury:
        let value = try number("a year", 0...99, digits: 2)
        year = value < 69 ? 2000 + value : 1900 + value
      case .year: year = try number("a year", 1...9999, digits: 4)
      case .epoch:
        let isNegative = at < bytes.count && bytes[at] == 0x2D
        if isNegative { at += 1 }
        let value = try number("seconds since 1970", 0...Calendar.times.upperBound, digits: 12)
        epoch = isNegative ? -value : value
      case .offset:
        if at < bytes.count, bytes[at] | 0x20 == 0x7A {
          at += 1
          offset = 0
        } else if let read = Zone.offset(bytes, &at) {
          offset = read
        } else {
          throw error("an offset like +0200")
        }
      case .zone:
        let start = at
        while at < bytes.count, (bytes[at] | 0x20) &- 0x61 < 26 { at += 1 }
        let name = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
        guard ["UTC", "GMT", "UT", "Z"].contains(name.uppercased()) else {
          at = start
          throw error("UTC or GMT (`%z` reads an offset)")
        }
        offset = 0
      case .percent:
        guard at < bytes.count, bytes[at] == 0x25 else { throw error("\"%\"") }
        at += 1
      case .date, .clock, .hourAndMinute:
        guard let expansion = field.expansion else { return }
        try read(
          UnsafeRawBufferPointer(start: expansion.utf8Start, count: expansion.utf8CodeUnitCount), isWhole: false)
      }
    }

    func time(_ zone: Zone) throws(Failure) -> Value {
      func value(_ seconds: Int) -> Value { fraction.map { .float(Double(seconds) + $0) } ?? .integer(seconds) }
      if let epoch { return value(epoch) }
      var day = Calendar.day(year, 1, 1)
      if let dayOfYear, !hasMonth {
        guard dayOfYear <= (Calendar.isLeap(year) ? 366 : 365) else {
          throw arguments.parse("the year \(year) has no day \(dayOfYear)")
        }
        day += dayOfYear - 1
      } else {
        guard self.day <= Calendar.days(in: month, of: year) else {
          throw arguments.parse("\(TimeField.months[month - 1]) \(year) has no day \(self.day)")
        }
        day = Calendar.day(year, month, self.day)
      }
      if let weekday, weekday != Calendar.weekday(ofDay: day) {
        let right = TimeField.days[Calendar.weekday(ofDay: day)]
        throw arguments.parse("that day is a \(right), not a \(TimeField.days[weekday])")
      }
      var hour = self.hour
      if let hourOf12 { hour = hourOf12 % 12 + (isAfternoon == true ? 12 : 0) }
      let clock = day * 86_400 + hour * 3600 + minute * 60 + second
      return value(offset.map { clock - $0 } ?? zone.time(showing: clock))
    }
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
