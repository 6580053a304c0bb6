// What could be sent in place of a message whose fields are known.
//
// A field that is given another value is encoded anew, so that what is computed from it (a length around it, a
// checksum) is right again and the server looks at the field itself. A wrong length is given as such. What no values can
// say, a field twice or in another place, is made of the bytes.

import SockLanguage

extension PossibleMutations {
  mutating func add(_ message: EncodedMessage) {
    let spans: [FieldSpan]
    do throws(LayoutStop) {
      spans = try MessageEncoder.spans(message.layout, message.fields)
    } catch {
      // It was encoded a moment ago; a list of its fields may have been changed since.
      return addPlain(message.bytes)
    }
    let bytes = message.bytes
    addCuts(bytes) { kept in
      let field = spans.first { $0.range.contains(kept) }
      return "cut behind \(kept) of \(bytes.count) bytes\(field.map { ", in \(FieldSpan.words($0.path))" } ?? "")"
    }
    for times in [2, 100] {
      add(.repeated) { PossibleMutations.repeated(bytes, "the whole message", 0..<bytes.count, times) }
    }
    for (at, span) in spans.enumerated() {
      addValues(of: span, message)
      addBytes(of: span, bytes)
      // The next one of the same message, or list.
      let next = spans[(at + 1)...].first { $0.path.dropLast() == span.path.dropLast() }
      if let next, !span.range.isEmpty, next.range.lowerBound >= span.range.upperBound, !next.range.isEmpty {
        add(.reordered) {
          let made = PossibleMutations.exchanged(bytes, span.range, next.range)
          return Mutation("\(FieldSpan.words(next.path)) before \(FieldSpan.words(span.path))", made.bytes)
        }
      }
    }
  }

  // MARK: - Other values

  private mutating func addValues(of span: FieldSpan, _ message: EncodedMessage) {
    let name = FieldSpan.words(span.path)
    func mutation(_ what: String, _ fields: Map?) -> Mutation? {
      guard let fields else { return nil }
      do throws(LayoutStop) {
        return Mutation(what, try MessageEncoder.encode(message.layout, fields))
      } catch {
        // It does not fit.
        return nil
      }
    }
    func with(_ value: Value, _ what: String) -> Mutation? {
      mutation("\(name): \(what)", MessageFields.with(value, at: span.path[...], in: message.fields))
    }
    add(.missing, .least, of: span.path) {
      if case .element? = span.path.last {
        return mutation("without \(name)", MessageFields.without(span.path[...], in: message.fields))
      }
      return with(.nothing, "left out")
    }
    let old = span.value.map { " in place of \(PossibleMutations.shown($0))" } ?? ""
    let edges = MessageFields.edges(of: span.type, besides: span.value?.wholeNumber)
    for edge in edges {
      add(span.isLength ? .length : .edge, MessageFields.turn(of: edge, edges, span.value), of: span.path) {
        guard let made = with(.integer(edge), "\(edge)\(old)") else { return nil }
        return Mutation(made.what, made.bytes) {
          // One more or less tells more than the greatest.
          edges.prefix(2).filter { $0 != edge }.compactMap { with(.integer($0), "\($0)\(old)") }
        }
      }
    }
    switch span.type {
    case .flag:
      guard case .boolean(let isSet)? = span.value else { return }
      add(.edge, .beside, of: span.path) { with(.boolean(!isSet), "\(!isSet)\(old)") }
    case .terminated, .counted, .line, .bytes:
      let turns: [([UInt8], Turn)] = [
        ([], .least), ([0xFF, 0xFE], .greatest), ([0], .other), (Array("%s%n%s%n".utf8), .other),
        ([0x0D, 0x0A], .other),
      ]
      for (piece, turn) in turns {
        add(.edge, turn, of: span.path) { with(Value(piece), "\(PossibleMutations.shown(piece))\(old)") }
      }
      for count in PossibleMutations.lengths {
        add(.long, .greatest, of: span.path) {
          PossibleMutations.long(name, count) { with(Value(PossibleMutations.many($0)), "")?.bytes }
        }
      }
      if case .bytes(.constant(.integer(let size))?, _) = span.type {
        for (byte, turn) in [(0, .least), (0xFF, .greatest)] as [(UInt8, Turn)] {
          add(.edge, turn, of: span.path) {
            with(Value([UInt8](repeating: byte, count: size)), "all \(PossibleMutations.shown([byte]))\(old)")
          }
        }
      }
    case .domainName:
      let long = (0..<4).map { _ in String(repeating: "a", count: 62) }.joined(separator: ".")
      add(.long, .greatest, of: span.path) { with(Value(long), "a name of 253 bytes\(old)") }
      add(.edge, .least, of: span.path) { with(Value("."), "\".\"\(old)") }
    case .list, .prefixed(_, .list, _):
      guard case .list(let list)? = span.value else { return }
      add(.missing, .least, of: span.path) { with(.list(List()), "an empty list") }
      guard list.items.count > 0, let first = list.items.first else { return }
      for times in [2, 100] {
        add(.repeated, of: span.path) {
          with(.list(List(Array(list.items) + [Value](repeating: first, count: times - 1))), "[0] \(times) times")
        }
      }
      guard list.items.count > 1 else { return }
      add(.reordered, of: span.path) { with(.list(List(Array(list.items.reversed()))), "backwards") }
    default: break
    }
  }

