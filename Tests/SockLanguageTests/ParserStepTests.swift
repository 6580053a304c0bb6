// Verb phrases: options in any order, addresses, words, receivers, and what does not go together.

import Testing

@testable import SockLanguage

@Suite struct ParserStepTests {
  @Test(arguments: [
    ("send line line", "(send line +line)"), ("send line (line)", "(send (line) +line)"),
    ("send (line)", "(send (line))"),
    ("send line[0]", "(send (at line 0))"), ("send line.x", "(send (. line x))"),
    ("send \"x\" line", #"(send "x" +line)"#),
    ("send to a:1 \"x\" oob", #"(send "x" +to=@"a:1" +oob)"#), ("send x to host port", "(send x +to=@(host port))"),
    ("send a + b == c", "?step-beside-operator@send a + b"),
    ("send x chunks 2 every 10ms within 1s as n", "(send x +chunks=2 +every=0.01f within=1.0f as=n)"),
    ("recv within 1s 10 as x", "(recv 10 within=1.0f as=x)"),
    ("recv as x 10", "(recv 10 as=x)"),
    ("recv", "(recv)"), ("recv exactly n * 2", "(recv +exactly=(* n 2))"),
    ("recv until /x/ keep", #"(recv +until=(re "x") +keep)"#),
    ("recv until line", "(recv +until=line)"), ("expect line", "(expect +line)"),
    ("expect line line", "(expect line +line)"),
    ("expect skipping /a/ line /b/", #"(expect (re "b") +skipping=(re "a") +line)"#),
    ("expect reset", "(expect +reset)"),
    ("expect silence 1s", "(expect +silence=1.0f)"), ("framing off", "(framing +off)"), ("framing f", "(framing f)"),
    ("close", "(close)"), ("close c", "(close <c>)"), ("c.close", "(close? <c>)"),
    ("wait t.x within 1s", "(wait <(. t x)> within=1.0f)"),
    ("stop t", "(stop <t>)"), ("accept l as c", "(accept <l> as=c)"), ("shutdown both", "(shutdown +both)"),
    ("sockopt SO_RCVBUF", "(sockopt 'SO_RCVBUF)"),
    ("sockopt SO_LINGER [true, 0] level SOL_SOCKET", "(sockopt 'SO_LINGER [true 0] +level='SOL_SOCKET)"),
    ("sockopt 41 1", "(sockopt '41 1)"), ("sockopt (name) 1", "(sockopt (name) 1)"),
    ("sockopt close 1", "(sockopt 'close 1)"),
    ("signal TERM", "(signal 'TERM)"), ("p.signal 9", "(signal <p> '9)"),
    ("socket inet stream proto tcp fd 3", "(socket +inet +stream +proto='tcp +fd=3)"),
    ("run [\"a\", b] env {A: \"1\"} stderr null", #"(run ["a" b] +env={"A":"1"} +stderr='null)"#),
    ("run env(\"CMD\")", #"(run (call env "CMD"))"#),
    ("print", "(print)"), ("print a, recv 1, b == c", "(print a (recv 1) (== b c))"),
    ("assert a == b, \"m\"", #"(assert (== a b) "m")"#),
    ("check a in b", "(check (in a b))"), ("fail e", "(fail e)"), ("exit", "(exit)"), ("timeout off", "(timeout +off)"),
    ("eol \"\\n\"", #"(eol "\n")"#),
    ("listen", "(listen)"), ("listen 3333 backlog 5", "(listen @3333 +backlog=5)"),
    ("listen *:0 reuse", #"(listen @"*:0" +reuse)"#),
    ("listen backlog 5 3333", "(listen @3333 +backlog=5)"), ("connect host 25 as c", "(connect @(host 25) as=c)"),
    ("connect a.b", "(connect @(. a b))"), ("connect localhost:25", #"(connect @"localhost:25")"#),
    ("connect [::1]:0", #"(connect @"[::1]:0")"#),
    ("connect ${h}:${p + 1} within 1s", #"(connect @${h} ":" ${(+ p 1)} within=1.0f)"#),
    ("connect [${h}]:1", #"(connect @"[" ${h} "]:1")"#),
    ("connect tls:[fe80::1%eth0]:443 insecure", #"(connect @"tls:[fe80::1%eth0]:443" +insecure)"#),
    ("connect unix:/run/a#b.sock # c", #"(connect @"unix:/run/a#b.sock")"#),
    ("connect unix:@abstract", #"(connect @"unix:@abstract")"#),
    ("connect 127.0.0.1:80 from 127.0.0.2:0", #"(connect @"127.0.0.1:80" +from=@"127.0.0.2:0")"#),
    ("connect [h, p]", "(connect @[h p])"),
    ("connect f(a)", "(connect @(call f a))"), ("connect \"h:1\"", #"(connect @"h:1")"#),
    ("bind udp:127.0.0.1:0 dgram", #"(bind @"udp:127.0.0.1:0" +dgram)"#),
    ("c.bind *:0", #"(bind <c> @"*:0")"#), ("c.connect a.sockname", "(connect <c> @(. a sockname))"),
    ("starttls client alpn [\"h2\"]", #"(starttls +client +alpn=["h2"])"#),
    ("c.blocking on", "(blocking <c> +on)"), ("sleep 1s", "(sleep 1.0f)"),
  ]) func steps(_ text: String, _ tree: String) {
    if tree.hasPrefix("?") {
      #expect(complaints(text) == [String(tree.dropFirst())])
    } else {
      #expect(dump(text) == tree)
      // The same as an expression.
      #expect(dump("let v = (\(text)\n)") == "(let v (\(tree)))")
    }
  }

  @Test(arguments: [
    ("send", "data-missing@send"), ("send line", "data-missing@send"), ("expect", "data-missing@expect"),
    ("connect", "data-missing@connect"),
    ("sockopt", "data-missing@sockopt"), ("assert", "data-missing@assert"), ("recv 10 20", "extra-operand@20"),
    ("close a b", "extra-operand@b"),
    ("c.close d", "extra-operand@d"), ("recv line all", "options-exclude@all"), ("recv 5 line", "data-excluded@5"),
    ("expect eof \"x\"", "data-excluded@\"x\""),
    ("recv keep", "option-needs@keep"), ("expect \"x\" skipping \"y\"", "option-needs@skipping"),
    ("send x every 1s", "option-needs@every"),
    ("shutdown", "option-missing@shutdown"), ("print 1 as x", "no-result@as"),
    ("print 1 within 1s", "no-deadline@within"),
    ("send x within 1s within 2s", "repeated-word@within"), ("recv as a as b", "repeated-word@as"),
    ("recv as line.x", "unexpected@."), ("recv as send", "reserved-name@send"),
    ("recv exactly", "argument-missing@\n"), ("run \"x\" stderr foo", "argument-missing@foo"),
    ("signal \"TERM\"", "argument-missing@\""),
    ("c.print 1", "verb-without-channel@c.print"), ("connect 127.0.0.1", "address-without-port@127.0.0.1"),
    ("recv exactl 5", "unknown-option@exactl"),
    ("listen 0 backlg 5", "unknown-option@backlg"), ("send \"x\" cunks 2", "unknown-option@cunks"),
    ("send recv 10", "verb-as-operand@recv"), ("print 1 2", "comma-missing@2"),
    ("print \"got \" + b.recv line", "verb-as-operand@b.recv"),
    ("print f (1)", "space-before-call@("), ("connect $host", "dollar-name@$host"),
  ]) func mistakes(_ text: String, _ complaint: String) {
    #expect(complaints("\(text)\nprint 1") == [complaint])
  }

  @Test(arguments: [
    ("recv exactl 5", "exactly"), ("listen 0 backlg 5", "backlog"), ("rcv 10", "recv"), ("recieve 10", "recv"),
    ("prnt \"x\"", "print"),
    ("puts \"x\"", "print"), ("rcv", "recv"), ("c.rcv 10", "recv"), ("whlie x", "while"), ("Send \"x\"", "send"),
    ("test \"a\" tag [b]\nend", "tags"),
  ]) func misspeltWordsAreSuggested(_ text: String, _ word: String) {
    #expect(parse(text).diagnostics.first?.notes == ["help: did you mean `\(word)`?"])
  }
}
