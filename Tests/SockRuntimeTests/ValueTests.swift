// Showing, comparing and building values.

import SockLanguage
import SocketCore
import Testing

@testable import SockRuntime

@Suite struct ValueTests {
  /// Reads a string literal in double quotes back, by LANGUAGE's escapes; nil for what is none.
  private func readBack(_ literal: ByteString) -> [UInt8]? {
    let source = literal.array
    guard source.count >= 2, source.first == 0x22, source.last == 0x22 else { return nil }
    var result: [UInt8] = []
    var at = 1
    while at < source.count - 1 {
      let byte = source[at]
      at += 1
      guard byte == 0x5C else {
        if byte == 0x22 || byte == 0x0A || (byte == 0x24 && source[at] == 0x7B) { return nil }
        result.append(byte)
        continue
      }
      let escape = source[at]
      at += 1
      switch escape {
      case 0x72: result.append(0x0D)
      case 0x6E: result.append(0x0A)
      case 0x74: result.append(0x09)
      case 0x30: result.append(0)
      case 0x65: result.append(0x1B)
      case 0x5C, 0x22, 0x24: result.append(escape)
      case 0x78:
        result.append(ByteClass.digit(source[at]) << 4 | ByteClass.digit(source[at + 1]))
        at += 2
      case 0x75:
        guard let close = source[at...].firstIndex(of: 0x7D) else { return nil }
        guard let number = UInt32(String(decoding: source[at + 1..<close], as: UTF8.self), radix: 16),
          let scalar = Unicode.Scalar(number)
        else { return nil }
        result += Array(String(Character(scalar)).utf8)
        at = close + 1
      default: return nil
      }
    }
    return result
  }

