// A session on a terminal: the line is edited while the session's tasks run.

import Glibc
import SockRuntime
import SocketCore

final class TerminalInput {
  private let repl: Repl
  private let session: Session
  private let editor: LineEditor
  private let history: History
  private let input: WatchedInput
  private let usesColor: Bool

  init(_ repl: Repl) throws(Failure) {
    self.repl = repl
    session = repl.session
    usesColor = Main.usesColor(on: STDOUT_FILENO)
    editor = LineEditor(usesColor: usesColor) { [session] in session.goOn() }
    history = History()
    input = try WatchedInput()
    try session.watch(input)
    repl.remember = { [history, session] text, wasRefused in
      history.add(session.masked(text), wasRefused: wasRefused)
    }
    Completion.install(for: repl)
    session.quietsTerminal = true
    session.beforeWriting { [editor] bytes in editor.makeRoom(bytes) }
    session.mendsInputs = editor.display != nil
    editor.advice = EditorAdvice.advice(for: repl)
  }

  func greet(_ version: String) {
    session.dropsOutputAtOnce()
    if session.exitStatus == nil { session.write("sock \(version); :help shows what there is\n") }
  }

  /// The exit status.
  func run(usesColor: Bool) -> Int32 {
    while session.exitStatus == nil, let line = readLine(usesColor: usesColor) { repl.enter(line) }
    return session.close()
  }

  /// In the middle of a test, until that is left.
  func look(usesColor: Bool) {
    while session.exitStatus == nil, let line = readLine(usesColor: usesColor) { repl.enter(line) }
  }

  /// The next line that is entered; nil when the session is over.
  private func readLine(usesColor: Bool) -> [UInt8]? {
    if let problem = history.takeProblem() { session.tell("sock: \(problem)\n") }
    var prompt: Prompt { Prompt(peer: session.peer, isContinued: repl.isUnfinished, usesColor: usesColor) }
    // What the statement has printed comes before the prompt; what has been typed meanwhile is there already.
    session.flush()
    if !repl.isUnfinished { session.forgetInterrupt() }
    input.isReady = true
    editor.takeUnused(session.takeUnusedInput(isWhole: true))
    if let error = TerminalSignals.watch(true) { session.tell("sock: cannot watch the terminal: \(error)\n") }
    if let returned = repl.takeReturned() {
      session.tell("sock: nothing of it has run: mend it here, and Enter runs it; Ctrl-C drops it\n")
      // Of a long block the message above has left the screen.
      let note = [StyledText(returned.mistake, .wrong), StyledText("; Enter runs it, Ctrl-C drops it", .grey)]
      editor.begin(prompt.text, with: returned.text, cursor: returned.cursor, note: note)
    } else {
      editor.begin(prompt.text)
    }
    defer {
      editor.end()
      // The defaults: while a statement runs the terminal is as every program expects it.
      _ = TerminalSignals.watch(false)
    }
    while session.exitStatus == nil {
      if input.isReady {
        switch editor.readKeys() {
        case .text(let line)?: return line
        case .end? where repl.isUnfinished:
          // Readline has left the line.
          editor.leaveLine()
          editor.forgetEnd()
          session.tell("sock: the block has no end yet; Ctrl-C drops it\n")
          return readLine(usesColor: usesColor)
        case .end?:
          editor.leaveLine()
          guard repl.mayLeave() else {
            editor.forgetEnd()
            return readLine(usesColor: usesColor)
          }
          session.leave(0)
          return nil
        case nil: input.isReady = ProcessSignals.pending != nil
        }
      }
      let isInterrupted = session.turn {
        editor.change(prompt.text)
        editor.redraw()
        editor.standAgainstFlood()
      }
      if isInterrupted {
        // A block is much to type again.
        var dropped = (repl.isUnfinished ? repl.unfinished + [0x0A] : []) + editor.text
        while let last = dropped.last, last == 0x0A || last == 0x20 { dropped.removeLast() }
        if dropped.contains(0x0A) { history.add(session.masked(dropped)) }
        repl.dropUnfinished()
        editor.dropLine(prompt.text)
      }
      editor.handle(TerminalSignals.take())
    }
    editor.leaveUnfinishedLine()
    return nil
  }
}
