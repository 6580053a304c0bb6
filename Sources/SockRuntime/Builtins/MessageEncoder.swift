// The fields of a message to bytes. What is not given is computed, is its constant, or is zero or empty; what is given
// is taken as it is, right or wrong.

import SockLanguage

struct MessageEncoder {
  var out: [UInt8] = []
  var bits = BitRow()
  var depth = 0
  /// Where its fields stand; nil: nobody asks.
  private var spans: [FieldSpan]?
  /// The first one of the message that is being put.
  private var firstSpan = 0
  /// The field that is being put.
  private var path: [FieldSpan.Step] = []

  private static let deepest = 128
  /// How many messages were begun.
  var made = 0

  /// - Parameter fields: nil: none is given.
  static func encode(_ layout: MessageLayout, _ fields: Map?) throws(LayoutStop) -> [UInt8] {
    var encoder = MessageEncoder()
    try encoder.message(layout, fields, [])
    return encoder.out
  }

  /// The fields of the bytes that `encode` gives, those within before those that they stand in.
  static func spans(_ layout: MessageLayout, _ fields: Map?) throws(LayoutStop) -> [FieldSpan] {
    var encoder = MessageEncoder()
    encoder.spans = []
    try encoder.message(layout, fields, [])
    return encoder.spans ?? []
  }

  /// A field whose value is not known yet.
  private struct Pending {
    let index: Int
    let expression: LayoutExpression
    /// Of bits: so many stand before it, from the highest one of the byte where its slot begins.
    let bit: Int
  }

  /// Into a message or an element that stands in another one.
  mutating func descend() throws(LayoutStop) {
    guard depth < MessageEncoder.deepest else {
      throw .wrong(.limit, "stands more than \(MessageEncoder.deepest) deep")
    }
    depth += 1
  }

  // MARK: - A message

  mutating func message(_ layout: MessageLayout, _ given: Map?, _ arguments: [Value]) throws(LayoutStop) {
    try descend()
    defer { depth -= 1 }
    try look()
    if !layout.numbers.isEmpty { return try numbered(layout, given) }
    let outerSpan = firstSpan
    firstSpan = spans?.count ?? 0
    defer { firstSpan = outerSpan }
    var slots = LayoutSlots(layout, arguments)
    var pending: [Pending] = []
    var used = 0
    for (index, field) in layout.fields.enumerated() {
      if spans != nil { path.append(.field(field.name ?? "_")) }
      defer { if spans != nil { path.removeLast() } }
      do throws(LayoutStop) {
        slots.begin(index, at: out.count)
        let value = field.name == nil ? nil : given?[field.key]
        if value != nil { used += 1 }
        let outcome = try put(field, index, value, layout, &slots, &pending)
        // A length in front of it may have been put in meanwhile.
        let begin = slots.start(of: index)
        note(field, from: begin, slots.value(index))
        if case .unknown = outcome { continue }
        if field.isRead { read(field.type, index, from: begin, &slots) }
        slots.end(index, at: out.count)
      } catch {
        if case .wrong(let problem) = error { problem.isIn(field) }
        throw error
      }
    }
    try refuseOthers(given, used, layout)
    try settle(&pending, layout, &slots)
  }

  /// - Parameter used: how many of what is given are fields.
  func refuseOthers(_ given: Map?, _ used: Int, _ layout: MessageLayout) throws(LayoutStop) {
    guard let given, given.count > used, let other = given.keys.first(where: { !layout.has($0) }) else { return }
    let near = layout.nearest(other).map { "; is it `\($0)`?" } ?? ""
    throw .wrong(.range, "there is no field \(Show.inspect(other).text)\(near)")
  }

  /// Where a field stands, for who asks.
  private mutating func note(_ field: LayoutField, from begin: Int, _ value: Value?) {
    guard spans != nil, field.name != nil else { return }
    let isLength = field.measured != nil || (field.value?.measures ?? false)
    spans?.append(
      FieldSpan(path: path, type: field.type, range: begin..<out.count, value: value, isLength: isLength))
  }

