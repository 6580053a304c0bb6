// `sock completion bash|zsh|fish`: a script that teaches the shell our commands and options, from their tables.

import SockConformance
import SockLanguage
import SockRuntime

enum Shell: String, CaseIterable {
  case bash, zsh, fish
}

/// What may be written for an option's value, or for what is no option.
enum CompletedValue {
  /// Words that only the user knows.
  case unknown
  case words([String])
  /// Each may be a word of these, or a file.
  case wordsOrFiles([String])
  case files
  case scripts
  case directories
}

extension Option {
  /// What completion offers for its value; nil when it takes none.
  var completedValue: CompletedValue? {
    guard let argument else { return nil }
    switch self {
    case .report: return .words(Reports.formats)
    case .limit: return .words(RunLimits.names.map { "\($0)=" })
    default: break
    }
    // What the table shows in small letters is meant as it stands.
    let words = argument.split(separator: "|").map(String.init).filter { $0 == $0.lowercased() && !$0.hasPrefix("'") }
    if !words.isEmpty { return .words(words) }
    switch argument {
    case "FILE": return .files
    case "DIR": return .directories
    default: return .unknown
    }
  }

  /// `-e`, not `--execute`.
  var isShort: Bool { !name.hasPrefix("--") }
  var names: [String] { [name] + (shortName.map { [$0] } ?? []) }
}

extension Command {
  /// What completion offers for the words that are no options.
  var completedOperands: CompletedValue {
    switch self {
    case .report: .wordsOrFiles(["merge", "trend"])
    case .completion: .words(Shell.allCases.map(\.rawValue))
    case .help: .wordsOrFiles(ShellCompletion.topics)
    case .replay, .decode: .files
    case .lsp, .dap: .words([])
    case .run, .repl, .check, .fmt, .test, .record, .new: .scripts
    }
  }

  var completedOptions: [Option] { Option.allCases.filter { !$0.isHidden && $0.commands.contains(self) } }
}

enum ShellCompletion {
  /// What `sock help` explains.
  static let topics = Set(HelpText.topics).union(HelpCatalog.codes.flatMap(\.codes).map(\.code)).sorted()

