// A `message` as it is decoded and encoded: its fields in their order, with what is computed from them.

import SockLanguage

/// A declared message, compiled. Scripts see it as a value: what `decode`, `encode` and `framing` take.
package final class MessageLayout {
  package let name: String
  /// Set once, right after it has been made: a message may have itself in it.
  package internal(set) var fields: [LayoutField] = []
  /// Values that come from the message around it; they stand behind the fields among the slots.
  package internal(set) var parameterCount = 0
  /// Something in it is computed from its fields.
  var needsSlots = false
  /// Where the fields of a message of protobuf stand, by their numbers; empty for any other message.
  var numbers: [Int: Int] = [:]

  package init(name: String) { self.name = name }

  /// Fields and parameters: what an expression may read.
  var slotCount: Int { fields.count + parameterCount }
}

/// How far a message has been decoded that has not come whole. What else is known of it is the decoder's.
class MessageProgress {
  let layout: MessageLayout
  /// So many bytes it has at least, from its beginning: before they have come nothing is to be looked at again.
  let needs: Int

  init(_ layout: MessageLayout, needs: Int) {
    self.layout = layout
    self.needs = needs
  }
}

/// A step that sends or reads a message whose declaration the text names.
struct MessageStep {
  let file: SourceFile
  let range: SourceRange
  let layout: MessageLayout
}

/// A class: who goes over them counts one owner and copies nothing.
package final class LayoutField {
  /// nil: it is `_`.
  package let name: String?
  /// The name as a map's key.
  let key: Value
  package let type: LayoutType
  /// Of protobuf; 0: it is none of its.
  let number: Int
  let repetition: MessageRepetition
  /// What it is, unless something else is given.
  var constant: Value?
  /// What comes has to be the constant.
  var isHeld = false
  /// How it is computed.
  var value: LayoutExpression?
  /// Held against what came, once all has come: no rule below does that.
  var isVerified = false
  var condition: LayoutExpression?
  /// How many bytes stand behind it, where it takes all that is left.
  var tail = 0
  /// What its value says of the end of others.
  var rule: LayoutRule?
  /// Fields whose rules bound a part that begins with this one, outer parts first; and how many end behind it.
  var opened: [Int] = []
  var closedCount = 0
  /// Something is computed from fields of the message that it is.
  var isRead = false
  /// For encoding, where no value is given: it is the size, or the count, that a later field is read by.
  var measured: LayoutExpression?

  init(name: String?, type: LayoutType, number: Int = 0, _ repetition: MessageRepetition = .once) {
    self.name = name
    self.number = number
    self.repetition = repetition
    key = name.map { Value($0) } ?? .nothing
    self.type = type
  }
}

/// `length u16 = size(body) + 2`: where the body ends, from the length.
struct LayoutRule {
  enum Step {
    case add(LayoutExpression), subtract(LayoutExpression), multiply(LayoutExpression), divide(LayoutExpression)
    case subtractFrom(LayoutExpression)
  }
  /// The fields that the size is of: its first may stand before the length.
  let extent: ClosedRange<Int>
  let steps: [Step]
}

package indirect enum LayoutType {
  case unsigned(size: Int, isLittle: Bool)
  case signed(size: Int, isLittle: Bool)
  case float32(isLittle: Bool)
  case float64(isLittle: Bool)
  case bits(Int)
  case flag
  case variable(BinaryFormat.VariableInteger)
  case terminated
  /// Without a size all that is left.
  case bytes(LayoutExpression?, isText: Bool)
  case counted(BinaryFormat.Count, isText: Bool)
  /// A list or a message behind the number of its elements or bytes.
  case prefixed(BinaryFormat.Count, LayoutType, counts: Bool)
  case line
  case domainName
  case ber
  case protobuf
  case message(MessageLayout, [LayoutExpression])
  case whole(LayoutType)
  case list(LayoutType, LayoutEnd)
  case choice(LayoutExpression, [LayoutCase], otherwise: LayoutType?)
  case nothing
}

package enum LayoutEnd {
  case count(LayoutExpression)
  case size(LayoutExpression)
  /// At an element that is this, which is not of the list.
  case until(Value)
  case rest
}

package struct LayoutCase {
  /// A string, an integer or a range of integers.
  let tags: [Value]
  let type: LayoutType
}

/// What sizes, conditions and values are computed by. It reads slots: the fields, and the parameters behind them.
package indirect enum LayoutExpression {
  case constant(Value)
  case slot(Int)
  /// A field of the message that a field is.
  case member(Int, Value)
  case size(ClosedRange<Int>)
  case count(Int)
  case checksum(LayoutChecksum, ClosedRange<Int>)
  case binary(BinaryOperator, LayoutExpression, LayoutExpression)
  case and(LayoutExpression, LayoutExpression)
  case or(LayoutExpression, LayoutExpression)
  case not(LayoutExpression)
  case negate(LayoutExpression)
  case complement(LayoutExpression)
}

package enum LayoutChecksum: Sendable { case crc32, internet }
