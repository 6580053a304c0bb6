// How pieces of the line being edited, and of what stands below it, look.

enum TextStyle: UInt8 {
  case plain, keyword, verb, string, number, regex, address, comment, wrong
  /// A suggestion, and words about the line.
  case grey
  case strong

  /// As a terminal is told (SGR); empty: nothing.
  var parameters: String {
    switch self {
    case .plain: ""
    case .keyword: "35"
    case .verb: "36"
    case .string: "32"
    case .number, .regex: "33"
    case .address: "1;34"
    case .comment, .grey: "90"
    case .wrong: "4;31"
    case .strong: "1"
    }
  }
}

/// A text with one look.
struct StyledText {
  var text: String
  var style: TextStyle = .plain

  init(_ text: String, _ style: TextStyle = .plain) {
    self.text = text
    self.style = style
  }
}
