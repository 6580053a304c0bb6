// Recipes: waiting and several at once, processes, data, commands and tests.

extension Recipe {
  static let waiting: [Recipe] = [
    Recipe(
      "timeouts", "what to do when nothing comes",
      HelpExample(
        #"""
        let [a, b] = socketpair
        try
          a.recv line within 20ms
        catch e
          if e.code != "timeout"
            fail e
          end
          print "nothing came"
        end

        # Shorter, where only the answer matters:
        print try a.recv line within 20ms, error.code
        b.timeout 20ms  # for each step of this channel
        print try b.recv line, error.code
        """#, prints: #"""
          nothing came
          nil timeout
          nil timeout
          """#)),
    Recipe(
      "deadlines", "one deadline for a whole dialogue",
      HelpExample(
        #"""
        let [client, server] = socketpair
        spawn
          loop
            server.send "."
            sleep 5ms
          end
        end

        try
          within 50ms
            client.recv until "!"  # bytes trickle in, the end does not come
          end
        catch e
          print e.code
        end
        """#, prints: "timeout")),
    Recipe(
      "silence", "nothing more comes, and then the end",
      HelpExample(
        #"""
        let [client, server] = socketpair
        server.send line "that is all"
        client.expect line "that is all"
        client.expect silence 50ms
        server.close
        client.expect eof
        print "not a byte more"
        """#, prints: "not a byte more")),
    Recipe(
      "select", "whichever of two channels speaks first",
      HelpExample(
        #"""
        let [left, left_peer] = socketpair
        let [right, right_peer] = socketpair
        left_peer.send line "me first"
        right_peer.send line "me too"
        for turn in 1..2
          select
          when left.recv line as text
            print "left: ${text}"
          when right.recv line as text
            print "right: ${text}"
          when after 5s
            fail "nobody speaks"
          end
        end
        """#, prints: #"""
          left: me first
          right: me too
          """#)),
    Recipe(
      "tasks", "several things at once, and all their results",
      HelpExample(
        #"""
        def square(n)
          sleep 10ms
          return n * n
        end

        let tasks = []
        for n in 1..4
          spawn as task
            return square(n)
          end
          push(tasks, task)
        end
        for task in tasks
          print wait task
        end
        """#, prints: #"""
          1
          4
          9
          16
          """#)),
    Recipe(
      "at-most", "ten jobs, three at a time",
      HelpExample(
        #"""
        let jobs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        let results = []
        let workers = []
        for number in 1..3
          spawn as worker
            while jobs != []
              let job = pop(jobs)
              sleep 1ms
              push(results, job * job)
            end
          end
          push(workers, worker)
        end
        for worker in workers
          wait worker
        end
        print len(results), sort(results)[-1]
        """#, prints: "10 100")),
    Recipe(
      "load", "many requests, and how long the slowest took",
      HelpExample(
        #"""
        listen 0 as server
        spawn
          server.serve
            send line upper(recv line)
          end
        end

        let times = []
        for turn in 1..100
          let start = now()
          connect server.sockport as client
          client.send line "hello"
          client.expect line "HELLO"
          client.close
          push(times, now() - start)
        end
        times = sort(times)
        log format("median %.2f ms, 99%% below %.2f ms", times[50] * 1000, times[98] * 1000)
        print len(times), times[50] <= times[98]
        """#, prints: "100 true")),
  ]

  static let processes: [Recipe] = [
    Recipe(
      "run-a-server", "start a server, wait until it answers, and stop it",
      HelpExample(
        #"""
        let port = free_port()
        run "python3 -m http.server --bind 127.0.0.1 ${port}" stderr null as server
        retry within 10s every 20ms
          connect 127.0.0.1:${port}
        end
        send "HEAD / HTTP/1.0\r\n\r\n"
        expect line /^HTTP\/1\.0 200 / within 5s
        server.signal TERM
        server.wait within 5s
        print server.termsig
        """#, prints: "TERM")),
    Recipe(
      "open-socket", "start a server on a socket that is open already (LISTEN_FDS): no port to guess, no waiting",
      HelpExample(
        #"""
        listen 0 as web
        run ["python3", "-c", """
          import socket
          web = socket.socket(fileno=3)
          client, peer = web.accept()
          client.sendall(b"hello\\n")
          """] fds [web] as server
        connect web.sockport within 10s
        print recv line within 10s
        print (server.wait within 10s)
        """#, prints: "hello\n0")),
    Recipe(
      "pass-descriptors", "hand an accepted connection to another process, over a Unix-domain socket",
      HelpExample(
        #"""
        let [a, b] = socketpair
        listen 0
        connect listener.sockport as client
        accept as server
        a.send "take this" fds [server]
        server.close
        print b.recv, b.peercred.pid > 0
        let [taken] = b.fds
        taken.send line "from the other side"
        print client.recv line
        """#, prints: "take this true\nfrom the other side")),
    Recipe(
      "errors-apart", "read a program's standard error apart from its output, and what it has used",
      HelpExample(
        #"""
        writefile("${tmpdir}/words", "pear\napple\n")
        run ["sh", "-c", "sort; echo sorted >&2"] stdin "${tmpdir}/words" stderr channel as sorter
        print sorter.recv all
        print sorter.stderr.recv line
        print sorter.wait, sorter.coredump, sorter.usage.memory > 0
        """#, prints: "apple\npear\n\nsorted\n0 false true")),
    Recipe(
      "mock-server", "a server that plays its part for a client under test",
      HelpExample(
        #"""
        listen 0
        run "curl --silent --data name=bob http://127.0.0.1:${listener.sockport}/users" as curl
        accept within 10s
        expect line "POST /users HTTP/1.1"
        recv until "\r\n\r\n" as headers
        assert headers =~ /^content-length: 8\r?$/im
        expect "name=bob"
        send "HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nok\n"
        print curl.recv line
        """#, prints: "ok")),
    Recipe(
      "daemon", "a server that runs in the background, and what it writes there",
      HelpExample(
        #"""
        let port = free_port()
        run "socat -d -d TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr EXEC:cat" stderr merge as daemon
        spawn
          while daemon.recv line as text
            log text
          end
        end
        defer daemon.signal TERM  # without it, it is killed at the end

        retry within 10s every 20ms
          connect 127.0.0.1:${port}
        end
        send line "hello"
        print recv line
        """#, prints: "hello")),
    Recipe(
      "signals", "send a process signals, and see how it ends",
      HelpExample(
        #"""
        run ["sh", "-c", "trap 'echo again' HUP; echo ready; while :; do sleep 0.01; done"] as daemon
        daemon.expect line "ready" within 5s
        daemon.signal HUP
        daemon.expect line "again" within 5s
        daemon.signal KILL
        print daemon.wait within 5s, daemon.termsig
        """#, prints: "137 KILL")),
    Recipe(
      "terminal", "answer a program that asks for a password",
      HelpExample(
        #"""
        let program = "printf 'Password: '; stty -echo; read x; echo; [ $x = s3cret ] && echo welcome"
        run ["sh", "-c", program] pty echo on
        expect "Password: "
        expect echo off within 5s  # now nobody sees what is typed
        send line "s3cret"
        expect line ""
        print recv line
        """#, prints: "welcome")),
    Recipe(
      "serial", "speak on a serial line; here socat has one, with both its ends",
      HelpExample(
        #"""
        run ["socat", "pty,raw,echo=0,link=${tmpdir}/a", "pty,raw,echo=0,link=${tmpdir}/b"]
        retry within 5s
          open "${tmpdir}/a" as device  # a real one: `open "/dev/ttyUSB0" baud 115200`
          open "${tmpdir}/b" as other
        end
        device.eol "\n"  # both sides end lines alike
        other.eol "\n"

        device.send line "AT"
        other.expect line "AT"
        other.send line "OK"
        print device.recv line within 5s
        """#, prints: "OK")),
    Recipe(
      "environment", "read the environment, and change that of a process",
      HelpExample(
        #"""
        print env("NO_SUCH_VARIABLE", "a default")
        run ["sh", "-c", "echo $GREETING; pwd"] env {GREETING: "hello"} cwd "/" as shell
        print shell.recv line
        print shell.recv line
        print shell.wait
        """#, prints: #"""
          a default
          hello
          /
          0
          """#)),
  ]

  static let data: [Recipe] = [
    Recipe(
      "length-prefix", "messages behind their length in two bytes",
      HelpExample(
        #"""
        let [client, server] = socketpair
        def message(text)
          return pack("u16 bytes", len(text), text)
        end

        client.send message("hello") + message("world") chunks 3
        client.shutdown write
        server.framing "u16"
        while server.recv message as whole
          print whole[2..]
        end
        """#, prints: #"""
          hello
          world
          """#)),
    Recipe(
      "binary", "fields of bytes, and bits in them",
      HelpExample(
        #"""
        let flags = "qr:flag opcode:b4 aa:flag tc:flag rd:flag ra:flag _:b3 rcode:b4"
        let query = pack("id:u16 _:b7 rd:flag _:u8 questions:u16 _:bytes[6]", {id: 7, rd: true, questions: 1})
        for label in split("example.org", ".")
          query += pack("u8:bytes", label)
        end
        query += pack("u8 u16 u16", 0, 1, 1)
        print hex(query)

        let header = unpack("id:u16 ${flags} questions:u16 ..", query)
        print header.id, header.rd, header.rcode, header.questions
        """#, prints: #"""
          000701000001000000000000076578616d706c65036f72670000010001
          7 true 0 1
          """#)),
    Recipe(
      "regex", "take a line apart by a regex with named groups",
      HelpExample(
        #"""
        let text = "MAIL FROM:<bob@example.org> SIZE=500"
        let mail = text =~ /^MAIL FROM:<(?<user>[^@]+)@(?<host>[^>]+)>(?<rest>.*)$/i
        if mail
          print mail.user, mail.host
          for field in split(mail.rest)
            let [name, value] = split(field, "=")
            print name, int(value)
          end
        end
        """#, prints: #"""
          bob example.org
          SIZE 500
          """#)),
    Recipe(
      "counters", "how often each word comes",
      HelpExample(
        #"""
        let counts = {}
        for word in split("GET PUT GET HEAD GET PUT")
          counts[word] = (counts[word] or 0) + 1
        end
        for word in sort(keys(counts))
          print format("%-4s %d", word, counts[word])
        end
        """#, prints: #"""
          GET  3
          HEAD 1
          PUT  2
          """#)),
    Recipe(
      "files", "read a file, write another",
      HelpExample(
        #"""
        writefile("${tmpdir}/hosts", "alpha 25\n# none\nbeta 110\n")
        let names = []
        for entry in lines(readfile("${tmpdir}/hosts"))
          if entry !~ /^#/
            push(names, split(entry)[0])
          end
        end
        writefile("${tmpdir}/names", join(names, "\n"))
        print readfile("${tmpdir}/names")
        """#, prints: #"""
          alpha
          beta
          """#)),
  ]

  static let scripts: [Recipe] = [
    Recipe(
      "arguments", "a command with arguments: `sock FILE HOST [PORT]`, and `sock FILE --help`",
      HelpExample(
        #"""
        # Tells whether a port is open.
        param host = "localhost"
        param port = 1  # 1 to 65535
        param patience = 2s  # how long to try

        if try connect ${host}:${port} within patience
          print "open"
        else
          print "${host}:${port} is not open: ${error.code}"
        end
        """#, prints: "localhost:1 is not open: refused")),
    Recipe(
      "json-cases", "one test for each case of a file in JSON",
      HelpExample(
        #"""
        writefile("${tmpdir}/cases.json", '[{"give": "a", "want": "A"}, {"give": "ab", "want": "AB"}]')

        setup
          let [client, server] = socketpair
          spawn
            server.send line upper(server.recv line)
          end
        end

        for row in parse_json(readfile("${tmpdir}/cases.json"))
          test "upper case of ${row.give}"
            client.send line row.give
            client.expect line row.want
          end
        end
        """#), isSuite: true),
    Recipe(
      "levels", "tests that say how firmly a clause holds, with tags to choose by",
      HelpExample(
        #"""
        setup
          let [client, server] = socketpair
          spawn
            while server.recv line as command
              server.send line "250 ${command}"
            end
          end
        end

        test "it answers" must "RFC 5321 section 4.2" tags [reply]
          client.send line "NOOP"
          client.expect line /^250/
        end

        test "it echoes" should "section 7" tags [reply, extra] timeout 2s
          client.send line "HELP"
          client.expect line "250 HELP"
        end
        """#), isSuite: true),
    Recipe(
      "transcript", "keep what went over the wire: `sock test --transcript DIR`, or `--pcap DIR`",
      HelpExample(
        #"""
        setup
          listen 0
          connect listener.sockport as client
          accept as server
        end

        test "what it says is kept, for tests that pass as well"
          client.send line "hello"
          server.expect line "hello"
        end
        """#), isSuite: true),
  ]
}
