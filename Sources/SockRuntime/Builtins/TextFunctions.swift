// Functions on strings: upper lower title trim lines split join find matches regex starts ends repeat reverse.

import Glibc
import SockLanguage

enum TextFunctions {
  /// ASCII letters in upper case; all other bytes stay.
  static func upper(_ arguments: Arguments) throws(Failure) -> Value {
    .string(try turned(try arguments.string(0), from: 0x61))
  }

  /// ASCII letters in lower case; all other bytes stay.
  static func lower(_ arguments: Arguments) throws(Failure) -> Value {
    .string(try turned(try arguments.string(0), from: 0x41))
  }

  /// Changes the case of the 26 letters that begin with `first`.
  private static func turned(_ string: ByteString, from first: UInt8) throws(Failure) -> ByteString {
    let result = try ByteString.reserve(string.count)
    result.append(string.bytes)
    turn(result, from: first)
    return result
  }

  /// The same in the string itself, whose sole owner the caller is.
  private static func turn(_ string: ByteString, from first: UInt8) {
    let bytes = string.start
    Meter.charge(bytes: string.count)
    for index in 0..<string.count {
      let byte = bytes[index]
      bytes[index] = byte ^ (byte &- first < 26 ? 0x20 : 0)
    }
    string.setCount(string.count)
  }

  /// Calls `upper` or `lower` with a string that nobody else has, and that is not used afterwards: in its own memory.
  /// False, with nothing done, for any other call.
  @inline(__always)
  static func turnInPlace(_ function: Int, _ register: UnsafeMutablePointer<Value>) -> Bool {
    let isLower = function == BuiltinFunction.lower.number
    guard isLower || function == BuiltinFunction.upper.number, let string = register.borrowedString,
      register.isOnlyOwner(of: ByteString.self)
    else { return false }
    string._withUnsafeGuaranteedRef { turn($0, from: isLower ? 0x41 : 0x61) }
    return true
  }

  /// The first letter of each word in upper case, the others in lower case. A word is of letters, digits, apostrophes
  /// and what is not ASCII: `don't` is one, `x-token` are two.
  static func title(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    let result = try ByteString.reserve(string.count)
    result.append(string.bytes)
    Meter.charge(bytes: string.count)
    var isInside = false
    for at in 0..<string.count {
      let byte = string[at]
      let isLetter = (byte | 0x20) &- 0x61 < 26
      if isLetter { result.start[at] = isInside ? byte | 0x20 : byte & ~0x20 }
      isInside = isLetter || ByteClass.isDigit(byte) || byte == UInt8(ascii: "'") || byte >= 0x80
    }
    return .string(result)
  }

  /// Without the white space at both ends.
  static func trim(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    var start = 0
    var end = string.count
    while start < end, ByteClass.isSpace(string[start]) { start += 1 }
    while end > start, ByteClass.isSpace(string[end - 1]) { end -= 1 }
    Meter.charge(bytes: start + string.count - end)
    return .string(string.slice(start..<end))
  }

  /// The lines without their LF or CRLF; what follows the last line end is a line only if there is something.
  static func lines(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    var items: [Value] = []
    var at = 0
    var lookout = Lookout()
    while let line = Cutting.nextLine(string, &at) {
      items.append(.string(string.slice(line)))
      try lookout.step(bytes: line.count)
    }
    return .list(List(items))
  }

  /// The parts between separators: a string, or what a regex matches (an empty match separates two bytes). Without one:
  /// between runs of white space, which are ignored at both ends. An empty string separator gives each byte. Empty
  /// parts are kept, at the ends too. With a limit there are so many parts at most, of which the last is the rest.
  static func split(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    let limit = arguments.count > 2 ? try arguments.integer(2, in: 1...Int.max) : .max
    switch arguments[1] {
    case .nothing where arguments.count < 2: return .list(try words(string))
    case .string(let separator):
      return .list(separator.isEmpty ? try singleBytes(string, limit) : try split(string, separator, limit))
    case .regex(let pattern): return .list(try split(string, pattern, limit))
    default: throw arguments.wrongType(1, "a string or a regex")
    }
  }