  /// What the fields of a message within are, those that were not given, too: others are computed from them.
  private func read(_ type: LayoutType, _ index: Int, from begin: Int, _ slots: inout LayoutSlots) {
    guard case .message(let layout, _) = type else { return }
    let fields = out[begin...].withUnsafeBytes { try? MessageDecoder.decodeWhole(layout, $0) }
    // What is wrong on purpose cannot be read: then only what was given is known.
    if let fields { slots.set(index, .map(fields)) }
  }

  private enum Outcome { case put, unknown }

  /// - Parameter given: its value; nil: none. That of `nil` means no bytes.
  private mutating func put(
    _ field: LayoutField, _ index: Int, _ given: Value?, _ layout: MessageLayout, _ slots: inout LayoutSlots,
    _ pending: inout [Pending]
  ) throws(LayoutStop) -> Outcome {
    if let given {
      slots.set(index, given)
      if case .nothing = given { return .put }
      if case .presence = given { throw .wrong(.type, "`any` and `absent` are for what is expected") }
      try put(given, field.type, slots)
      return .put
    }
    if let condition = field.condition, try !holds(condition, layout, &slots, &pending) {
      slots.set(index, .nothing)
      return .put
    }
    if let constant = field.constant {
      slots.set(index, constant)
      try put(constant, field.type, slots)
      return .put
    }
    if let expression = field.value ?? field.measured {
      if expression.isPlain, let value = try plain(expression, slots) {
        slots.set(index, value)
        try put(value, field.type, slots)
        return .put
      }
      pending.append(Pending(index: index, expression: expression, bit: bits.count))
      if case .variable = field.type { return .unknown }
      try put(.integer(0), field.type, slots)
      return .put
    }
    try putDefault(field.type, index, &slots)
    return .put
  }

  /// Whether a field is there that is not given. What depends on something that is not known yet does not hold.
  private mutating func holds(
    _ condition: LayoutExpression, _ layout: MessageLayout, _ slots: inout LayoutSlots, _ pending: inout [Pending]
  ) throws(LayoutStop) -> Bool {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    do throws(LayoutSlots.Stop) {
      return try slots.isTrue(condition, none)
    } catch {
      guard case .unknown = error else { return false }
    }
    // A length may be known by now: what it is of has been put in.
    var later: [Pending] = []
    for item in pending {
      if item.expression.sums {
        later.append(item)
      } else if try !settle(item, layout.fields[item.index], &slots) {
        later.append(item)
      }
    }
    if later.count == pending.count { return false }
    pending = later
    do throws(LayoutSlots.Stop) { return try slots.isTrue(condition, none) } catch { return false }
  }

  private func plain(_ expression: LayoutExpression, _ slots: LayoutSlots) throws(LayoutStop) -> Value? {
    do throws(LayoutSlots.Stop) {
      return try slots.value(expression, UnsafeRawBufferPointer(start: nil, count: 0))
    } catch {
      if case .wrong(let text) = error { throw .wrong(.range, text) }
      return nil
    }
  }

  /// Messages of no bytes may stand in each other without end: signals and deadlines are looked at on the way.
  private mutating func look() throws(LayoutStop) {
    made += 1
    guard made & 1023 == 0 else { return }
    do throws(Failure) {
      try Meter.look()
    } catch {
      throw .wrong(error.code, error.message)
    }
  }

  // MARK: - What is computed

