// TAB: hands the line to the language's completer, and what that finds to readline.

import CReadline
import Glibc
import SockLanguage
import SockRuntime
import SocketCore
import TLS

enum Completion {
  /// Readline's callback has no argument for it.
  nonisolated(unsafe) private static weak var repl: Repl?

  static func install(for repl: Repl) {
    self.repl = repl
    creadline_complete_with { text, start, end in
      Completion.matches(for: text, start: Int(start), end: Int(end))
    }
  }

  /// What readline wants: an array of C strings that ends with nil, the longest common beginning first; it frees all.
  /// - Parameters:
  ///   - text: the word to complete, as readline sees it; it ends at the cursor.
  ///   - start: where that stands in the line.
  private static func matches(
    for text: UnsafePointer<CChar>?, start: Int, end: Int
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    guard let repl, let text, let line = creadline_line() else { return nil }
    let earlier = repl.isUnfinished ? repl.unfinished + [UInt8(ascii: "\n")] : []
    let bytes = earlier + Array(UnsafeRawBufferPointer(start: line, count: strlen(line)))
    let cursor = min(bytes.count, earlier.count + end)
    let found = Completer.complete(bytes, cursor: cursor, in: context(of: repl))
    if found.wantsFileName {
      creadline_append_after_completion(0)
      return rl_completion_matches(text, rl_filename_completion_function)
    }
    creadline_completion_is_final()
    // Readline's word and the completer's may begin at different places: `client.se` is one word for readline.
    let wordStart = earlier.count + start
    guard found.range.upperBound == cursor else { return nil }
    var words: [[UInt8]] = []
    for candidate in found.candidates {
      let word = Array(candidate.text.utf8)
      if found.range.lowerBound >= wordStart {
        words.append(Array(bytes[wordStart..<found.range.lowerBound]) + word)
      } else if word.count >= wordStart - found.range.lowerBound {
        words.append(Array(word[(wordStart - found.range.lowerBound)...]))
      }
    }
    guard let first = words.first else { return nil }
    let common = words.dropFirst().reduce(first) { common, word in
      Array(zip(common, word).prefix { $0 == $1 }.map(\.0))
    }
    creadline_append_after_completion(found.candidates.allSatisfy(\.appendsSpace) ? 0x20 : 0)
    // A single match stands alone: it is the common beginning.
    let all = words.count == 1 ? [common] : [common] + words
    let list = malloc((all.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)?
      .bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: all.count + 1)
    guard let list else { return nil }
    for (at, word) in all.enumerated() { list[at] = strdup(String(decoding: word, as: UTF8.self)) }
    list[all.count] = nil
    return list
  }

  private static func context(of repl: Repl) -> CompletionContext {
    var context = CompletionContext()
    context.names = repl.session.completionNames
    context.keys = { [session = repl.session] name in session.keys(of: name) }
    context.socketOptions = SocketOption.allNames
    context.signals = SignalName.allNames
    context.alerts = TLSAlert.allNames
    context.commands = ColonCommand.allCases.map { command in
      .init(name: ":\(command.rawValue)", summary: command.summary, argument: argument(of: command))
    }
    return context
  }

  private static func argument(of command: ColonCommand) -> CompletionContext.Command.Argument {
    switch command.argument {
    case .nothing: return .nothing
    case .topic: return .words(HelpText.topics)
    case .count, .number: return .number
    case .onOrOff: return .words(["off", "on"])
    case .statement: return .statement
    case .file: return .fileName
    }
  }
}