  private static func words(_ string: ByteString) throws(Failure) -> List {
    var items: [Value] = []
    var at = 0
    var lookout = Lookout()
    while let word = Cutting.nextWord(string, &at) {
      items.append(.string(string.slice(word)))
      try lookout.step(bytes: word.count)
    }
    return List(items)
  }

  private static func singleBytes(_ string: ByteString, _ limit: Int) throws(Failure) -> List {
    let result = List()
    let count = min(string.count, limit)
    try List.admit(count)
    result.items.reserveCapacity(count)
    var lookout = Lookout()
    for index in 0..<count {
      result.items.append(.string(string.slice(index..<(index == limit - 1 ? string.count : index + 1))))
      try lookout.step()
    }
    return result
  }

  private static func split(_ string: ByteString, _ separator: ByteString, _ limit: Int) throws(Failure) -> List {
    var items: [Value] = []
    var at = 0
    var lookout = Lookout()
    while true {
      if items.count == limit - 1, at <= string.count {
        items.append(.string(string.slice(at..<string.count)))
        break
      }
      guard let part = Cutting.nextPart(string, separator, &at) else { break }
      items.append(.string(string.slice(part)))
      try lookout.step(bytes: part.count)
    }
    return List(items)
  }

  private static func split(_ string: ByteString, _ pattern: Pattern, _ limit: Int) throws(Failure) -> List {
    let bytes = string.bytes
    let result = List()
    var start = 0
    var from = 0
    var lookout = Lookout()
    var budget = MatchBudget(of: bytes.count)
    search: while result.items.count < limit - 1 {
      switch pattern.match(bytes, from: from, &budget) {
      case .none, .partial: break search
      case .failed(let failure): throw failure
      case .matched:
        let found = pattern.matchedRange
        if found.isEmpty, found.lowerBound >= bytes.count { break search }
        guard !found.isEmpty || found.lowerBound > start else {
          // An empty match before the first byte of a part separates nothing.
          from = found.lowerBound + 1
          continue
        }
        try lookout.step(bytes: found.upperBound - start)
        result.items.append(.string(string.slice(start..<max(start, found.lowerBound))))
        start = found.upperBound
        from = found.upperBound
      }
    }
    result.items.append(.string(string.slice(start..<bytes.count)))
    return result
  }

  /// The elements of a list, strings or numbers, as one string with the separator between them.
  static func join(_ arguments: Arguments) throws(Failure) -> Value {
    let items = try arguments.list(0).items
    let separator = arguments.count > 1 ? try arguments.string(1) : ByteString.empty
    var builder = ByteBuilder(capacity: items.count * (8 + separator.count))
    var lookout = Lookout()
    for (index, item) in items.enumerated() {
      try lookout.step(bytes: separator.count)
      if index > 0 { builder.append(separator.bytes) }
      switch item {
      case .string(let string): builder.append(string.bytes)
      case .integer, .float, .boolean, .address, .match: Show.appendText(item, to: &builder)
      default:
        throw .type("\(arguments.name): element \(index) must be a string or a number, not \(item.articleAndType)")
      }
    }
    return .string(try builder.finish(arguments.name))
  }

  /// The index of the first place, not before `from` (which counts from the end when negative), where a string stands
  /// or a regex matches; nil when there is none.
  static func find(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    var from = 0
    if arguments.count > 2 {
      from = try arguments.integer(2)
      if from < 0 { from = max(0, from + string.count) }
    }
    switch arguments[1] {
    case .string(let part):
      let found = string.bytes.offset(of: part.bytes, from: from)
      Meter.charge(bytes: (found ?? string.count) - min(from, string.count))
      return found.map { .integer($0) } ?? .nothing
    case .regex(let pattern):
      switch pattern.match(string.bytes, from: from) {
      case .matched: return .integer(pattern.matchedRange.lowerBound)
      case .none, .partial: return .nothing
      case .failed(let failure): throw failure
      }
    default: throw arguments.wrongType(1, "a string or a regex")
    }
  }

