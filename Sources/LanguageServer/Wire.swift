// The frames of LSP's base protocol: a head with Content-Length, then so many bytes of JSON.

import SockLanguage
import SockRuntime
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
  /// Why no message can be read any more: one is longer than any may be, or the head goes on and on.
  private(set) var failure: String?
  /// What was left out, since it is no head of a message, in words; whoever tells of it sets it back.
  private var skipped: String?

  private static let longestHead = 64 << 10
  private static let bytesShown = 60

  mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// The next message; nil until all of it is there.
  mutating func next() -> Frame? {
    while failure == nil {
      guard let head = headEnd() else {
        if bytes.count - start > FrameReader.longestHead { failure = withoutLength(bytes[start...]) }
        return nil
      }
      guard let length = FrameReader.length(in: bytes[start..<head]) else {
        // A head that says nothing of use: what follows may be another one.
        let hasText = bytes[start..<head].contains { ![0x0D, 0x0A].contains($0) }
        if hasText, skipped == nil { skipped = "\(withoutLength(bytes[start..<head])); it was left out" }
        start = head
        continue
      }
      guard length <= FrameReader.longest else {
        failure = "a message of \(length) bytes was announced, and none may be longer than \(FrameReader.longest)"
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

  /// What there is to say of what was left out since the last time.
  mutating func takeSkipped() -> String? {
    defer { skipped = nil }
    return skipped
  }

  /// Nothing more comes: what is left is no message, and never will be.
  mutating func end() {
    guard failure == nil, start < bytes.count else { return }
    guard let head = headEnd(), let length = FrameReader.length(in: bytes[start..<head]) else {
      failure = withoutLength(bytes[start...])
      return
    }
    failure = "the input has ended in a message: \(bytes.count - head) of its \(length) bytes have come"
  }

  private func withoutLength(_ bytes: ArraySlice<UInt8>) -> String {
    let shown = Show.inspect(Value(Array(bytes.prefix(FrameReader.bytesShown)))).text
    return "a message begins with `Content-Length: N` and an empty line; what came has none: "
      + "\(shown)\(bytes.count > FrameReader.bytesShown ? "…" : "")"
  }

  /// Tells of what is wrong with what an editor sends where whoever has started this looks for it.
  static func tell(_ problem: String, of command: String, on descriptor: Int32 = StandardStream.error) {
    // Where nobody reads it, there is nobody to tell.
    _ = OutputWriter.writeAll(descriptor, Array("sock: \(command): \(problem)\n".utf8))
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
