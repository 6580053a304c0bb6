// Messages of protobuf: its encoding has no specification but its own documentation.

import SockLanguage

extension MessageDecoder {
  /// The fields of a message of protobuf, in whatever order, up to where it ends. What has no declaration, and all but
  /// the last of a field that may stand there once, are kept apart.
  mutating func numbered(_ map: Map, _ layout: MessageLayout) throws(LayoutStop) {
    _ = try left(0)
    let unknown = List()
    /// Where each of these begins: they stay in their order.
    var places: [Int] = []
    var starts = [Int](repeating: -1, count: layout.fields.count)
    while at < limit {
      let start = at
      let (number, wire) = try protobufKey()
      guard let index = layout.numbers[number] else {
        at = start
        try appendProtobuf(to: unknown, of: ProtobufKeys.unknown)
        places.append(start)
        trace?.note(unknown: unknown, number, wire, start..<at, depth)
        continue
      }
      let field = layout.fields[index]
      if field.repetition == .once, starts[index] >= 0 {
        let behind = at
        at = starts[index]
        let earlier = try protobufField()
        at = behind
        var position = places.count
        while position > 0, places[position - 1] > starts[index] { position -= 1 }
        unknown.items.insert(.map(earlier), at: position)
        places.insert(starts[index], at: position)
      }
      starts[index] = start
      do throws(LayoutStop) {
        if field.repetition == .once {
          let mark = trace?.enter(field, depth)
          let begin = at
          let value = try protobufValue(field.type, wire)
          if field.isHeld, let constant = field.constant { try hold(value, against: constant, from: begin) }
          map.set(field.key, value)
          if let trace, let mark { trace.leave(mark, value, start..<at) }
        } else {
          let list: List
          if case .list(let known)? = map[field.key] { list = known } else { list = List() }
          let count = list.items.count
          try repeated(field, wire, list, from: start)
          if list.items.count > count {
            map.set(field.key, .list(list))
          } else {
            // None behind their number: as a list they would be sent as nothing.
            at = start
            try appendProtobuf(to: unknown, of: ProtobufKeys.unknown)
            places.append(start)
            trace?.note(unknown: unknown, number, wire, start..<at, depth)
          }
        }
      } catch {
        if case .wrong(let problem) = error { problem.isIn(field) }
        throw error
      }
    }
    if !unknown.items.isEmpty { map.set(ProtobufKeys.unknown, .list(unknown)) }
  }

  /// One element of a field that may stand there several times, or many behind one number.
  private mutating func repeated(
    _ field: LayoutField, _ wire: Int, _ list: List, from start: Int
  ) throws(LayoutStop) {
    let isPacked = wire == 2 && field.type.wireType != 2
    let around = (limit: limit, mayGrow: mayGrow)
    if isPacked {
      let size = try protobufSize()
      let begin = try skip(size)
      (at, limit) = (begin, begin + size)
    }
    let mark = trace?.enter(list.items.count, of: field, depth)
    let first = list.items.count
    do throws(LayoutStop) {
      repeat {
        if isPacked, at == limit { break }
        list.items.append(try protobufValue(field.type, isPacked ? field.type.wireType : wire))
        try account(for: 2 * MemoryLayout<Value>.stride)
      } while isPacked
    } catch {
      if case .wrong(let problem) = error { problem.isIn(element: list.items.count) }
      throw error
    }
    bound(by: around)
    if let trace, let mark {
      if list.items.count == first { return trace.forget(mark) }
      let value = isPacked ? .list(List(Array(list.items[first...]))) : list.items.last ?? .nothing
      trace.leave(mark, value, start..<at)
    }
  }

  /// A field's number, and how its value is written.
  private mutating func protobufKey() throws(LayoutStop) -> (number: Int, wire: Int) {
    let start = at
    let key = try bits64()
    let (number, wire) = (Int(truncatingIfNeeded: UInt64(bitPattern: Int64(key)) >> 3), key & 7)
    guard (1..<1 << 29).contains(number) else {
      throw .wrong(.parse, "a field has the number \(number), which none of protobuf has", at: start)
    }
    return (number, wire)
  }

