// `:help`: how one begins, and what each command does.

import SockLanguage

enum CommandHelp {
  /// What `:help TOPIC` shows of the session itself; nil: it is a topic of the language, or none.
  /// - Parameter columns: how wide the text may be.
  static func text(_ topic: String, columns: Int) -> String? {
    let isCommand = topic.hasPrefix(":")
    let word = isCommand ? String(topic.dropFirst()) : topic
    if ["repl", "session", "sessions", "commands"].contains(word.lowercased()) { return overview(columns: columns) }
    guard let command = command(word), isCommand || HelpText.text(word) == nil else { return nil }
    return page(of: command, columns: columns)
  }

  /// A verb's help that has the same name as a command.
  static func also(_ topic: String) -> String {
    ColonCommand(rawValue: topic) == nil ? "" : "\n`:help :\(topic)` is about the command `:\(topic)`.\n"
  }

  private static func command(_ word: String) -> ColonCommand? {
    ColonCommand(rawValue: word) ?? (word == "exit" ? .quit : nil)
  }

  private static func page(of command: ColonCommand, columns: Int) -> String {
    let layout = TextLayout(width: columns)
    var text = layout.table([(command.synopsis, command.summary)])
    for paragraph in details[command.rawValue] ?? [] { text += "\n" + layout.paragraph(paragraph) }
    return text
  }

  static func overview(columns: Int) -> String {
    let layout = TextLayout(width: columns)
    // A program that reads it finds each command on one line.
    let commands = Main.isTerminal ? layout : TextLayout(width: 200)
    return layout.table([
      ("connect HOST:PORT", "a connection; also udp:HOST:PORT, unix:PATH, tls:HOST:PORT"),
      ("send line \"PING\"", "sends a line to it"),
      ("recv line within 2s", "takes a line that has come; `recv` takes whatever has come"),
      ("listen 0; accept", "the other side"),
      ("run \"python3 -i\"", "a program as the peer"),
    ]) + "\n"
      + layout.paragraph(
        "Every line is a statement, or an expression whose value is shown; `it` is the last one shown. A block goes on "
          + "over lines until its `end`. Enter on an empty line shows what has come and waits. Ctrl-C stops a "
          + "statement or drops a line, TAB completes and explains, Right takes the grey suggestion, Alt-Enter begins "
          + "another line, Ctrl-R searches in what was entered.") + "\n"
      + commands.table(ColonCommand.allCases.map { ($0.synopsis, $0.summary) }) + "\n"
      + layout.paragraph(
        "`:help :COMMAND` tells more of a command, `:help TOPIC` of a word of the language: `:help verbs`, `:help "
          + "functions`, `:help blocks`, `:help recipes`, or `:help connect`. Functions and names of servers that each "
          + "session shall have stand in ~/.config/sock/start.sock: after `let mail = \"localhost:2525\"` there, "
          + "`connect mail` connects.")
  }

  /// By the commands' names.
  private static let details: [String: [String]] = [
    "help": ["Without a topic it shows how one begins, and all commands. A topic is a verb, a function, a word that "
      + "opens a block, a guide as `addresses`, an error's code as `errors timeout`, or a command as `:save`."],
    "sockets": ["A line each: number, name, kind, addresses, what waits to be read, and whether the peer has hung up."],
    "tasks": ["A line each, with its number, where it is, and that line's text. `:stop N` ends one."],
    "use": ["Verbs without a channel in front speak to it from then on. It is named by its variable, or by its number in "
      + "`:sockets`."],
    "close": ["What was gathered for it is sent first. It is named by its variable, or by its number in `:sockets`."],
    "reconnect": ["Without a name the current connection. The statement that made it is run once more."],
    "talk": ["What you type goes out line by line, with the channel's `eol`, and what comes is shown at once. Ctrl-] ends "
      + "it; all of it is in the transcript, and `:save` knows it."],
    "watch": ["Each arrival is shown above the line that you type, and can still be received. `:watch off` ends it."],
    "trace": ["Each piece that is sent or received is shown, of all channels, until `:trace off`."],
    "history": ["The numbers are those by which errors name a line; `:edit N` opens an input."],
    "timing": ["Behind the result of each input stands how long it took, until `:timing off`."],
    "repeat": ["As `:repeat 1s send line \"PING\"; recv line`. It ends when a statement fails, too."],
    "run": ["As `:load`, from a line on: where a script has failed, it goes on from there with what is open here. From "
      + "a line of a test on the rest of that test runs; of a file that was not loaded here, all that stands outside of "
      + "tests runs before, `setup` too."],
    "test": ["Without a name it lists the tests of the file that was loaded last. A part of a name is enough. A test "
      + "that fails stands still in a session with its names and channels. Its `param`s have the values that were "
      + "given here."],
    "set": ["As `:set target=localhost:2525`; `sock test --set` and `sock repl --set` say the same. A `param` that is "
      + "declared already gets the value at once, others when they are declared. A value with blanks stands in "
      + "quotes."],
    "!": ["The terminal is the command's until it has ended; tasks go on meanwhile."],
    "stop": ["What it has deferred runs. The numbers are those of `:tasks`."],
    "vars": ["Functions with their parameters, files that were imported, and values, cut to a line."],
    "show": ["A result is cut where it is long; this shows all of it."],
    "transcript": ["What was sent and received, with times in seconds and the input's line that did it."],
    "hex": ["`:hex on` shows each string as a hex dump, `:hex off` as text; without either a string is shown as what "
      + "it looks like."],
    "time": ["The statement runs once, and how long it took is told behind its result."],
    "load": ["The file's names are the session's then. `~/` is the home directory. Values for its `param`s stand "
      + "behind it: `:load suite.sock target=localhost:2525`; `:run` and `:test` keep to them."],
    "edit": ["Without an argument the last input, with a name that function's definition, with a number the input of "
      + "that line, as errors name it (`<repl>:12`). It opens in $VISUAL or $EDITOR and runs when that has ended; "
      + "nothing runs where nothing was changed."],
    "save": ["What was sent becomes what the test sends, what was received what it expects; values that were looked at "
      + "and statements that failed are left out. Ask a server twice for what varies, as a time or a number: what "
      + "differs in the two answers becomes a pattern, and a number that grows by the same step each time a counter. It "
      + "runs at once, and says whether it passes. `:save! FILE` replaces a file that is there."],
    "quit": ["What was deferred runs, tasks are stopped, and all channels are closed. `exit N` leaves with a status."],
  ]
}