  /// Computes what could not be known before: sizes first, then what is computed from the bytes.
  private mutating func settle(
    _ pending: inout [Pending], _ layout: MessageLayout, _ slots: inout LayoutSlots
  ) throws(LayoutStop) {
    var left = pending
    // A checksum over a length wants the length first.
    for sums in [false, true] {
      while true {
        var later: [Pending] = []
        let count = left.count
        // A size is mostly of what follows: the last ones first, or of a row of them each round would find one.
        for item in left.reversed() {
          let field = layout.fields[item.index]
          do throws(LayoutStop) {
            if item.expression.sums != sums { later.append(item) } else
            if try !settle(item, field, &slots) { later.append(item) }
          } catch {
            if case .wrong(let problem) = error { problem.isIn(field) }
            throw error
          }
        }
        left = later.reversed()
        if left.count == count { break }
      }
    }
    if let first = left.first { throw circular(layout.fields[first.index], "its own size") }
    try settleSums(pending.filter { $0.expression.sums }, layout, &slots)
  }

  private func circular(_ field: LayoutField, _ what: String) -> LayoutStop {
    let problem = LayoutProblem(.range, "cannot be computed: it depends on \(what)")
    problem.isIn(field)
    return .wrong(problem)
  }

  /// One checksum may be over another, which stands before or behind it: they are computed until none changes. Each
  /// round gets one more of them right, unless they go round.
  private mutating func settleSums(
    _ sums: [Pending], _ layout: MessageLayout, _ slots: inout LayoutSlots
  ) throws(LayoutStop) {
    // A varint was put in where it is, and cannot be written over.
    let sums = sums.filter { if case .variable = layout.fields[$0.index].type { false } else { true } }
    guard sums.count > 1 else { return }
    for _ in 0...sums.count {
      var hasChanged = false
      for item in sums {
        let before = slots.value(item.index)?.wholeNumber
        _ = try settle(item, layout.fields[item.index], &slots)
        if slots.value(item.index)?.wholeNumber != before { hasChanged = true }
      }
      if !hasChanged { return }
    }
    throw circular(layout.fields[sums[0].index], "itself")
  }

  private mutating func settle(
    _ item: Pending, _ field: LayoutField, _ slots: inout LayoutSlots
  ) throws(LayoutStop) -> Bool {
    var number = 0
    var failure: LayoutSlots.Stop?
    out.withUnsafeBytes { bytes in
      do throws(LayoutSlots.Stop) {
        number = try slots.integer(item.expression, bytes, own: item.index)
      } catch {
        failure = error
      }
    }
    switch failure {
    case .unknown?: return false
    case .wrong(let text)?: throw .wrong(.range, text)
    case nil: break
    }
    slots.set(item.index, .integer(number))
    let own = path + [.field(field.name ?? "_")]
    let noted = spans?[firstSpan...].lastIndex { $0.path == own }
    if let noted { spans?[noted].value = .integer(number) }
    // Varints that were put in before have moved it.
    let start = slots.start(of: item.index)
    var part = MessageEncoder()
    switch field.type {
    case .bits(let count):
      try part.require(number, in: 0...(Int.max >> (63 - count)), field.type)
      for bit in 0..<count where number >> (count - 1 - bit) & 1 == 1 {
        let place = item.bit + bit
        out[start + place / 8] |= 0x80 >> UInt8(place % 8)
      }
      return true
    case .variable:
      try part.put(.integer(number), field.type, slots)
      out.insert(contentsOf: part.out, at: start)
      slots.move(behind: start, by: part.out.count, after: item.index)
      if spans != nil { moveSpans(from: start, by: part.out.count, firstSpan, own: noted) }
      slots.end(item.index, at: start + part.out.count)
    default:
      try part.put(.integer(number), field.type, slots)
      out.replaceSubrange(start..<start + part.out.count, with: part.out)
    }
    return true
  }

  /// A number has been put in that was not there before.
  /// - Parameter first: those in front of this one end in front of the number, too.
  private mutating func moveSpans(from start: Int, by count: Int, _ first: Int, own: Int?) {
    guard let end = spans?.count else { return }
    for at in first..<end {
      guard let range = spans?[at].range, range.upperBound > start || at == own || at > own ?? .max else { continue }
      let lower = at != own && range.lowerBound >= start ? range.lowerBound + count : range.lowerBound
      spans?[at].range = lower..<range.upperBound + count
    }
  }

