// The command line: one table of options, from which parsing and `--help` come.
//
// Written by hand, for the start-up time: see Package.swift's history for what a library costs.

/// What the user asked for.
enum Invocation {
  case run(Source, RunRequest)
  case check([String])
  case help
  case version

  enum Source {
    case file(String)
    case statements(String)
    case standardInput
  }
}

/// What holds for a run.
struct RunRequest {
  var arguments: [String] = []
  var settings: [(name: String, value: String)] = []
  var limits: [(name: String, value: Int)] = []
  var timeoutScale = 1.0
}

/// A command line that cannot be understood: what is wrong, and what would be right.
struct UsageError: Error {
  let message: String
}

enum Option: CaseIterable {
  case execute, set, timeoutScale, limit, help, version

  var names: [String] {
    switch self {
    case .execute: return ["-e"]
    case .set: return ["--set"]
    case .timeoutScale: return ["--timeout-scale"]
    case .limit: return ["--limit"]
    case .help: return ["--help", "-h"]
    case .version: return ["--version"]
    }
  }

  /// What follows the option, as `--help` shows it; nil when nothing does.
  var argument: String? {
    switch self {
    case .execute: return "'STATEMENTS'"
    case .set: return "NAME=VALUE"
    case .timeoutScale: return "F"
    case .limit: return "NAME=N"
    case .help, .version: return nil
    }
  }

  var summary: String {
    switch self {
    case .execute: return "run these statements; `;` ends one"
    case .set: return "give a `param` of the script a value; may stand more than once"
    case .timeoutScale: return "stretch every deadline by this factor, for slow machines"
    case .limit: return "set a limit: call-depth, buffer (bytes) or tasks"
    case .help: return "show this"
    case .version: return "show the version"
    }
  }
}

enum CommandLineParser {
  /// - Parameter words: what stands after the program's name.
  static func parse(_ words: [String]) throws(UsageError) -> Invocation {
    var request = RunRequest()
    var source: Invocation.Source?
    var isCheck = false
    var files: [String] = []
    var at = 0

    func value(of option: String, inline: String?) throws(UsageError) -> String {
      if let inline { return inline }
      guard at < words.count else { throw UsageError(message: "\(option) needs a value after it") }
      at += 1
      return words[at - 1]
    }

    while at < words.count {
      let word = words[at]
      at += 1
      if word == "--" {
        files += words[at...]
        at = words.count
        break
      }
      if word == "-" || !word.hasPrefix("-") {
        if source == nil, files.isEmpty, !isCheck, word == "check" || word == "run" {
          isCheck = word == "check"
          if isCheck { continue }
          guard at < words.count else { throw UsageError(message: "run needs a file: sock run FILE") }
          continue
        }
        if isCheck {
          files.append(word)
          continue
        }
        // From the file on, all words are the script's.
        files = [word] + words[at...]
        at = words.count
        break
      }
      var name = word
      var inline: String?
      if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
        name = String(word[..<equals])
        inline = String(word[word.index(after: equals)...])
      }
      guard let option = Option.allCases.first(where: { $0.names.contains(name) }) else {
        throw UsageError(message: "there is no option \(name)")
      }
      if inline != nil, option.argument == nil { throw UsageError(message: "\(name) takes no value") }
      switch option {
      case .help: return .help
      case .version: return .version
      case .execute: source = .statements(try value(of: name, inline: inline))
      case .set: request.settings.append(try pair(try value(of: name, inline: inline), name))
      case .limit:
        let (limit, text) = try pair(try value(of: name, inline: inline), name)
        guard let number = Int(text), number > 0 else {
          throw UsageError(message: "--limit \(limit)=\(text): a limit is a positive integer")
        }
        request.limits.append((limit, number))
      case .timeoutScale:
        let text = try value(of: name, inline: inline)
        guard let factor = Double(text), factor > 0, factor.isFinite else {
          throw UsageError(message: "--timeout-scale \(text): the factor is a positive number, as 4")
        }
        request.timeoutScale = factor
      }
      if case .statements? = source, option == .execute {
        // What follows are the script's arguments, options of ours apart.
        continue
      }
    }
    if isCheck {
      guard !files.isEmpty else { throw UsageError(message: "check needs files: sock check FILE…") }
      return .check(files)
    }
    if let source {
      request.arguments = files
      return .run(source, request)
    }
    guard let first = files.first else { throw UsageError(message: "there is nothing to run; name a script, or -e 'STATEMENTS'") }
    request.arguments = Array(files.dropFirst())
    return .run(first == "-" ? .standardInput : .file(first), request)
  }

  private static func pair(_ text: String, _ option: String) throws(UsageError) -> (name: String, value: String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError(message: "\(option) \(text): write NAME=VALUE")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  static var help: String {
    var text = """
      sock: a small, line-oriented language for sockets

      usage:
        sock [OPTIONS] FILE [ARGS…]       run a script; `-` is standard input
        sock run [OPTIONS] FILE [ARGS…]   the same
        sock [OPTIONS] -e 'STATEMENTS' [ARGS…]
        sock check FILE…                  say what is wrong with scripts, run nothing

      options:

      """
    for option in Option.allCases {
      var left = option.names.joined(separator: ", ")
      if let argument = option.argument { left += " " + argument }
      text += "  " + left + String(repeating: " ", count: max(2, 26 - left.count)) + option.summary + "\n"
    }
    text += """

      exit status: 0 done; 1 a step failed; 2 the script or the command line is wrong; 130 interrupted

      """
    return text
  }
}
