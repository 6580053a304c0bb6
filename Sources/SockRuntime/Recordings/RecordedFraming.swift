// Where a binary protocol's messages end, where that is known: PostgreSQL, MQTT, TLS's like, and lengths in front.

/// How the messages of one side of a connection follow one another.
struct RecordedFraming {
  /// A message's length as a number in it.
  struct Length: Equatable {
    /// Where it stands, from the message's beginning, in bytes.
    let offset: Int
    let width: Int
    let isBig: Bool
    /// What is added to it for the whole message, in bytes.
    let added: Int

    /// The length of the message that begins there; nil when it is not whole.
    func read(_ bytes: [UInt8], at: Int) -> Int? {
      guard at + offset + width <= bytes.count else { return nil }
      var number = 0
      for place in 0..<width {
        let byte = Int(bytes[at + offset + place])
        number = isBig ? number << 8 | byte : number | byte << (8 * place)
      }
      let length = number + added
      guard length >= offset + width, at + length <= bytes.count else { return nil }
      return length
    }

    /// As `unpack` reads it.
    var format: String {
      let name = ["u8", "u16", "u24", "u32"][min(width, 4) - 1]
      return isBig || width == 1 ? name : "\(name)le"
    }
  }

  struct Message {
    let range: Range<Int>
    /// What it is, for a comment.
    let name: String?
    let length: Length?
  }

  let client: [Message]
  let server: [Message]

  func messages(_ side: RecordedSide) -> [Message] { side == .client ? client : server }

  /// Nil when no framing fits both streams from their beginnings to their ends.
  init?(client: [UInt8], server: [UInt8]) {
    if let messages = Self.postgres(client, server) ?? Self.mqtt(client, server) ?? Self.lengths(client, server) {
      (self.client, self.server) = messages
    } else {
      return nil
    }
  }

  private typealias Both = (client: [Message], server: [Message])

  // MARK: - PostgreSQL

  /// The requests that come instead of a start: for TLS, for GSSAPI, and to cancel.
  private static let postgresRequests: Set<Int> = [80_877_103, 80_877_104, 80_877_102]
  private static let postgresVersion = 196_608

  /// https://www.postgresql.org/docs/current/protocol-message-formats.html
  private static func postgres(_ client: [UInt8], _ server: [UInt8]) -> Both? {
    let start = Length(offset: 0, width: 4, isBig: true, added: 0)
    let typed = Length(offset: 1, width: 4, isBig: true, added: 1)
    var asked: [Message] = []
    var at = 0
    var requests = 0
    while let length = start.read(client, at: at), length >= 8, length < 10_000 {
      let code = client[(at + 4)..<(at + 8)].reduce(0) { $0 << 8 | Int($1) }
      guard postgresRequests.contains(code) || code == postgresVersion else { return nil }
      let name = code == postgresVersion ? "StartupMessage" : code == 80_877_103 ? "SSLRequest" : "GSSENCRequest"
      asked.append(Message(range: at..<at + length, name: name, length: start))
      at += length
      if code == postgresVersion { break }
      requests += 1
    }
    guard asked.last?.name == "StartupMessage", server.count >= requests,
      let rest = follow(client, from: at, typed, { postgresNames[$0]?.client })
    else { return nil }
    let replies = (0..<requests).map { Message(range: $0..<$0 + 1, name: nil, length: nil) }
    guard let answers = follow(server, from: requests, typed, { postgresNames[$0]?.server }) else { return nil }
    return (asked + rest, replies + answers)
  }

  private static let postgresNames: [UInt8: (client: String?, server: String?)] = {
    var names: [UInt8: (client: String?, server: String?)] = [:]
    func add(_ letter: Character, _ client: String?, _ server: String?) {
      if let byte = letter.asciiValue { names[byte] = (client, server) }
    }
    add("Q", "Query", nil)
    add("P", "Parse", nil)
    add("B", "Bind", nil)
    add("D", "Describe", "DataRow")
    add("E", "Execute", "ErrorResponse")
    add("S", "Sync", "ParameterStatus")
    add("C", "Close", "CommandComplete")
    add("X", "Terminate", nil)
    add("p", "PasswordMessage", nil)
    add("R", nil, "Authentication")
    add("K", nil, "BackendKeyData")
    add("Z", nil, "ReadyForQuery")
    add("T", nil, "RowDescription")
    add("N", nil, "NoticeResponse")
    add("1", nil, "ParseComplete")
    add("2", nil, "BindComplete")
    return names
  }()

  // MARK: - MQTT

  private static let mqttNames = [
    "", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE",
    "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
  ]

  /// OASIS MQTT 3.1.1, 2.2: a type, and a length in groups of seven bits.
  private static func mqtt(_ client: [UInt8], _ server: [UInt8]) -> Both? {
    guard client.count > 10, client[0] == 0x10, client.prefix(16).containsText("MQ") else { return nil }
    func messages(_ bytes: [UInt8]) -> [Message]? {
      var found: [Message] = []
      var at = 0
      while at < bytes.count {
        var length = 0
        var place = at + 1
        while true {
          guard place < bytes.count, place - at <= 4 else { return nil }
          length |= Int(bytes[place] & 0x7F) << (7 * (place - at - 1))
          place += 1
          if bytes[place - 1] & 0x80 == 0 { break }
        }
        guard place + length <= bytes.count else { return nil }
        found.append(Message(range: at..<place + length, name: mqttNames[Int(bytes[at] >> 4)], length: nil))
        at = place + length
      }
      return found
    }
    guard let asked = messages(client), let answered = messages(server) else { return nil }
    return (asked, answered)
  }

  // MARK: - A length in front

  /// Fewer messages that fit say nothing: they may fit by chance.
  private static let fewestMessages = 4

  private static func lengths(_ client: [UInt8], _ server: [UInt8]) -> Both? {
    for width in [4, 2, 1] {
      for isBig in [true, false] where width > 1 || isBig {
        for offset in 0...4 {
          // It counts itself and what stands before it, or what follows, or all but what stands before it.
          for added in Set([offset + width, 0, offset]) {
            let length = Length(offset: offset, width: width, isBig: isBig, added: added)
            guard let asked = follow(client, from: 0, length, { _ in nil }),
              let answered = follow(server, from: 0, length, { _ in nil }),
              asked.count + answered.count >= fewestMessages, !asked.isEmpty, !answered.isEmpty
            else { continue }
            return (asked, answered)
          }
        }
      }
    }
    return nil
  }

  /// The messages from there to the end; nil when the last one is not whole.
  private static func follow(
    _ bytes: [UInt8], from start: Int, _ length: Length, _ name: (UInt8) -> String?
  ) -> [Message]? {
    var found: [Message] = []
    var at = start
    while at < bytes.count {
      guard let size = length.read(bytes, at: at) else { return nil }
      found.append(Message(range: at..<at + size, name: name(bytes[at]), length: length))
      at += size
    }
    return found
  }
}

extension ArraySlice<UInt8> {
  fileprivate func containsText(_ text: String) -> Bool { Array(self).containsSequence(Array(text.utf8)) }
}