  /// All matches of a regex, each from the end of the one before on; after an empty one from the next byte on.
  static func matches(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    guard case .regex(let pattern) = arguments[1] else { throw arguments.wrongType(1, "a regex") }
    return .list(try allMatches(of: pattern, in: string))
  }

  static func allMatches(of pattern: Pattern, in string: ByteString) throws(Failure) -> List {
    let bytes = string.bytes
    let result = List()
    var from = 0
    var lookout = Lookout()
    var budget = MatchBudget(of: bytes.count)
    search: while from <= bytes.count {
      switch pattern.match(bytes, from: from, &budget) {
      case .none, .partial: break search
      case .failed(let failure): throw failure
      case .matched:
        let found = pattern.matchedRange
        try List.admit(result.growth(by: 1))
        result.items.append(.match(Match.make(pattern, subject: string)))
        // `\K` and look-behind may find what begins before: the search goes on all the same.
        from = max(from, found.upperBound) + (found.isEmpty || found.upperBound <= from ? 1 : 0)
        try lookout.step(bytes: found.count + MemoryLayout<Value>.stride)
      }
    }
    return result
  }

  /// A string as a regex. A bad one is a `parse` failure that names the byte.
  static func regex(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let source = try arguments.string(0)
    let flags = arguments.count > 1 ? try arguments.string(1) : ByteString.empty
    return .regex(try context.patterns.pattern(source: source, flags: flags))
  }

  static func escapeRegex(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    var builder = ByteBuilder(capacity: string.count + string.count / 4 + 4)
    Meter.charge(bytes: string.count)
    Pattern.quote(string.bytes).withUnsafeBytes { builder.append($0) }
    return .string(try builder.finish(arguments.name))
  }

  static func starts(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    let part = try arguments.string(1)
    Meter.charge(bytes: part.count)
    return .boolean(string.count >= part.count && memcmp(string.start, part.start, part.count) == 0)
  }

  static func ends(_ arguments: Arguments) throws(Failure) -> Value {
    let string = try arguments.string(0)
    let part = try arguments.string(1)
    let offset = string.count - part.count
    Meter.charge(bytes: part.count)
    return .boolean(offset >= 0 && memcmp(string.start + offset, part.start, part.count) == 0)
  }

  /// A string or list so many times over; none for 0.
  static func repeated(_ arguments: Arguments) throws(Failure) -> Value {
    let times = try arguments.integer(1, in: 0...Int.max)
    switch arguments[0] {
    case .string(let string):
      let (count, overflow) = string.count.multipliedReportingOverflow(by: times)
      guard !overflow, count <= ByteString.maximumCount else { throw arguments.tooLong }
      let result = try ByteString.reserve(count)
      guard count > 0 else { return .string(result) }
      if string.count == 1 {
        memset(result.start, Int32(string[0]), count)
      } else {
        memcpy(result.start, string.start, string.count)
        var done = string.count
        while done < count {
          let more = min(done, count - done)
          memcpy(result.start + done, result.start, more)
          done += more
        }
      }
      result.setCount(count)
      return .string(result)
    case .list(let list):
      let (count, overflow) = list.items.count.multipliedReportingOverflow(by: times)
      guard !overflow, count <= List.maximumCount else {
        throw arguments.limit("the list would be longer than \(List.maximumCount) elements")
      }
      try List.admit(count)
      var items: [Value] = []
      items.reserveCapacity(count)
      if count > 0 { for _ in 0..<times { items += list.items } }
      return .list(List(items))
    default: throw arguments.wrongType(0, "a string or a list")
    }
  }

  /// The bytes of a string, or the elements of a list, in reverse; the list itself stays.
  static func reverse(_ arguments: Arguments) throws(Failure) -> Value {
    switch arguments[0] {
    case .string(let string):
      let count = string.count
      let result = try ByteString.reserve(count)
      for index in 0..<count { result.start[index] = string[count - 1 - index] }
      result.setCount(count)
      return .string(result)
    case .list(let list):
      try List.admit(list.items.count)
      return .list(List(list.items.reversed()))
    default: throw arguments.wrongType(0, "a string or a list")
    }
  }
}
