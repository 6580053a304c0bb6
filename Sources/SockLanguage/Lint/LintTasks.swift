// Tasks that never run, because nothing waits once they are started.

extension FileLinter {
  /// A file that declares, and starts tasks for those who import it.
  var isTaskLibrary: Bool {
    let statements = file.body.statements
    return !file.body.functions.isEmpty
      && statements.allSatisfy { statement in
        switch statement.kind {
        case .declare, .param, .importFile, .function, .spawn: true
        default: false
        }
      }
  }

  /// Warns of each `spawn` of this block behind which no step can wait: the script or test is over before it begins.
  func checkTasks(of block: Block) {
    for statement in block.statements.reversed() {
      guard case .spawn = statement.kind else {
        // It may end the block early, or wait: what stands before is not looked at.
        if mayWait(in: statement.range) { return }
        continue
      }
      // What is deferred, here or in a `setup`, runs at the end, and may wait.
      if mentionsDefer { return }
      report(.taskNeverRuns(at: source.place(statement.range.word(5))))
    }
  }

  /// Whether the text may wait: it has a verb that does, a block that does, or calls what is no builtin function.
  private func mayWait(in range: SourceRange) -> Bool {
    let bytes = source.bytes
    var offset = Int(range.lower)
    let end = min(Int(range.upper), bytes.count)
    while offset < end {
      guard Lexer.startsWord(bytes[offset]) else {
        // A call of what a call or an index gives.
        if bytes[offset] == UInt8(ascii: "("), offset > 0, [0x29, 0x5D].contains(bytes[offset - 1]) { return true }
        offset += 1
        continue
      }
      let start = offset
      while offset < end, Lexer.continuesWord(bytes[offset]) { offset += 1 }
      let word = String(decoding: bytes[start..<offset], as: UTF8.self)
      if let verb = Verb(rawValue: word) {
        if VerbTable[verb].waiting != .never { return true }
      } else if ["serve", "retry", "select", "import"].contains(word) {
        return true
      } else if offset < end, bytes[offset] == UInt8(ascii: "(") {
        guard let function = BuiltinFunction(rawValue: word) else { return true }
        if function.mayWait || function.callsBack { return true }
      }
    }
    return false
  }
}