  // MARK: - Other bytes

  private mutating func addBytes(of span: FieldSpan, _ bytes: [UInt8]) {
    let (name, range) = (FieldSpan.words(span.path), span.range)
    guard !range.isEmpty, range.upperBound <= bytes.count else { return }
    add(.repeated, of: span.path) { PossibleMutations.repeated(bytes, name, range, 2) }
    switch span.type {
    case .counted(.unsigned(let size, _), _), .prefixed(.unsigned(let size, _), _, _):
      for (edge, turn) in [(0, .least), (0xFF, .greatest), (0x7F, .other)] as [(UInt8, Turn)] {
        addLength(turn, of: span, bytes, range.lowerBound, size, [UInt8](repeating: edge, count: size))
      }
      // The last byte of the number, where the first is the highest.
      let at = range.lowerBound + size - 1
      for byte in [bytes[at] &+ 1, bytes[at] &- 1] {
        add(.length, .beside, of: span.path) {
          Mutation(
            "the length of \(name): \(byte) in place of \(bytes[at])",
            PossibleMutations.replaced(bytes, at..<at + 1, [byte]))
        }
      }
    case .counted(.variable, _), .prefixed(.variable, _, _):
      let turns: [([UInt8], Turn)] = [([0], .least), ([0xFF, 0xFF, 0xFF, 0x7F], .greatest), ([0x7F], .other)]
      for (piece, turn) in turns { addLength(turn, of: span, bytes, range.lowerBound, 1, piece) }
    case .domainName:
      let offset = range.lowerBound
      // RFC 1035, 4.1.4: two bits, and where the name goes on.
      add(.edge, of: span.path) {
        let pointer = [0xC0 | UInt8(truncatingIfNeeded: offset >> 8 & 0x3F), UInt8(truncatingIfNeeded: offset)]
        return Mutation("\(name): a pointer to itself", PossibleMutations.replaced(bytes, range, pointer))
      }
      add(.length, of: span.path) {
        Mutation("\(name): its first label of 63 bytes", PossibleMutations.replaced(bytes, offset..<offset + 1, [63]))
      }
    case .ber where range.count > 1:
      let at = range.lowerBound + 1
      let turns: [([UInt8], Turn)] = [
        ([0], .least), ([bytes[at] &+ 1], .beside), ([0x84, 0x7F, 0xFF, 0xFF, 0xFF], .greatest), ([0x80], .other),
      ]
      for (piece, turn) in turns { addLength(turn, of: span, bytes, at, 1, piece) }
    default: break
    }
  }

