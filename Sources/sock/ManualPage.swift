// The manual page, grammar/sock.1: made from the tables of commands and options and the pages of the help.

import SockLanguage

enum ManualPage {
  static var text: String {
    var text = """
      .\\" Made by `sock help --man` from the tables of the code; do not edit it by hand.
      .TH SOCK 1 "\(date)" "sock \(Main.version)" "User Commands"

      """
    text += RoffLayout.section("Name") + "sock \\- a small, line\\-oriented language for sockets\n"
    text += RoffLayout.section("Synopsis")
    text += RoffLayout.text(
      .usage(([Option.executeSynopsis] + Command.allCases.map(\.synopsis)).joined(separator: "\n")), isFirst: true)
    text += RoffLayout.section("Description")
    text += RoffLayout.inline(
      "Verbs act, functions compute, every line is one step. A script can be a server, a client, both at once, or a "
        + "suite of tests that holds a server to its protocol. `sock help TOPIC` shows what this page says of one "
        + "topic, and more.")
    text += "\n" + RoffLayout.section("Commands")
    for command in Command.allCases { text += RoffLayout.term(command.synopsis, command.summary) }
    text += RoffLayout.section("Options")
    for group in OptionGroup.allCases {
      text += RoffLayout.subsection(group == .general ? "General" : "sock test: \(group.rawValue)")
      for option in Option.allCases where option.group == group && !option.isHidden {
        text += RoffLayout.term(option.synopsis, option.summary)
      }
    }
    for guide in Guide.allCases { text += section(guide.page) }
    for list in HelpCatalog.lists { if let page = HelpCatalog.page(list) { text += section(page) } }
    text += RoffLayout.section("Exit status")
    for (status, meaning) in statuses { text += RoffLayout.term(status, meaning) }
    text += RoffLayout.section("Environment")
    for (name, meaning) in environment { text += RoffLayout.term(name, meaning) }
    text += RoffLayout.section("See also")
    return text + "\\fBnc\\fR(1), \\fBexpect\\fR(1), \\fBsocat\\fR(1), \\fBsocket\\fR(7), \\fBpcre2pattern\\fR(3)\n"
  }

  /// Of the page's last change by hand, as mdoc wants one.
  private static let date = "2026-11-21"

  private static func section(_ page: HelpPage) -> String {
    RoffLayout.section(page.topic) + RoffLayout.inline(MarkdownLayout.sentence(page.summary)) + "\n"
      + page.blocks.map { RoffLayout.text($0) }.joined()
  }

  private static let statuses = [
    ("0", "The script is done, or no test failed."), ("1", "A step or a test failed."),
    ("2", "The script or the command line is wrong, or there was no test."),
    ("130, 143", "It was interrupted by Ctrl-C or SIGTERM."), ("N", "The script has said `exit N`."),
  ]

  private static let environment = [
    ("NO_COLOR", "No colour in messages."), ("TERM", "No colour when it is `dumb`."),
    ("TMPDIR", "Where `tmpdir` is made; else in /tmp."),
    ("XDG_STATE_HOME", "Where `sock test --rerun-failed` finds the last run; else in ~/.local/state."),
    ("GITHUB_ACTIONS", "When it is `true`, failed tests become annotations."),
  ]
}