  // MARK: - Values

  mutating func put(_ value: Value, _ type: LayoutType, _ slots: LayoutSlots) throws(LayoutStop) {
    switch type {
    case .unsigned(let size, let isLittle):
      let number = try integer(value, in: 0...(size == 8 ? .max : 1 << (size * 8) - 1), type)
      append(UInt64(number), size, isLittle)
    case .signed(let size, let isLittle):
      let greatest = size == 8 ? Int.max : 1 << (size * 8 - 1) - 1
      let number = try integer(value, in: (-greatest - 1)...greatest, type)
      append(UInt64(bitPattern: Int64(number)), size, isLittle)
    case .float32(let isLittle):
      let number = try self.number(value)
      guard Float(number).isFinite || !number.isFinite else { throw .wrong(.range, "is too large for f32") }
      append(UInt64(Float(number).bitPattern), 4, isLittle)
    case .float64(let isLittle): append(try number(value).bitPattern, 8, isLittle)
    case .bits(let count): append(bits: UInt64(try integer(value, in: 0...(Int.max >> (63 - count)), type)), count)
    case .flag:
      switch value {
      case .boolean(let isSet): append(bits: isSet ? 1 : 0, 1)
      case .integer(0), .integer(1): append(bits: value.wholeNumber == 1 ? 1 : 0, 1)
      default: throw wrongType(value, "true or false")
      }
    case .variable(let form):
      let number = try integer(value, in: form.least...form.greatest, type)
      form.write(number) { out.append($0) }
    case .terminated:
      let string = try string(value)
      if let found = string.bytes.offset(of: 0) {
        throw .wrong(.range, "has a NUL at byte \(found), which would end its cstr there")
      }
      append(string)
      out.append(0)
    case .bytes(let size, _):
      let string = try string(value)
      // Where the size is a number, it is a promise; where it is a field, that may be wrong on purpose.
      if case .constant(.integer(let count))? = size, count != string.count {
        throw .wrong(.range, "has \(ByteDifference.bytes(string.count)), and takes just \(count)")
      }
      append(string)
    case .counted(let form, _):
      let string = try string(value)
      guard string.count <= form.greatest else {
        throw .wrong(.range, "has \(string.count) bytes where \(type.spelled) takes \(form.greatest) at most")
      }
      append(string.count, form)
      append(string)
    case .prefixed(let form, let inner, let counts):
      try put(behind: form, type, counts ? try elementCount(value) : nil) { encoder throws(LayoutStop) in
        try encoder.put(value, inner, slots)
      }
    case .line:
      let string = try string(value)
      if string.bytes.offset(of: 0x0A) != nil { throw .wrong(.range, "has a line end in it") }
      append(string)
      out += [0x0D, 0x0A]
    case .domainName:
      let name = try string(value)
      do throws(DomainName.Problem) {
        out += try DomainName.bytes(of: name)
      } catch {
        throw .wrong(.range, error.text)
      }
    case .ber: try append(ber: value)
    case .protobuf: try append(protobufFields: value)
    case .message(let layout, let arguments):
      switch value {
      case .map(let map): try message(layout, map, try values(arguments, slots))
      case .string(let string): append(string)
      default: throw wrongType(value, "a map of its fields, or the bytes")
      }
    case .whole(let inner): try put(value, inner, slots)
    case .list(let element, let end):
      switch value {
      case .list(let list):
        for (index, item) in list.items.enumerated() {
          let begin = out.count
          if spans != nil { path.append(.element(index)) }
          defer { if spans != nil { path.removeLast() } }
          do throws(LayoutStop) {
            try put(item, element, slots)
            spans?.append(
              FieldSpan(path: path, type: element, range: begin..<out.count, value: item, isLength: false))
          } catch {
            if case .wrong(let problem) = error { problem.isIn(element: index) }
            throw error
          }
        }
        if case .until(let last) = end { try put(last, element, slots) }
      case .string(let string): append(string)
      default: throw wrongType(value, "a list, or the bytes")
      }
    case .choice(let tag, let cases, let otherwise):
      if let chosen = try choose(tag, cases, otherwise, slots) { return try put(value, chosen, slots) }
      guard case .string(let string) = value else {
        throw .wrong(.range, "there is no choice for the field that it depends on, so only bytes will do")
      }
      append(string)
    case .nothing: if case .string(let string) = value { append(string) }
    }
    if out.count > ByteString.maximumCount {
      throw .wrong(.limit, "the message would be longer than a string may be (1 GiB)")
    }
  }

