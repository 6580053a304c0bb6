// Where the fields of an encoded message stand in its bytes, and which messages a script has encoded lately.

import SockLanguage

/// A field of a message that was encoded, or an element of a list in it.
struct FieldSpan {
  enum Step: Hashable {
    case field(String)
    case element(Int)
  }

  /// From the outermost message.
  let path: [Step]
  let type: LayoutType
  /// Offsets in the bytes. Of bits, from the byte in which they begin to that in which they end.
  var range: Range<Int>
  /// What was given, or computed; nil: nothing that a value stands for.
  var value: Value?
  /// It is computed from the size or the number of others.
  let isLength: Bool

  /// `body.filters[1].topic`.
  static func words(_ path: [Step]) -> String {
    var text = ""
    for step in path {
      switch step {
      case .field(let name): text += text.isEmpty ? name : ".\(name)"
      case .element(let index): text += "[\(index)]"
      }
    }
    return text
  }
}

/// A message that a script has encoded.
struct EncodedMessage {
  let layout: MessageLayout
  /// As they were given; nil: none was.
  let fields: Map?
  let bytes: [UInt8]
}

/// The messages that a script has encoded lately: what it sends is known by its bytes.
final class EncodedMessages {
  private var latest: [EncodedMessage] = []
  private static let kept = 32

  func note(_ message: EncodedMessage) {
    if latest.count == EncodedMessages.kept { latest.removeFirst() }
    latest.append(message)
  }

  /// The latest of which these are the bytes.
  func message(of bytes: UnsafeRawBufferPointer) -> EncodedMessage? {
    latest.last { $0.bytes.elementsEqual(bytes) }
  }
}
