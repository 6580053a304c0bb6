// Elements of ASN.1 in a message: X.690.

import SockLanguage

extension MessageDecoder {
  /// X.690, section 8.1: an identifier, a length, and contents.
  mutating func ber() throws(LayoutStop) -> Map {
    try descend()
    defer { depth -= 1 }
    try account(for: MessageDecoder.bytesOfMap + 2 * MessageDecoder.bytesOfField)
    let start = at
    let first = bytes[try skip(1)]
    var tag = Int(first)
    if first & 0x1F == 0x1F {
      var more: UInt8
      repeat {
        more = bytes[try skip(1)]
        guard tag < 1 << 47 else { throw .wrong(.parse, "has a tag of more than seven bytes", at: start) }
        tag = tag << 8 | Int(more)
      } while more & 0x80 != 0
    }
    let isConstructed = first & 0x20 != 0
    let map = Map(room: 2)
    map.set(BerKeys.tag, .integer(tag))
    guard let size = try berLength(start) else {
      guard isConstructed else { throw .wrong(.parse, "has no length, and no end that would be marked", at: start) }
      map.set(BerKeys.value, .list(try berElements { decoder throws(LayoutStop) in try decoder.takesEnd() }))
      return map
    }
    let begin = try skip(size)
    guard isConstructed else {
      trace?.strings.append(begin..<at)
      map.set(BerKeys.value, Self.berValue(first, UnsafeRawBufferPointer(rebasing: bytes[begin..<at])))
      return map
    }
    let around = (limit: limit, mayGrow: mayGrow)
    (limit, mayGrow) = (at, false)
    at = begin
    map.set(BerKeys.value, .list(try berElements { decoder in decoder.at == decoder.limit }))
    bound(by: around)
    return map
  }

  /// nil: the end is marked.
  private mutating func berLength(_ start: Int) throws(LayoutStop) -> Int? {
    let first = Int(bytes[try skip(1)])
    if first < 0x80 { return first }
    if first == 0x80 { return nil }
    let size = first & 0x7F
    guard size <= 8 else { throw .wrong(.parse, "has a length of \(size) bytes", at: start) }
    let place = try skip(size)
    return Int(exactly: BinaryInteger64.load(bytes, at: place, size, false)) ?? .max
  }

  /// - Parameter ends: whether there is no further one; it takes what marks the end.
  private mutating func berElements(
    until ends: (inout MessageDecoder) throws(LayoutStop) -> Bool
  ) throws(LayoutStop) -> List {
    let list = resumed()?.list ?? List()
    while true {
      let start = at
      var isElement = false
      do throws(LayoutStop) {
        if try ends(&self) { return list }
        isElement = true
        list.items.append(.map(try ber()))
      } catch {
        if case .wrong = error, !isElement { throw error }
        throw stopped(error, elementOf: list, at: start)
      }
    }
  }

  /// Two zeros end what has no length.
  private mutating func takesEnd() throws(LayoutStop) -> Bool {
    let start = try skip(2)
    if bytes[start] == 0, bytes[start + 1] == 0 { return true }
    at = start
    return false
  }

  private static func berValue(_ tag: UInt8, _ contents: UnsafeRawBufferPointer) -> Value {
    switch tag {
    case 0x01 where contents.count == 1: return .boolean(contents[0] != 0)
    case 0x02 where (1...8).contains(contents.count), 0x0A where (1...8).contains(contents.count):
      let bits = BinaryInteger64.load(contents, at: 0, contents.count, false)
      return .integer(BinaryInteger64.signed(bits, contents.count))
    case 0x05 where contents.isEmpty: return .nothing
    default: return .string(ByteString.copy(contents))
    }
  }
}
