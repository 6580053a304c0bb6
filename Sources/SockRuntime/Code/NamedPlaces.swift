// Where a body's names are while it runs: kept only for who stops a test in its middle.

import SockLanguage

/// A name of a body, and where its value is found.
package struct NamedPlace {
  enum Place {
    case register(Int)
    /// A register that holds a cell.
    case cell(Int)
    /// A cell that the function has captured.
    case captured(Int)
    /// A cell of the whole program.
    case inProgram(Cell)
    /// A `def` that captures nothing.
    case function(Function)
  }

  let variable: Variable
  /// The block that it is known in.
  let block: SourceRange
  let place: Place

  /// Whether code that stands there knows it.
  func isKnown(at offset: UInt32) -> Bool {
    guard block.lower <= offset, offset <= block.upper else { return false }
    switch place {
    case .captured, .function, .inProgram: return true
    case .register, .cell: return variable.kind != .local || variable.declaration.upper <= offset
    }
  }
}
