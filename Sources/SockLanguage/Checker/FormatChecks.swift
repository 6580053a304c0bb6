// The formats of `pack` and `unpack` that stand in the text, and what is done with their values.

extension FileChecker {
  /// A format that is none, and how many values `pack` gets for one.
  func checkFormat(of call: Call) {
    guard let function = FileChecker.formatFunction(call), case .string(let text, let range)? = call.arguments.first
    else { return }
    let format: BinaryFormat
    do throws(BinaryFormat.Problem) {
      format = try BinaryFormat(text)
    } catch {
      report(.wrongFormat(error, at: source.place(range)))
      return
    }
    guard function == .pack else { return }
    let values = call.arguments.count - 1
    // One may be the map.
    guard values != format.valueCount, !format.hasNames || values != 1 else { return }
    report(.valueCount(values, format, at: source.place(call.range)))
  }

  /// The fields of a format that stands in the text, and the names that a list's elements get.
  func checkElements(of value: Expression, names: Int, at range: SourceRange) {
    switch value {
    case .parenthesized(let inner, _): checkElements(of: inner, names: names, at: range)
    case .call(let call):
      guard FileChecker.formatFunction(call) == .unpack, case .string(let text, _)? = call.arguments.first,
        let format = try? BinaryFormat(text)
      else { return }
      if format.hasNames {
        report(.namedFields(format, at: source.place(range)))
      } else if format.valueCount != names {
        report(.fieldCount(names, format.valueCount, at: source.place(range)))
      }
    default: break
    }
  }

  private static func formatFunction(_ call: Call) -> BuiltinFunction? {
    guard case .name(let reference) = call.callee, case .function(let function) = reference.meaning,
      function == .pack || function == .unpack
    else { return nil }
    return function
  }
}
