// decode and encode: bytes and the fields of a declared message.

import SockLanguage

enum MessageFunctions {
  /// `decode(MESSAGE, bytes)`: a map of the fields. Bytes that are no such message, too few or too many of them, are a
  /// `parse` failure that names the field.
  static func decode(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let layout = try arguments.message(0)
    let string = try arguments.string(1)
    do throws(LayoutStop) {
      let fields = try MessageDecoder.decodeWhole(layout, string.bytes)
      if let secrets = context.secrets {
        let none = string.bytes[..<0]
        secrets.noteFields(of: string.bytes, before: none, ahead: none, on: nil) {
          MessageDecoder.strings(layout, string.bytes)
        }
      }
      return .map(fields)
    } catch {
      throw failure(error, layout, arguments.name)
    }
  }

  /// `encode(MESSAGE [, fields])`: the bytes. A value that does not fit its field is a `range` failure.
  static func encode(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    let layout = try arguments.message(0)
    let fields = arguments.count > 1 ? try arguments.map(1) : nil
    do throws(LayoutStop) {
      let bytes = try MessageEncoder.encode(layout, fields)
      context.encoded?.note(EncodedMessage(layout: layout, fields: fields, bytes: bytes))
      return Value(bytes)
    } catch {
      throw failure(error, layout, arguments.name)
    }
  }

  private static func failure(_ stop: LayoutStop, _ layout: MessageLayout, _ name: String) -> Failure {
    switch stop {
    case .more(let count): Failure(.parse, "\(name): \(layout.name): at least \(count) bytes are needed")
    case .wrong(let problem): Failure(problem.code, "\(name): \(problem.words(layout.name))")
    }
  }
}

extension Arguments {
  fileprivate func message(_ position: Int) throws(Failure) -> MessageLayout {
    if case .message(let layout) = self[position] { return layout }
    throw wrongType(position, "a message")
  }
}
