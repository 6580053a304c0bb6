// Elements of ASN.1 in a message: X.690.

import SockLanguage

extension MessageEncoder {
  /// An element of ASN.1: its identifier, its length unless another is given, and its contents.
  mutating func append(ber value: Value) throws(LayoutStop) {
    try descend()
    defer { depth -= 1 }
    guard case .map(let map) = value else {
      if case .string(let string) = value { return append(string) }
      throw wrongType(value, "a map of `tag` and `value`, or the bytes")
    }
    guard let tag = map[BerKeys.tag]?.wholeNumber, (0...(1 << 55)).contains(tag) else {
      throw .wrong(.type, "an element has a `tag`, as 0x30")
    }
    var contents = MessageEncoder()
    contents.depth = depth
    switch map[BerKeys.value] ?? .nothing {
    case .nothing: break
    case .boolean(let isSet): contents.out.append(isSet ? 0xFF : 0)
    case .integer(let number):
      // As few bytes as hold the sign, too.
      var size = 1
      while size < 8, !(-(1 << (size * 8 - 1))..<(1 << (size * 8 - 1))).contains(number) { size += 1 }
      contents.append(UInt64(bitPattern: Int64(number)), size, false)
    case .string(let string): contents.append(string)
    case .list(let list):
      for (index, item) in list.items.enumerated() {
        do throws(LayoutStop) {
          try contents.append(ber: item)
        } catch {
          if case .wrong(let problem) = error { problem.isIn(element: index) }
          throw error
        }
      }
    case let other: throw wrongType(other, "an int, true, false, nil, bytes, or a list of elements")
    }
    var size = 1
    while tag >> (8 * size) > 0 { size += 1 }
    append(UInt64(tag), size, false)
    let length = map[BerKeys.length]?.wholeNumber ?? contents.out.count
    guard length >= 0 else { throw .wrong(.range, "has a length of \(length)") }
    if length < 0x80 {
      out.append(UInt8(length))
    } else {
      var size = 1
      while size < 8, length >> (8 * size) > 0 { size += 1 }
      out.append(0x80 | UInt8(size))
      append(UInt64(length), size, false)
    }
    out += contents.out
  }
}
