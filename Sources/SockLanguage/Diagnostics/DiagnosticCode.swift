// What each kind of complaint is known by.

package protocol DiagnosticCode: RawRepresentable<String>, CaseIterable, Sendable {
  /// What it tells is allowed, but most likely not what the author wanted.
  var isWarning: Bool { get }
  /// What `sock help errors CODE` tells.
  var explanation: ErrorExplanation { get }
}

package enum DiagnosticCodes {
  package static let all: [any DiagnosticCode] = SyntaxCode.allCases + CheckerCode.allCases

  package static func named(_ name: String) -> (any DiagnosticCode)? {
    SyntaxCode(rawValue: name) ?? CheckerCode(rawValue: name)
  }
}
