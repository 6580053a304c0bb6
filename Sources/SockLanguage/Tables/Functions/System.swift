// Functions that ask the system.

extension FunctionRow {
  static var env: FunctionRow {
    FunctionRow(
      .env, ["name", "default"], .stringOrNil, "an environment variable, or the default",
      #"env("NO_SUCH_NAME", "none")"#, #""none""#)
  }

  static var output: FunctionRow {
    FunctionRow(
      .output, ["command", "input"], .map,
      "runs a program to its end, as `run` would, and gives its `status`, its standard output and error as `text` and "
        + "`error`, and as `termsig` the signal that ended it, or nil",
      #"output("tr a-z A-Z", "quiet").text"#, #""QUIET""#,
      details: [
        "A string is split into words as for `run`, and what fills a hole in it is part of one word; a list is the "
          + "exact argv. The program gets the input, and then its end; after signal N its status is 128 + N. Others go "
          + "on meanwhile. The time of a `within` around holds, else the default `timeout`, else 5 s in a test; when "
          + "that is over, the program is ended with all that it has started."
      ])
  }

  static var free_port: FunctionRow {
    FunctionRow(
      .free_port, [], .integer, "a port of loopback that nothing is bound to now", "free_port() > 0", "true",
      details: [
        "Until the server under test binds it, another program may. One that takes a socket which is open already "
          + "(systemd's LISTEN_FDS) needs no such port, and no waiting: `listen 0`, and `run … fds listener`."
      ])
  }

  static var inherited: FunctionRow {
    FunctionRow(
      .inherited, ["name"], .list,
      "the channels of the sockets that `sock` was started with (LISTEN_FDS, as systemd gives them to a service); with "
        + "a name those of that name",
      "inherited()", "[]",
      details: [
        "What each of them is, the system says: a listener can `accept` and `serve`, a datagram socket `recv`. None is "
          + "given to another process than the one that LISTEN_PID names, so that the tests of `sock test`, which have "
          + "processes of their own, get none: see sd_listen_fds(3). `run … fds` starts a program like that."
      ])
  }

  static var resolve: FunctionRow {
    FunctionRow(
      .resolve, ["host", "port"], .any,
      "all addresses of a host name, as a list; for an address, its host name by reverse look-up",
      #"resolve("127.0.0.1", 25)[0].port"#, "25")
  }

  static var certificate: FunctionRow {
    FunctionRow(
      .certificate, ["name"], .map,
      "a certificate for the names, signed by an authority of this run: files `cert`, `key` and `ca`; in a map at the "
        + "end `valid`, `usage`, `rsa`, `sha1` and `self` say otherwise",
      #"ends(certificate("localhost").cert, ".crt")"#, "true")
  }

  static var tls_exporter: FunctionRow {
    FunctionRow(
      .tls_exporter, ["c", "label", "n", "context"], .string,
      "n bytes of keying material of a connection that speaks TLS, the same on both sides (RFC 5705)",
      #"try tls_exporter(stdin, "EXPORTER-mine", 32) else "no TLS""#, #""no TLS""#,
      details: [
        "1 to 8160 bytes, once the handshake is over. With `\"EXPORTER-Channel-Binding\"`, 32 bytes and the context `\"\"` "
          + "it is the channel binding of SCRAM over TLS 1.3 (RFC 9266). In TLS 1.2 an empty context differs from none."
      ])
  }
}
