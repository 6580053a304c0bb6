// The frames of LSP's base protocol: a head with Content-Length, then so many bytes of JSON.

import SocketCore

/// What has come from the client and makes no whole message yet.
struct FrameReader {
  enum Frame {
    case message(Json)
    /// The bytes of a message are no JSON.
    case unreadable
  }

  /// More than any text has; who says so is not speaking this protocol.
  static let longest = 256 << 20

  private var bytes: [UInt8] = []
  /// What of `bytes` has been taken.
  private var start = 0
  /// A message is longer than any may be, or the head goes on and on.
  private(set) var isBroken = false

  mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// The next message; nil until all of it is there.
  mutating func next() -> Frame? {
    while !isBroken {
      guard let head = headEnd() else {
        isBroken = bytes.count - start > 64 << 10
        return nil
      }
      guard let length = FrameReader.length(in: bytes[start..<head]) else {
        // A head that says nothing of use: what follows may be another one.
        start = head
        continue
      }
      guard length <= FrameReader.longest else {
        isBroken = true
        return nil
      }
      guard bytes.count - head >= length else { return nil }
      let body = bytes[head..<(head + length)]
      let message = Json.parse(body) ?? Json.parse(FrameReader.withoutHalves(body))
      start = head + length
      if start == bytes.count || start > 1 << 20 {
        bytes.removeFirst(start)
        start = 0
      }
      return message.map { .message($0) } ?? .unreadable
    }
    return nil
  }

  /// A text of an editor that counts in UTF-16 may have half of a character in it, while it is being edited: U+FFFD
  /// stands for it then, which counts as much.
  private static func withoutHalves(_ body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var result = Array(body)
    /// What `\uXXXX` at a place says; nil where there is none.
    func codeUnit(_ at: Int) -> UInt32? {
      guard at + 6 <= result.count, result[at] == 0x5C, result[at + 1] == UInt8(ascii: "u") else { return nil }
      return UInt32(String(decoding: result[(at + 2)..<(at + 6)], as: UTF8.self), radix: 16)
    }
    var at = 0
    while at < result.count {
      guard result[at] == 0x5C else {
        at += 1
        continue
      }
      guard let unit = codeUnit(at), (0xD800..<0xE000).contains(unit) else {
        at += 2
        continue
      }
      if unit < 0xDC00, let second = codeUnit(at + 6), (0xDC00..<0xE000).contains(second) {
        at += 12
        continue
      }
      result.replaceSubrange((at + 2)..<(at + 6), with: Array("fffd".utf8))
      at += 6
    }
    return result[...]
  }

  /// Behind the empty line that ends a head.
  private func headEnd() -> Int? {
    var at = start
    while let lineEnd = bytes[at...].firstIndex(of: 0x0A) {
      let line = bytes[at..<lineEnd]
      if line.isEmpty || line.elementsEqual([0x0D]) { return lineEnd + 1 }
      at = lineEnd + 1
    }
    return nil
  }

  private static func length(in head: ArraySlice<UInt8>) -> Int? {
    for line in head.split(separator: 0x0A) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      guard parts.count == 2,
        String(decoding: parts[0], as: UTF8.self).lowercased() == "content-length"
      else { continue }
      let digits = parts[1].filter { ![0x20, 0x09, 0x0D].contains($0) }
      return Int(String(decoding: digits, as: UTF8.self)).flatMap { $0 >= 0 ? $0 : nil }
    }
    return nil
  }

  static func frame(_ body: [UInt8]) -> [UInt8] { Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body }
}
