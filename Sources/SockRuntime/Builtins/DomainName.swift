// Names of domains as labels, and as text: what messages, `pack` and `unpack` share.

import SockLanguage

enum DomainName {
  enum Reading {
    /// The name, and where what follows it begins.
    case whole(ByteString, end: Int)
    /// There have to be so many bytes at least.
    case needs(Int)
    /// What is wrong, and at which byte.
    case wrong(String, at: Int)
  }

  /// Why text is no name.
  struct Problem: Error {
    let text: String
  }

  static let endless = "the name does not end"

  /// A name has no more labels. Bytes that are nothing but pointers to each other would be gone through for each name.
  private static let mostPointers = 127

  /// RFC 1035, section 4.1.4: labels, of which the last may be a pointer to others that stand in front of it. Dots and
  /// what cannot be printed are escaped as in section 5.1.
  /// - Parameters:
  ///   - limit: no byte from there on is the name's own; what it points to is nobody's.
  ///   - origin: from where pointers count.
  static func read(_ bytes: UnsafeRawBufferPointer, at start: Int, end limit: Int, origin: Int) -> Reading {
    var builder = ByteBuilder(capacity: 64)
    var place = start
    /// Behind the name, once a pointer has left it.
    var behind: Int?
    /// Where the labels that are being read began: a pointer leads in front of them, so none leads round.
    var run = start
    var length = 0
    var pointers = 0
    while true {
      let end = behind == nil ? limit : bytes.count
      guard place < end else { return behind == nil ? .needs(place + 1) : .wrong(endless, at: start) }
      let count = Int(bytes[place])
      switch count >> 6 {
      case 0:
        if count == 0 {
          if builder.count == 0 { builder.append(0x2E) }
          return .whole(builder.finish(), end: behind ?? place + 1)
        }
        guard end - place > count else {
          return behind == nil ? .needs(place + 1 + count) : .wrong(endless, at: start)
        }
        length += count + 1
        guard length < 255 else { return .wrong("the name is longer than 255 bytes", at: start) }
        if builder.count > 0 { builder.append(0x2E) }
        for byte in bytes[(place + 1)...(place + count)] { builder.append(label: byte) }
        place += count + 1
      case 3:
        guard end - place > 1 else { return behind == nil ? .needs(place + 2) : .wrong(endless, at: start) }
        let target = origin + ((count & 0x3F) << 8 | Int(bytes[place + 1]))
        behind = behind ?? place + 2
        guard target < run else {
          return .wrong("the name points to byte \(target), which is not in front of it", at: place)
        }
        pointers += 1
        guard pointers <= mostPointers else {
          return .wrong("the name goes on over more than \(mostPointers) pointers", at: start)
        }
        (place, run) = (target, target)
      default: return .wrong("a label begins with 0x\(String(count, radix: 16)), which nothing does", at: place)
      }
    }
  }

  /// Labels without compression, from a name as a zone file has it: `\.` is a dot in a label, `\065` a byte.
  static func bytes(of name: ByteString) throws(Problem) -> [UInt8] {
    var labels: [[UInt8]] = [[]]
    let text = name.bytes
    var at = 0
    while at < text.count {
      var byte = text[at]
      at += 1
      if byte == 0x2E {
        labels.append([])
        continue
      }
      if byte == 0x5C, at < text.count {
        let digits = text[at...].prefix(3)
        if digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) {
          let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
          guard let value = UInt8(exactly: number) else { throw Problem(text: "`\\\(number)` is no byte") }
          (byte, at) = (value, at + 3)
        } else {
          (byte, at) = (text[at], at + 1)
        }
      }
      labels[labels.count - 1].append(byte)
    }
    if labels.last?.isEmpty == true { labels.removeLast() }
    if labels == [[]] { labels = [] }
    var length = 1
    var result: [UInt8] = []
    for label in labels {
      guard !label.isEmpty else { throw Problem(text: "has an empty label in it") }
      guard label.count < 64 else { throw Problem(text: "has a label of \(label.count) bytes; 63 are the most") }
      length += label.count + 1
      result.append(UInt8(label.count))
      result += label
    }
    result.append(0)
    guard length <= 255 else { throw Problem(text: "is a name of \(length) bytes; 255 are the most") }
    return result
  }
}

extension ByteBuilder {
  /// A byte of a label, as in a zone file.
  fileprivate mutating func append(label byte: UInt8) {
    switch byte {
    case 0x2E, 0x5C:
      append(0x5C)
      append(byte)
    case 0x21...0x7E: append(byte)
    default:
      append(0x5C)
      append(UInt(byte), radix: 10, minimumDigits: 3)
    }
  }
}
