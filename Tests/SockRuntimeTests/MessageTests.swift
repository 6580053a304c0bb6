// Declared messages: whatever bytes come, decoding them ends, with fields or the name of one; and what has been decoded
// is encoded to what is decoded to the same.

import Glibc
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

  private static func layouts(_ text: String = declarations) throws -> [MessageLayout] {
    let source = SourceFile(name: "messages.sock", text: text)
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

  /// A message of protobuf is whatever its fields are, and none of what comes is lost.
  @Test func anyBytesOfProtobufComeBack() throws {
    let layout = try #require(
      try Self.layouts(
        """
        message All
          a protobuf 1 varint
          b protobuf 2 text
          c protobuf 3 repeated All
          d protobuf 4 packed zigzag
          e protobuf 5 repeated u32le
          f protobuf 6 flag
          g protobuf 7 i64le
        end
        """
      ).first)
    var random = Numbers(state: 3)
    var decoded = 0
    for _ in 0..<20000 {
      let bytes = (0..<Int.random(in: 0...20, using: &random)).map { _ -> UInt8 in
        let keys: [UInt8] = [8, 18, 26, 34, 45, 42, 48, 57, 0, 1, 2, 3, 5, 67, 68, 72, 0x82, 0x80]
        return keys[Int.random(in: keys.indices, using: &random)]
      }
      guard let (fields, size) = decode(layout, bytes) else { continue }
      #expect(size == bytes.count)
      let again = try MessageEncoder.encode(layout, fields)
      let (other, _) = try #require(decode(layout, again), "\(bytes), encoded as \(again)")
      #expect(try Equality.equal(.map(fields), .map(other)), "\(bytes), encoded as \(again)")
      decoded += bytes.count > 4 ? 1 : 0
    }
    #expect(decoded > 300, "\(decoded)")
  }

  private func told(_ stop: LayoutStop) -> String {
    switch stop {
    case .more(let count): "\(count) bytes are needed"
    case .wrong(let problem): problem.words("")
    }
  }

  private func decode(_ layout: MessageLayout, _ bytes: [UInt8]) -> (fields: Map, size: Int)? {
    bytes.withUnsafeBytes { try? MessageDecoder.decode(layout, $0) }
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
        var progress: MessageProgress?
        do throws(LayoutStop) {
          _ = try MessageDecoder.decode(layout, bytes, from: &progress)
        } catch {
          if case .more(let least) = error { needed = least }
        }
      }
      #expect(needed > count && needed <= whole.count, "\(count) of \(whole.count) bytes")
    }
  }

  /// What the bytes are found to be: the fields and their size, how many are needed, or what is wrong with them.
  private func found(_ layout: MessageLayout, _ bytes: ArraySlice<UInt8>, _ progress: inout MessageProgress?) -> String {
    bytes.withUnsafeBytes { bytes in
      do throws(LayoutStop) {
        let (fields, size) = try MessageDecoder.decode(layout, bytes, from: &progress)
        return "\(size) bytes: \(Show.inspect(.map(fields)).text)"
      } catch {
        return told(error)
      }
    }
  }

  /// However a message comes, in pieces of one byte or of many, it is found to be the same as all at once: whole, wrong,
  /// or in want of as many bytes.
  @Test func whatComesInPiecesIsTheSame() throws {
    var random = Numbers(state: 7)
    var (whole, wrong) = (0, 0)
    for layout in try Self.layouts() {
      let valid = try MessageEncoder.encode(layout, nil)
      for number in 0..<600 {
        var bytes = valid
        for _ in 0..<Int.random(in: 0...40, using: &random) { bytes.append(.random(in: 0...255, using: &random)) }
        for _ in 0..<Int.random(in: 0...(number % 8), using: &random) {
          let edges: [UInt8] = [0, 1, 2, 3, 4, 0x7F, 0x80, 0xC0, 0xFF, 0x24]
          bytes[Int.random(in: bytes.indices, using: &random)] = edges[Int.random(in: edges.indices, using: &random)]
        }
        var progress: MessageProgress?
        var count = 0
        while count < bytes.count {
          count = min(count + (number % 2 == 0 ? 1 : Int.random(in: 1...9, using: &random)), bytes.count)
          var none: MessageProgress?
          let wanted = found(layout, bytes[..<count], &none)
          let came = found(layout, bytes[..<count], &progress)
          // Of a number of bytes more than one is true.
          if came.hasSuffix("are needed"), wanted.hasSuffix("are needed") { continue }
          #expect(came == wanted, "\(layout.name), \(count) bytes of \(bytes)")
          if came.contains(" bytes: ") { whole += 1 } else { wrong += 1 }
          break
        }
      }
    }
    #expect(whole > 300 && wrong > 300, "\(whole) whole, \(wrong) wrong")
  }

  /// What has been decoded is not decoded again: with each byte that comes, it goes on at the last field or element.
  @Test(arguments: [
    "list of u16:bytes count 3000", "list of line count 1000", "list of dns_name count 1000", "ber", "cstr",
    "list of Pair count 1000", "list of list of varint count 2 count 1000",
    "choose size: 5 nil, else list of Pair count 900",
  ])
  func whatHasBeenDecodedIsNotDecodedAgain(type: String) throws {
    let layout = try #require(
      try Self.layouts(
        "message All\n size u8 default 1\n body \(type)\n check u8\nend\n"
          + "message Pair\n flags flag\n _ bits 7\n next nil\n name u8:bytes\n sum u8 = size(name)\nend\n"
      ).first { $0.name == "All" })
    var bytes: [UInt8] = [1]
    switch type {
    case "ber": bytes += [0x30, 0x80] + (0..<1000).flatMap { _ in [0x24, 0x80, 4, 1, 65, 0, 0] as [UInt8] } + [0, 0]
    case "cstr": bytes += [UInt8](repeating: 65, count: 4000) + [0]
    case let list where list.contains("line"): bytes += (0..<1000).flatMap { _ in Array("abc\r\n".utf8) }
    case let list where list.contains("u16"): bytes += (0..<3000).flatMap { _ in [0, 1, 65] as [UInt8] }
    case let list where list.contains("dns"): bytes += (0..<1000).flatMap { _ in [1, 65, 0] as [UInt8] }
    case let list where list.contains("varint"): bytes += (0..<1000).flatMap { _ in [0x81, 1, 5] as [UInt8] }
    default: bytes += (0..<1000).flatMap { _ in [0x80, 1, 65, 2] as [UInt8] }
    }
    bytes.append(9)
    var progress: MessageProgress?
    var last = ""
    for count in 1...bytes.count where !last.contains(" bytes: ") {
      last = found(layout, bytes[..<count], &progress)
      guard last.hasSuffix("are needed") else { continue }
      let place = try #require((progress as? LayoutProgress)?.place)
      try #require(place > count - 8, "goes on at byte \(place) of \(count)")
    }
    #expect(last.contains(" bytes: "), "\(last)")
  }

  /// A number that is put in moves only what stands behind it: with each element those of all others would be moved.
  @Test func fieldsOfManyElementsStandWhereTheyAreSaidTo() throws {
    let layout = try #require(
      try Self.layouts(
        "message All\n items list of Sized rest\nend\nmessage Sized\n size varint = size(value)\n value bytes\nend\n"
      ).first { $0.name == "All" })
    func time(_ count: Int) throws -> Int {
      let items = (0..<count).map { _ in Value.map(Map([("value", Value("abc"))])) }
      let fields = Map([("items", .list(List(items)))])
      let bytes = try MessageEncoder.encode(layout, fields)
      let begin = ThreadTime.now
      let spans = try MessageEncoder.spans(layout, fields)
      let time = ThreadTime.now - begin
      let last = try #require(spans.last { FieldSpan.words($0.path) == "items[\(count - 1)].value" })
      #expect(last.range == bytes.count - 3..<bytes.count)
      let length = try #require(spans.last { FieldSpan.words($0.path) == "items[\(count - 1)].size" })
      #expect(length.range == bytes.count - 4..<bytes.count - 3 && length.value?.wholeNumber == 3)
      return time
    }
    let few = try (0..<3).map { _ in try time(250) }.min() ?? 0
    #expect(try time(8000) < few * 100)
  }

  /// The sizes of fields that follow are known one after the other, the last ones first.
  @Test func sizesOfManySizesAreComputed() throws {
    func time(_ count: Int) throws -> Int {
      let fields = (0..<count).map { " n\($0) varint = size(n\($0 + 1)..n\(count))\n" }.joined()
      let layout = try #require(try Self.layouts("message All\n\(fields) n\(count) u8\nend\n").first)
      let begin = ThreadTime.now
      let bytes = try MessageEncoder.encode(layout, nil)
      let time = ThreadTime.now - begin
      #expect(bytes.suffix(5) == [4, 3, 2, 1, 0])
      return time
    }
    let few = try (0..<3).map { _ in try time(50) }.min() ?? 0
    #expect(try time(400) < few * 200)
  }

  /// Who wants one field pays for no record of the others.
  @Test func oneFieldIsFoundWithoutTheOthers() throws {
    let layout = try #require(
      try Self.layouts("message All\n n u8\n items list of Pair count n\n numbers list of u16 rest\nend\n"
        + "message Pair\n a, b u8\nend\n").first { $0.name == "All" })
    let bytes = [2, 1, 2, 3, 4] + [UInt8](repeating: 0, count: 6000)
    func place(_ path: String) -> Range<Int>? {
      let trace = LayoutTrace(of: path)
      _ = bytes.withUnsafeBytes { try? MessageDecoder.decode(layout, $0, trace: trace) }
      return trace.place
    }
    #expect(place(".n") == 0..<1)
    #expect(place(".items") == 1..<5)
    #expect(place(".items[1]") == 3..<5)
    #expect(place(".items[1].b") == 4..<5)
    #expect(place(".numbers[0]") == 5..<7)
    #expect(place(".numbers[2999]") == 6003..<6005)
    #expect(place(".items[2].b") == nil && place(".b") == nil && place("") == nil)
    let all = LayoutTrace()
    _ = bytes.withUnsafeBytes { try? MessageDecoder.decode(layout, $0, trace: all) }
    #expect(all.entries.map { all.path(of: $0) }.prefix(6) == [
      ".n", ".items", ".items[0]", ".items[0].a", ".items[0].b", ".items[1]",
    ])
    #expect(all.entries.count == 8 + 1 + LayoutTrace.plainElements)
    let few = LayoutTrace(most: 3)
    _ = bytes.withUnsafeBytes { try? MessageDecoder.decode(layout, $0, trace: few) }
    #expect(few.entries.map { few.path(of: $0) } == [".n", ".items", ".items[0]"])
  }
}

/// What the thread has computed, in nanoseconds: others may have the processor meanwhile.
private enum ThreadTime {
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