  @Test func inspectedStringsReadBack() {
    var samples: [[UInt8]] = (0...255).flatMap { a in
      [[UInt8(a)], [0, UInt8(a)], [0x24, UInt8(a)], [0xC3, UInt8(a)]]
    }
    samples += ["héllo €𝄞", "a\u{85}b\u{202E}c\u{FEFF}", "${x}", "$${", "\\", "\u{10FFFF}\u{E0001}"].map {
      Array($0.utf8)
    }
    // Overlong forms, surrogates, beyond the last code point, cut sequences.
    samples += [
      [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xF0, 0x9D],
    ]
    for sample in samples {
      let literal = Show.inspect(Value(sample))
      #expect(readBack(literal) == sample, "\(sample) as \(literal.text)")
      #expect(literal.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }
  }

  @Test func inspect() throws {
    let cases: [(Value, String)] = [
      (nil, "nil"), (true, "true"), (.integer(.min), "-9223372036854775808"), (0, "0"), ("+PONG\r\n", #""+PONG\r\n""#),
      ("$3\r\nfoo", #""$3\r\nfoo""#), ("${a}", #""\${a}""#), (bytes("1b 00 30 00 61"), #""\e\x000\0a""#),
      ("é€", "\"é€\""), ("\u{9B}2J", #""\u{9b}2J""#), (bytes("c3"), #""\xc3""#),
      ([1, "a", [nil]], #"[1, "a", [nil]]"#),
      (["name": 1, "any key": 2, 3: [], "9a": 4, "": 5], #"{name: 1, "any key": 2, 3: [], "9a": 4, "": 5}"#),
      (.range(IntegerRange(lower: 1, upper: 10)), "1..10"),
      (.range(IntegerRange(lower: 4, upper: .max, isOpen: true)), "4.."),
      (.builtin(BuiltinBox(.len)), "<function len>"),
      (.error(Failure(.eof, "the \"end\"")), #"<error eof: "the \"end\"">"#),
      (try regex("a/b\\/c\n\u{1}", "xi"), #"/a\/b\/c\n\x01/ix"#),
    ]
    for (value, expected) in cases { #expect(inspected(value) == expected) }
  }

  @Test func floats() {
    let cases: [(Double, String)] = [
      (2, "2"), (-2, "-2"), (0.1, "0.1"), (-0.0, "-0"), (1e14, "100000000000000"), (1e15, "1000000000000000"),
      (1e16, "1e16"),
      (123_456_789_012_345_680, "1.2345678901234568e17"), (1e300, "1e300"), (1.5e-7, "1.5e-7"), (0.0001, "0.0001"),
      (1e-5, "1e-5"),
      (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"), (.leastNonzeroMagnitude, "5e-324"),
    ]
    for (number, expected) in cases { #expect(inspected(.float(number)) == expected) }
  }

  @Test func text() throws {
    let match = try #require(try matched("b(c)?", "abd"))
    let cases: [(Value, String)] = [
      ("a\n", "a\n"), (5, "5"), (2.0, "2"), (nil, "nil"), (["a"], #"["a"]"#), (.match(match), "b"),
      (.error(Failure(.eof, "ended")), "ended"),
    ]
    for (value, expected) in cases { #expect(Show.text(value).text == expected) }
    #expect(inspected(.match(match)) == #"<match "b", nil>"#)
    #expect(Show.text(.string(.empty)) === ByteString.empty, "a string is shown without a copy")
  }

  private func matched(_ pattern: String, _ subject: String) throws -> Match? {
    let pattern = try Pattern(source: ByteString(pattern), flags: .empty)
    let subject = ByteString(subject)
    guard case .matched = pattern.match(subject.bytes) else { return nil }
    return Match.make(pattern, subject: subject)
  }

  @Test func cyclesAndDepthAreCut() {
    let list = List([1])
    list.items.append(.list(list))
    #expect(inspected(.list(list)) == "[1, [...]]")
    let map = Map()
    map.set("self", .map(map))
    #expect(inspected(.map(map)) == "{self: {...}}")
    var deep: Value = []
    for _ in 0..<100_000 { deep = [deep] }
    #expect(inspected(deep).hasSuffix("[[...]" + String(repeating: "]", count: Show.maximumDepth)))
    // Shared twice at each level: 2^60 values if it were written out.
    var shared: Value = ["x"]
    for _ in 0..<60 { shared = [shared, shared] }
    var builder = ByteBuilder()
    Show.appendInspected(shared, to: &builder, maximumValues: 10_000)
    #expect(builder.count < 1 << 20)
  }

  @Test func freeingNestedValuesDoesNotRecurse() {
    var deep: Value = []
    for number in 0..<1_000_000 {
      let list: Value = [.integer(number), deep]
      deep = number % 2 == 0 ? list : ["inner": list, "other": nil]
    }
    deep = nil
    #expect(inspected(deep) == "nil")
    // What somebody else still holds stays as it was.
    let kept = List([1, [2, ["a": 3]]])
    var outer: Value = [[.list(kept)], .list(kept)]
    #expect(inspected(outer) == "[[[1, [2, {a: 3}]]], [1, [2, {a: 3}]]]")
    outer = nil
    #expect(inspected(.list(kept)) == "[1, [2, {a: 3}]]")
  }

  @Test func equality() throws {
    let list: Value = [1, "a"]
    let address = try #require(SocketAddress(host: "127.0.0.1", port: 80))
    let here = Value.address(Address(address))
    let cases: [(Value, Value, Bool)] = [
      (1, 1, true), (1, 1.0, true), (1.5, 1.5, true), (1, 2, false), (.integer(.max), .float(0x1p63), false),
      (9_007_199_254_740_993, .float(9_007_199_254_740_992), false), (.float(.nan), .float(.nan), false),
      ("a", "a", true), ("a", "b", false), (nil, nil, true), (nil, 0, false), ("", nil, false), (true, true, true),
      (true, false, false),
      (list, [1, "a"], true), (list, [1], false), ([1, [2]], [1, [2.0]], true),
      (["a": 1, "b": 2], ["b": 2, "a": 1], true),
      (["a": 1], ["b": 1], false), (["a": nil], ["b": nil], false), (here, "127.0.0.1:80", true),
      ("127.0.0.1:81", here, false),
      (here, .address(Address(address)), true), (here, nil, false),
      (.builtin(BuiltinBox(.len)), .builtin(BuiltinBox(.len)), true),
      (.range(IntegerRange(lower: 1, upper: 2)), .range(IntegerRange(lower: 1, upper: 2)), true),
      (try regex("a"), try regex("a"), true),
      (try regex("a"), try regex("a", "i"), false),
    ]
    for (a, b, expected) in cases {
      #expect(try Equality.equal(a, b) == expected, "\(inspected(a)) == \(inspected(b))")
      #expect(try Equality.equal(b, a) == expected, "\(inspected(b)) == \(inspected(a))")
    }
  }

  @Test func pairsThatAreNotComparedNameBothTypesAndTheCure() throws {
    let match = try #require(try matched("a", "a"))
    let cases: [(Value, Value, String)] = [
      ("220", 220, "type: cannot compare a string with an int (write `int(…)` around the string)"),
      (220, "220", "type: cannot compare an int with a string (write `int(…)` around the string)"),
      ("1.5", 1.5, "type: cannot compare a string with a float (write `float(…)` around the string)"),
      (true, 1, "type: cannot compare a bool with an int"), ([1], 1, "type: cannot compare a list with an int"),
      ([1], [1: 1], "type: cannot compare a list with a map"),
      ([1, "a"], [1, 2], "type: cannot compare a string with an int (write `int(…)` around the string)"),
      (.match(match), "a", "type: cannot compare a string with a match (take a group of the match: `m[0]`)"),
      (.match(match), 1, "type: cannot compare a match with an int (take a group of the match: `m[0]`)"),
      ("a", try regex("a"), "type: cannot compare a string with a regex (write `text =~ /…/`)"),
    ]
    for (a, b, expected) in cases {
      let found = failure { () throws(Failure) in _ = try Equality.equal(a, b) }
      // The message names the types in the order they stand in; for a match the cure counts.
      if case .match = a { #expect(found?.contains("m[0]") == true) } else { #expect(found == expected) }
    }
  }

  @Test func comparingWhatContainsItselfEnds() {
    let a = List([1])
    let b = List([1])
    a.items.append(.list(a))
    b.items.append(.list(b))
    let found = failure { () throws(Failure) in _ = try Equality.equal(.list(a), .list(b)) }
    #expect(found == "limit: the values are nested more than 500 deep (or contain themselves): they cannot be compared")
  }

  @Test func order() throws {
    let cases: [(Value, Value, Int)] = [
      (1, 2, -1), (2, 2, 0), (2, 1.5, 1), (1.5, 2, -1), (.integer(.max), .float(0x1p63), -1),
      (.float(-0x1p63), .integer(.min), 0),
      (9_007_199_254_740_993, .float(9_007_199_254_740_992), 1), (-1, -1.5, 1), ("a", "b", -1), ("a", "ab", -1),
      ("b", "ab", 1), ("", "", 0),
      (.integer(.min), .float(-.infinity), 1), ([1, 2], [1, 3], -1), ([1], [1, 0], -1), ([], [], 0),
      ([["b"], 1], [["a"], 2], 1),
    ]
    for (a, b, expected) in cases {
      #expect(try Equality.order(a, b) == expected, "\(inspected(a)) \(inspected(b))")
      #expect(try Equality.order(b, a) == -expected, "\(inspected(b)) \(inspected(a))")
    }
    let errors: [(Value, Value, String)] = [
      ("9", 10, "type: cannot order a string with an int (write `int(…)` around the string)"),
      (nil, 1, "type: cannot order nil with an int"),
      ([:], [:], "type: cannot order a map and a map: only numbers, strings and lists of them have an order"),
      (1, .float(.nan), "range: nan has no order"),
    ]
    for (a, b, expected) in errors {
      #expect(failure { () throws(Failure) in _ = try Equality.order(a, b) } == expected)
    }
  }

  @Test func contains() throws {
    let cases: [(Value, Value, Bool)] = [
      (1, [1, 2], true), (3, [1, 2], false), ("a", [1, "a"], true), ("b", [1, "a"], false), (1, [], false),
      (nil, [nil], true), (nil, [1], false),
      (5, .range(IntegerRange(lower: 1, upper: 5)), true), (5.5, .range(IntegerRange(lower: 1, upper: 6)), false),
      (100, .range(IntegerRange(lower: 4, upper: .max, isOpen: true)), true), ("a", ["a": nil], true),
      ("b", ["a": 1], false), (1.0, [1: 2], true),
      ("ell", "hello", true), ("", "x", true), ("z", "hello", false),
    ]
    for (element, container, expected) in cases {
      let found = try Equality.contains(element, in: container)
      #expect(found == expected, "\(inspected(element)) in \(inspected(container))")
    }
    let errors: [(Value, Value, String)] = [
      ("220", [220, 250], "type: cannot compare an int with a string (write `int(…)` around the string)"),
      (1, "1", "type: an int cannot be in a string (write `str(…)` around the number)"),
      (
        "1", .range(IntegerRange(lower: 1, upper: 2)),
        "type: a string cannot be in a range: it holds integers (write `int(…)` around the string)"
      ),
      ([], [:], "type: a list cannot be a key of a map: a key is a string or an int"),
      (1, 2, "type: nothing can be in an int: `in` wants a list, a range, a map or a string behind it"),
    ]
    for (element, container, expected) in errors {
      #expect(failure { () throws(Failure) in _ = try Equality.contains(element, in: container) } == expected)
    }
  }

  @Test func maps() {
    let map = Map()
    for number in 0..<1000 { map.set(.integer(number), .integer(number * 2)) }
    for number in stride(from: 0, to: 1000, by: 2) { #expect(map.remove(.integer(number))?.wholeNumber == number * 2) }
    #expect(map.remove(0) == nil)
    #expect(map.count == 500)
    for number in 0..<1000 { #expect(map[.integer(number)]?.wholeNumber == (number % 2 == 0 ? nil : number * 2)) }
    // A queue: what is removed makes room again.
    for number in 1000..<20_000 {
      map.set(.integer(number), 0)
      _ = map.remove(.integer(number))
    }
    #expect(map.count == 500)
    #expect(map.entries.count < 2000)
    #expect(map.keys.first?.wholeNumber == 1)
    map.set(1, "again")
    #expect(map.keys.first?.wholeNumber == 1, "setting a key again keeps its place")
  }

  @Test func builder() {
    var builder = ByteBuilder(capacity: 0)
    for number in [0, 7, -7, 1_234_567_890, .max, .min] {
      builder.append(decimal: number)
      builder.append(0x20)
    }
    builder.append(255, radix: 16, minimumDigits: 4)
    builder.append(repeating: 0x2A, count: 3)
    builder.append(repeating: 0x2A, count: -3)
    #expect(builder.finish().text == "0 7 -7 1234567890 9223372036854775807 -9223372036854775808 00ff***")
    var full = ByteBuilder()
    full.append("x")
    full.append(repeating: 0, count: .max)
    #expect(full.overflowed)
    #expect(full.count == 1)
  }

  /// What `Borrowing.swift` relies on.
  @Test func referencesStandFirstInAValue() {
    #expect(MemoryLayout<Value>.stride == 16)
    let string = ByteString("text")
    let map = Map()
    let list = List()
    var values: [Value] = [.string(string), .map(map), .list(list), .integer(7), .nothing]
    values.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      #expect(start.borrowedString?.takeUnretainedValue() === string)
      #expect((start + 1).borrowedMap?.takeUnretainedValue() === map)
      #expect((start + 2).borrowedList?.takeUnretainedValue() === list)
      for at in 1..<5 { #expect((start + at).borrowedString == nil) }
      for at in [0, 2, 3, 4] { #expect((start + at).borrowedMap == nil) }
    }
  }

  /// A string is written over only where nobody else has it, and not with far less than it has room for.
  @Test func aRegisterUsesTheMemoryOfItsOwnString() {
    let register = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    register.initialize(to: .string(ByteString("a dozen byte")))
    defer {
      register.deinitialize(count: 1)
      register.deallocate()
    }
    func set(_ text: StaticString) -> Bool {
      let before = register.borrowedString?.toOpaque()
      register.setString(ByteString(text).bytes)
      guard case .string(let string) = register.pointee else { return false }
      #expect(ByteString.equal(string, ByteString(text)))
      #expect(string.hash == ByteString(text).hash)
      return register.borrowedString?.toOpaque() == before
    }
    #expect(set("other"))
    #expect(set(""))
    #expect(set("twelve bytes"))
    #expect(!set("more than a dozen bytes"))
    let shared = register.pointee
    #expect(!set("less"))
    guard case .string(let kept) = shared else { return }
    #expect(ByteString.equal(kept, ByteString("more than a dozen bytes")))
    register.pointee = .string(ByteString([UInt8](repeating: 0x61, count: 4096)))
    #expect(!set("less"))
    register.pointee = .integer(5)
    #expect(!set("text"))
  }

  /// Strings of each length around those that are compared and hashed by overlapping loads.
  @Test func stringsOfEveryShortLengthAreKeysByContent() {
    for count in 0...40 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
      let map = Map()
      map.set(.string(ByteString(bytes)), .integer(count))
      guard case .integer(count)? = map[.string(ByteString(bytes))] else {
        Issue.record("a key of \(count) bytes is not found")
        continue
      }
      #expect(ByteString.equal(ByteString(bytes), ByteString(bytes)))
      for at in 0..<count {
        var other = bytes
        other[at] ^= 1
        #expect(!ByteString.equal(ByteString(bytes), ByteString(other)), "byte \(at) of \(count)")
        #expect(map[.string(ByteString(other))] == nil)
      }
    }
  }
}
