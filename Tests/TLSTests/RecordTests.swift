// Records in a stream of bytes.
import Testing

@testable import TLS

@Suite struct RecordTests {
  /// A stream of records with these types and lengths.
  private func stream(_ records: [(type: UInt8, length: Int)]) -> [UInt8] {
    records.flatMap { type, length in
      [type, 3, 3, UInt8(length >> 8), UInt8(length & 0xff)] + [UInt8](repeating: 9, count: length)
    }
  }

  private func split(_ bytes: [UInt8], inPiecesOf size: Int) -> (headers: [TLSRecords.Header], isAtBoundary: Bool) {
    var records = TLSRecords()
    var headers: [TLSRecords.Header] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      bytes[start..<min(bytes.count, start + size)].withUnsafeBytes { piece in
        var rest = piece[...]
        while !rest.isEmpty {
          let (count, ended) = records.next(in: UnsafeRawBufferPointer(rebasing: rest))
          rest = rest.dropFirst(count)
          if let ended { headers.append(ended) }
        }
      }
    }
    return (headers, records.isAtBoundary)
  }

  @Test(arguments: [1, 2, 4, 5, 6, 7, 100, 1 << 20])
  func recordsEndWhereTheyEndInPiecesOf(size: Int) {
    let bytes = stream([(22, 512), (20, 1), (23, 0), (23, 16640), (21, 2)])
    let (headers, isAtBoundary) = split(bytes, inPiecesOf: size)
    #expect(headers.map(\.type) == [22, 20, 23, 23, 21])
    #expect(headers.map(\.length) == [512, 1, 0, 16640, 2])
    #expect(headers.map(\.size).reduce(0, +) == bytes.count)
    let names = ["handshake", "change_cipher_spec", "application_data", "application_data", "alert"]
    #expect(headers.map(\.typeName) == names)
    #expect(headers.allSatisfy { $0.isPlausible && $0.version == 0x0303 })
    #expect(isAtBoundary)
    #expect(!split(bytes.dropLast(), inPiecesOf: size).isAtBoundary)
    #expect(!split(Array(bytes.prefix(3)), inPiecesOf: size).isAtBoundary)
  }

  @Test func aHeaderTakesFiveBytes() throws {
    #expect(TLSRecords.Header([22, 3, 1, 0]) == nil)
    let header = try #require(TLSRecords.Header([22, 3, 1, 2, 0, 1, 2]))
    #expect(header.type == 22 && header.version == 0x0301 && header.length == 512 && header.size == 517)
  }

  @Test(arguments: ["GET / HTTP/1.1", "220 mail ready", "\u{16}\u{2}\u{1}\0\0", "\u{17}\u{3}\u{3}\u{7f}\u{7f}"])
  func otherThingsAreNoPlausibleRecords(text: String) throws {
    #expect(try !#require(TLSRecords.Header(Array(text.utf8))).isPlausible)
  }
}
