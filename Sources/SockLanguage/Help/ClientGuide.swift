// `sock help clients`: where the suite is the server, and the program under test its client.

extension Guide {
  static var clientsPage: HelpPage {
    HelpPage(
      topic: Guide.clients.rawValue, summary: "tests of a client: the suite is the server, `sock test --client`",
      blocks: [
        .paragraph(
          "A test listens, starts the program with `run … to` its listener, and speaks with it as its server. Each test "
            + "starts the program anew, on a port of its own, so that `--jobs` may run many at a time. `sock test --client "
            + "'curl -sS http://{address}/' SUITE.sock` says which program that is: `param client` is its command."),
        .table([
          ("{address}  {host}  {port}", "in the command: where the listener is; `{ca}` is the file of whom it trusts"),
          ("SOCK_ADDRESS  SOCK_HOST  SOCK_PORT", "the same in its environment; SOCK_CA over TLS"),
          ("run client to listener", "starts it; `as curl` gives it a name, so that its output can be read"),
          ("run client + [\"-I\"] to listener", "with arguments of this test's: `client` is a list of words"),
          ("expect exit 0", "waits for its end, and wants that status: `7`, `1..255`, `[0, 22]`, \"SEGV\""),
          ("curl.expect \"hello\\n\"", "what it prints; `run … stderr channel` gives `curl.stderr`"),
          ("--client NAME=COMMAND", "what reports call it; several `--client` make a table of tests by programs"),
        ]),
        .paragraph(
          "`accept` fails at once when the program has ended instead of connecting, and says how and what its last "
            + "words were. A test that does not ask for its end has an `expect exit 0` at its own: open connections are "
            + "closed before. `expect exit` also fails when it has connected once more than the test has accepted. What "
            + "still runs when the test is over is ended with its whole process group."),
        .paragraph(
          "Over TLS write `listen tls:0`, over datagrams `bind udp:127.0.0.1:0 as server` and `run client to server`. "
            + "Where each of several programs has arguments of its own, a small script that translates is the client. "
            + "`sock record --as server` writes such a test of a session that has taken place."),
        .example(
          HelpExample(
            #"""
            # What `--client` replaces; without a default it has to be given.
            param client = ["python3", "-c", "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); s.sendall(b'HELLO\\r\\n'); print(s.recv(100).decode())", "{host}", "{port}"]

            test "it says hello, and prints the answer" must "the protocol, section 1"
              listen 0
              run client to listener as program
              accept
              expect line "HELLO"
              send "welcome"
              program.expect line "welcome"
              expect exit 0
            end
            """#)),
        .paragraph("See also: run, expect, test, param, recording."),
      ])
  }
}
