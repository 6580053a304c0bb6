// `sock new FILE`: a first suite, which runs and passes as it is.

import SockConformance
import SockRuntime

enum NewCommand {
  static func run(_ path: String) -> Int32 {
    if let problem = ScriptFiles.create(path, with: Array(suite.utf8)) {
      Main.tell("sock: \(problem)\n")
      return 2
    }
    return Main.say("\(path) is written; run it with `sock test \(ShellWord.quoted(path))`\n")
  }

  static let suite = #"""
    # A first suite: a greeting, a command and its answer, and an error. `sock test` runs it as it is, against a server
    # of its own; `sock test --set target=HOST:PORT` runs it against yours.
    param target = ""

    # The server, for as long as there is no other: it greets, and answers until QUIT.
    def serve_greeter()
      serve
        send line "220 ready"
        while recv line as command
          let hello = command =~ /^HELLO (?<name>\w+)/
          if hello
            send line "250 hello, ${hello.name}"
          elif command == "QUIT"
            send line "221 bye"
            break
          else
            send line "500 what is ${command}?"
          end
        end
      end
    end

    # Runs before each test; what it connects to is the test's connection.
    setup
      if target == ""
        listen 0
        spawn
          serve_greeter()
        end
        connect ${listener.sockhost}:${listener.sockport}
      else
        connect target
      end
      expect line /^220 / within 2s
    end

    test "it answers a greeting" must "the protocol, section 1"
      send line "HELLO world"
      expect line "250 hello, world"
    end

    test "it refuses what it does not know" must "the protocol, section 2" tags [errors]
      send line "NONSENSE"
      expect line /^5\d\d/
    end

    test "it takes a command in pieces" should "the protocol, section 2"
      send "HEL"
      sleep 10ms
      send "LO world\r\n"
      expect line /^250/
    end

    test "it says good-bye and closes" must "the protocol, section 3"
      send line "QUIT"
      expect line /^221/
      expect eof
    end

    """#
}
