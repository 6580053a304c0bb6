// The rooms of a target, its folders, stand in an order: a file uses only types of its own room and of those before it.
import Testing

/// A target's rooms, by layers. Those of one layer know only the layers before it, and, in a knot, each other.
struct RoomOrder: CustomTestStringConvertible {
  struct Layer {
    let rooms: [String]
    var isKnot = false

    init(_ rooms: String...) { self.rooms = rooms }
    init(knot rooms: String...) {
      self.rooms = rooms
      isKnot = true
    }
  }

  let target: String
  let layers: [Layer]
  var testDescription: String { target }

  /// Each use of a type that the order forbids, and each folder that has no place in the order.
  func breaches() -> [String] {
    let rooms = Repository.names(in: "Sources/\(target)").filter { !$0.hasSuffix(".swift") }
    let lost = Set(rooms).symmetricDifference(layers.flatMap(\.rooms)).sorted()
    guard lost.isEmpty else { return lost.map { "\(target): \($0) is a folder or in the order, not both" } }
    var files: [(room: String, name: String, source: SwiftSource)] = []
    for room in rooms {
      for name in Repository.names(in: "Sources/\(target)/\(room)", endingWith: ".swift") {
        files.append((room, name, SwiftSource(Repository.read("Sources/\(target)/\(room)/\(name)") ?? [])))
      }
    }
    var homes: [String: String] = [:]
    var own: [String: Set<String>] = [:]
    for file in files {
      for type in file.source.offered { homes[type] = file.room }
      own[file.room, default: []].formUnion(file.source.declared)
    }
    return files.flatMap { file in
      file.source.used.subtracting(own[file.room] ?? []).sorted().compactMap { type in
        guard let home = homes[type], !may(file.room, use: home) else { return nil }
        return "\(target)/\(file.room)/\(file.name) uses \(type), which is \(home)'s"
      }
    }
  }

  private func may(_ room: String, use other: String) -> Bool {
    guard let here = layers.firstIndex(where: { $0.rooms.contains(room) }),
      let there = layers.firstIndex(where: { $0.rooms.contains(other) })
    else { return false }
    return there < here || there == here && (room == other || layers[here].isKnot)
  }
}

/// The types that a Swift file names, outside of comments and strings.
struct SwiftSource {
  /// Those that it declares for other files, those that it declares anywhere, and those that it uses.
  private(set) var offered: Set<String> = []
  private(set) var declared: Set<String> = []
  private(set) var used: Set<String> = []

  init(_ bytes: [UInt8]) {
    let declaring: Set<String> = ["class", "struct", "enum", "protocol", "actor", "typealias"]
    var at = 0
    var lineStart = 0
    var isPrivate = false
    var declares = false
    while at < bytes.count {
      let rest = bytes[at...]
      if rest.starts(with: "//".utf8) {
        at = rest.firstIndex(of: 0x0A) ?? bytes.count
      } else if let end = Self.stringEnd(rest) {
        at = end
      } else if Self.isWord(bytes[at]) {
        let end = rest.firstIndex { !Self.isWord($0) } ?? bytes.count
        let word = String(decoding: bytes[at..<end], as: UTF8.self)
        if declares {
          declared.insert(word)
          if !isPrivate, bytes[lineStart] != 0x20 { offered.insert(word) }
        } else if (0x41...0x5A).contains(bytes[at]), at == 0 || bytes[at - 1] != 0x2E {
          used.insert(word)
        }
        isPrivate = isPrivate || word == "private" || word == "fileprivate"
        declares = declaring.contains(word)
        at = end
      } else {
        if bytes[at] == 0x0A { (lineStart, isPrivate) = (at + 1, false) }
        declares = declares && bytes[at] == 0x20
        at += 1
      }
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F
  }

  /// The end of the string that begins the text; nil when none does.
  private static func stringEnd(_ text: ArraySlice<UInt8>) -> Int? {
    guard text.first == 0x22 || text.first == 0x23, let quote = text.firstIndex(where: { $0 != 0x23 }),
      text[quote...].first == 0x22
    else { return nil }
    let marks = text[..<quote]
    let quotes: [UInt8] = text[quote...].starts(with: [0x22, 0x22, 0x22]) ? [0x22, 0x22, 0x22] : [0x22]
    var at = quote + quotes.count
    while at < text.endIndex {
      let rest = text[at...]
      if rest.starts(with: quotes), rest.dropFirst(quotes.count).starts(with: marks) {
        return at + quotes.count + marks.count
      }
      at += marks.isEmpty && text[at] == 0x5C ? 2 : 1
    }
    return text.endIndex
  }
}

@Suite struct RoomTests {
  static let targets = [
    RoomOrder(
      target: "SockLanguage",
      layers: [
        .init("Source"), .init("Tables"), .init("Lexer"), .init("Tree"), .init("Diagnostics"), .init("Parser"),
        .init("Checker"), .init("Lint"), .init("Help", "Formatter"), .init("Completion"), .init("Documents"),
        .init("Editing"),
      ]),
    // A value may hold a channel or a task, and those hold values: one knot, as in other languages' one header.
    RoomOrder(
      target: "SockRuntime",
      layers: [
        .init(knot: "Values", "Code", "Secrets", "Channels", "Tasks"), .init("Files", "Permissions"),
        .init("Compiler", "Builtins"), .init("Mutations"), .init(knot: "World", "Machine", "Reports"), .init("Steps"), .init("Testing"),
        .init("Run"), .init("Recordings"), .init("Session"),
      ]),
  ]

  @Test(arguments: targets)
  func aRoomUsesOnlyThoseBeforeIt(order: RoomOrder) {
    #expect(order.breaches() == [])
  }

  @Test func aFileIsReadAsItsTypes() {
    let source = SwiftSource(
      Array("// No\nenum Here {\n  struct In { let a = \"Not \\\"Here\"; let b = Used.Member() }\n}".utf8))
    #expect(source.offered == ["Here"])
    #expect(source.declared == ["Here", "In"])
    #expect(source.used == ["Used"])
  }
}