  static func script(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private static var commandWords: [String] { Command.allCases.map(\.rawValue) }
  private static var optionsWithValues: [Option] { Option.allCases.filter { $0.argument != nil } }

  // MARK: - bash

  private static var bash: String {
    var text = """
      # Completion of sock for bash, made by `sock completion bash`.
      _sock() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= at
        # bash takes --name=value for three words.
        if [[ $current == = ]]; then
          current=
        elif [[ $previous == = ]]; then
          previous=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        for ((at = 1; at < COMP_CWORD; at++)); do
          case $command,${COMP_WORDS[at]} in
            ,run) command=run ;;
            \(commandWords.filter { $0 != Command.run.rawValue }.map { ",\($0)" }.joined(separator: "|")))
              command=${COMP_WORDS[at]}
              break
              ;;
            *,=) ((at++)) ;;
            \(optionsWithValues.flatMap(\.names).map { "*,\($0)" }.joined(separator: "|"))) ((at++)) ;;
            *,-?*) ;;
            *) command=:script; break ;;
          esac
        done
        COMPREPLY=()
        # What stands behind a script is the script's.
        [[ $command != :script ]] || { _sock_files; return; }
        case $previous in

      """
    for option in optionsWithValues {
      guard let value = option.completedValue else { continue }
      let action = bashAction(value).map { "\($0); " } ?? ""
      text += "    \(option.names.joined(separator: "|"))) \(action)return ;;\n"
    }
    text += "  esac\n  if [[ $current == -* ]]; then\n    case $command in\n"
    for command in Command.allCases {
      let names = command.completedOptions.flatMap(\.names)
      let pattern = command == .run ? "run|''" : command.rawValue
      text += "      \(pattern)) _sock_words \(names.joined(separator: " ")) ;;\n"
    }
    text += "    esac\n    return\n  fi\n  case $command in\n"
    text += "    '') _sock_words \(commandWords.joined(separator: " ")); _sock_scripts ;;\n"
    for command in Command.allCases {
      guard let action = bashAction(command.completedOperands) else { continue }
      text += "    \(command.rawValue)) \(action) ;;\n"
    }
    return text + """
        esac
      }
      _sock_words() {
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$*" -- "$current")
        # What ends in = is not whole.
        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2> /dev/null
      }
      _sock_files() {
        compopt -o filenames 2> /dev/null
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
      }
      _sock_directories() {
        compopt -o filenames 2> /dev/null
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current")
      }
      _sock_scripts() {
        _sock_directories
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X '!*.sock' -- "$current")
      }
      complete -F _sock sock

      """
  }

  private static func bashAction(_ value: CompletedValue) -> String? {
    switch value {
    case .unknown: nil
    case .words(let words): "_sock_words \(words.joined(separator: " "))"
    case .wordsOrFiles(let words): "_sock_files; _sock_words \(words.joined(separator: " "))"
    case .files: "_sock_files"
    case .scripts: "_sock_scripts"
    case .directories: "_sock_directories"
    }
  }

  // MARK: - zsh

  private static var zsh: String {
    var text = """
      #compdef sock
      # Completion of sock for zsh, made by `sock completion zsh`.
      _sock() {
        local curcontext=$curcontext state line
        typeset -A opt_args
        local -a commands=(

      """
    for command in Command.allCases { text += "    '\(command.rawValue):\(zshQuoted(command.summary))'\n" }
    text += "  )\n  _arguments -C \\\n"
    for option in Command.run.completedOptions { text += zshSpecifications(option, indentation: "    ") }
    text += """
          '1: :->command' '*:: :->arguments'
        case $state in
          command)
            _describe -t commands command commands
            _files -g '*.sock'
            ;;
          arguments)
            case $words[1] in

      """
    for command in Command.allCases {
      text += "        \(command.rawValue))\n          _arguments \\\n"
      for option in command.completedOptions { text += zshSpecifications(option, indentation: "            ") }
      text += "            '*:\(zshAction(command.completedOperands))'\n          ;;\n"
    }
    return text + """
              *) _files ;;
            esac
            ;;
        esac
      }
      # Found in $fpath it is the function; sourced, it says whose completion it is.
      if [[ ${funcstack[1]-} == _sock ]]; then
        _sock "$@"
      else
        compdef _sock sock
      fi

      """
  }

  /// What `_arguments` is told of an option, one line for each of its names.
  private static func zshSpecifications(_ option: Option, indentation: String) -> String {
    option.names.map { name in
      // It may stand more than once: who writes it twice knows why.
      let value = option.completedValue.map { ":\(zshAction($0))" } ?? ""
      let mark = value.isEmpty ? "" : option.isShort || name != option.name ? "+" : "="
      return "\(indentation)'*\(name)\(mark)[\(zshQuoted(option.summary))]\(value)' \\\n"
    }.joined()
  }

  private static func zshAction(_ value: CompletedValue) -> String {
    switch value {
    case .unknown: " : "
    case .words(let words): " :(\(words.joined(separator: " ")))"
    case .wordsOrFiles(let words): 
      "file: _alternative \"words\\:word\\:(\(words.joined(separator: " ")))\" \"files\\:file\\:_files\""
    case .files: "file:_files"
    case .scripts: "script:_files -g \"*.sock\""
    case .directories: "folder:_files -/"
    }
  }

  /// Between single quotes, where a colon or a bracket would end the text.
  private static func zshQuoted(_ text: String) -> String {
    text.reduce(into: "") { quoted, character in
      switch character {
      case "'": quoted += "'\\''"
      case ":", "[", "]", "\\": quoted += "\\\(character)"
      default: quoted.append(character)
      }
    }
  }

  // MARK: - fish

  private static var fish: String {
    let valued = optionsWithValues.flatMap(\.names).joined(separator: " ")
    let others = commandWords.filter { $0 != Command.run.rawValue }.joined(separator: " ")
    var text = """
      # Completion of sock for fish, made by `sock completion fish`.
      # The command that the line names: none, or script behind the name of one.
      function __sock_command
        set -l command none
        set -l skips 0
        for word in (commandline -opc)[2..]
          if test $skips = 1
            set skips 0
            continue
          end
          switch $word
            case \(valued)
              set skips 1
            case '-?*'
            case run
              test $command = none; or break
              set command run
            case \(others)
              test $command = none; and set command $word; or set command script
              break
            case '*'
              set command script
              break
          end
        end
        echo $command
      end
      function __sock_is
        contains -- (__sock_command) $argv
      end
      function __sock_scripts
        __fish_complete_path (commandline -ct) | string match -r '^[^\\t]*(?:/|\\.sock)(?:\\t.*)?$'
      end
      complete -c sock -f
      complete -c sock -n '__sock_is script' -F
      complete -c sock -n '__sock_is none' -a '(__sock_scripts)'

      """
    for command in Command.allCases {
      text += "complete -c sock -n '__sock_is none' -a \(command.rawValue) -d \(fishQuoted(command.summary))\n"
      text += "complete -c sock -n '__sock_is \(command.rawValue)' \(fishAction(command.completedOperands))\n"
    }
    for option in Option.allCases where !option.isHidden {
      var words = option.commands.map(\.rawValue)
      if option.commands.contains(.run) { words.append("none") }
      text += "complete -c sock -n '__sock_is \(words.joined(separator: " "))'"
      for name in option.names {
        text += name.hasPrefix("--") ? " -l \(name.dropFirst(2))" : " -s \(name.dropFirst())"
      }
      text += " -d \(fishQuoted(option.summary))"
      if let value = option.completedValue { text += " -r \(fishAction(value))" }
      text += "\n"
    }
    return text
  }

  private static func fishAction(_ value: CompletedValue) -> String {
    switch value {
    case .unknown: "-f"
    case .words(let words): "-f -a '\(words.joined(separator: " "))'"
    case .wordsOrFiles(let words): "-F -a '\(words.joined(separator: " "))'"
    case .files: "-F"
    case .scripts: "-f -a '(__sock_scripts)'"
    case .directories: "-f -a '(__fish_complete_directories)'"
    }
  }

  private static func fishQuoted(_ text: String) -> String {
    let quoted = text.reduce(into: "") { quoted, character in
      if character == "'" || character == "\\" { quoted += "\\" }
      quoted.append(character)
    }
    return "'\(quoted)'"
  }
}
