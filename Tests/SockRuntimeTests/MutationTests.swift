// Where the fields of an encoded message stand, and what mutations are made of them.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct FieldMutationTests {
  private static let text = """
    message Packet
      kind u8
      length varint = size(rest)
      name u8:text
      items list of Item rest
    end

    message Item
      number u16
      label u8:text
    end

    print len(encode(Packet, {kind: 1}))
    """

  /// The program, which the layout lives in, is handed over with it.
  private func packet() throws -> (Program, MessageLayout) {
    let source = SourceFile(name: "packet.sock", bytes: Array(Self.text.utf8))
    let loaded = Loader.load(source) { _, _ in .failure(ReadFailure(message: "there is none")) }
    let program = try Compiler.compile(loaded.main)
    return (program, try #require(program.layouts.first { $0.name == "Packet" }))
  }

  private func item(_ number: Int, _ label: String) -> Value {
    .map(Map([("number", .integer(number)), ("label", Value(label))]))
  }

  private func fields() -> Map {
    let name = String(repeating: "n", count: 200)
    return Map([("kind", .integer(1)), ("name", Value(name)), ("items", .list(List([item(2, "ab"), item(3, "c")])))])
  }

  @Test func fieldsStandWhereTheyAreSaidTo() throws {
    let (program, layout) = try packet()
    defer { program.tearDown() }
    let bytes = try MessageEncoder.encode(layout, fields())
    let spans = try MessageEncoder.spans(layout, fields())
    func found(_ path: String) throws -> [UInt8] {
      Array(bytes[try #require(spans.first { FieldSpan.words($0.path) == path }).range])
    }
    #expect(try found("kind") == [1])
    // Two bytes, which were put in when the size was known: what stands behind them has moved.
    #expect(try found("length") == [0xD2, 0x01])
    #expect(try found("name") == [200] + [UInt8](repeating: 0x6E, count: 200))
    #expect(try found("items[0].number") == [0, 2])
    #expect(try found("items[0].label") == [2, 0x61, 0x62])
    #expect(try found("items[1]") == [0, 3, 1, 0x63])
    #expect(try found("items") == Array(bytes.suffix(9)))
    let length = try #require(spans.first { FieldSpan.words($0.path) == "length" })
    #expect(length.isLength && length.value?.wholeNumber == bytes.count - 3)
  }

  @Test func aMutationIsAChangeAndComesAgain() throws {
    let (program, layout) = try packet()
    defer { program.tearDown() }
    let message = EncodedMessage(layout: layout, fields: fields(), bytes: try MessageEncoder.encode(layout, fields()))
    var possible = PossibleMutations(seed: 1)
    possible.add(message)
    var again = PossibleMutations(seed: 1)
    again.add(message)
    var groups: Set<String> = []
    for number in possible.changes.indices {
      let mutation = possible.mutation(number, inPlaceOf: message.bytes)
      #expect(mutation?.bytes == again.mutation(number, inPlaceOf: message.bytes)?.bytes)
      guard let mutation else { continue }
      #expect(mutation.bytes != message.bytes && !mutation.what.isEmpty)
      for simpler in mutation.simpler() { #expect(simpler.bytes != mutation.bytes, "\(mutation.what)") }
      groups.insert(mutation.group)
    }
    // Each field has its turn, and so have cuts and repetitions of the whole.
    #expect(groups.isSuperset(of: ["kind", "length", "name", "items", "items[0].label", "cut", "repeated"]), "\(groups)")
  }

  @Test func whatIsComputedFromAFieldIsRightAgain() throws {
    let (program, layout) = try packet()
    defer { program.tearDown() }
    let path: [FieldSpan.Step] = [.field("items"), .element(1), .field("label")]
    let longer = try #require(MessageFields.with(Value("abc"), at: path[...], in: fields()))
    let bytes = try MessageEncoder.encode(layout, longer)
    #expect(bytes[1...2] == [0xD4, 0x01])
    let shorter = try #require(MessageFields.without([.field("items"), .element(0)], in: fields()))
    #expect(try MessageEncoder.encode(layout, shorter).suffix(4) == [0, 3, 1, 0x63])
    // Beyond what is there, and in what was given as bytes, there is no field.
    #expect(MessageFields.with(.integer(1), at: [.field("items"), .element(7)], in: fields()) == nil)
    #expect(MessageFields.with(.integer(1), at: [.field("name"), .field("x")], in: fields()) == nil)
  }

  @Test func bytesAreChangedByTheirWordsNumbersAndLines() throws {
    let bytes = Array("*2\r\n$3\r\nGET\r\n".utf8)
    var seen: Set<String> = []
    var possible = PossibleMutations(seed: 1)
    possible.addPlain(bytes)
    for number in possible.changes.indices {
      guard let mutation = possible.mutation(number, inPlaceOf: bytes) else { continue }
      #expect(mutation.bytes != bytes)
      seen.insert(String(decoding: mutation.bytes.prefix(40), as: UTF8.self))
    }
    let some = [
      "*-1\r\n$3\r\nGET\r\n", "*2\r\n$4\r\nGET\r\n", "*2\r\n$3\r\nGET", "$3\r\n*2\r\nGET\r\n", "*2\r\nGET\r\n",
    ]
    for wanted in some {
      #expect(seen.contains(wanted), "\(wanted.debugDescription)")
    }
  }

  /// What is long has too many places for all of them.
  @Test func aLongMessageHasNotTooManyChanges() {
    var possible = PossibleMutations(seed: 1)
    possible.addPlain([UInt8](repeating: 0x41, count: 60_000))
    #expect(possible.changes.count < 3000, "\(possible.changes.count)")
  }
}