  /// What a field is that nobody gives: zero, or empty.
  private mutating func putDefault(_ type: LayoutType, _ index: Int, _ slots: inout LayoutSlots) throws(LayoutStop) {
    switch type {
    case .unsigned, .signed, .float32, .float64, .bits, .variable:
      slots.set(index, .integer(0))
      try put(.integer(0), type, slots)
    case .flag:
      slots.set(index, .boolean(false))
      append(bits: 0, 1)
    case .bytes(let size?, _):
      var count = 0
      do throws(LayoutSlots.Stop) {
        count = try slots.integer(size, UnsafeRawBufferPointer(start: nil, count: 0))
      } catch {
        // A size that is computed from this field: of nothing it is 0.
        if case .wrong(let text) = error { throw .wrong(.range, text) }
      }
      guard count >= 0, count <= ByteString.maximumCount else { throw .wrong(.range, "would have \(count) bytes") }
      do throws(Failure) { try Meter.admit(count) } catch { throw .wrong(error.code, error.message) }
      out.append(contentsOf: repeatElement(0, count: count))
    case .bytes(nil, _): slots.set(index, Value(""))
    case .terminated, .line, .counted:
      slots.set(index, Value(""))
      try put(Value(""), type, slots)
    case .domainName:
      slots.set(index, Value("."))
      out.append(0)
    // NULL.
    case .ber: out += [5, 0]
    case .protobuf: slots.set(index, .list(List()))
    case .message(let layout, let arguments): try message(layout, nil, try values(arguments, slots))
    case .whole(let inner): try putDefault(inner, index, &slots)
    case .list:
      slots.set(index, .list(List()))
      try put(.list(List()), type, slots)
    case .prefixed(let form, let inner, let counts):
      try put(behind: form, type, counts ? 0 : nil) { encoder throws(LayoutStop) in
        try encoder.putDefault(inner, index, &slots)
      }
    case .choice(let tag, let cases, let otherwise):
      if let chosen = try choose(tag, cases, otherwise, slots) { try putDefault(chosen, index, &slots) }
    case .nothing: slots.set(index, .nothing)
    }
  }

  private func choose(
    _ tag: LayoutExpression, _ cases: [LayoutCase], _ otherwise: LayoutType?, _ slots: LayoutSlots
  ) throws(LayoutStop) -> LayoutType? {
    guard let value = try plain(tag, slots) else { return otherwise }
    return cases.first { $0.takes(value) }?.type ?? otherwise
  }

  private func values(_ arguments: [LayoutExpression], _ slots: LayoutSlots) throws(LayoutStop) -> [Value] {
    var values: [Value] = []
    for argument in arguments { values.append(try plain(argument, slots) ?? .nothing) }
    return values
  }

  // MARK: - Kinds of values

  func wrongType(_ value: Value, _ expected: String) -> LayoutStop {
    .wrong(.type, "must be \(expected), not \(value.articleAndType)")
  }

  func string(_ value: Value) throws(LayoutStop) -> ByteString {
    if case .string(let string) = value { return string }
    throw wrongType(value, "a string")
  }

  func number(_ value: Value) throws(LayoutStop) -> Double {
    if let number = value.number { return number }
    throw wrongType(value, "a number")
  }