  /// The bits of a LEB128 of up to 64.
  private mutating func bits64() throws(LayoutStop) -> Int {
    switch BinaryFormat.VariableInteger.readBits(bytes, at: at, end: limit) {
    case .whole(let bits, let size):
      at += size
      return bits
    case .needs(let count): throw tooFew(count)
    case .tooLong: throw .wrong(.range, "has more than 64 bits", at: at)
    }
  }

  private mutating func protobufSize() throws(LayoutStop) -> Int {
    let bits = try bits64()
    // One that fits no int is more than there is, too.
    return bits < 0 ? .max : bits
  }

  private mutating func protobufValue(_ type: LayoutType, _ wire: Int) throws(LayoutStop) -> Value {
    guard wire == type.wireType else {
      throw .wrong(.parse, "has the wire type \(wire), and \(type.spelled) has \(type.wireType)", at: at)
    }
    let begin = at
    switch type {
    case .variable(.varint): return .integer(try bits64())
    case .flag: return .boolean(try bits64() != 0)
    case .unsigned(size: 8, let isLittle):
      let start = try skip(8)
      let bits = BinaryInteger64.load(bytes, at: start, 8, isLittle)
      guard let number = Int(exactly: bits) else {
        throw .wrong(.range, "\(bits) does not fit an int (as i64le it is one with a sign)", at: start)
      }
      return .integer(number)
    case .bytes(_, let isText):
      let size = try protobufSize()
      do throws(LayoutStop) {
        return try string(size, isText: isText)
      } catch {
        if case .wrong(let problem) = error, problem.offset == at { problem.offset = begin }
        throw error
      }
    case .message:
      let size = try protobufSize()
      let around = (limit: limit, mayGrow: mayGrow)
      let start = try skip(size)
      (at, limit) = (start, start + size)
      var none = LayoutSlots()
      let value = try take(type, &none, tail: 0)
      if at < limit { throw .wrong(.parse, "\(ByteDifference.bytes(limit - at)) left over", at: at) }
      bound(by: around)
      return value
    default:
      var none = LayoutSlots()
      return try take(type, &none, tail: 0)
    }
  }

  mutating func appendProtobuf(to list: List, of key: Value? = nil) throws(LayoutStop) {
    do throws(LayoutStop) {
      list.items.append(.map(try protobufField()))
    } catch {
      if case .wrong(let problem) = error {
        problem.isIn(element: list.items.count)
        if key != nil { problem.isIn(MessageDeclaration.unknown) }
      }
      throw error
    }
  }

  /// Any field, by what its wire type says.
  private mutating func protobufField() throws(LayoutStop) -> Map {
    try descend()
    defer { depth -= 1 }
    try account(for: MessageDecoder.bytesOfMap + 3 * MessageDecoder.bytesOfField)
    let start = at
    let (number, wire) = try protobufKey()
    let map = Map(room: 3)
    map.set(ProtobufKeys.number, .integer(number))
    map.set(ProtobufKeys.wire, .integer(wire))
    let value: Value
    switch wire {
    case 0: value = .integer(try bits64())
    case 1, 5:
      let size = wire == 1 ? 8 : 4
      let place = try skip(size)
      value = .integer(Int(truncatingIfNeeded: BinaryInteger64.load(bytes, at: place, size, true)))
    case 2: value = try string(try protobufSize(), isText: false)
    case 3:
      let list = List()
      while true {
        let place = at
        let (other, end) = try protobufKey()
        if end == 4 {
          if other == number { break }
          throw .wrong(.parse, "the group \(number) ends as \(other)", at: place)
        }
        at = place
        try appendProtobuf(to: list)
      }
      value = .list(list)
    case 4: throw .wrong(.parse, "ends a group that was not begun", at: start)
    default: throw .wrong(.parse, "has the wire type \(wire), which there is not", at: start)
    }
    map.set(ProtobufKeys.value, value)
    return map
  }
}
