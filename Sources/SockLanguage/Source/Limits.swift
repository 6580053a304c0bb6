// The limits that keep a hostile source text from costing more than a clear error, and a test from hanging.

package enum Limits {
  /// The largest source file, in bytes.
  package static let sourceBytes = 64 << 20
  /// How deep blocks and expressions may be nested in each other, counted together; a block, a step
  /// and a list count more than an operator. Every stage walks the tree by recursion, on stacks as small as 512 KiB.
  package static let nesting = 100
  /// After so many errors the rest of a file is not looked at.
  package static let diagnostics = 50
  /// Seconds that a test may take unless it says otherwise.
  package static let testSeconds = 30.0
}
