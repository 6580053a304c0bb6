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
    creadline_show_matches_with { _, _, _ in Completion.showMatches() }
  }

  /// What may stand where the cursor is.
  /// - Parameters:
  ///   - text: what is being edited, without the earlier lines of an unfinished block.
  ///   - cursor: an offset into it.
  static func answer(_ text: [UInt8], cursor: Int) -> CompletionAnswer {
    guard let repl else { return CompletionAnswer() }
    let earlier = repl.isUnfinished ? repl.unfinished + [UInt8(ascii: "\n")] : []
    let bytes = earlier + text
    let found = Completer.complete(bytes, cursor: earlier.count + cursor, in: context(of: repl))
    guard found.range.lowerBound >= earlier.count else { return CompletionAnswer() }
    let range = (found.range.lowerBound - earlier.count)..<(found.range.upperBound - earlier.count)
    guard found.wantsFileName else { return CompletionAnswer(range: range, candidates: found.candidates) }
    let isCommand = text.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: ":")
    // A library's name ends its string.
    let ending = range.upperBound < text.count && text[range.upperBound] == UInt8(ascii: "\"") ? "" : "\""
    let libraries = found.candidates.map { Completions.Candidate($0.text + ending, $0.kind, appendsSpace: true) }
    return CompletionAnswer(
      range: range,
      candidates: libraries
        + FileNames.candidates(for: Array(text[range]), suffix: found.fileSuffix, keepsTilde: isCommand))
  }

  /// What readline wants where it completes by itself: an array of C strings that ends with nil, the longest common
  /// beginning first; it frees all.
  /// - Parameters:
  ///   - text: the word to complete, as readline sees it; it ends at the cursor.
  ///   - start: where that stands in the line.
  private static func matches(
    for text: UnsafePointer<CChar>?, start: Int, end: Int
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    guard let line = creadline_line() else { return nil }
    let bytes = Array(UnsafeRawBufferPointer(start: line, count: strlen(line)))
    let cursor = min(bytes.count, end)
    let found = answer(bytes, cursor: cursor)
    creadline_completion_is_final()
    // Readline's word and the completer's may begin at different places: `client.se` is one word for readline.
    guard found.range.upperBound == cursor else { return nil }
    latest = found.candidates
    var words: [[UInt8]] = []
    for candidate in found.candidates {
      let word = Array(candidate.text.utf8)
      if found.range.lowerBound >= start {
        words.append(Array(bytes[start..<found.range.lowerBound]) + word)
      } else if word.count >= start - found.range.lowerBound {
        words.append(Array(word[(start - found.range.lowerBound)...]))
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

  /// What readline was given last.
  nonisolated(unsafe) private static var latest: [Completions.Candidate] = []

  /// Readline's question whether all of so many are to be shown does not wait for the answer.
  private static func showMatches() {
    var (rows, columns): (Int32, Int32) = (0, 0)
    rl_get_screen_size(&rows, &columns)
    let shown = CandidateList.rows(
      latest, columns: Int(columns), height: max(2, Int(rows) - 2), isDetailed: false)
    let text = shown.map { $0.map(\.text).joined() + "\n" }.joined()
    repl?.session.write("\n\(text)")
    rl_forced_update_display()
  }

  private static func context(of repl: Repl) -> CompletionContext {
    var context = CompletionContext()
    context.names = repl.session.completionNames
    context.keys = { [session = repl.session] name in session.keys(of: name) }
    context.libraries = StandardLibrary.names
    context.socketOptions = SocketOption.allNames
    context.signals = SignalName.allNames
    context.alerts = TLSAlert.allNames
    context.current = repl.session.currentChannels
    context.addresses = History.addresses
    context.commands = ColonCommand.allCases.map { command in
      .init(
        name: ":\(command.rawValue)", summary: command.summary, synopsis: command.synopsis,
        argument: argument(of: command))
    }
    return context
  }

  private static func argument(of command: ColonCommand) -> CompletionContext.Command.Argument {
    switch command.argument {
    case .nothing: return .nothing
    case .topic:
      return .words(HelpText.topics + StandardLibrary.names + ColonCommand.allCases.map { ":\($0.rawValue)" })
    case .count, .number: return .number
    case .channel, .optionalChannel: return .words(repl?.session.channelNames ?? [])
    case .channelOrOff: return .words((repl?.session.channelNames ?? []) + ["off"])
    case .onOrOff: return .words(["off", "on"])
    case .traceForm: return .words(["hex", "off", "on"])
    case .statement, .countAndStatement, .durationAndStatement: return .statement
    case .input: return .words(repl?.session.completionNames.filter { $0.kind == .function }.map(\.name) ?? [])
    case .file: return .fileName
    case .fileAndSettings, .fileAndLine: return .file(suffix: ".sock")
    case .settings:
      return .words(repl?.session.completionNames.filter { $0.kind == .setting }.map { "\($0.name)=" } ?? [])
    case .command: return .shellWords
    case .testName: return .words(repl?.testNames ?? [])
    }
  }
}
