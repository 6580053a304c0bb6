// TAB at a real terminal: what is shown below the line, and what fits first.
import Glibc
import Testing

@Suite(.serialized) struct CompletionListTests {
  private let terminal: Terminal

  init() throws {
    terminal = try Terminal(width: 80, height: 24)
    try terminal.startSock()
  }

  /// Types a text and TAB, and waits for the rows below the line.
  private func complete(_ text: String, expecting rows: String...) throws {
    try terminal.type(text)
    try terminal.press("Tab")
    let wanted = (["sock> \(text)"] + rows).joined(separator: "\n")
    try terminal.wait("\"\(wanted)\" at the end") { $0.hasSuffix(wanted) }
    try terminal.press("C-u")
    try terminal.wait("an empty line") { $0.hasSuffix("sock>") }
  }

  @Test func noListIsHigherThanTheScreenAndNoneAsks() throws {
    try terminal.enter("print \"above\"", expecting: "above", "sock>")
    try terminal.press("Tab")
    // What stood above is still there; a second TAB shows what has room.
    try terminal.wait("a list") { $0.contains("\nabove\nsock>\n") && $0.hasSuffix(" more") }
    try terminal.press("Tab")
    try terminal.wait("a longer list") { $0.hasPrefix("sock>\n") && $0.hasSuffix(" more") && $0.contains("functions") }
    try terminal.type("1 + 1")
    try terminal.wait("no list") { $0.hasSuffix("sock> 1 + 1") }
    try terminal.press("Enter")
    try terminal.wait("its result") { $0.hasSuffix("sock> 1 + 1\n2\nsock>") }
  }

  @Test func aPoorTerminalIsNotAskedEither() throws {
    let terminal = try Terminal(width: 80, height: 24, environment: ["TERM": "dumb"])
    try terminal.startSock()
    try terminal.press("Tab", "Tab")
    try terminal.wait("a list") { $0.contains(" more\n") && $0.hasSuffix("\nsock>") && !$0.contains("Display all") }
    try terminal.enter("1 + 1")
    try terminal.wait("its result") { $0.hasSuffix("sock> 1 + 1\n2\nsock>") }
  }

  @Test func addressesComeFirst() throws {
    try complete("connect 127.")
    try terminal.enter("connect 127.0.0.1:1")
    try terminal.wait("its failure") { $0.hasSuffix("\nsock>") && $0.contains("<repl>:") }
    try terminal.type("connect ")
    try terminal.press("Tab")
    try terminal.expectLine("addresses  127.0.0.1:1  localhost:  udp:  unix:  tls:")
    // The options, and not the functions too, until a letter asks for them.
    try terminal.wait("its options") { $0.contains("\noptions") && !$0.contains("\nfunctions") }
    try terminal.type("127")
    try terminal.press("Tab")
    try terminal.expectLine("sock> connect 127.0.0.1:1")
    try terminal.press("C-u")
    let path = terminal.folder.file("inner.socket")
    _ = try terminal.folder.write("inner.socket", "")
    try terminal.type("connect unix:\(path.dropLast(6))")
    try terminal.press("Tab")
    try terminal.wait("the path") { $0.replacing("\n", with: "").contains("connect unix:\(path)") }
  }

  @Test func namedTargetsAndLibrariesAreOffered() throws {
    try terminal.enter("let mail = \"localhost:2525\"; let other = \"no address\"", expecting: "sock>")
    try terminal.type("connect ")
    try terminal.press("Tab")
    try terminal.expectLine("addresses  mail  localhost:  udp:  unix:  tls:")
    for word in ["absent", "it2", "nil"] { #expect(!terminal.screen.contains(word)) }
    try terminal.press("C-u")
    try terminal.type("import \"std:red")
    try terminal.press("Tab")
    try terminal.type("as r")
    try terminal.expectLine("sock> import \"std:redis\" as r")
    try terminal.press("C-u")
    try terminal.type("import \"std:so")
    try terminal.press("Tab")
    try terminal.wait("the libraries") { $0.contains("std:socks") }
  }

  @Test func numbersHaveNoProperties() throws {
    try terminal.enter("let n = 5", expecting: "sock>")
    try complete("n.")
    try complete("5.")
    try complete("127.0.")
  }

  @Test func channelsHaveWhatTheyCanDo() throws {
    try terminal.enter("let l = listen 0; let u = socket dgram")
    try terminal.wait("its prompt") { $0.hasSuffix("0.0.0.0:0>") }
    try terminal.type("u.")
    try terminal.press("Tab", "Tab")
    try terminal.wait("its verbs") { $0.contains("\nverbs") && $0.contains("multicast") }
    for verb in ["accept", "serve", "starttls", "wait"] { #expect(!terminal.screen.contains(verb)) }
    try terminal.press("C-u")
    try terminal.type("l.")
    try terminal.press("Tab", "Tab")
    try terminal.wait("its verbs") { $0.contains("accept") && $0.contains("serve") }
    for verb in ["recv", "expect", "peerhost", "starttls"] { #expect(!terminal.screen.contains(verb)) }
  }

  @Test func keysFormatsFilesAndParameters() throws {
    try terminal.enter("let m = {\"first key\": 1, second: 2}", expecting: "sock>")
    try complete("m[\"", expecting: "keys  first key\"]  second\"]")
    try terminal.type("m[\"f")
    try terminal.press("Tab")
    try terminal.expectLine("sock> m[\"first key\"]")
    try terminal.press("C-u")
    try terminal.type("conn.framing \"u1")
    try terminal.press("Tab")
    try terminal.wait("the framings") { $0.hasSuffix("sock> conn.framing \"u16\nwords  \"u16\"  \"u16le\"") }
    try terminal.press("C-u")
    _ = try terminal.folder.write("script.sock", "print 1\n")
    _ = try terminal.folder.write("script.txt", "")
    // Of files `:load` takes scripts only; `run` and `readfile` take any.
    try terminal.type(":load ~/scr")
    try terminal.press("Tab")
    try terminal.expectLine("sock> :load ~/script.sock")
    try terminal.press("Enter")
    try terminal.expect("1", "sock>")
    try complete("run \"cat \(terminal.folder.path)/script.", expecting: "files  script.sock  script.txt")
    try complete("readfile(\"\(terminal.folder.path)/script.", expecting: "files  script.sock  script.txt")
    try terminal.type("map([1], fn(number) 2 * num")
    try terminal.press("Tab")
    try terminal.expectLine("sock> map([1], fn(number) 2 * number")
  }

  @Test func oneCandidateIsExplained() throws {
    try terminal.type("let x = base64u")
    try terminal.press("Tab")
    try terminal.wait("its synopsis") { $0.contains("\nsock> let x = base64url(\n  base64url(s)\n") }
    try terminal.press("C-u")
    // The third TAB explains each of several.
    try terminal.type("recv exactly 5 ")
    for _ in 1...3 { try terminal.press("Tab") }
    try terminal.expectLine("  within  a deadline for the whole step")
  }
}