  /// Other bytes in place of some of the length that stands in front of a field.
  private mutating func addLength(
    _ turn: Turn, of span: FieldSpan, _ bytes: [UInt8], _ at: Int, _ size: Int, _ piece: [UInt8]
  ) {
    add(.length, turn, of: span.path) {
      Mutation(
        "the length of \(FieldSpan.words(span.path)): \(PossibleMutations.shown(piece))",
        PossibleMutations.replaced(bytes, at..<at + size, piece))
    }
  }
}

/// The fields of a message with one of them changed.
enum MessageFields {
  /// A copy in which a field has another value; nil where what it is in was given as bytes.
  static func with(_ value: Value, at path: ArraySlice<FieldSpan.Step>, in fields: Map?) -> Map? {
    guard case .map(let map)? = changed(fields.map { .map($0) } ?? .nothing, path, { _ in value }) else { return nil }
    return map
  }

  /// A copy without an element of a list.
  static func without(_ path: ArraySlice<FieldSpan.Step>, in fields: Map?) -> Map? {
    guard case .element(let index)? = path.last else { return nil }
    let made = changed(fields.map { .map($0) } ?? .nothing, path.dropLast()) { old in
      guard case .list(let list) = old, index < list.items.count else { return nil }
      var items = Array(list.items)
      items.remove(at: index)
      return .list(List(items))
    }
    guard case .map(let map)? = made else { return nil }
    return map
  }

  private static func changed(
    _ value: Value, _ path: ArraySlice<FieldSpan.Step>, _ change: (Value) -> Value?
  ) -> Value? {
    guard let step = path.first else { return change(value) }
    switch (step, value) {
    case (.field(let name), .map(let map)):
      guard let inner = changed(map[Value(name)] ?? .nothing, path.dropFirst(), change) else { return nil }
      let copy = Map()
      for entry in map.entries where entry.isLive { copy.set(entry.key, entry.value) }
      copy.set(Value(name), inner)
      return .map(copy)
    case (.field(let name), .nothing):
      guard let inner = changed(.nothing, path.dropFirst(), change) else { return nil }
      let made = Map()
      made.set(Value(name), inner)
      return .map(made)
    case (.element(let index), .list(let list)):
      var items = Array(list.items)
      guard index < items.count, let inner = changed(items[index], path.dropFirst(), change) else { return nil }
      items[index] = inner
      return .list(List(items))
    default: return nil
    }
  }

  /// When one of the edges is tried.
  static func turn(of edge: Int, _ edges: [Int], _ value: Value?) -> PossibleMutations.Turn {
    if edge == 0 { return .least }
    let number = value?.wholeNumber ?? 0
    if edge == number &+ 1 || edge == number &- 1 { return .beside }
    return edge == edges.max() || edge == edges.min() ? .greatest : .other
  }

  /// What a number of the type can be at its ends, with those beside what it is first.
  static func edges(of type: LayoutType, besides number: Int?) -> [Int] {
    let bounds: ClosedRange<Int>
    switch type {
    case .unsigned(let size, _): bounds = 0...(size == 8 ? .max : 1 << (size * 8) - 1)
    case .signed(let size, _):
      let greatest = size == 8 ? Int.max : 1 << (size * 8 - 1) - 1
      bounds = (-greatest - 1)...greatest
    case .bits(let count): bounds = 0...(Int.max >> (63 - count))
    case .variable(let form): bounds = 0...form.greatest
    default: return []
    }
    let number = number ?? 0
    var edges: [Int] = []
    let all = [
      number.addingReportingOverflow(1).partialValue, number.subtractingReportingOverflow(1).partialValue, 0, 1, -1,
      bounds.upperBound, bounds.upperBound - 1, bounds.upperBound / 2, bounds.upperBound / 2 + 1, bounds.lowerBound,
    ]
    for edge in all where bounds.contains(edge) && edge != number && !edges.contains(edge) { edges.append(edge) }
    return edges
  }
}