  func integer(_ value: Value, in bounds: ClosedRange<Int>, _ type: LayoutType) throws(LayoutStop) -> Int {
    if case .boolean(let isSet) = value { return isSet ? 1 : 0 }
    guard let number = value.wholeNumber else { throw wrongType(value, "an int") }
    try require(number, in: bounds, type)
    return number
  }

  func require(_ number: Int, in bounds: ClosedRange<Int>, _ type: LayoutType) throws(LayoutStop) {
    if bounds.contains(number) { return }
    throw .wrong(.range, "\(number) does not fit \(type.spelled) (\(bounds.lowerBound) to \(bounds.upperBound))")
  }

  // MARK: - Bytes

  mutating func append(_ value: UInt64, _ size: Int, _ isLittle: Bool) {
    for index in 0..<size { out.append(BinaryInteger64.byte(index, of: value, size, isLittle)) }
  }

  mutating func append(_ number: Int, _ form: BinaryFormat.Count) {
    switch form {
    case .unsigned(let size, let isLittle): append(UInt64(number), size, isLittle)
    case .variable(let form): form.write(number) { out.append($0) }
    }
  }

  /// How many elements stand behind their number.
  private func elementCount(_ value: Value) throws(LayoutStop) -> Int {
    if case .list(let list) = value { return list.items.count }
    throw wrongType(value, "a list, as its number stands in front of it")
  }

  /// Puts in a list or a message, and in front of it the number of its elements, or else of its bytes.
  mutating func put(
    behind form: BinaryFormat.Count, _ type: LayoutType, _ count: Int?,
    _ content: (inout MessageEncoder) throws(LayoutStop) -> Void
  ) throws(LayoutStop) {
    let start = out.count
    let firstInside = spans?.count ?? 0
    // One of a size of its own has its place before the content; the others are put in.
    if case .unsigned = form { append(0, form) }
    let begin = out.count
    try content(&self)
    let number = count ?? out.count - begin
    guard number <= form.greatest else {
      let what = count == nil ? "bytes" : "elements"
      throw .wrong(.range, "has \(number) \(what) where \(type.spelled) takes \(form.greatest) at most")
    }
    var part = MessageEncoder()
    part.append(number, form)
    out.replaceSubrange(start..<begin, with: part.out)
    if spans != nil, begin == start { moveSpans(from: start, by: part.out.count, firstInside, own: nil) }
  }

  mutating func append(_ string: ByteString) { out.append(contentsOf: string.bytes) }

  mutating func append(bits value: UInt64, _ count: Int) {
    bits.append(value, count) { out.append($0) }
  }


}

extension MessageLayout {
  func has(_ key: Value) -> Bool {
    guard case .string(let text) = key else { return false }
    return fields.contains { field in field.name.map { text.bytes.elementsEqual($0.utf8) } ?? false }
  }

  /// The field of a name like a key.
  func nearest(_ key: Value) -> String? {
    guard case .string(let text) = key else { return nil }
    return Suggestion.nearest(text.text, among: fields.compactMap(\.name))
  }
}

extension LayoutExpression {
  /// It reads nothing but values that stand in front of it, or may.
  fileprivate var isPlain: Bool {
    switch self {
    case .constant, .slot, .member: true
    case .size, .count, .checksum: false
    case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right):
      left.isPlain && right.isPlain
    case .not(let inner), .negate(let inner), .complement(let inner): inner.isPlain
    }
  }

  /// A size or a number of other fields is in it.
  fileprivate var measures: Bool {
    switch self {
    case .constant, .slot, .member, .checksum: false
    case .size, .count: true
    case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right):
      left.measures || right.measures
    case .not(let inner), .negate(let inner), .complement(let inner): inner.measures
    }
  }

  /// There is a checksum in it.
  fileprivate var sums: Bool {
    switch self {
    case .constant, .slot, .member, .size, .count: false
    case .checksum: true
    case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right): left.sums || right.sums
    case .not(let inner), .negate(let inner), .complement(let inner): inner.sums
    }
  }
}
