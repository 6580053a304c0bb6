// `sock help lsp`: what an editor gets from `sock lsp`, and how it is told of it.

extension Guide {
  static var editorPage: HelpPage {
    HelpPage(
      topic: Guide.lsp.rawValue, summary: "scripts in an editor: what `sock lsp` answers, and who starts it",
      blocks: [
        .paragraph(
          "`sock lsp` is a language server (LSP 3.17): an editor starts it and speaks to it over its standard "
            + "streams. Nothing of a script runs before somebody asks for a test."),
        .table([
          ("complaints", "of checker and linter while one types; their cures are quick fixes, a warning can be allowed"),
          ("help", "of the word under the cursor; of a name how it is declared, and the comment above it"),
          ("names", "where one is declared and used, and another name for it, through imports"),
          ("completion", "as in a session, with what imported files export; how a function is called"),
          ("the text", "outline, folds, colours, the layout of `sock fmt`"),
          ("run test", "above each test: `sock test` runs it, its report is in the editor's log"),
        ]),
        .paragraph(
          "`sock dap` is a debug adapter (DAP): breakpoints on lines, steps over, into and out of calls, the names of "
            + "each call, the channels with what waits on them, statements evaluated where it stands. All deadlines "
            + "stand still meanwhile. What is evaluated may wait: a pause or a step ends it. The condition or the message "
            + "of a breakpoint may take 5 s. It launches a `program`, which is a script, with `args` and `settings`, or "
            + "the `test` of a file."),
        .paragraph("The setting `sock.strict` shows warnings as errors, as `sock check --strict` counts them."),
        .table([
          ("Neovim", "`vim.lsp.start({name = \"sock\", cmd = {\"sock\", \"lsp\"}})` where a script is opened"),
          ("Helix", "`[language-server.sock]` with `command = \"sock\"` and `args = [\"lsp\"]`"),
          ("Emacs", "`(sock-mode \"sock\" \"lsp\")` among the `eglot-server-programs`"),
          ("VS Code", "the extension in grammar/vscode"),
        ]),
        .paragraph("grammar/editors.md has each of them in full."),
        .example(
          HelpExample(
            """
            # Says hello to NAME: an editor shows this line where `greet` is used.
            def greet(name)
              return "hello ${name}"
            end
            print greet("bob")
            """, prints: "hello bob")),
      ])
  }
}
