// The tree of `message` declarations: fields, their types, and how their bytes are found.

/// `message NAME`, its fields, `end`.
package final class MessageDeclaration {
  package let name: NameDeclaration
  /// What whoever uses it as a type hands over; empty where it takes nothing.
  package let parameters: [MessageParameter]
  package let fields: [MessageField]
  package let range: SourceRange
  /// Where the first field of a name stands.
  private let indices: [String: Int]
  /// What the fields say of each other, found when it is first asked for: all of it, as each field is asked about.
  package private(set) lazy var relations = MessageRelations(self)

  package init(name: NameDeclaration, parameters: [MessageParameter], fields: [MessageField], range: SourceRange) {
    self.name = name
    self.parameters = parameters
    self.fields = fields
    self.range = range
    var indices: [String: Int] = [:]
    for (index, field) in fields.enumerated() {
      if let name = field.name, indices[name] == nil { indices[name] = index }
    }
    self.indices = indices
  }

  /// What has no declaration in a message of protobuf is a field of that name.
  package static let unknown = "unknown"

  /// Its fields have numbers: it is one of protobuf's.
  package var isNumbered: Bool { fields.contains { if case .numbered = $0.type.kind { true } else { false } } }

  package func field(_ name: String) -> MessageField? { index(of: name).map { fields[$0] } }
  package func index(of name: String) -> Int? { indices[name] }
}

/// `message Publish(flags)`: a value of the message around it.
package struct MessageParameter {
  package let name: String
  package let range: SourceRange
}

/// One field. A line with several names makes as many.
package struct MessageField {
  /// nil: it is `_`, which no value has.
  package let name: String?
  package let nameRange: SourceRange
  package let type: MessageType
  /// Behind `=`, a constant, or how it is computed from the others; or behind `default`, the same where nothing else is
  /// given, which what comes need not be.
  package let value: Expression?
  package let isDefault: Bool
  /// Behind `if`: without it the field is not there.
  package let condition: Expression?
  package init(
    name: String?, nameRange: SourceRange, type: MessageType, value: Expression?, isDefault: Bool,
    condition: Expression?
  ) {
    self.name = name
    self.nameRange = nameRange
    self.type = type
    self.value = value
    self.isDefault = isDefault
    self.condition = condition
  }
}

package struct MessageType {
  package let kind: Kind
  package let range: SourceRange
  package init(_ kind: Kind, range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  package indirect enum Kind {
    /// A type of `pack`, of its own size: an integer, float, bit or bits, varint or `cstr`.
    case word(BinaryFormat.Kind)
    /// So many bytes; without a size all that is left.
    case bytes(Expression?, isText: Bool)
    /// Bytes, and in front of them how many there are.
    case counted(BinaryFormat.Count, isText: Bool)
    /// A list or a message, and in front of it how many elements or bytes it has.
    case prefixed(BinaryFormat.Count, MessageType, counts: Bool)
    /// Text, and behind it CRLF or LF.
    case line
    /// An element of ASN.1's basic encoding rules: X.690.
    case ber
    /// A field of protobuf, by its number.
    case numbered(Int, MessageRepetition, MessageType)
    /// All that is left, as what protobuf's wire format has in it.
    case protobuf
    /// Another message, by its name, and what it is handed over.
    case message(Expression, [Expression])
    /// A message from whose beginning its names of domains count, wherever it stands.
    case whole(MessageType)
    case list(of: MessageType, ListEnd)
    /// One of several, by the value of a field.
    case choice(Expression, [MessageCase], otherwise: MessageType?)
    /// `nil`: no bytes.
    case nothing
  }
}

extension MessageType {
  /// The messages that a field is made of. What its size and its value are computed from are fields, and no names.
  package var messages: [Expression] {
    switch kind {
    case .message(let message, _): [message]
    case .list(let element, _), .whole(let element), .numbered(_, _, let element),
      .prefixed(_, let element, _):
      element.messages
    case .choice(_, let cases, let otherwise): cases.flatMap(\.type.messages) + (otherwise?.messages ?? [])
    case .word, .bytes, .counted, .line, .ber, .protobuf, .nothing: []
    }
  }

  /// Those that a complaint and completion name.
  static let words = [
    "bit", "bits", "bytes", "text", "line", "list", "choose", "whole", "rest", "flag", "cstr", "varint", "mqtt_varint",
    "quic_varint", "zigzag", "decimal", "dns_name", "ber", "protobuf", "u8", "u16", "u24", "u32", "u48", "u64", "i8",
    "i16", "i32", "i64", "f32", "f64",
  ]
}

/// How often a field of protobuf may stand in its message.
package enum MessageRepetition {
  case once
  /// Each time with its number.
  case repeated
  /// One behind the other, after one number.
  case packed

  static let words = ["repeated": MessageRepetition.repeated, "packed": .packed]
}

/// Where a list ends.
package enum ListEnd {
  case count(Expression)
  /// In bytes.
  case size(Expression)
  /// At an element that is this one, a string or an integer, and that is not of the list.
  case until(Expression)
  case rest
}

/// `1, 2 Connect`: what the field is for these values, which are literals or ranges of them.
package struct MessageCase {
  package let tags: [Expression]
  package let type: MessageType
  package init(tags: [Expression], type: MessageType) {
    self.tags = tags
    self.type = type
  }
}

/// `Packet {kind: 1}`, behind `send` and `expect message`: a message with what its fields are, or are to be.
package final class MessageTemplate {
  package let message: Expression
  /// A map.
  package let fields: Expression
  package let range: SourceRange
  package init(message: Expression, fields: Expression, range: SourceRange) {
    self.message = message
    self.fields = fields
    self.range = range
  }
}

extension Expression {
  /// It names a declared message, with or without what its fields are.
  package var isMessage: Bool { if case .template = self { true } else { message != nil } }

  /// The declaration of the message that a checked expression names.
  package var message: MessageDeclaration? {
    switch self {
    case .name(let reference): if case .variable(let variable) = reference.meaning { variable.message } else { nil }
    case .member(let member): if case .exported(let variable, _) = member.meaning { variable.message } else { nil }
    case .parenthesized(let inner, _): inner.message
    default: nil
    }
  }
}
