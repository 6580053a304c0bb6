// The guide for who comes from expect, pexpect and pwntools.

extension Guide {
  var pexpect: HelpPage {
    HelpPage(
      topic: rawValue, summary: "coming from expect, pexpect or pwntools: programs on a terminal",
      blocks: [
        .table([
          ("spawn", "`run \"python3 -i\" pty as p`; pwntools' `process` without a terminal is `run` alone"),
          ("expect", "`recv until \">>> \"` passes over what comes before, and gives it (`before`)"),
          ("expect_exact", "`expect \"name: \"`: what comes next, nothing before it"),
          ("match groups", "`recv until \"pid \"`, then `expect /(\\d+)\\r\\n/ as m`, and `m[1]`"),
          ("expect [A, B]", "`select` with a `when` for each"),
          ("sendline, send", "`send line \"text\"`, which is the Enter key; `send \"text\"`"),
          ("sendcontrol(\"c\")", "`send \"\\x03\"`"),
          ("sendeof", "`shutdown write`, on a terminal Ctrl-D"),
          ("waitnoecho", "`expect echo off`, behind `run … pty echo on`"),
          ("interact", "`interact`"),
          ("setwinsize", "`resize 80 24`, or at the start `pty size 80 24`"),
          ("exitstatus", "`wait`; `p.termsig` is the signal, if one ended it"),
          ("timeout", "`STEP within 5s`, or `timeout 5s` for each step from there on; none unless set"),
          ("a screen (pyte)", "`expect screen \"menu\"` behind `pty size 80 24`"),
          ("remote", "`connect HOST:PORT`, with the same steps"),
        ]),
        .paragraph(
          "The terminal does not echo unless `echo on` is said, so that an answer is not mixed with what was sent. A "
            + "regex that could grow waits for more: end it with what follows, as `/\\d+\\r\\n/`."),
        .example(
          HelpExample(
            #"""
            timeout 5s
            run ["sh", "-c", "printf 'name? '; read x; echo hello $x; exit 3"] pty as p
            p.recv until "name? "
            p.send line "bob"
            p.expect /hello (\w+)\r\n/ as m
            print m[1], p.wait
            """#, prints: "bob 3")),
        .paragraph("See also: run, expect, recv, interact, resize, deadlines, recipes terminal."),
      ])
  }
}
