// Declared messages: whatever bytes come, decoding them ends, with fields or the name of one; and what has been decoded
// is encoded to what is decoded to the same.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct MessageTests {
  private static let declarations = """
    message All
      a u8
      b u24le
      c i40
      d u64
      e f32
      f f64le
      g bits 3
      h flag
      i bits 20
      j varint
      k mqtt_varint
      l quic_varint
      m cstr
      n u8:text
      o bytes 3
      p bytes a - 1 if a > 0 and a < 9
      q line
      r dns_name
      s list of Item count g
      t list of u16 size b & 7
      u choose a: 0 nil, 1..3 Item, 4 list of Item count 2, "x" u8, else u16:bytes
      v u16 default crc32(a..u) & 0xffff
      w rest
      x u8
    end

    message Item
      length u8 = size(value) + 1
      value choose length: 1 nil, 2 u8, else bytes
      next Item if length == 3
    end

    message Framed
      head Head
      length u32le = size(head..) - 4
      body Body(head.kind)
      check u16 = inet_checksum(message)
    end

    message Head
      magic bytes 2 default "OK"
      kind u8
    end

    message Body(kind)
      name text kind & 3
      items list of Item rest
    end
    """

  /// The same numbers each time, so that a failure comes again.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 33
    }
  }

  private static func layouts() throws -> [MessageLayout] {
    let source = SourceFile(name: "messages.sock", text: declarations)
    let result = Loader.load(source) { _, _ in .failure(ReadFailure(message: "there is no such file")) }
    try #require(result.diagnostics.isEmpty, "\(result.diagnostics)")
    let compiler = Compiler()
    return result.main.exports.values.compactMap(\.message).filter(\.parameters.isEmpty).map(compiler.layout)
      .sorted { $0.name < $1.name }
  }

  @Test func anyBytesEnd() throws {
    var random = Numbers(state: 20)
    var decoded = 0
    for layout in try Self.layouts() {
      let valid = try MessageEncoder.encode(layout, nil)
      for number in 0..<4000 {
        var bytes = valid
        for _ in 0..<Int.random(in: 0...40, using: &random) { bytes.append(.random(in: 0...255, using: &random)) }
        for _ in 0..<Int.random(in: 0...(number % 8), using: &random) {
          let edges: [UInt8] = [0, 1, 2, 3, 4, 0x7F, 0x80, 0xC0, 0xFF]
          bytes[Int.random(in: bytes.indices, using: &random)] = edges[Int.random(in: edges.indices, using: &random)]
        }
        if number % 5 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
        guard let (fields, size) = decode(layout, bytes) else { continue }
        decoded += 1
        #expect(size <= bytes.count)
        let again: [UInt8]
        do throws(LayoutStop) {
          again = try MessageEncoder.encode(layout, fields)
        } catch {
          let shown = Show.inspect(.map(fields)).text
          Issue.record("\(bytes) is decoded to what cannot be encoded: \(shown): \(told(error))")
          return
        }
        let text = Show.inspect(.map(fields)).text
        guard !text.contains("nan") else { continue }
        let other = decode(layout, again).map { Show.inspect(.map($0.fields)).text }
        #expect(other == text, "\(bytes), encoded as \(again)")
      }
    }
    #expect(decoded > 500)
  }

  private func told(_ stop: LayoutStop) -> String {
    switch stop {
    case .more(let count): "\(count) bytes are needed"
    case .wrong(let problem): problem.words("")
    }
  }

  private func decode(_ layout: MessageLayout, _ bytes: [UInt8]) -> (fields: Map, size: Int)? {
    bytes.withUnsafeBytes { try? MessageDecoder.decode(layout, $0, mayGrow: false) }
  }

  /// Cut anywhere, a message that may go on says how many bytes it needs at least, and never more than it has.
  @Test func whatIsCutAsksForMore() throws {
    let layout = try #require(try Self.layouts().first { $0.name == "Framed" })
    let item = Map([("value", Value("abcdef"))])
    let body = Map([("name", Value("a")), ("items", .list(List([.map(item), .map(item)])))])
    let fields = Map([("head", .map(Map([("kind", .integer(1))]))), ("body", .map(body))])
    let whole = try MessageEncoder.encode(layout, fields)
    for count in 0..<whole.count {
      var needed = 0
      whole[..<count].withUnsafeBytes { bytes in
        do throws(LayoutStop) {
          _ = try MessageDecoder.decode(layout, bytes, mayGrow: true)
        } catch {
          if case .more(let least) = error { needed = least }
        }
      }
      #expect(needed > count && needed <= whole.count, "\(count) of \(whole.count) bytes")
    }
  }
}
