// parse_time: a text that is written like a format, as a time.

import Glibc
import SockLanguage

/// Reads a time by a format, field by field.
struct TimeReader {
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
        let field = try TimeField(format, at: place, arguments)
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
