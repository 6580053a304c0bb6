// Recipes: servers and clients, TLS and secrets.

extension Recipe {
  static let clients: [Recipe] = [
    Recipe(
      "echo-server", "a server that answers each client, all of them at once",
      HelpExample(
        #"""
        listen 0 as echo
        spawn
          echo.serve
            while recv line as text
              send line text
            end
          end
        end

        connect echo.sockport
        send line "hello"
        print recv line
        """#, prints: "hello")),
    Recipe(
      "client", "a client that speaks line by line",
      HelpExample(
        #"""
        listen 0
        spawn
          accept
          send "220-welcome\n220 ready\n" crlf
          while recv line as command
            send line "250 ${lower(command)}"
          end
        end

        connect listener.sockport within 5s
        timeout 10s  # for each step from here on
        expect line /^220 / skipping /^220-/
        for command in ["EHLO me", "QUIT"]
          send line command
          print recv line
        end
        """#, prints: #"""
          250 ehlo me
          250 quit
          """#)),
    Recipe(
      "http-get", "a page by HTTP: status, headers, body",
      HelpExample(
        #"""
        listen 0
        spawn
          accept
          recv until "\r\n\r\n"
          send "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        end

        connect listener.sockport
        send "GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n" crlf
        expect line /^HTTP\/1\.1 (?<code>\d+)/ as status
        let headers = {}
        while (recv line as field) != ""
          let [name, value] = split(field, ": ")
          headers[lower(name)] = value
        end
        print status.code, recv exactly int(headers["content-length"])
        """#, prints: "200 hello")),
    Recipe(
      "chunked", "a body that comes in chunks, each behind its length in hexadecimal",
      HelpExample(
        #"""
        let [server, client] = socketpair
        server.send "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n" chunks 3

        let body = ""
        loop
          client.expect line /^[0-9a-f]+/i as size
          let count = int(size[0], 16)
          body += client.recv exactly count
          client.expect "\r\n"
          if count == 0
            break
          end
        end
        print body
        """#, prints: "hello, world")),
    Recipe(
      "port-scanner", "which ports are open, all tried at once",
      HelpExample(
        #"""
        listen 0
        let reached = []
        let tasks = []
        for port in [1, listener.sockport]
          spawn as attempt
            if try connect 127.0.0.1:${port} within 2s
              push(reached, port)
            end
          end
          push(tasks, attempt)
        end
        for attempt in tasks
          wait attempt
        end
        print reached == [listener.sockport]
        """#, prints: "true")),
    Recipe(
      "ping", "an echo by ICMP, for which a script needs CAP_NET_RAW",
      HelpExample(
        #"""
        def ping(host, number)
          socket inet raw proto icmp as echo
          let head = pack("u8 u8 u16 u16 u16", 8, 0, 0, 4711, number)
          let sum = inet_checksum(head + "sock")
          echo.send head[..<2] + pack("u16", sum) + head[4..] + "sock" to host
          loop
            echo.recv within 2s as packet
            let answer = packet[4 * (ord(packet[0]) & 15)..]  # behind the header of IP
            let [kind, id, back] = unpack("u8 _:u8 _:u16 u16 u16 ..", answer)
            if [kind, id, back] == [0, 4711, number]
              return true
            end
          end
        end

        # Who may not make such a socket is told so.
        print try ping("127.0.0.1", 1) else error.code == "EPERM"
        """#, prints: "true")),
    Recipe(
      "udp-retry", "a question by UDP, asked again until it is answered",
      HelpExample(
        #"""
        bind udp:127.0.0.1:0 as server
        spawn
          server.recv  # the first one is lost
          server.recv as question
          server.send upper(question)
        end

        connect udp:127.0.0.1:${server.sockport} as client
        retry within 5s
          client.send "are you there?"
          client.recv within 50ms as answer
        end
        print answer
        """#, prints: "ARE YOU THERE?")),
    Recipe(
      "unix-socket", "a Unix-domain socket in a folder that goes again",
      HelpExample(
        #"""
        listen unix:${tmpdir}/control
        spawn
          serve
            expect line "status"
            send line "running"
          end
        end

        connect unix:${tmpdir}/control
        send line "status"
        print recv line
        """#, prints: "running")),
    Recipe(
      "chat", "what one client says goes to all others",
      HelpExample(
        #"""
        listen 0 as room
        let members = []
        spawn
          room.serve
            push(members, conn)
            send line "welcome"
            while recv line as text
              for member in members
                if member != conn
                  try member.send line text
                end
              end
            end
          end
        end

        connect room.sockport as alice
        connect room.sockport as bob
        alice.expect line "welcome"
        bob.expect line "welcome"
        alice.send line "hello, bob"
        print bob.recv line
        """#, prints: "hello, bob")),
    Recipe(
      "proxy", "a TCP proxy in three lines",
      HelpExample(
        #"""
        listen 0 as server
        spawn
          server.accept
          send line upper(recv line)
        end

        listen 0 as front
        spawn
          front.serve
            connect server.sockport as far
            relay conn far
          end
        end

        connect front.sockport as client
        client.send line "hello"
        print client.recv line
        """#, prints: "HELLO")),
    Recipe(
      "faults", "a proxy that is late, and cuts after the second answer",
      HelpExample(
        #"""
        listen 0 as server
        spawn
          server.serve
            while recv line as text
              send line upper(text)
            end
          end
        end

        listen 0 as front
        spawn
          front.serve
            connect server.sockport as far
            fault conn write delay 20ms jitter 5ms
            fault far read cut after 2 lines
            relay conn far
          end
        end

        connect front.sockport as client
        client.send "one\ntwo\nthree\n"
        print inspect(client.recv all)
        """#, prints: #""ONE\r\nTWO\r\n""#)),
  ]

  static let security: [Recipe] = [
    Recipe(
      "tls-client", "speak TLS, and see with whom",
      HelpExample(
        #"""
        let made = certificate("localhost")
        let port = free_port()
        run "openssl s_server -quiet -accept ${port} -cert ${made.cert} -key ${made.key} -rev"
        retry within 5s every 20ms
          connect tls:localhost:${port} ca made.ca
        end
        send line "hello"
        print recv line, conn.tls.version, conn.tls.peer.subject
        """#, prints: "olleh 1.3 CN=localhost")),
    Recipe(
      "tls-server", "a server with TLS and a certificate made on the spot",
      HelpExample(
        #"""
        let made = certificate("localhost")
        listen tls:0 cert made
        spawn
          serve
            expect line /^GET /
            send "HTTP/1.0 200 OK\r\n\r\nhello\n"
          end
        end

        run "curl --silent --cacert ${made.ca} https://localhost:${listener.sockport}/" as curl
        print curl.recv line within 10s
        """#, prints: "hello")),
    Recipe(
      "starttls", "a mail server's STARTTLS, and what comes behind it",
      HelpExample(
        #"""
        let made = certificate("mail.test")
        listen 0
        spawn
          accept
          send line "220 mail.test"
          expect line "STARTTLS"
          send line "220 go ahead"
          starttls cert made
          send line "250 ${recv line}"
        end

        connect listener.sockport
        expect line /^220 /
        send line "STARTTLS"
        expect line /^220 /
        starttls ca made.ca name "mail.test"
        send line "EHLO me"
        print recv line, conn.tls.version
        """#, prints: "250 EHLO me 1.3")),
    Recipe(
      "secrets", "a password that is shown nowhere: `sock --secret password=env:MAIL_PASSWORD FILE`",
      HelpExample(
        #"""
        param secret password = "swordfish"  # for a try at home

        let [client, server] = socketpair
        client.send line "PASS ${password}"
        print server.recv line
        print base64(password)
        """#, prints: #"""
          PASS ***
          ***
          """#)),
  ]
}
