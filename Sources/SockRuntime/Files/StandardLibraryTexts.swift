// The files of Sources/Library as they are in the program: made from them; do not edit it by hand.

extension StandardLibrary {
  static let texts: [(name: String, text: String)] = [
    (
      "addresses",
      ##"""
      # Addresses of IPv4 and IPv6 as the bytes that they are in messages, and as text, RFC 4291 and 5952.
      #
      #   import "std:addresses" as addresses
      #   print hex(addresses.packed("192.0.2.1"))
      #   print addresses.text(x"20010db8 00000000 00000000 00000001")

      # Whether a host is four numbers with dots.
      def is_ipv4(host)
        return (host =~ /^\d{1,3}(\.\d{1,3}){3}$/) != nil
      end

      # An address as 4 or 16 bytes.
      def packed(host)
        if is_ipv4(host)
          return join(map(split(host, "."), fn(part) chr(int(part))), "")
        end
        let halves = map(split(host, "::", 2), groups)
        if len(halves) == 1
          return halves[0]
        end
        return halves[0] + repeat("\0", 16 - len(halves[0]) - len(halves[1])) + halves[1]
      end

      # Groups of hex digits as bytes.
      def groups(part)
        return join(map(filter(split(part, ":"), fn(digits) digits != ""), fn(digits) pack("u16", int(digits, 16))), "")
      end

      # 4 or 16 bytes as an address. Of the zeros in it the longest row is left out.
      def text(bytes)
        if len(bytes) == 4
          return join(map(bytes, fn(byte) str(ord(byte))), ".")
        end
        let whole = join(map(0..7, fn(n) format("%x", unpack("u16", bytes[2 * n..2 * n + 1])[0])), ":")
        for zeros in [7, 6, 5, 4, 3, 2, 1]
          let m = whole =~ regex("^(?<front>|.*?:)0(:0){${zeros}}(?<back>|:.*)\$")
          if m
            return replace("${m.front}::${m.back}", /:{2,}/, "::")
          end
        end
        return whole
      end

      """##
    ),
    (
      "dns",
      ##"""
      # The domain name system: queries and responses as messages, RFC 1035, 2782, 3596 and 6891.
      #
      #   import "std:dns" as dns
      #   connect udp:127.0.0.1:53
      #   print dns.ask("example.com", "MX").answers
      #
      # Types and classes are numbers in a message, and their names are in `types`. Over TCP each message has its length in
      # front: `framing dns.Stream`, `send dns.Stream {packet: …}`.

      let types = {
        A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255
      }
      let rcodes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]

      message Question
        name dns_name
        type u16 default 1
        class u16 default 1
      end

      message Soa
        server, mailbox dns_name
        serial, refresh, retry, expire, minimum u32
      end

      message Mx
        preference u16
        exchange dns_name
      end

      message Srv
        priority, weight, port u16
        target dns_name
      end

      message Text
        strings list of u8:bytes rest
      end

      message Record
        name dns_name
        type u16 default 1
        # Of OPT the size of UDP that its sender takes.
        class u16 default 1
        ttl u32
        length u16 = size(data)
        data choose type: 1 bytes 4, 2 dns_name, 5 dns_name, 6 Soa, 12 dns_name, 15 Mx, 16 Text, 28 bytes 16, 33 Srv,
          else bytes
      end

      message Packet
        id u16
        qr bit
        opcode bits 4
        aa, tc, rd, ra, _, ad, cd bit
        rcode bits 4
        question_count u16 = count(questions)
        answer_count u16 = count(answers)
        authority_count u16 = count(authorities)
        additional_count u16 = count(additionals)
        questions list of Question count question_count
        answers list of Record count answer_count
        authorities list of Record count authority_count
        additionals list of Record count additional_count
      end

      # RFC 7766: what goes over TCP.
      message Stream
        length u16 = size(packet)
        packet whole Packet
      end

      # The number of a type: `number("MX")` is 15; a number stays one.
      def number(name)
        if type(name) == "int"
          return name
        end
        return types[name] or (raise "range", "there is no type ${name} in std:dns")
      end

      # The fields of a query for a name, with recursion desired.
      def query(name, kind = "A", id = random(0, 0xffff))
        return {id: id, rd: 1, questions: [{name: name, type: number(kind)}]}
      end

      # Asks the current channel, and gives the response: a map of `Packet`'s fields.
      def ask(name, kind = "A")
        let fields = query(name, kind)
        send encode(Packet, fields)
        return expect message Packet {id: fields.id, qr: 1}
      end

      # The fields of a response to a query, as a server sends it. A record is a map of `Record`'s fields; its name is the
      # question's where it has none, and the root's where there is no question either.
      def response(asked, answers, rcode = 0)
        let name = if len(asked.questions) > 0 then asked.questions[0].name else ""
        let records = []
        for answer in answers
          let record = {name: name}
          for key, value in answer
            record[key] = value
          end
          push(records, record)
        end
        return {id: asked.id, qr: 1, rd: asked.rd, ra: 1, rcode: rcode, questions: asked.questions, answers: records}
      end

      """##
    ),
    (
      "ftp",
      ##"""
      # FTP: control and data connections of a client and a server, with TLS, RFC 959, 2389, 2428 and 4217.
      #
      #   import "std:ftp" as ftp
      #   connect localhost:21
      #   ftp.login()
      #   print ftp.fetch("RETR hello.txt")
      #   ftp.quit()
      #
      # The functions speak to the control connection, the current channel. A command waits for a reply of the code that it is
      # to have, whose first digits are enough; another one is a mismatch that shows what came. A server hands its files to
      # `session`, or goes step by step: `answer`, `expect line /^USER/`, `listened`.
      import "std:addresses" as addresses
      import "std:settings" as known

      # Reads a reply of however many lines: its code and their texts. RFC 959, section 4.2: what is between the first line
      # and the last may look like anything.
      def reply(code = "")
        expect line /^(?<code>${code}\d*)(?<mark>[ -])(?<text>.*)/ as first
        let texts = [first.text]
        let is_last = first.mark == " "
        while not is_last
          expect line as text
          is_last = starts(text, "${first.code} ")
          push(texts, if is_last then text[4..] else text)
        end
        return {code: first.code, texts: texts}
      end

      # Sends a command, and gives the last text of its reply.
      def command(text, code = "2")
        send line text
        return (reply(code)).texts[-1]
      end

      # Waits for the greeting, and logs in; without a name as nobody in particular.
      def login(user = "anonymous", password = "me@client.example")
        reply("220")
        authenticate(user, password)
      end

      # Logs in behind the greeting.
      def authenticate(user, password)
        send line "USER ${user}"
        if (reply()).code != "230"
          command("PASS ${password}", "230")
        end
      end

      # Goes on in TLS, RFC 4217, with a server of this name, which an authority in the file `ca` vouches for. The transfers
      # that get what this gives are protected, too.
      def secure(ca, host = "localhost")
        command("AUTH TLS", "234")
        starttls client ca ca name host
        command("PBSZ 0", "200")
        command("PROT P", "200")
        return {ca: ca, host: host}
      end

      # The features of a server, RFC 2389.
      def features()
        send line "FEAT"
        return map((reply("211")).texts[1..<-1], trim)
      end

      # A data connection to where the server listens: EPSV of RFC 2428, or PASV.
      def passive(verb = "EPSV")
        let text = command(verb, "22")
        let m = text =~ /\(\|\|\|(?<port>\d{1,5})\|\)/
        let place = if m then {host: conn.peerhost, port: int(m.port)} else six_numbers_in(text)
        if place == nil or place.port > 0xffff
          raise "protocol", "the reply to ${verb} names no port: ${text}"
        end
        connect place.host place.port as data
        return data
      end

      # A listener to which the server connects, behind EPRT, or PORT.
      def active(verb = "EPRT")
        listen "${conn.sockhost}:0" as data
        if verb == "PORT"
          command("PORT ${six_numbers(data.sockhost, data.sockport)}", "200")
        else
          let family = if addresses.is_ipv4(data.sockhost) then 1 else 2
          command("EPRT |${family}|${data.sockhost}|${data.sockport}|", "200")
        end
        return data
      end

      # The folder that one is in.
      def working_directory()
        return path_of(command("PWD", "257"))
      end

      # The path in the text of a reply 257, to PWD or MKD: a quote in it is doubled, RFC 959 appendix II.
      def path_of(text)
        let m = text =~ /^"(?<path>(?:[^"]|"")*)"/
        if not m
          raise "protocol", "the reply has no path in quotes: ${text}"
        end
        return replace(m.path, "\"\"", "\"")
      end

      # An address and a port as PORT and PASV have them.
      def six_numbers(host, port)
        return "${replace(host, ".", ",")},${port >> 8},${port & 0xff}"
      end

      # The host and the port of six such numbers in a text; nil where there are none.
      def six_numbers_in(text)
        let m = text =~ /(?<!\d)(?<host>\d{1,3}(?:,\d{1,3}){3}),(?<high>\d{1,3}),(?<low>\d{1,3})(?!\d)/
        if m == nil or len(filter(split(m[0], ","), fn(one) int(one) > 255)) > 0
          return nil
        end
        return {host: replace(m.host, ",", "."), port: int(m.high) << 8 | int(m.low)}
      end

      # Gets what a command sends over a data connection, as `fetch("LIST")`; with `tls` what `secure` has given.
      def fetch(text, tls = nil, data = passive())
        send line text
        let channel = begun(data, tls)
        let bytes = (channel.recv all) or ""
        channel.close
        reply("2")
        return bytes
      end

      # Sends over a data connection what a command takes, as `store("STOR name", bytes)`.
      def store(text, bytes, tls = nil, data = passive())
        send line text
        let channel = begun(data, tls)
        channel.send bytes
        channel.close
        reply("2")
      end

      # A data connection once the transfer begins.
      def begun(data, tls)
        reply("1")
        let channel = data
        if data.connected != true
          data.accept as accepted
          data.close
          channel = accepted
        end
        if tls != nil
          channel.starttls client ca tls.ca name tls.host
        end
        return channel
      end

      # Ends the session in good order.
      def quit()
        command("QUIT", "221")
        expect closed
      end

      # Sends a reply, of a line for each text.
      def answer(code, texts = ["ok"])
        if len(texts) == 1
          send line "${code} ${texts[0]}"
        else
          send line join(["${code}-${texts[0]}"] + texts[1..<-1] + ["${code} ${texts[-1]}"], "\r\n")
        end
      end

      # A whole session of a server, whose files are a map of bytes by their names, in one folder; what is stored is in it
      # then. Of the settings each may be missing:
      #
      #   login     a function of a user and a password, which says who is let in
      #   identity  a certificate, as `certificate()` gives it: AUTH TLS is offered
      def session(files, settings = {})
        known.names(settings, ["login", "identity"])
        let state = {user: nil, is_in: false, data: nil, secured: false, protected: false, rest: 0, from: nil}
        answer(220, ["ready"])
        loop
          let text = recv line
          if text == nil
            return files
          end
          let m = text =~ /^(?<verb>\S*) ?(?<rest>.*)$/
          let verb = upper(m.verb)
          if verb == "QUIT"
            answer(221, ["bye"])
            close
            return files
          end
          answered(verb, m.rest, state, files, settings)
        end
      end

      def answered(verb, rest, state, files, settings)
        case verb
        is "USER"
          state.user = rest
          state.is_in = false
          answer(331, ["and the password"])
        is "PASS"
          state.is_in = state.user != nil and (settings.login == nil or settings["login"](state.user, rest))
          answer(if state.is_in then 230 else 530, [if state.is_in then "welcome" else "this is not known"])
        is "AUTH", "PBSZ", "PROT"
          secured(verb, upper(rest), state, settings)
        is "FEAT"
          answer(211, ["features:", " EPRT", " EPSV", " SIZE", " REST STREAM", " UTF8", "end"])
        is "SYST"
          answer(215, ["UNIX Type: L8"])
        is "NOOP", "OPTS"
          answer(200)
        else
          if state.is_in
            served(verb, rest, state, files, settings)
          else
            answer(530, ["log in first"])
          end
        end
      end

      # RFC 4217.
      def secured(verb, rest, state, settings)
        if verb == "AUTH" and rest == "TLS" and settings.identity and not state.secured
          answer(234, ["go ahead"])
          starttls server cert settings.identity
          state.secured = true
        elif verb == "PBSZ" and state.secured
          answer(200)
        elif verb == "PROT" and state.secured and rest in ["P", "C"]
          state.protected = rest == "P"
          answer(200)
        else
          answer(504, ["there is no such protection"])
        end
      end

      # Commands behind a login.
      def served(verb, rest, state, files, settings)
        let name = replace(rest, /^\//, "")
        case verb
        is "PWD", "XPWD"
          answer(257, ["\"/\" is where you are"])
        is "CWD"
          answer(if rest == "/" then 250 else 550, [if rest == "/" then "ok" else "there is no such folder"])
        is "TYPE", "MODE", "STRU"
          answer(if rest =~ /^(A|I|S|F|A N|L 8)$/i then 200 else 504)
        is "PASV", "EPSV", "PORT", "EPRT"
          listened(verb, rest, state)
        is "REST"
          state.rest = if rest =~ /^\d{1,18}$/ then int(rest) else 0
          answer(350)
        is "RETR", "LIST", "NLST", "STOR", "APPE"
          transferred(verb, name, state, files, settings)
        is "SIZE"
          let size = if name in files then len(files[name]) else nil
          answer(if size == nil then 550 else 213, [if size == nil then "there is no such file" else str(size)])
        is "DELE"
          let was = remove(files, name)
          answer(if was == nil then 550 else 250, [if was == nil then "there is no such file" else "ok"])
        else
          answer(502, ["there is no such command"])
        end
      end

      # Prepares a data connection.
      def listened(verb, rest, state)
        state.data = nil
        if verb in ["PASV", "EPSV"]
          listen "${if ":" in conn.sockhost then "[${conn.sockhost}]" else conn.sockhost}:0" as data
          state.data = data
          if verb == "PASV"
            answer(227, ["Entering Passive Mode (${six_numbers(data.sockhost, data.sockport)})"])
          else
            answer(229, ["Entering Extended Passive Mode (|||${data.sockport}|)"])
          end
          return
        end
        let long = rest =~ /^\|[12]\|(?<host>[\d.]+|[\da-fA-F:.]*:[\da-fA-F:.]*)\|(?<port>\d{1,5})\|$/
        let place = if long then {host: long.host, port: int(long.port)} else six_numbers_in(rest)
        if place != nil and place.port <= 0xffff
          state.data = place
          answer(200)
        else
          answer(501, ["this is no address"])
        end
      end

      # Opens the data connection that was prepared.
      def opened(state, settings)
        let place = state.data
        state.data = nil
        let channel = nil
        if type(place) == "map"
          connect place.host place.port as to_client
          channel = to_client
        else
          place.accept as from_client
          place.close
          channel = from_client
        end
        if state.protected
          channel.starttls server cert settings.identity
        end
        return channel
      end

      def transferred(verb, name, state, files, settings)
        let start = state.rest
        state.rest = 0
        if state.data == nil
          answer(425, ["say PASV first"])
          return
        elif verb == "RETR" and name not in files
          answer(550, ["there is no such file"])
          return
        end
        answer(150, ["here it comes"])
        let channel = opened(state, settings)
        if verb == "RETR"
          channel.send files[name][start..]
        elif verb in ["LIST", "NLST"]
          channel.send join(map(keys(files), fn(one) row(verb, one, files) + "\r\n"), "")
        else
          let front = if verb == "APPE" then files[name] or "" else if start > 0 then (files[name] or "")[..<start] else ""
          files[name] = front + ((channel.recv all) or "")
        end
        channel.close
        answer(226, ["done"])
      end

      def row(verb, name, files)
        return if verb == "NLST" then name else format("-rw-r--r-- 1 ftp ftp %10d Jan 01  2020 %s", len(files[name]), name)
      end

      """##
    ),
    (
      "hpack",
      ##"""
      # HPACK: fields of HTTP/2 as blocks of bytes, with Huffman's code and a table that both sides keep, RFC 7541.
      #
      #   import "std:hpack" as hpack
      #   let writing = hpack.table()
      #   let bytes = hpack.block(writing, [[":method", "GET"], [":path", "/hello"]])
      #   print hpack.fields(hpack.table(), bytes)
      #
      # A connection has a table for each direction, on both sides. What breaks the rules raises `protocol`, and says at which
      # byte of the block. `indexed`, `literal` and `resized` give the parts of a block, each of which may be another.

      # Appendix A: what each table begins with, whose numbers are from 1 on.
      let known = [
        [":authority", ""], [":method", "GET"], [":method", "POST"], [":path", "/"], [":path", "/index.html"],
        [":scheme", "http"], [":scheme", "https"], [":status", "200"], [":status", "204"], [":status", "206"],
        [":status", "304"], [":status", "400"], [":status", "404"], [":status", "500"], ["accept-charset", ""],
        ["accept-encoding", "gzip, deflate"]
      ] + map(split("accept-language accept-ranges accept access-control-allow-origin age allow authorization " +
        "cache-control content-disposition content-encoding content-language content-length content-location " +
        "content-range content-type cookie date etag expect expires from host if-match if-modified-since if-none-match " +
        "if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization " +
        "range referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary " +
        "via www-authenticate"), fn(name) [name, ""])

      # The number of each, by its name and value, and the first one of each name.
      let known_places = places()
      def places()
        let found = {}
        for at, row in known
          found["${row[0]}\0${row[1]}"] = at + 1
          found[row[0]] = found[row[0]] or at + 1
        end
        return found
      end

      # Appendix B: the bytes whose codes have so many bits, in the order of their codes. The first code of a row is the one
      # behind the last of the row above, with zeros behind it.
      let code_rows = {
        5: "012aceiost", 6: " %-./3456789=A_bdfghlmnpru", 7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz", 8: "&*,;XZ", 10: "!\"()?",
        11: "'+|", 12: "#>", 13: "\0\$@[]~", 14: "^}", 15: "<`{", 19: "\\\xc3\xd0", 20: x"80 82 83 a2 b8 c2 e0 e2",
        21: x"99 a1 a7 ac b0 b1 b3 d1 d8 d9 e3 e5 e6",
        22: x"81 84 85 86 88 92 9a 9c a0 a3 a4 a9 aa ad b2 b5 b9 ba bb bd be c4 c6 e4 e8 e9",
        23: x"01 87 89 8a 8b 8c 8d 8f 93 95 96 97 98 9b 9d 9e a5 a6 a8 ae af b4 b6 b7 bc bf c5 e7 ef",
        24: x"09 8e 90 91 94 9f ab ce d7 e1 ec ed", 25: x"c7 cf ea eb", 26: x"c0 c1 c8 c9 ca cd d2 d5 da db ee f0 f2 f3 ff",
        27: x"cb cc d3 d4 d6 dd de df f1 f4 f5 f6 f7 f8 fa fb fc fd fe",
        28: x"02 03 04 05 06 07 08 0b 0c 0e 0f 10 11 12 13 14 15 17 18 19 1a 1b 1c 1d 1e 1f 7f dc f9", 30: "\n\r\x16"
      }
      def canonical()
        # The code of each byte, with its number of bits; of each number of bits the first code, and behind the last one what
        # 30 bits are that begin with none of them.
        let found = {codes: {}, first: {}, limits: {}}
        let code = 0
        for bits in 5..30
          code <<= 1
          found.first[bits] = code
          for byte in code_rows[bits] or ""
            found.codes[byte] = [code, bits]
            code += 1
          end
          if bits in code_rows
            found.limits[bits] = code << 30 - bits
          end
        end
        return found
      end
      let huffman = canonical()

      # A table of one direction, of so many bytes at most: of what a field takes besides its bytes each counts 32.
      def table(most = 4096)
        return {rows: [], size: 0, most: most, allowed: most}
      end

      # The fields in a block, a list of lists of a name and a value. The table changes with it.
      def fields(kept, bytes, greatest = 262144)
        let from = {bytes: bytes, at: 0}
        let found = []
        let size = 0
        # RFC 9113, section 4.3.1.
        if kept.most > kept.allowed and (bytes == "" or ord(bytes[0]) not in 0x20..0x3f)
          refused(0, "the table has ${kept.most} bytes, and has to have ${kept.allowed} at most first")
        end
        while from.at < len(bytes)
          let start = from.at
          let first = ord(bytes[start])
          if first >= 0x80
            push(found, row_of(kept, number(from, 7), start))
          elif first >= 0x40
            let row = literal_of(kept, from, 6)
            insert_row(kept, row)
            push(found, row)
          elif first >= 0x20
            let most = number(from, 5)
            if len(found) > 0 or most > kept.allowed
              refused(start, "the table is to have ${most} bytes, of ${kept.allowed}, behind ${len(found)} fields")
            end
            sized(kept, most)
          else
            push(found, literal_of(kept, from, 4))
          end
          # A byte may stand for a row of the table: a block of a few kilobytes for megabytes.
          if first >= 0x40 or first < 0x20
            size += len(found[-1][0]) + len(found[-1][1]) + 32
            if size > greatest
              refused(start, "the fields have more than ${greatest} bytes")
            end
          end
        end
        return found
      end

      def refused(at, why)
        raise "protocol", "byte ${at} of a block of fields: ${why}"
      end

      # The row of a number, section 2.3.3: behind those that are known stand those of the table, the newest first.
      def row_of(kept, index, at)
        if index in 1..61
          return known[index - 1]
        elif index < 1 or index > 61 + len(kept.rows)
          refused(at, "there is no field of number ${index}")
        end
        return kept.rows[index - 62]
      end

      def literal_of(kept, from, bits)
        let start = from.at
        let index = number(from, bits)
        let name = if index == 0 then text_of(from) else row_of(kept, index, start)[0]
        return [name, text_of(from)]
      end

      # Section 5.1.
      def number(from, bits)
        let start = from.at
        let most = (1 << bits) - 1
        let value = byte_of(from) & most
        if value < most
          return value
        end
        for shift in [0, 7, 14, 21, 28]
          let byte = byte_of(from)
          value += (byte & 0x7f) << shift
          if byte < 0x80
            return value
          end
        end
        refused(start, "a number has too many bytes")
      end

      def byte_of(from)
        if from.at >= len(from.bytes)
          refused(from.at, "it ends within a field")
        end
        from.at += 1
        return ord(from.bytes[from.at - 1])
      end

      # Section 5.2.
      def text_of(from)
        let start = from.at
        let is_coded = start < len(from.bytes) and ord(from.bytes[start]) >= 0x80
        let size = number(from, 7)
        if size > len(from.bytes) - from.at
          refused(start, "a text of ${size} bytes is longer than what is left, ${len(from.bytes) - from.at}")
        end
        let bytes = from.bytes[from.at..<from.at + size]
        from.at += size
        return if is_coded then decoded(bytes, start) else bytes
      end

      # Bytes by Huffman's code.
      def coded(text)
        let bytes = ""
        let value = 0
        let count = 0
        for byte in text
          let [code, bits] = huffman.codes[byte]
          value = value << bits | code
          count += bits
          while count >= 8
            count -= 8
            bytes += chr(value >> count)
            value &= (1 << count) - 1
          end
        end
        return if count == 0 then bytes else bytes + chr(value << 8 - count | 0xff >> count)
      end

      # What such bytes stand for.
      def decoded(bytes, at = 0)
        let text = ""
        let value = 0
        let count = 0
        let next = 0
        loop
          while count < 30 and next < len(bytes)
            value = value << 8 | ord(bytes[next])
            count += 8
            next += 1
          end
          # The next 30 bits; behind the end there are ones.
          let code = if count >= 30 then value >> count - 30 else value << 30 - count | (1 << 30 - count) - 1
          let bits = bits_of(code)
          if bits == nil or bits > count
            # Section 5.2: with ones the last byte is filled, and no further one.
            if count > 7 or value != (1 << count) - 1
              refused(at, "a text of Huffman's code ends wrongly, or has the code of the end in it")
            end
            return text
          end
          text += code_rows[bits][(code >> 30 - bits) - huffman.first[bits]]
          count -= bits
          value &= (1 << count) - 1
        end
      end

      def bits_of(code)
        # How many the code has that 30 bits begin with; nil for that of the end.
        for bits, limit in huffman.limits
          if code < limit
            return bits
          end
        end
      end

      # A block of fields, lists of a name and a value. Those that are in the table are told by their numbers, and others go
      # into it. Of the settings each may be missing: `huffman`, which is true otherwise, and `secret`, a list of names that
      # go into no table.
      def block(kept, rows, settings = {})
        let is_coded = settings.huffman != false
        let bytes = ""
        for [name, value] in rows
          let value_text = str(value)
          let at = place_of(kept, name, value_text)
          if at != nil
            bytes += indexed(at)
          else
            let near = place_of(kept, name) or 0
            let is_secret = name in (settings.secret or [])
            bytes += literal(name, value_text, (if is_secret then "never" else "added"), near, is_coded)
            if not is_secret
              insert_row(kept, [name, value_text])
            end
          end
        end
        return bytes
      end

      def place_of(kept, name, value = nil)
        # That of a field, or of one that has the name.
        let at = known_places[if value == nil then name else "${name}\0${value}"]
        if at != nil
          return at
        end
        for place, row in kept.rows
          if row[0] == name and (value == nil or row[1] == value)
            return place + 62
          end
        end
      end

      # A field by its number, section 6.1.
      def indexed(index)
        return integer(0x80, 7, index)
      end

      # A field as text, section 6.2, with the number of one that has its name, or 0. It is `added` to the table, or `plain`,
      # or one that is `never` to be in any; the table itself is not changed by this.
      def literal(name, value, kind = "added", index = 0, is_coded = true)
        let front = {
          added: integer(0x40, 6, index), plain: integer(0, 4, index), never: integer(0x10, 4, index)
        }[kind]
        return front + (if index == 0 then string(name, is_coded) else "") + string(value, is_coded)
      end

      # Another size of the table, section 6.3, which stands at the beginning of a block.
      def resized(most)
        return integer(0x20, 5, most)
      end

      # A text, section 5.2.
      def string(text, is_coded = true)
        let bytes = if is_coded then coded(text) else text
        return integer((if is_coded then 0x80 else 0), 7, len(bytes)) + bytes
      end

      # A number in the last bits of a byte, and in further ones where it is too great, section 5.1.
      def integer(front, bits, value)
        let most = (1 << bits) - 1
        if value < most
          return chr(front | value)
        end
        let bytes = chr(front | most)
        let rest = value - most
        while rest >= 0x80
          bytes += chr(rest & 0x7f | 0x80)
          rest >>= 7
        end
        return bytes + chr(rest)
      end

      # Puts a field into a table, which drops as many of its oldest as it takes, section 4.4.
      def insert_row(kept, row)
        kept.size += len(row[0]) + len(row[1]) + 32
        insert(kept.rows, 0, row)
        drop(kept)
      end

      # Gives a table another size.
      def sized(kept, most)
        kept.most = most
        drop(kept)
      end

      def drop(kept)
        while kept.size > kept.most
          let row = pop(kept.rows)
          kept.size -= len(row[0]) + len(row[1]) + 32
        end
      end

      """##
    ),
    (
      "http",
      ##"""
      # HTTP/1.1: requests and responses, chunked bodies and persistent connections, RFC 9110 and 9112.
      #
      #   import "std:http" as http
      #   connect localhost:80
      #   let answer = http.ask("GET", "/hello.txt")
      #   print answer.status, answer.fields["content-type"], answer.body
      #
      # What is read is a map: `fields` by their names in lower case, several of one name joined by commas, `lines` as they
      # came, and a `body` without its coding. A server reads with `read_request` and sends a `response`, or hands a function
      # to `answer_all`. What breaks the rules of RFC 9112 raises `protocol`; what is sent may break any of them: fields are
      # taken as they are given, and `request` and `response` give bytes.

      let reasons = {
        100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content",
        206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
        412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 417: "Expectation Failed", 426: "Upgrade Required", 429: "Too Many Requests",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported"
      }

      # A request. Fields are a map, whose values may be lists: a line for each. Host is `localhost` unless they say
      # otherwise, and a body has its length, or is one chunk where they say `Transfer-Encoding: chunked`.
      def request(method, target, fields = {}, body = "")
        let host = if has(fields, "host") then "" else "Host: localhost\r\n"
        return "${method} ${target} HTTP/1.1\r\n${host}" + message(fields, body, body != "" or method in ["POST", "PUT"])
      end

      # A response: to HEAD, and with 1xx, 204 or 304, without the body that it tells of.
      def response(status, fields = {}, body = "", method = "GET")
        let bytes = "HTTP/1.1 ${status} ${reasons[status] or ""}\r\n"
        if status < 200 or status in [204, 304]
          return bytes + message(fields, "", false)
        elif method == "HEAD"
          return bytes + message(fields, body, true, true)
        end
        return bytes + message(fields, body, true)
      end

      # Field lines, the empty line, and the body.
      def message(fields, body, is_told, is_head = false)
        let bytes = field_lines(fields)
        let coding = value_of(fields, "transfer-encoding")
        if is_told and not coding and not has(fields, "content-length")
          bytes += "Content-Length: ${len(body)}\r\n"
        end
        return bytes + "\r\n" + (if is_head then "" else if coding == "chunked" then chunks([body]) else body)
      end

      def field_lines(fields)
        let bytes = ""
        for name, value in fields
          for one in if type(value) == "list" then value else [value]
            bytes += "${name}: ${one}\r\n"
          end
        end
        return bytes
      end

      # The value of a field that is to be sent, whose name may be written in any way; nil where there is none.
      def value_of(fields, name)
        for key, value in fields
          if lower(key) == name
            return value
          end
        end
      end

      def has(fields, name)
        return value_of(fields, name) != nil
      end

      # One chunk of a body, section 7.1; an empty one ends it.
      def chunk(bytes, extension = "")
        return format("%x", len(bytes)) + extension + "\r\n" + bytes + (if bytes == "" then "" else "\r\n")
      end

      # A whole chunked body of these parts, with trailer fields behind it.
      def chunks(parts, trailers = {})
        let bytes = join(map(filter(parts, fn(part) part != ""), fn(part) chunk(part)), "")
        return bytes + chunk("") + field_lines(trailers) + "\r\n"
      end

      # Sends a request on the current channel, and gives the response.
      def ask(method, target, fields = {}, body = "")
        send request(method, target, fields, body)
        return read_response(method)
      end

      # Reads a response: its version, status, reason, fields, body and trailers. Interim ones (1xx) are passed over, but 101,
      # behind which another protocol is spoken, is final.
      def read_response(method = "GET")
        let answer = read_response_head()
        while answer.status < 200 and answer.status != 101
          answer = read_response_head()
        end
        if method == "HEAD" or answer.status in [101, 204, 304] or method == "CONNECT" and answer.status < 300
          return answer
        end
        return read_body(answer, true)
      end

      # Reads the head of a response, also of an interim one. The body is for `read_chunk`, or any other step.
      def read_response_head()
        expect line /^HTTP\/(?<version>\d\.\d) (?<status>\d{3})(?: (?<reason>.*))?$/ as start
        let head = {version: start.version, status: int(start.status), reason: start.reason or ""}
        return read_fields(head)
      end

      # Reads a request as a server: its method, target, version, fields, body and trailers; nil where the client has ended
      # the connection. A client that waits for it is told to continue.
      def read_request()
        let head = read_request_head()
        if head == nil
          return nil
        end
        if lower(head.fields.expect or "") == "100-continue"
          send response(100)
        end
        return read_body(head, false)
      end

      # Reads the head of a request. Section 2.2: an empty line in front of it is passed over.
      def read_request_head()
        let start = recv line
        while start == ""
          start = recv line
        end
        if start == nil
          return nil
        end
        let m = start =~ /^(?<method>[-!#$%&'*+.^_`|~0-9A-Za-z]+) (?<target>\S+) HTTP\/(?<version>\d\.\d)$/
        if not m
          raise "protocol", "this is no request line: ${inspect(start)}"
        end
        let head = read_fields({method: m.method, target: m.target, version: m.version})
        if head.version == "1.1" and len(filter(head.lines, fn(pair) lower(pair[0]) == "host")) != 1
          raise "protocol", "a request has one Host"
        end
        return head
      end

      # Reads field lines, to the empty one, into a message.
      def read_fields(head)
        head.fields = {}
        head.lines = []
        head.body = ""
        head.trailers = {}
        fields_into(head.fields, head.lines)
        return head
      end

      # Section 5: no blank stands in front of the colon, and no line goes on in the next one.
      def fields_into(found, rows)
        let values = {}
        loop
          let text = expect line
          if text == ""
            break
          end
          let m = text =~ /^(?<name>[-!#$%&'*+.^_`|~0-9A-Za-z]+):(?<value>[^\0\r]*)$/
          if not m
            raise "protocol", "this is no field line: ${inspect(text)}"
          end
          let [name, value] = [lower(m.name), trim(m.value)]
          if name not in values
            values[name] = []
          end
          push(values[name], value)
          push(rows, [m.name, value])
        end
        for name, list in values
          found[name] = join(list, ", ")
        end
      end

      # Section 6.3: how long the body is.
      def read_body(head, is_response)
        let codings = head.fields["transfer-encoding"]
        let length = head.fields["content-length"]
        if codings != nil
          if length != nil
            raise "protocol", "a message has a coding or a length, not both"
          elif lower(codings) != "chunked"
            raise "protocol", "this coding is not known: ${inspect(codings)}"
          end
          while read_chunk() as part
            head.body += part
          end
          fields_into(head.trailers, [])
        elif length != nil
          if length !~ /^\d{1,18}$/
            raise "protocol", "this is no length: ${inspect(length)}"
          elif int(length) > 0
            head.body = (recv exactly int(length)) or
              (raise "eof", "the other side has ended the connection before a body of ${length} bytes")
          end
        elif is_response
          head.body = (recv all) or ""
        end
        return head
      end

      # Reads one chunk; nil for the last one, behind which the trailer fields stand.
      def read_chunk()
        expect /(?<size>[0-9A-Fa-f]{1,15})[ \t]*(;[^\r\n]*)?\r\n/ as head
        let size = int(head.size, 16)
        if size == 0
          return nil
        end
        let bytes = recv exactly size
        expect "\r\n"
        return bytes
      end

      # Whether the connection goes on behind a message: section 9.3.
      def persists(came)
        let options = map(split(lower(came.fields.connection or ""), ","), trim)
        return if came.version == "1.0" then "keep-alive" in options else not "close" in options
      end

      # Answers requests on the current channel until the client ends the connection, or one of both says that it is to be
      # closed. The function is given each request, and gives a body, or a map of `status`, `fields` and `body`. What is no
      # request is answered with 400.
      def answer_all(handler)
        loop
          let asked = nil
          try
            asked = read_request()
          catch e
            if e.code != "protocol" and e.code != "mismatch"
              raise e
            end
            send response(400, {Connection: "close"}, "${e.message}\n")
            break
          end
          if asked == nil
            break
          end
          let told = handler(asked)
          let answer = if type(told) == "map" then told else {body: told}
          let fields = answer.fields or {}
          if not persists(asked)
            fields.Connection = "close"
          end
          send response(answer.status or 200, fields, answer.body or "", asked.method)
          if lower(str(value_of(fields, "connection"))) == "close"
            break
          end
        end
        close
      end

      """##
    ),
    (
      "http2",
      ##"""
      # HTTP/2: frames, streams and flow control of a client and a server, RFC 9113.
      #
      #   import "std:http2" as http2
      #   connect localhost:80
      #   let session = http2.start()
      #   let answer = http2.ask(session, "GET", "/hello.txt")
      #   print answer.status, answer.fields["content-type"], answer.body
      #
      # Over TLS both sides agree on it by `alpn ["h2"]`. A session is a map that the functions of this file want. A server
      # begins with `welcome`, and goes on with `next_request` and `answer`, or hands a function to `answer_all`. `take` reads
      # what comes frame by frame, and answers SETTINGS, PING and what uses up a window. What breaks the rules ends the
      # session with GOAWAY, or the stream with RST_STREAM, and raises `protocol`, which tells the section of the RFC.
      #
      # Only what comes is held to the rules: any frame at all goes by `send http2.Frame {…}`. `take` believes that a stream
      # is open which nobody here has seen to be opened; the functions that wait for whole messages want `session.states` to
      # say so of a stream that a script has opened by a frame of its own: `session.states[7] = "open"`.
      import "std:hpack" as hpack

      let types = {
        data: 0, headers: 1, priority: 2, reset: 3, settings: 4, push: 5, ping: 6, goaway: 7, window_update: 8,
        continuation: 9
      }
      let flags = {ack: 1, end_stream: 1, end_headers: 4, padded: 8, priority: 0x20}
      let errors = {
        no_error: 0, protocol_error: 1, internal_error: 2, flow_control_error: 3, settings_timeout: 4, stream_closed: 5,
        frame_size_error: 6, refused_stream: 7, cancel: 8, compression_error: 9, connect_error: 10, enhance_your_calm: 11,
        inadequate_security: 12, http_1_1_required: 13
      }
      let settings = {
        header_table_size: 1, enable_push: 2, max_concurrent_streams: 3, initial_window_size: 4, max_frame_size: 5,
        max_header_list_size: 6
      }
      # What each frame is called, where it may stand, and how many bytes it has.
      let shapes = {
        0: {name: "DATA", section: "6.1", of: "stream"}, 1: {name: "HEADERS", section: "6.2", of: "stream"},
        2: {name: "PRIORITY", section: "6.3", of: "stream", size: 5},
        3: {name: "RST_STREAM", section: "6.4", of: "stream", size: 4}, 4: {name: "SETTINGS", section: "6.5", of: "session"},
        5: {name: "PUSH_PROMISE", section: "6.6", of: "stream"}, 6: {name: "PING", section: "6.7", of: "session", size: 8},
        7: {name: "GOAWAY", section: "6.8", of: "session"}, 8: {name: "WINDOW_UPDATE", section: "6.9", of: "both", size: 4},
        9: {name: "CONTINUATION", section: "6.10", of: "stream"}
      }
      # Of a block of fields, in bytes: its frames have to end.
      let most_of_block = 65536
      let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

      # Section 4.1.
      message Frame
        length u24 = size(payload)
        type u8
        flags u8
        _ bit
        stream bits 31
        payload choose type: 0 Data(flags, length), 1 Headers(flags, length), 2 Priority, 3 Reset, 4 Settings(flags),
          5 Push(flags, length), 7 Goaway, 8 WindowUpdate, else bytes
      end

      # One whose payload is not looked at.
      message Bare
        length u24 = size(payload)
        type u8
        flags u8
        _ bit
        stream bits 31
        payload bytes
      end

      message Data(flags, length)
        pad u8 if flags & 8 > 0
        bytes choose flags & 8: 8 bytes length - pad - 1, else bytes length
        padding bytes pad if flags & 8 > 0
      end

      message Headers(flags, length)
        pad u8 if flags & 8 > 0
        priority Priority if flags & 0x20 > 0
        block choose flags & 0x28: 8 bytes length - pad - 1, 0x20 bytes length - 5,
          0x28 bytes length - pad - 6, else bytes length
        padding bytes pad if flags & 8 > 0
      end

      message Priority
        exclusive bit
        dependency bits 31
        weight u8 default 15
      end

      message Reset
        code u32
      end

      message Settings(flags)
        list list of Setting rest
      end

      message Setting
        id u16
        value u32
      end

      message Push(flags, length)
        pad u8 if flags & 8 > 0
        _ bit
        promised bits 31
        block choose flags & 8: 8 bytes length - pad - 5, else bytes length - 4
        padding bytes pad if flags & 8 > 0
      end

      message Goaway
        _ bit
        last bits 31
        code u32
        text rest
      end

      message WindowUpdate
        _ bit
        increment bits 31
      end

      # Begins a session as a client on the current channel, with settings by their names.
      def start(told = {enable_push: 0})
        send preface
        return begun(true, told)
      end

      # Begins one as a server, with a client that begins it.
      def welcome(told = {})
        expect preface
        return begun(false, told)
      end

      def begun(is_client, told)
        let rows = []
        for name, value in told
          push(rows, {id: settings[name], value: value})
        end
        send Frame {type: types.settings, payload: {list: rows}}
        # Of each stream `states` says whether it is "open", "ended" or "reset" by the other side, or "refused" by this one;
        # `next` is the first one that a client has not opened, and `last` the last one that the other side has.
        return {
          is_client: is_client, is_settled: false, ours: told, reading: hpack.table(), writing: hpack.table(), resized: "",
          window: 65535, first_window: 65535, windows: {}, most: 16384, next: 1, last: 0, states: {}, methods: {},
          streams: {}, done: [], waiting: [], goaway: nil
        }
      end

      def frame_name(number)
        let shape = shapes[number]
        return if shape == nil then "a frame of type ${number}" else shape.name
      end

      def name_of(names, number)
        for name, value in names
          if value == number
            return name
          end
        end
        return str(number)
      end

      # Ends a session that is broken.
      def broken(session, name, why)
        send Frame {type: types.goaway, payload: {last: session.last, code: errors[name], text: why}}
        raise "protocol", "${name}: ${why}"
      end

      # Ends a stream that is broken.
      def refuse_stream(session, stream, name, why)
        send Frame {type: types.reset, stream: stream, payload: {code: errors[name]}}
        session.states[stream] = "refused"
        remove(session.streams, stream)
        raise "protocol", "${name} of stream ${stream}: ${why}"
      end

      # The one where it is of stream 0, and the other where it is of another.
      def refuse(session, stream, name, why)
        if stream == 0
          broken(session, name, why)
        end
        refuse_stream(session, stream, name, why)
      end

      # Takes the next frame of a session, whose head must be as its type wants it; nil at the end.
      def take_frame(session)
        let came = nil
        try
          came = recv message Frame
        catch e
          if e.code == "parse"
            refuse_frame(session, recv message Bare, e.message)
          elif e.code != "truncated"
            raise e
          end
          # Over TLS clients hang up without a farewell: a frame that is whole says so itself.
        end
        if came != nil
          check_frame(session, came)
          session.is_settled = true
        end
        return came
      end

      # What the head of a frame tells.
      def check_frame(session, came)
        let shape = shapes[came.type] or {}
        let name = frame_name(came.type)
        let most = session.ours.max_frame_size or 16384
        let is_ack = came.type == types.settings and came.flags & flags.ack > 0
        if came.length > most
          broken(session, "frame_size_error", "${name} has ${came.length} bytes: section 4.2 wants ${most} at most")
        elif not session.is_settled and (came.type != types.settings or is_ack)
          let what = if is_ack then "SETTINGS with ACK" else name
          broken(session, "protocol_error", "a session begins with ${what}: section 3.4 wants SETTINGS")
        elif shape.of == "stream" and came.stream == 0
          broken(session, "protocol_error", "${name} stands on stream 0: section ${shape.section} wants a stream of its own")
        elif shape.of == "session" and came.stream != 0
          let what = "${name} stands on stream ${came.stream}"
          broken(session, "protocol_error", "${what}: section ${shape.section} wants stream 0")
        elif came.length != (shape.size or came.length)
          let why = "${name} has ${came.length} bytes: section ${shape.section} wants ${shape.size}"
          if came.type == types.priority
            refuse_stream(session, came.stream, "frame_size_error", why)
          end
          broken(session, "frame_size_error", why)
        elif is_ack and came.length > 0
          broken(session, "frame_size_error", "SETTINGS with ACK has ${came.length} bytes: section 6.5 wants none")
        elif came.type == types.settings and came.length % 6 > 0
          broken(session, "frame_size_error", "SETTINGS has ${came.length} bytes: section 6.5 wants 6 for each setting")
        elif came.type == types.goaway and came.length < 8
          broken(session, "frame_size_error", "GOAWAY has ${came.length} bytes: section 6.8 wants 8 at least")
        end
      end

      # What does not read as a frame of its type.
      def refuse_frame(session, came, why)
        check_frame(session, came)
        let name = frame_name(came.type)
        if came.type in [types.data, types.headers, types.push] and came.flags & flags.padded > 0 and came.length > 0
          let text = "${name} of ${came.length} bytes has ${ord(came.payload[0])} of padding"
          broken(session, "protocol_error", "${text}: section ${shapes[came.type].section} wants room for the rest")
        end
        broken(session, "frame_size_error", "${name} has ${came.length} bytes, too few: ${why}")
      end

      # Takes what comes next, as a map: its `kind` is "headers" (with `rows`, lists of a name and a value), "data" (with
      # `bytes`), "reset" (with a `code`) or "goaway" (with `last`, `code` and `text`); `ends` says that nothing follows on
      # the `stream`. What is of the session alone is answered. nil at the end.
      def take(session)
        return next_event(session, false)
      end

      # The same; `is_sure` says that no stream is open but those that the session knows.
      def next_event(session, is_sure)
        if len(session.waiting) > 0
          return shift(session.waiting)
        end
        let found = nil
        while found == nil
          let came = take_frame(session)
          if came == nil
            return nil
          end
          found = event(session, came, is_sure)
        end
        return found
      end

      # What a frame tells; nil where it is of the session alone, or of a stream that has been refused.
      def event(session, came, is_sure = false)
        let told = {kind: name_of(types, came.type), stream: came.stream, ends: false}
        case came.type
        is types.data
          # Section 6.9: what has come may come again.
          if came.length > 0
            send Frame {type: types.window_update, payload: {increment: came.length}}
          end
          if not is_taken(session, came, is_sure)
            return nil
          end
          told.bytes = came.payload.bytes
          told.ends = has_ended(session, came)
          if came.length > 0 and not told.ends
            send Frame {type: types.window_update, stream: came.stream, payload: {increment: came.length}}
          end
          return told
        is types.headers
          # The table changes with those of a refused stream, too.
          told.rows = rows_of(session, came)
          if not is_taken(session, came, is_sure)
            return nil
          end
          told.ends = has_ended(session, came)
          return told
        is types.reset
          not_idle(session, came, is_sure)
          session.states[came.stream] = "reset"
          told.code = came.payload.code
          return told
        is types.goaway
          session.goaway = came.payload
          told.last = came.payload.last
          told.code = came.payload.code
          told.text = came.payload.text
          return told
        is types.settings
          if came.flags & flags.ack == 0
            agree(session, came.payload.list)
            send Frame {type: types.settings, flags: flags.ack}
          else
            # Section 4.3.1: from here on the other side has to keep to it.
            session.reading.allowed = session.ours.header_table_size or 4096
          end
        is types.ping
          if came.flags & flags.ack == 0
            send Frame {type: types.ping, flags: flags.ack, payload: came.payload}
          end
        is types.window_update
          widen(session, came, is_sure)
        is types.push
          promised(session, came, is_sure)
        is types.continuation
          let why = "CONTINUATION of stream ${came.stream} goes on with nothing: section 6.10 wants HEADERS before it"
          broken(session, "protocol_error", why)
        end
      end

      # How a stream stands, section 5.1: as `states` says; one that nobody has opened is "idle" or, where a later one is
      # open, "closed", or may be known to the script alone.
      def standing(session, stream, is_sure)
        let is_own = session.is_client == (stream % 2 == 1)
        if stream in session.states
          return session.states[stream]
        elif is_own and stream >= session.next
          return if is_sure then "idle" else "unknown"
        end
        return if is_own or stream <= session.last then "closed" else "idle"
      end

      # Whether HEADERS or DATA is to be looked at: not where it was under way when its stream was refused.
      def is_taken(session, came, is_sure)
        let stream = came.stream
        let state = standing(session, stream, is_sure)
        if state == "open" or state == "unknown" and session.is_client
          return true
        elif state == "refused"
          return false
        end
        let what = "${frame_name(came.type)} comes on stream ${stream}"
        let is_new = came.type == types.headers and not session.is_client
        if not session.is_client and stream % 2 == 0
          broken(session, "protocol_error", "${what}: section 5.1.1 wants odd numbers of a client")
        elif state in ["ended", "reset"]
          let why = "${frame_name(came.type)} comes after the other side has ${state} it: section 5.1 wants no more of it"
          refuse_stream(session, stream, "stream_closed", why)
        elif is_new and state == "closed"
          broken(session, "protocol_error", "${what} after stream ${session.last}: section 5.1.1 wants a number above that")
        elif is_new
          session.last = stream
          session.states[stream] = "open"
          return true
        elif state == "closed"
          let why = "${frame_name(came.type)} comes, and later streams are open: section 5.1 wants no more of it"
          refuse_stream(session, stream, "stream_closed", why)
        end
        let who = if session.is_client then "the client" else "HEADERS"
        broken(session, "protocol_error", "${what}, which is not open: section 5.1 wants ${who} to open it")
      end

      def has_ended(session, came)
        let is_end = came.flags & flags.end_stream > 0
        if is_end
          session.states[came.stream] = "ended"
        end
        return is_end
      end

      def not_idle(session, came, is_sure)
        if standing(session, came.stream, is_sure) == "idle"
          let why = "${frame_name(came.type)} comes on stream ${came.stream}, which is idle: section 5.1 wants HEADERS first"
          broken(session, "protocol_error", why)
        end
      end

      # Section 8.4. Where the script allows it, a server may push; nothing here waits for that.
      def promised(session, came, is_sure)
        let stream = came.payload.promised
        if not session.is_client
          broken(session, "protocol_error", "PUSH_PROMISE comes of a client: section 8.4 wants it of servers alone")
        elif session.ours.enable_push == 0
          broken(session, "protocol_error", "PUSH_PROMISE comes: section 6.6 wants none where enable_push is 0")
        end
        rows_of(session, came)
        let state = standing(session, came.stream, is_sure)
        if came.stream % 2 == 0 or state not in ["open", "unknown", "refused"]
          let why = "PUSH_PROMISE comes on stream ${came.stream}, which is not open: section 6.6 wants one that is"
          broken(session, "protocol_error", why)
        elif stream % 2 == 1 or stream <= session.last
          let why = "PUSH_PROMISE promises stream ${stream}: section 5.1.1 wants an even number above ${session.last}"
          broken(session, "protocol_error", why)
        end
        session.last = stream
        session.states[stream] = "refused"
        send Frame {type: types.reset, stream: stream, payload: {code: errors.refused_stream}}
      end

      # Section 6.5.2.
      def agree(session, list)
        for one in list
          case one.id
          is settings.header_table_size
            let most = min(one.value, 4096)
            hpack.sized(session.writing, most)
            session.resized = hpack.resized(most)
          is settings.enable_push
            if one.value > 1 or session.is_client and one.value == 1
              let wanted = if session.is_client then "0 of a server" else "0 or 1"
              broken(session, "protocol_error", "enable_push is ${one.value}: section 6.5.2 wants ${wanted}")
            end
          is settings.initial_window_size
            let change = one.value - session.first_window
            let widest = max([one.value] + map(values(session.windows), fn(window) window + change))
            if widest > 0x7fffffff
              let why = "initial_window_size is ${one.value}, and a window ${widest}: section 6.5.2 wants 2147483647 at most"
              broken(session, "flow_control_error", why)
            end
            for stream, window in session.windows
              session.windows[stream] = window + change
            end
            session.first_window = one.value
          is settings.max_frame_size
            if one.value not in 16384..0xffffff
              broken(session, "protocol_error", "max_frame_size is ${one.value}: section 6.5.2 wants 16384 to 16777215")
            end
            session.most = one.value
          end
        end
      end

      def widen(session, came, is_sure)
        not_idle(session, came, is_sure)
        let stream = came.stream
        let increment = came.payload.increment
        let window = increment + (if stream == 0 then session.window else session.windows[stream] or session.first_window)
        if increment == 0
          refuse(session, stream, "protocol_error", "WINDOW_UPDATE is by 0: section 6.9 wants 1 at least")
        elif window > 0x7fffffff
          let why = "WINDOW_UPDATE by ${increment} makes a window of ${window}: section 6.9.1 wants 2147483647 at most"
          refuse(session, stream, "flow_control_error", why)
        elif stream == 0
          session.window = window
        else
          session.windows[stream] = window
        end
      end

      # The fields of a block, which the frames behind HEADERS go on with.
      def rows_of(session, came)
        let block = came.payload.block
        let last = came
        while last.flags & flags.end_headers == 0
          last = take_frame(session)
          if last == nil
            raise "eof", "the other side has ended the connection within a block of fields"
          elif last.type != types.continuation or last.stream != came.stream
            let why = "fields of stream ${came.stream} are followed by ${frame_name(last.type)} on stream ${last.stream}"
            broken(session, "protocol_error", "${why}: section 6.10 wants CONTINUATION on the same")
          end
          block += last.payload
          if len(block) > most_of_block
            broken(session, "enhance_your_calm", "a block of fields has more than ${most_of_block} bytes")
          end
        end
        try
          return hpack.fields(session.reading, block)
        catch e
          if e.code != "protocol"
            raise e
          end
          broken(session, "compression_error", e.message)
        end
      end

      # Sends fields on a stream, a list of lists of a name and a value, in as many frames as it takes.
      def tell_headers(session, stream, rows, ends = false)
        if session.is_client and stream not in session.states
          session.states[stream] = "open"
          session.next = max(session.next, stream + 2)
          session.methods[stream] = join(map(filter(rows, fn(row) row[0] == ":method"), fn(row) str(row[1])), "")
        end
        let rest = session.resized + hpack.block(session.writing, rows)
        session.resized = ""
        let type = types.headers
        let flag = if ends then flags.end_stream else 0
        while len(rest) > session.most
          send Frame {type: type, flags: flag, stream: stream, payload: rest[..<session.most]}
          rest = rest[session.most..]
          type = types.continuation
          flag = 0
        end
        send Frame {type: type, flags: flag | flags.end_headers, stream: stream, payload: rest}
      end

      # Sends data on a stream, as much at a time as a frame and the windows have room for, and waits for room.
      def tell_data(session, stream, bytes, ends = true)
        let rest = bytes
        loop
          let room = min(session.most, session.window, session.windows[stream] or session.first_window)
          let part = rest[..<max(min(room, len(rest)), 0)]
          rest = rest[len(part)..]
          if part != "" or rest == ""
            let flag = if ends and rest == "" then flags.end_stream else 0
            send Frame {type: types.data, flags: flag, stream: stream, payload: part}
            session.window -= len(part)
            session.windows[stream] = (session.windows[stream] or session.first_window) - len(part)
            if rest == ""
              return
            end
          elif not is_wanted(session, stream)
            return
          end
        end
      end

      # Waits for more room; false where the other side has answered, and wants no more, section 8.1.
      def is_wanted(session, stream)
        let came = take_frame(session)
        if came == nil
          raise "eof", "the other side has ended the connection while it takes stream ${stream}"
        end
        let told = event(session, came)
        let is_reset = told != nil and told.kind == "reset" and told.stream == stream
        if is_reset and told.code != errors.no_error
          raise "protocol", "stream ${stream} is reset: ${name_of(errors, told.code)}"
        elif told != nil
          push(session.waiting, told)
        end
        return not is_reset
      end

      # Takes what comes until a message is whole: that of a stream, or any. nil at the end.
      def next_message(session, stream = nil)
        loop
          for one in session.done
            if stream == nil or one.stream == stream
              remove(session.done, one)
              return one
            end
          end
          let came = next_event(session, true)
          if came == nil
            return nil
          elif came.kind == "goaway" and came.last < (stream or 0) or came.kind == "reset" and came.stream == stream
            let text = if came.text then ": ${came.text}" else ""
            raise "protocol", "the other side ends stream ${stream}: ${name_of(errors, came.code)}${text}"
          elif came.kind == "reset"
            remove(session.streams, came.stream)
          elif came.kind in ["headers", "data"]
            put(session, came)
          end
        end
      end

      # Adds what has come to its message.
      def put(session, came)
        let stream = came.stream
        let made = session.streams[stream] or {stream: stream, head: {}, fields: {}, lines: [], body: "", trailers: {}}
        session.streams[stream] = made
        let has_head = len(made.head) > 0
        if came.kind == "data"
          if not has_head
            malformed(session, stream, "DATA comes before the fields of a final response: section 8.1 wants HEADERS first")
          end
          made.body += came.bytes
        elif not has_head
          read_head(session, made, came.rows)
        elif not came.ends
          malformed(session, stream, "further HEADERS have no END_STREAM: section 8.1 wants trailers to end the stream")
        else
          let lines = []
          fields_into(session, made, came.rows, made.trailers, lines)
        end
        # Section 8.1: what is interim is no answer.
        if (made.head[":status"] or "") =~ /^1\d\d$/
          if came.ends
            malformed(session, stream, "END_STREAM comes with status ${made.head[":status"]}: section 8.1 wants a final one")
          end
          remove(session.streams, stream)
        elif came.ends
          check_length(session, made)
          remove(session.streams, stream)
          push(session.done, made)
        end
      end

      # Section 8.1.1.
      def malformed(session, stream, why)
        refuse_stream(session, stream, "protocol_error", why)
      end

      # Section 8.1.1, and 8.5 for CONNECT, whose data is of a tunnel.
      def check_length(session, made)
        let told = made.fields["content-length"]
        let method = if session.is_client then session.methods[made.stream] else made.head[":method"]
        let status = made.head[":status"]
        let count = len(made.body)
        if method == "CONNECT"
          return
        elif status in ["204", "304"] or session.is_client and method == "HEAD"
          if count > 0
            let which = if method == "HEAD" then "to HEAD" else "of status ${status}"
            malformed(session, made.stream, "a response ${which} has a body of ${count} bytes: section 8.1.1 wants none")
          end
        # Of what a script asks by a frame of its own the method is not known.
        elif told == nil or method == nil and count == 0
          return
        elif told !~ /^\d+$/
          malformed(session, made.stream, "content-length is ${inspect(told)}: RFC 9110, section 8.6, wants one number")
        elif replace(told, /^0+(?=\d)/, "") != str(count)
          malformed(session, made.stream, "content-length is ${told}, and DATA has ${count}: section 8.1.1 wants the same")
        end
      end

      # Section 8.3.
      def read_head(session, made, rows)
        let names = if session.is_client then [":status"] else [":method", ":scheme", ":authority", ":path"]
        let stream = made.stream
        let rest = rows
        while len(rest) > 0 and starts(rest[0][0], ":")
          let [name, value] = rest[0]
          if name not in names
            malformed(session, stream, "a field ${inspect(name)} comes: section 8.3 wants none but ${join(names, ", ")} here")
          elif name in made.head
            malformed(session, stream, "the field ${name} comes twice: section 8.3 wants it once")
          elif not is_value(value)
            malformed(session, stream, "${name} is ${inspect(value)}: section 8.2.1 wants no such bytes in it")
          end
          made.head[name] = value
          rest = rest[1..]
        end
        fields_into(session, made, rest, made.fields, made.lines)
        let is_tunnel = made.head[":method"] == "CONNECT"
        let wanted = if is_tunnel then [":authority"] else filter(names, fn(name) name != ":authority")
        for name in wanted
          if name not in made.head
            malformed(session, stream, "the field ${name} is missing: section 8.3 wants ${join(wanted, ", ")}")
          end
        end
        if session.is_client
          check_status(session, stream, made.head[":status"])
        else
          check_target(session, stream, made.head, is_tunnel)
        end
      end

      def check_status(session, stream, status)
        if status !~ /^[1-9]\d\d$/
          malformed(session, stream, ":status is ${inspect(status)}: section 8.3.2 wants a number of three digits")
        elif status == "101"
          malformed(session, stream, ":status is 101: section 8.6 wants none that switches to another protocol")
        end
      end

      # Sections 8.3.1 and 8.5.
      def check_target(session, stream, head, is_tunnel)
        let path = head[":path"]
        let is_web = lower(head[":scheme"] or "") in ["http", "https"]
        if head[":method"] !~ /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/
          malformed(session, stream, ":method is ${inspect(head[":method"])}: section 8.3.1 wants a token")
        elif is_tunnel and (path != nil or ":scheme" in head)
          malformed(session, stream, "CONNECT comes with :path or :scheme: section 8.5 wants neither")
        elif not is_tunnel and head[":scheme"] !~ /^[A-Za-z][-+.0-9A-Za-z]*$/
          malformed(session, stream, ":scheme is ${inspect(head[":scheme"])}: section 8.3.1 wants that of a URI")
        elif is_web and not starts(path, "/") and (path != "*" or head[":method"] != "OPTIONS")
          malformed(session, stream, ":path is ${inspect(path)}: section 8.3.1 wants one that begins with /, or * of OPTIONS")
        end
      end

      # Section 8.2.1.
      def is_value(value)
        return value !~ /[\0\r\n]|^[ \t]|[ \t]$/
      end

      # Section 8.2: names are in lower case, and none is of the connection alone.
      def fields_into(session, made, rows, found, lines)
        let of_connection = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]
        for [name, value] in rows
          let what = "a field is ${inspect(name)}: ${inspect(value)}"
          if starts(name, ":")
            malformed(session, made.stream, "${what}: section 8.3 wants names with : before all others, and in no trailers")
          elif name !~ /^[-!#$%&'*+.^_`|~0-9a-z]+$/
            malformed(session, made.stream, "${what}: section 8.2.1 wants a name of lower case, digits and a few signs")
          elif not is_value(value)
            malformed(session, made.stream, "${what}: section 8.2.1 wants no such bytes, nor blanks around it")
          elif name in of_connection or name == "te" and (session.is_client or lower(value) != "trailers")
            malformed(session, made.stream, "${what}: section 8.2.2 wants none of HTTP/1")
          end
          let mark = if name == "cookie" then "; " else ", "
          found[name] = if name in found then found[name] + mark + value else value
          push(lines, [name, value])
        end
      end

      # Fields as a map, whose values may be lists, behind those that a message begins with; nil leaves one out.
      def field_rows(front, fields)
        let all = {}
        for name, value in front
          all[name] = value
        end
        for name, value in fields
          all[name] = value
        end
        let found = []
        for name, value in all
          for one in if value == nil then [] else if type(value) == "list" then value else [value]
            push(found, [name, str(one)])
          end
        end
        return found
      end

      # Sends a request, and gives its stream. Fields may have the names `:authority`, `:scheme` and the like, too.
      def tell_request(session, method, path, fields = {}, body = "")
        let stream = session.next
        let scheme = if conn.tls then "https" else "http"
        let front = {":method": method, ":scheme": scheme, ":authority": "localhost", ":path": path}
        tell_headers(session, stream, field_rows(front, fields), body == "")
        if body != ""
          tell_data(session, stream, body)
        end
        return stream
      end

      # The response on a stream: its `status`, `fields` by their names, several of one name joined by commas, `lines` as they
      # came, `body`, and `trailers`.
      def response(session, stream)
        let came = next_message(session, stream)
        if came == nil
          raise "eof", "the other side has ended the connection before it answers stream ${stream}"
        end
        came.status = int(came.head[":status"])
        return came
      end

      # Sends a request, and gives the response.
      def ask(session, method, path, fields = {}, body = "")
        return response(session, tell_request(session, method, path, fields, body))
      end

      # The next request whose last byte has come: its `method`, `path`, `scheme` and `authority`, and what a response has;
      # nil at the end.
      def next_request(session)
        let came = next_message(session)
        for name, value in (came or {}).head or {}
          came[name[1..]] = value
        end
        return came
      end

      # Answers a request.
      def answer(session, asked, status = 200, fields = {}, body = "")
        let has_body = body != "" and asked.method != "HEAD"
        let front = {":status": status, "content-length": len(body)}
        tell_headers(session, asked.stream, field_rows(front, fields), not has_body)
        if has_body
          tell_data(session, asked.stream, body)
        end
      end

      # Answers requests until the client ends the connection. The function is given each, and gives a body, or a map of
      # `status`, `fields` and `body`.
      def answer_all(session, handler)
        while next_request(session) as asked
          let told = handler(asked)
          let made = if type(told) == "map" then told else {body: told}
          try
            if session.states[asked.stream] != "reset"
              answer(session, asked, made.status or 200, made.fields or {}, made.body or "")
            end
          catch e
            # A client may want no more of an answer that is under way.
            if session.states[asked.stream] != "reset"
              raise e
            end
          end
        end
        close
      end

      # Sends a ping, and waits for its answer.
      def ping(session, bytes = "sock-h2!")
        send Frame {type: types.ping, payload: bytes}
        loop
          let came = take_frame(session)
          if came == nil
            raise "eof", "the other side has ended the connection before it answers a ping"
          elif came.type == types.ping and came.flags & flags.ack > 0
            return came.payload
          end
          let told = event(session, came)
          if told != nil
            push(session.waiting, told)
          end
        end
      end

      # Ends a session in good order.
      def leave(session)
        send Frame {type: types.goaway, payload: {last: session.last}}
        close
      end

      """##
    ),
    (
      "imap",
      ##"""
      # IMAP4rev1: commands and responses with their literals and lists, of a client and a server, RFC 3501 and 7888.
      #
      #   import "std:imap" as imap
      #   connect localhost:143
      #   imap.login("me", "secret")
      #   imap.command("SELECT INBOX")
      #   print imap.fetch("1:*", "(FLAGS RFC822.SIZE)")
      #
      # A command waits for its completion, and gives the `untagged` responses in front of it; NO and BAD raise `imap`, unless
      # they are wanted: `command("SELECT nowhere", "NO or BAD")`. What a response or a command consists of is `values`:
      # strings, nil for NIL, and lists for what is in parentheses. A server reads with `read_command`, and answers with
      # `untagged` and `complete`.

      # How many commands there were: each has a tag of its own.
      let commands = 0

      def new_tag()
        commands += 1
        return "a${commands}"
      end

      # Reads a line with the literals in it, each {N}, CRLF and N bytes; nil at the end. A server asks for those of a client,
      # which waits, unless a `+` says that it does not (RFC 7888).
      def read_pieces(is_server = false)
        let text = recv line
        if text == nil
          return nil
        end
        let pieces = []
        loop
          let literal = text =~ /^(?<front>.*)\{(?<size>\d{1,9})(?<plus>\+?)\}$/s
          if not literal
            return pieces + [{text: text}]
          end
          if is_server and literal.plus == ""
            send line "+ go ahead"
          end
          push(pieces, {text: literal.front}, {literal: literal_bytes(int(literal.size))})
          text = expect line
        end
      end

      def literal_bytes(size)
        return (recv exactly size) or (raise "eof", "the end came before a literal of ${size} bytes")
      end

      # Pieces as one text, as they came.
      def joined(pieces)
        return join(map(pieces, shown), "")
      end

      def shown(piece)
        return piece.text or "{${len(piece.literal)}}\r\n${piece.literal}"
      end

      # What a response or command consists of.
      def values_of(pieces)
        let tokens = []
        for piece in pieces
          if piece.text == nil
            push(tokens, {value: piece.literal})
          else
            # A quote that is not closed goes on to the end: to look for the next one from each would take long.
            for m in matches(piece.text, /[()]|"(?<quoted>(?:[^"\\]|\\.)*+)(?:"|\\?$)|(?<atom>(?:[^\s()"\[]+|\[[^\[\]]*\])+)/)
              push(tokens, token(m))
            end
          end
        end
        return listed(tokens)
      end

      def token(m)
        if m.quoted != nil
          return {value: replace(m.quoted, /\\(.)/, "$1")}
        elif m.atom != nil
          return {value: if upper(m.atom) == "NIL" then nil else m.atom}
        end
        return {mark: m[0]}
      end

      # The values up to the closing parenthesis.
      def listed(tokens)
        let found = []
        while len(tokens) > 0
          let next = shift(tokens)
          case next.mark
          is "("
            push(found, listed(tokens))
          is ")"
            break
          else
            push(found, next.value)
          end
        end
        return found
      end

      # Reads a response: its `line`, and what it consists of.
      def read_response()
        let pieces = read_pieces()
        if pieces == nil
          raise "eof", "the server has ended the connection"
        end
        return {line: joined(pieces), values: values_of(pieces)}
      end

      # Waits for the greeting.
      def hello()
        expect line /^\* (?<verdict>OK|PREAUTH) ?(?<text>.*)$/i as came
        return came.text
      end

      # Sends a command, and gives its completion.
      def command(text, verdict = "OK")
        let tag = new_tag()
        send line "${tag} ${text}"
        return completion(tag, verdict)
      end

      # Reads up to the completion of a command: its `verdict`, `text`, and the `untagged` responses in front of it. Another
      # verdict than this, or than those of "NO or BAD", raises `imap`.
      def completion(tag, verdict = "OK")
        let found = []
        loop
          let came = read_response()
          let m = came.line =~ /^${tag} (?<verdict>(?i:OK|NO|BAD))(?: (?<text>.*))?$/s
          if m
            let [said, text] = [upper(m.verdict), m.text or ""]
            if said not in split(verdict, " or ")
              raise "imap", "${if verdict == "OK" then "" else "${verdict} was wanted, and this came: "}${said} ${text}"
            end
            return {verdict: said, text: text, untagged: found}
          elif not starts(came.line, "* ")
            raise "protocol", "this is no response to ${tag}: ${inspect(came.line)}"
          end
          push(found, came)
        end
      end

      # Waits for the greeting, and logs in.
      def login(user, password)
        hello()
        authenticate(user, password)
      end

      # Logs in behind the greeting.
      def authenticate(user, password)
        command("LOGIN ${quoted(user)} ${quoted(password)}")
      end

      # Goes on in TLS, with a server of this name, which an authority in the file `ca` vouches for.
      def secure(ca, host = "localhost")
        command("STARTTLS")
        starttls client ca ca name host
      end

      # A string in quotes; it has no CR or LF.
      def quoted(text)
        return '"' + replace(text, /(["\\])/, '\$1') + '"'
      end

      # What stands behind the keyword of untagged responses, as `told("CAPABILITY", answer)`: a list for each.
      def told(keyword, answer)
        let found = []
        for came in answer.untagged
          if came.line =~ /^\* ${keyword}\b/i
            push(found, came.values[2..])
          end
        end
        return found
      end

      # What is wrong in a response, as it came.
      def refuse(what, row)
        raise "protocol", "this is no ${what}: ${inspect(row)}"
      end

      # The number of messages or the like that a value of a response is.
      def number(value)
        return if type(value) == "string" and value =~ /^\d{1,18}$/ then int(value) else refuse("number", value)
      end

      # What the server can do.
      def capabilities()
        let found = []
        for row in told("CAPABILITY", command("CAPABILITY"))
          found += row
        end
        return found
      end

      # Fetches items of messages: for each number a map of the items, by their names in upper case. What is told of a message
      # may come in several responses.
      def fetch(numbers, items, verb = "FETCH")
        let found = {}
        for came in (command("${verb} ${numbers} ${items}")).untagged
          let row = came.values
          if len(row) > 3 and type(row[2]) == "string" and upper(row[2]) == "FETCH"
            let place = number(row[1])
            found[place] = found[place] or {}
            for name, value in pairs(row[3])
              found[place][name] = value
            end
          end
        end
        return found
      end

      # The mailboxes that LIST or LSUB shows: for each its `name`, its `attributes` in small letters, and the `delimiter` of
      # its levels, nil where names are flat.
      def list(pattern, verb = "LIST")
        let found = []
        for row in told(verb, command("${verb} \"\" ${quoted(pattern)}"))
          if len(row) < 3 or type(row[0]) != "list" or len(filter(row[0], fn(one) type(one) != "string")) > 0
            refuse("mailbox", row)
          end
          push(found, {name: row[2], attributes: map(row[0], lower), delimiter: row[1]})
        end
        return found
      end

      # What STATUS tells of a mailbox, as `status("INBOX", "MESSAGES UNSEEN")`: the numbers by their names.
      def status(mailbox, items)
        let found = {}
        for row in told("STATUS", command("STATUS ${quoted(mailbox)} (${items})"))
          for name, value in pairs(if len(row) > 0 then row[-1] else nil)
            found[name] = number(value)
          end
        end
        return found
      end

      # A list of names and values in turn as a map.
      def pairs(row)
        let found = {}
        if type(row) != "list"
          refuse("list of names and values", row)
        end
        for n in 0..<len(row) / 2
          if type(row[2 * n]) != "string"
            refuse("list of names and values", row)
          end
          found[upper(row[2 * n])] = row[2 * n + 1]
        end
        return found
      end

      # The numbers that a search finds, in order.
      def search(criteria)
        let found = []
        for row in told("SEARCH", command("SEARCH ${criteria}"))
          found += map(row, number)
        end
        return sort(found)
      end

      # Puts a mail into a mailbox by a literal; its lines end with CRLF then.
      def append(mailbox, mail, flags = "()")
        let bytes = replace(replace(mail, "\r\n", "\n"), "\n", "\r\n")
        let tag = new_tag()
        send line "${tag} APPEND ${quoted(mailbox)} ${flags} {${len(bytes)}}"
        expect line /^\+/ skipping /^\* /
        send line bytes
        return completion(tag)
      end

      # Ends the session in good order.
      def logout()
        command("LOGOUT")
        expect closed
      end

      # Greets a client as a server.
      def greet(text = "ready")
        send line "* OK ${text}"
      end

      # Reads a client's command: its `tag`, its `name` in upper case, and the `values` behind that, of those of UID in the
      # name, too; nil where the client has ended the connection.
      def read_command()
        let pieces = read_pieces(true)
        if pieces == nil
          return nil
        end
        let row = values_of(pieces)
        let is_tagged = len(row) > 0 and type(row[0]) == "string"
        if not is_tagged or len(row) < 2 or type(row[1]) != "string"
          return {tag: if is_tagged then row[0] else "*", name: "", values: row[2..], line: joined(pieces)}
        end
        let name = upper(row[1])
        let at = 2
        if name == "UID" and len(row) > 2 and type(row[2]) == "string"
          name = "UID ${upper(row[2])}"
          at = 3
        end
        return {tag: row[0], name: name, values: row[at..], line: joined(pieces)}
      end

      # Sends an untagged response.
      def untagged(text)
        send line "* ${text}"
      end

      # Completes a command.
      def complete(asked, verdict = "OK", text = "done")
        send line "${asked.tag} ${verdict} ${text}"
      end

      # A string as a literal.
      def literal_of(bytes)
        return "{${len(bytes)}}\r\n${bytes}"
      end

      """##
    ),
    (
      "ldap",
      ##"""
      # LDAP version 3: binds, searches and changes of a client and a server, RFC 4511, 4514 and 4515.
      #
      #   import "std:ldap" as ldap
      #   connect localhost:389
      #   ldap.log_in("cn=me,dc=example", "secret")
      #   for entry in ldap.search("dc=example", "(cn=a*)")
      #     print entry.name, entry.attributes.mail
      #   end
      #   ldap.leave()
      #
      # A message is an element of BER, a map of `tag` and `value`. `add_request` and the like give an operation as one: any
      # part of it may be changed, and its `length` given, before `ask` sends it and waits for the result, or `tell` only
      # sends it. A result that is no success raises `ldap`. A server hands its entries to `session`, or goes step by step:
      # `next_request`, `tell_entry`, `answer`.

      import "std:settings" as known

      let operations = {
        bind: 0x60, unbind: 0x42, search: 0x63, modify: 0x66, add: 0x68, delete: 0x4a, rename: 0x6c, compare: 0x6e,
        abandon: 0x50, extended: 0x77
      }
      let answers = {
        bind: 0x61, entry: 0x64, search: 0x65, reference: 0x73, modify: 0x67, add: 0x69, delete: 0x6b, rename: 0x6d,
        compare: 0x6f, extended: 0x78, intermediate: 0x79
      }
      let results = {
        success: 0, operations_error: 1, protocol_error: 2, time_limit_exceeded: 3, size_limit_exceeded: 4, compare_false: 5,
        compare_true: 6, auth_method_not_supported: 7, stronger_auth_required: 8, referral: 10, admin_limit_exceeded: 11,
        unavailable_critical_extension: 12, confidentiality_required: 13, sasl_bind_in_progress: 14, no_such_attribute: 16,
        undefined_attribute_type: 17, inappropriate_matching: 18, constraint_violation: 19, attribute_or_value_exists: 20,
        invalid_attribute_syntax: 21, no_such_object: 32, alias_problem: 33, invalid_dn_syntax: 34,
        alias_dereferencing_problem: 36, inappropriate_authentication: 48, invalid_credentials: 49,
        insufficient_access_rights: 50, busy: 51, unavailable: 52, unwilling_to_perform: 53, loop_detect: 54,
        naming_violation: 64, object_class_violation: 65, not_allowed_on_non_leaf: 66, not_allowed_on_rdn: 67,
        entry_already_exists: 68, object_class_mods_prohibited: 69, affects_multiple_dsas: 71, other: 80
      }
      let scopes = {base: 0, one: 1, sub: 2}
      let changes = {add: 0, delete: 1, replace: 2, increment: 3}
      let oids = {
        start_tls: "1.3.6.1.4.1.1466.20037", disconnection: "1.3.6.1.4.1.1466.20036", who_am_i: "1.3.6.1.4.1.4203.1.11.3",
        paged: "1.2.840.113556.1.4.319"
      }

      message Packet
        element ber
      end

      # An element that holds others.
      def sequence(elements, tag = 0x30)
        return {tag: tag, value: elements}
      end

      # An element of bytes.
      def octets(bytes, tag = 4)
        return {tag: tag, value: bytes}
      end

      # An element of a number; one of a choice has the tag 10.
      def integer(number, tag = 2)
        return {tag: tag, value: number}
      end

      # An element of true or false.
      def boolean(is_so, tag = 1)
        return {tag: tag, value: is_so}
      end

      # A whole message, section 4.1.1.
      def envelope(id, operation, controls = [])
        let more = if len(controls) > 0 then [sequence(controls, 0xa0)] else []
        return sequence([integer(id), operation] + more)
      end

      # Section 4.1.11.
      def control(oid, value = nil, is_critical = false)
        return sequence([octets(oid), boolean(is_critical)] + (if value == nil then [] else [octets(value)]))
      end

      # RFC 2696: so many entries at a time, from where the cookie of the last answer says.
      def paged(size, cookie = "", is_critical = false)
        let value = encode(Packet, {element: sequence([integer(size), octets(cookie)])})
        return control(oids.paged, value, is_critical)
      end

      # Section 4.2: by name and password; without them as nobody in particular.
      def bind_request(name = "", password = "", version = 3)
        return sequence([integer(version), octets(name), octets(password, 0x80)], operations.bind)
      end

      # The same by SASL.
      def sasl_request(mechanism, credentials = nil, name = "")
        let more = if credentials == nil then [] else [octets(credentials)]
        return sequence([integer(3), octets(name), sequence([octets(mechanism)] + more, 0xa3)], operations.bind)
      end

      # Section 4.5.1. Of the settings each may be missing: `scope` (of `scopes`), `attributes`, the limits `size` and `time`,
      # `types_only`, and `aliases`, 0 to 3.
      def search_request(base, text = "(objectClass=*)", settings = {})
        known.names(settings, ["scope", "attributes", "size", "time", "aliases", "types_only"])
        return sequence([
          octets(base), integer(scopes[settings.scope or "sub"], 10), integer(settings.aliases or 0, 10),
          integer(settings.size or 0), integer(settings.time or 0), boolean(settings.types_only or false),
          filter_element(text), sequence(map(settings.attributes or [], octets))
        ], operations.search)
      end

      # Section 4.7. The attributes are a map of values, or lists of them, by their names.
      def add_request(name, attributes)
        return sequence([octets(name), attribute_list(attributes)], operations.add)
      end

      # Section 4.6: the changes are lists, as `["replace", "mail", ["a@b.example"]]`.
      def modify_request(name, rows)
        let parts = map(rows, fn(row) sequence([integer(changes[row[0]], 10), attribute(row[1], row[2])]))
        return sequence([octets(name), sequence(parts)], operations.modify)
      end

      # Section 4.8.
      def delete_request(name)
        return octets(name, operations.delete)
      end

      # Section 4.9: the entry's new name in its folder, and a new folder.
      def rename_request(name, rdn, parent = nil, deletes_old = true)
        let more = if parent == nil then [] else [octets(parent, 0x80)]
        return sequence([octets(name), octets(rdn), boolean(deletes_old)] + more, operations.rename)
      end

      # Section 4.10: whether an attribute has a value.
      def compare_request(name, type, value)
        return sequence([octets(name), sequence([octets(type), octets(value)])], operations.compare)
      end

      # Section 4.12: an operation of this number.
      def extended_request(oid, value = nil)
        return sequence([octets(oid, 0x80)] + (if value == nil then [] else [octets(value, 0x81)]), operations.extended)
      end

      def attribute_list(attributes)
        let rows = []
        for name, value in attributes
          push(rows, attribute(name, value))
        end
        return sequence(rows)
      end

      def attribute(name, value)
        let list = if type(value) == "list" then value else [value]
        return sequence([octets(name), sequence(map(list, octets), 0x31)])
      end

      # A filter's text, RFC 4515, as an element: `filter_element("(&(cn=a*)(!(uid=7)))")`.
      def filter_element(text)
        let m = text =~ /\A\((?<sign>[&|!])(?<parts>.*)\)\z/s
        if m
          let parts = map(matches(m.parts, /\((?:[^()]++|(?R))*+\)/), fn(part) part[0])
          if join(parts, "") != m.parts or m.sign == "!" and len(parts) != 1
            raise "parse", "this is no list of filters: ${inspect(m.parts)}"
          end
          return sequence(map(parts, filter_element), if m.sign == "&" then 0xa0 else if m.sign == "|" then 0xa1 else 0xa2)
        end
        return item_element(text)
      end

      def item_element(text)
        let m = text =~ /\A\((?<name>[^()=<>~:]*)(?<dn>:dn)?(?<rule>:[^():=]+)?(?<sign>:?=|[<>~]=)(?<value>[^()]*)\)\z/s
        if not m or m.name == "" and not m.rule or (m.dn or m.rule) and m.sign != ":="
          raise "parse", "this is no filter: ${inspect(text)}"
        end
        case m.sign
        is ":="
          let named = if m.name == "" then [] else [octets(m.name, 0x82)]
          let rule = if m.rule then [octets(m.rule[1..], 0x81)] else []
          let dn = if m.dn then [octets("\xff", 0x84)] else []
          return sequence(rule + named + [octets(unescaped(m.value), 0x83)] + dn, 0xa9)
        is "="
          if m.value == "*"
            return octets(m.name, 0x87)
          elif "*" in m.value
            return sequence([octets(m.name), sequence(substrings(m.value))], 0xa4)
          end
        end
        let tag = {"=": 0xa3, ">=": 0xa5, "<=": 0xa6, "~=": 0xa8}[m.sign]
        return sequence([octets(m.name), octets(unescaped(m.value))], tag)
      end

      def substrings(value)
        let found = []
        let texts = split(value, "*")
        for at, part in texts
          if part != ""
            let tag = if at == 0 then 0x80 else if at == len(texts) - 1 then 0x82 else 0x81
            push(found, octets(unescaped(part), tag))
          end
        end
        return found
      end

      def unescaped(value)
        return replace(value, /\\([0-9a-fA-F]{2})/, fn(m) unhex(m[1]))
      end

      def escaped(value)
        return replace(value, /[\0()*\\]|[\x80-\xff]/, fn(m) "\\" + hex(m[0]))
      end

      # What has come is read by these functions: each raises `protocol` with the name of the field, as RFC 4511 writes it,
      # unless the element has the tag, and a value of the type.

      def bytes_in(element, field, tag = 4)
        if element.tag != tag or type(element.value) != "string"
          raise "protocol", "${field}: expected bytes in tag ${tag_text(tag)}, received ${shown(element)}"
        end
        return element.value
      end

      def number_in(element, field, tag = 2, most = 0x7fffffff)
        if element.tag != tag or type(element.value) != "int" or element.value not in 0..most
          raise "protocol", "${field}: expected 0 to ${most} in tag ${tag_text(tag)}, received ${shown(element)}"
        end
        return element.value
      end

      def truth_in(element, field)
        if element.tag != 1 or type(element.value) != "bool"
          raise "protocol", "${field}: expected true or false in tag 0x01, received ${shown(element)}"
        end
        return element.value
      end

      def elements_in(element, field, tag = 0x30, least = 0)
        # There may be more: section 4 has whoever reads them pass over those that are not known.
        if element.tag != tag or type(element.value) != "list" or len(element.value) < least
          let count = if least == 0 then "elements" else if least == 1 then "an element" else "${least} elements"
          raise "protocol", "${field}: expected ${count} in tag ${tag_text(tag)}, received ${shown(element)}"
        end
        return element.value
      end

      def tag_text(tag)
        return format("0x%02x", tag)
      end

      def shown(element)
        let text = inspect(element.value)
        # A character is not cut in two.
        let front = replace(text[..<60], /[\xc0-\xff][\x80-\xbf]*\z/, "")
        return "${if len(text) > 60 then "${front}…" else text} in tag ${tag_text(element.tag)}"
      end

      # The text of a filter that has come.
      def filter_text(element)
        let tag = element.tag
        case tag
        is 0xa0, 0xa1
          return "(${if tag == 0xa0 then "&" else "|"}${join(map(elements_in(element, "filter", tag), filter_text), "")})"
        is 0xa2
          let parts = elements_in(element, "not", tag, 1)
          if len(parts) > 1
            raise "protocol", "not: expected one filter, received ${len(parts)}"
          end
          return "(!${filter_text(parts[0])})"
        is 0xa3, 0xa5, 0xa6, 0xa8
          let [type, value] = assertion_in(element, tag)
          return "(${escaped(type)}${{0xa3: "=", 0xa5: ">=", 0xa6: "<=", 0xa8: "~="}[tag]}${escaped(value)})"
        is 0x87
          return "(${escaped(bytes_in(element, "present", tag))}=*)"
        is 0xa4
          return substrings_text(element)
        is 0xa9
          let found = {}
          for part in elements_in(element, "extensibleMatch", tag)
            found[part.tag] = part.value
          end
          if found[0x83] == nil or found[0x82] == nil and found[0x81] == nil
            raise "protocol", "extensibleMatch: expected a value, and a type or a rule, received ${shown(element)}"
          end
          let dn = if found[0x84] == "\xff" then ":dn" else ""
          let rule = if found[0x81] then ":${escaped(found[0x81])}" else ""
          return "(${escaped(found[0x82] or "")}${dn}${rule}:=${escaped(found[0x83])})"
        end
        raise "protocol", "filter: none has tag ${tag_text(tag)}"
      end

      def substrings_text(element)
        let parts = elements_in(element, "substrings", 0xa4, 2)
        let texts = elements_in(parts[1], "substrings", 0x30, 1)
        for at, part in texts
          # Section 4.5.1.7.2: the one of the beginning is the first, that of the end the last.
          if part.tag not in 0x80..0x82 or part.tag == 0x80 and at > 0 or part.tag == 0x82 and at < len(texts) - 1
            raise "protocol", "substrings: ${shown(part)} cannot be number ${at + 1} of ${len(texts)}"
          end
        end
        let front = if texts[0].tag == 0x80 then "" else "*"
        let back = if texts[-1].tag == 0x82 then "" else "*"
        let text = join(map(texts, fn(part) escaped(part.value)), "*")
        return "(${escaped(bytes_in(parts[0], "type"))}=${front}${text}${back})"
      end

      def assertion_in(element, tag = 0x30)
        let parts = elements_in(element, "AttributeValueAssertion", tag, 2)
        return [bytes_in(parts[0], "attributeDesc"), bytes_in(parts[1], "assertionValue")]
      end

      # Sends an operation as a message of this number.
      def tell(id, operation, controls = [])
        send encode(Packet, {element: envelope(id, operation, controls)})
      end

      # Takes the next message: its `id`, `tag`, the `value` of the operation, and `controls`: values by their numbers; nil at
      # the end.
      def take()
        let came = received()
        if came == nil
          return nil
        end
        let parts = elements_in(came.element, "LDAPMessage", 0x30, 2)
        let id = number_in(parts[0], "messageID")
        let controls = if len(parts) > 2 and parts[2].tag == 0xa0 then controls_in(parts[2]) else {}
        return {id: id, tag: parts[1].tag, value: parts[1].value, controls: controls}
      end

      def received()
        try
          return recv message Packet
        catch e
          if e.code in ["parse", "limit"]
            raise "protocol", "this is no message of LDAP: ${e.message}"
          end
          raise e
        end
      end

      def controls_in(element)
        let found = {}
        for one in elements_in(element, "controls", 0xa0)
          let parts = elements_in(one, "Control", 0x30, 1)
          let last = parts[-1]
          found[bytes_in(parts[0], "controlType")] = if len(parts) > 1 and last.tag == 4 then last.value else ""
        end
        return found
      end

      # Takes the next message, which answers the one of this number. It must be an answer to an operation by its name in
      # `operations`, unless there is none.
      def taken(id, operation = nil)
        let came = take()
        if came == nil
          raise "eof", "the server has ended the connection"
        elif came.id == 0 and came.tag == answers.extended
          raise "ldap", "the server ends the session: ${described(result_of(came))}"
        elif came.id != id
          raise "protocol", "messageID: expected ${id}, received ${came.id} with ${answer_text(came.tag)}"
        end
        let wanted = if operation == "search" then ["entry", "reference", "intermediate", "search"] else [operation]
        if operation != nil and name_of(answers, came.tag) not in wanted
          raise "protocol", "expected ${answer_text(answers[operation])}, received ${answer_text(came.tag)}"
        end
        return came
      end

      def answer_text(tag)
        return "tag ${tag_text(tag)} (${name_of(answers, tag) or "no answer"})"
      end

      # The result in a message, section 4.1.9: the `operation` that it is of, its `code`, the part of the name that is
      # `matched`, and a `text`; behind them `rest`, elements.
      def result_of(came)
        let parts = elements_in(came, "LDAPResult", came.tag, 3)
        return {
          operation: name_of(answers, came.tag), code: number_in(parts[0], "resultCode", 10),
          matched: bytes_in(parts[1], "matchedDN"), text: bytes_in(parts[2], "diagnosticMessage"), rest: parts[3..],
          controls: came.controls
        }
      end

      def described(result)
        let matched = if result.matched == "" then "" else ", of the name there is ${inspect(result.matched)}"
        return "${result.code} ${name_of(results, result.code) or ""}: ${inspect(result.text)}${matched}"
      end

      def name_of(names, number)
        for name, value in names
          if value == number
            return name
          end
        end
      end

      # Sends an operation on the current channel, and gives its result.
      def ask(operation, controls = [], id = random(1, 0x7fffffff))
        tell(id, operation, controls)
        return checked(result_of(taken(id, name_of(operations, operation.tag))))
      end

      # A result, which raises `ldap` unless it is a success: of a compare that is one of two.
      def checked(result)
        let told = "${result.code} ${name_of(results, result.code) or ""}"
        let is_compared = result.code in [results.compare_false, results.compare_true]
        if result.code != results.success and not is_compared
          raise "ldap", described(result)
        elif is_compared != (result.operation == "compare")
          raise "protocol", "resultCode: expected ${if is_compared then "0 success" else "5 or 6"}, received ${told}"
        end
        return result
      end

      # Binds by name and password.
      def log_in(name = "", password = "")
        ask(bind_request(name, password))
      end

      # Section 4.14: goes on in TLS, with a server of this name, which an authority in the file `ca` vouches for.
      def secure(ca, host = "localhost")
        ask(extended_request(oids.start_tls))
        starttls client ca ca name host
      end

      # The entries that a search finds, as maps: a `name`, and `attributes`, lists of values by their names in lower case.
      # References to other servers are maps of `urls`.
      def search(base, text = "(objectClass=*)", settings = {})
        return (search_result(search_request(base, text, settings))).entries
      end

      # The same with its result, whose `entries` they are.
      def search_result(operation, controls = [], id = random(1, 0x7fffffff))
        tell(id, operation, controls)
        let found = []
        loop
          let came = taken(id, "search")
          case came.tag
          is answers.entry
            let parts = elements_in(came, "SearchResultEntry", came.tag, 2)
            push(found, {name: bytes_in(parts[0], "objectName"), attributes: attributes_of(parts[1])})
          is answers.reference
            let parts = elements_in(came, "SearchResultReference", came.tag, 1)
            push(found, {urls: map(parts, fn(part) bytes_in(part, "uri"))})
          is answers.intermediate
            # It tells what nobody has asked for.
          else
            let result = checked(result_of(came))
            result.entries = found
            return result
          end
        end
      end

      def attributes_of(element)
        let found = {}
        for one in elements_in(element, "attributes")
          let [type, list] = attribute_in(one)
          let values = found[lower(type)] or []
          found[lower(type)] = values
          for value in list
            push(values, value)
          end
        end
        return found
      end

      def attribute_in(element)
        let parts = elements_in(element, "PartialAttribute", 0x30, 2)
        return [bytes_in(parts[0], "type"), map(elements_in(parts[1], "vals", 0x31), fn(part) bytes_in(part, "value"))]
      end

      # The cookie for the next page; empty behind the last one.
      def cookie_of(result)
        let value = result.controls[oids.paged]
        if not value
          return ""
        end
        try
          return bytes_in(elements_in((decode(Packet, value)).element, "realSearchControlValue", 0x30, 2)[1], "cookie")
        catch e
          raise "protocol", "the control of pages has another value, ${inspect(value)}: ${e.message}"
        end
      end

      # Ends the session; the server closes the connection.
      def leave(id = random(1, 0x7fffffff))
        tell(id, {tag: operations.unbind})
      end

      # What a client asks next, as a server takes it: its `id`, its `operation` by the name in `operations`, its `controls`,
      # the `name` that it is about (a search's base, an extended operation's number), and what else such an operation has;
      # nil where the client has ended the session. What is none raises `protocol`.
      def next_request()
        let came = next_operation()
        if came != nil
          fields_into(came)
        end
        return came
      end

      def next_operation()
        let came = take()
        if came == nil or came.tag == operations.unbind
          return nil
        end
        came.operation = name_of(operations, came.tag)
        if came.operation == nil
          raise "protocol", "there is no operation of tag ${tag_text(came.tag)}"
        elif came.id == 0
          raise "protocol", "messageID: 0 is not that of a request"
        end
        return came
      end

      def fields_into(came)
        case came.operation
        is "bind"
          let parts = elements_in(came, "BindRequest", came.tag, 3)
          came.version = number_in(parts[0], "version", 2, 127)
          came.name = bytes_in(parts[1], "name")
          if parts[2].tag == 0x80
            came.password = bytes_in(parts[2], "simple", 0x80)
          else
            let sasl = elements_in(parts[2], "sasl", 0xa3, 1)
            came.mechanism = bytes_in(sasl[0], "mechanism")
            came.credentials = if len(sasl) > 1 then bytes_in(sasl[1], "credentials") else nil
          end
        is "search"
          let parts = elements_in(came, "SearchRequest", came.tag, 8)
          came.name = bytes_in(parts[0], "baseObject")
          came.scope = name_of(scopes, number_in(parts[1], "scope", 10, scopes.sub))
          number_in(parts[2], "derefAliases", 10, 3)
          came.size = number_in(parts[3], "sizeLimit")
          came.time = number_in(parts[4], "timeLimit")
          came.types_only = truth_in(parts[5], "typesOnly")
          came.filter = parts[6]
          came.filter_text = filter_text(came.filter)
          came.attributes = map(elements_in(parts[7], "attributes"), fn(part) lower(bytes_in(part, "selector")))
        is "add"
          let parts = elements_in(came, "AddRequest", came.tag, 2)
          came.name = bytes_in(parts[0], "entry")
          came.attributes = attributes_of(parts[1])
          for type, list in came.attributes
            if list == []
              raise "protocol", "vals: ${type} is added without a value"
            end
          end
        is "modify"
          let parts = elements_in(came, "ModifyRequest", came.tag, 2)
          came.name = bytes_in(parts[0], "object")
          came.changes = map(elements_in(parts[1], "changes"), change_in)
        is "rename"
          let parts = elements_in(came, "ModifyDNRequest", came.tag, 3)
          came.name = bytes_in(parts[0], "entry")
          came.rdn = bytes_in(parts[1], "newrdn")
          came.deletes_old = truth_in(parts[2], "deleteoldrdn")
          came.parent = if len(parts) > 3 then bytes_in(parts[3], "newSuperior", 0x80) else nil
        is "compare"
          let parts = elements_in(came, "CompareRequest", came.tag, 2)
          came.name = bytes_in(parts[0], "entry")
          let [type, value] = assertion_in(parts[1])
          came.attribute = type
          came.expected = value
        is "extended"
          let parts = elements_in(came, "ExtendedRequest", came.tag, 1)
          came.name = bytes_in(parts[0], "requestName", 0x80)
          came.data = if len(parts) > 1 then bytes_in(parts[1], "requestValue", 0x81) else nil
        else
          came.name = came.value
        end
      end

      def change_in(element)
        let parts = elements_in(element, "change", 0x30, 2)
        let what = name_of(changes, number_in(parts[0], "operation", 10, changes.increment))
        let [type, list] = attribute_in(parts[1])
        if what == "add" and list == []
          raise "protocol", "vals: ${type} is added without a value"
        end
        return [what, lower(type), list]
      end

      # Answers a request, with a result of `results`; `more` are elements behind it.
      def answer(asked, code = results.success, text = "", matched = "", more = [], controls = [])
        let parts = [integer(code, 10), octets(matched), octets(text)] + more
        tell(asked.id, sequence(parts, answers[asked.operation]), controls)
      end

      # Section 4.4.1: says that the connection is about to be closed, and why.
      def disconnect(code = results.protocol_error, text = "")
        let parts = [integer(code, 10), octets(""), octets(text), octets(oids.disconnection, 0x8a)]
        tell(0, sequence(parts, answers.extended))
      end

      # Answers a search with an entry; `answer` is behind the last one.
      def tell_entry(asked, name, attributes)
        tell(asked.id, sequence([octets(name), attribute_list(attributes)], answers.entry))
      end

      # Whether a filter holds for attributes, whose values are compared without regard to case.
      def holds(element, attributes)
        let parts = element.value
        case element.tag
        is 0xa0
          return len(filter(parts, fn(part) not holds(part, attributes))) == 0
        is 0xa1
          return len(filter(parts, fn(part) holds(part, attributes))) > 0
        is 0xa2
          return not holds(parts[0], attributes)
        is 0x87
          return len(values_of(attributes, parts)) > 0 or lower(parts) == "objectclass"
        is 0xa9
          return false
        end
        let list = map(values_of(attributes, parts[0].value), lower)
        if element.tag == 0xa4
          let texts = map(parts[1].value, fn(part) [part.tag, lower(part.value)])
          return len(filter(list, fn(value) has_parts(value, texts))) > 0
        end
        let value = lower(parts[1].value)
        case element.tag
        is 0xa5
          return len(filter(list, fn(one) one >= value)) > 0
        is 0xa6
          return len(filter(list, fn(one) one <= value)) > 0
        end
        return value in list
      end

      def has_parts(value, parts)
        # In their order; the first place of each is as good as a later one.
        let at = 0
        for [tag, text] in parts
          let place = if tag == 0x82 then max(at, len(value) - len(text)) else find(value, text, at)
          if place == nil or tag == 0x80 and place > 0 or tag == 0x82 and value[place..] != text
            return false
          end
          at = place + len(text)
        end
        return true
      end

      def values_of(attributes, type)
        for name, list in attributes
          if lower(name) == lower(type)
            return list
          end
        end
        return []
      end

      # A whole session of a server, whose entries are a map of attributes (a list of values each) by names; what a client
      # adds and changes is in it then. Values are the same without regard to case. Of the settings each may be missing:
      #
      #   users     passwords by names: who else binds is refused
      #   identity  a certificate, as `certificate()` gives it: StartTLS is known
      #
      # What is no message, or no request, ends the session with a notice; a request with other fields than its operation has
      # is answered by `protocol_error`.
      def session(entries, settings = {})
        known.names(settings, ["users", "identity"])
        try
          while heard() as asked
            served(asked, entries, settings)
          end
        catch e
          # A client may break off where it wants, in TLS, too; an identity that is none is not its fault.
          if e.code not in ["eof", "reset", "truncated", "tls", "alert"] or starts(e.message, "cannot set up TLS")
            raise e
          end
        end
      end

      def heard()
        try
          return next_operation()
        catch e
          if e.code != "protocol"
            raise e
          end
          # Section 4.1.1: nobody knows what stands behind it.
          disconnect(results.protocol_error, e.message)
          shutdown both
        end
      end

      def served(asked, entries, settings)
        try
          fields_into(asked)
        catch e
          if e.code != "protocol"
            raise e
          end
          return answer(asked, results.protocol_error, e.message)
        end
        case asked.operation
        is "bind"
          let [code, text] = bound(asked, settings.users)
          answer(asked, code, text)
        is "search"
          searched(asked, entries)
        is "extended"
          if asked.name != oids.start_tls or not settings.identity
            answer(asked, results.protocol_error, "there is no such operation")
          elif conn.tls
            answer(asked, results.operations_error, "there is TLS already")
          else
            answer(asked)
            starttls server cert settings.identity
          end
        is "add"
          if stored_name(entries, asked.name) != nil
            answer(asked, results.entry_already_exists)
          elif len(filter(keys(asked.attributes), fn(type) has_doubles(asked.attributes[type]))) > 0
            answer(asked, results.attribute_or_value_exists)
          else
            entries[asked.name] = asked.attributes
            answer(asked)
          end
        is "abandon"
          # Section 4.11: nobody answers it, and it is over already.
        else
          let name = stored_name(entries, asked.name)
          answer(asked, if name == nil then results.no_such_object else changed(asked, entries, name))
        end
      end

      def bound(asked, users)
        if asked.version != 3
          return [results.protocol_error, "version: expected 3, received ${asked.version}"]
        elif asked.password == nil
          return [results.auth_method_not_supported, "there is no SASL"]
        end
        let is_known = users == nil or asked.name == "" or users[asked.name] == asked.password
        return [if is_known then results.success else results.invalid_credentials, ""]
      end

      def changed(asked, entries, name)
        case asked.operation
        is "compare"
          let list = map(values_of(entries[name], asked.attribute), lower)
          return if lower(asked.expected) in list then results.compare_true else results.compare_false
        is "delete"
          remove(entries, name)
          return results.success
        is "modify"
          return modified(asked.changes, entries, name)
        end
        return results.unwilling_to_perform
      end

      def modified(rows, entries, name)
        # Section 4.6: all of it is done, or nothing. Section 2.5 of RFC 4512: the case of a type does not count.
        let found = {}
        for type, list in entries[name]
          found[lower(type)] = {type: type, values: set_of(list)}
        end
        for [what, type, list] in rows
          let one = found[type] or {type: type, values: {}}
          found[type] = one
          let code = if what == "delete" then deleted(one, list) else added(one, list, what)
          if code != results.success
            return code
          end
        end
        let attributes = {}
        for type, one in found
          if len(one.values) > 0
            attributes[one.type] = map(keys(one.values), fn(key) one.values[key])
          end
        end
        entries[name] = attributes
        return results.success
      end

      def deleted(one, list)
        if len(one.values) == 0
          return results.no_such_attribute
        end
        for value in list
          if remove(one.values, lower(value)) == nil
            return results.no_such_attribute
          end
        end
        if list == []
          one.values = {}
        end
        return results.success
      end

      def added(one, list, what)
        if what == "increment"
          return results.unwilling_to_perform
        elif what == "replace"
          one.values = {}
        end
        for value in list
          if lower(value) in one.values
            return results.attribute_or_value_exists
          end
          one.values[lower(value)] = value
        end
        return results.success
      end

      def set_of(values)
        let found = {}
        for value in values
          found[lower(value)] = value
        end
        return found
      end

      def has_doubles(values)
        return len(set_of(values)) < len(values)
      end

      def searched(asked, entries)
        let base = plain(asked.name)
        let found = filter(keys(entries), fn(name) is_below(plain(name), base, asked.scope))
        let fitting = filter(found, fn(name) holds(asked.filter, entries[name]))
        let most = if asked.size == 0 then len(fitting) else asked.size
        for name in fitting[..<most]
          let told = {}
          for type, list in entries[name]
            if asked.attributes == [] or "*" in asked.attributes or lower(type) in asked.attributes
              told[type] = if asked.types_only then [] else list
            end
          end
          tell_entry(asked, name, told)
        end
        if base != "" and stored_name(entries, asked.name) == nil
          answer(asked, results.no_such_object)
        else
          answer(asked, if len(fitting) > most then results.size_limit_exceeded else results.success)
        end
      end

      def plain(name)
        # Neither blanks beside the signs count, nor case.
        let found = name
        for sign in [",", "=", "+"]
          found = join(map(split(found, sign), trim), sign)
        end
        return lower(found)
      end

      def stored_name(entries, name)
        let wanted = plain(name)
        return shift(filter(keys(entries), fn(one) plain(one) == wanted))
      end

      def is_below(name, base, scope)
        if scope == "base" or name == base
          return name == base and scope != "one"
        end
        let rest = if base == "" then name else if ends(name, ",${base}") then name[..<-(len(base) + 1)] else ""
        return rest != "" and (scope == "sub" or "," not in rest)
      end

      """##
    ),
    (
      "memcached",
      ##"""
      # memcached: the text protocol, its meta commands, and the binary protocol, of a client and a server.
      #
      #   import "std:memcached" as memcached
      #   connect localhost:11211
      #   memcached.store("key", "value")
      #   print memcached.fetch(["key"]).key.value
      #   print (memcached.ask("get", {key: "key"})).value
      #
      # What is stored goes by lines (`command`, `fetch`, `meta`) or by packets (`ask`); a connection begins as one of both.
      # An answer of ERROR, CLIENT_ERROR or SERVER_ERROR raises `memcached`. A server reads by `request` or `recv message
      # memcached.Packet`. Over UDP each datagram is a `Datagram`. The documents are protocol.txt and its wiki's
      # BinaryProtocolRevamped.

      let opcodes = {
        get: 0x00, set: 0x01, add: 0x02, replace: 0x03, delete: 0x04, increment: 0x05, decrement: 0x06, quit: 0x07,
        flush: 0x08, getq: 0x09, noop: 0x0a, version: 0x0b, getk: 0x0c, getkq: 0x0d, append: 0x0e, prepend: 0x0f, stat: 0x10,
        setq: 0x11, addq: 0x12, replaceq: 0x13, deleteq: 0x14, incrementq: 0x15, decrementq: 0x16, quitq: 0x17, flushq: 0x18,
        appendq: 0x19, prependq: 0x1a, touch: 0x1c, gat: 0x1d, gatq: 0x1e
      }
      let statuses = {
        none: 0x00, not_found: 0x01, exists: 0x02, too_large: 0x03, invalid: 0x04, not_stored: 0x05, not_a_number: 0x06,
        unknown: 0x81, out_of_memory: 0x82
      }
      let magics = {request: 0x80, response: 0x81}

      # In a request the status is the number of a virtual bucket.
      message Packet
        magic u8 default 0x80
        opcode u8
        key_length u16 = size(key)
        extras_length u8 = size(extras)
        data_type u8
        status u16
        length u32 = size(extras) + size(key) + size(value)
        opaque u32
        cas u64
        extras bytes extras_length
        key bytes key_length
        value bytes length - extras_length - key_length
      end

      # The extras of set, add and replace.
      message Storage
        flags, expires u32
      end

      # The extras of increment and decrement: what a counter begins with, unless it expires in 0xffffffff.
      message Counter
        delta u64 default 1
        initial u64
        expires u32
      end

      # What is in front of each datagram.
      message Datagram
        id, number u16
        count u16 default 1
        _ u16
        data rest
      end

      # Sends a packet with these fields on the current channel, and gives the one that answers it. Its status says whether it
      # is well.
      def ask(name, fields = {})
        if opcodes[name] == nil
          raise "type", "there is no opcode ${inspect(name)}; there are ${join(keys(opcodes), ", ")}"
        end
        let sent = {opcode: opcodes[name]}
        for key, value in fields
          sent[key] = value
        end
        send encode(Packet, sent)
        return expect message Packet {magic: magics.response, opcode: sent.opcode, opaque: sent.opaque or 0}
      end

      # Stores a value by a packet: `set`, `add` or `replace`.
      def put(key, value, flags = 0, expires = 0, name = "set")
        return ask(name, {extras: encode(Storage, {flags: flags, expires: expires}), key: key, value: value})
      end

      # Counts by a packet: `increment` or `decrement`. A status that is not well raises `memcached`.
      def count(key, delta = 1, initial = 0, name = "increment")
        let extras = encode(Counter, {delta: delta, initial: initial})
        let came = ask(name, {extras: extras, key: key})
        if came.status != statuses.none
          raise "memcached", "${came.status} ${came.value}"
        elif len(came.value) != 8 or came.value[0] >= "\x80"
          raise "protocol", "a counter has 8 bytes, and 63 bits here, and this came: ${inspect(came.value)}"
        end
        return unpack("u64", came.value)[0]
      end

      # Sends the fields of a packet as a server's answer to another.
      def respond(asked, fields = {})
        let sent = {magic: magics.response, opcode: asked.opcode, opaque: asked.opaque}
        for key, value in fields
          sent[key] = value
        end
        send encode(Packet, sent)
      end

      # Reads a line of an answer.
      def reply()
        let text = recv line
        if text == nil
          raise "eof", "the server has ended the connection"
        elif text =~ /^(ERROR$|CLIENT_ERROR |SERVER_ERROR )/
          raise "memcached", text
        end
        return text
      end

      # Sends a line, and gives the first one of the answer: `command("delete key")` is "DELETED" or "NOT_FOUND".
      def command(text)
        send line text
        return reply()
      end

      # Stores a value, and gives whether it was: by `set`, `add`, `replace`, `append`, `prepend`, or `cas` with its number.
      def store(key, value, flags = 0, expires = 0, name = "set", cas = nil)
        let seen = if cas == nil then "" else " ${cas}"
        send "${name} ${key} ${flags} ${expires} ${len(value)}${seen}\r\n${value}\r\n"
        return reply() == "STORED"
      end

      # What is stored by the keys that have something: a map of `value`, `flags` and `cas` by each.
      def fetch(keys)
        send line "gets ${join(keys, " ")}"
        let found = {}
        loop
          let text = reply()
          if text == "END"
            return found
          end
          let m = text =~ /^VALUE (?<key>\S+) (?<flags>\d+) (?<size>\d+)(?: (?<cas>\d+))?$/
          if m == nil
            raise "protocol", "this is no value: ${inspect(text)}"
          end
          found[m.key] = {value: block(number(m.size)), flags: number(m.flags), cas: m.cas and number(m.cas)}
        end
      end

      # A number of 63 bits.
      def number(text)
        return (if text =~ /^\d+$/ then try int(text) else nil) or
          (raise "protocol", "this is no number from 0 to ${0x7fff_ffff_ffff_ffff}: ${inspect(text)}")
      end

      # So many bytes, and the CRLF behind them.
      def block(size)
        let bytes = recv exactly size
        expect "\r\n"
        return bytes
      end

      # The counter's new value; nil where there is none.
      def incr(key, delta = 1, name = "incr")
        let text = command("${name} ${key} ${delta}")
        return if text == "NOT_FOUND" then nil else number(trim(text))
      end

      # The statistics, or those of a kind, as "items".
      def stats(kind = "")
        send line trim("stats ${kind}")
        let found = {}
        loop
          let text = reply()
          if text == "END"
            return found
          end
          let m = text =~ /^STAT (?<name>\S+) ?(?<value>.*)$/
          if m == nil
            raise "protocol", "this is no statistic: ${inspect(text)}"
          end
          found[m.name] = m.value
        end
      end

      # A meta command, as `meta("mg", "key", ["v", "t"])`: the answer's code, its flags by their letters, and the value that
      # VA has.
      def meta(name, key, flags = [], value = nil)
        let size = if value == nil then [] else [str(len(value))]
        send line join([name, key] + size + flags, " ")
        if value != nil
          send value + "\r\n"
        end
        let text = reply()
        let m = text =~ /^(?:(?<value>VA) +(?<size>\d+)|(?!VA\b)(?<code>\S+))(?<flags>(?: .*)?)$/
        if m == nil
          raise "protocol", "this is no answer to a meta command: ${inspect(text)}"
        end
        let size_of_value = m.size and number(m.size)
        let came = {code: m.value or m.code, flags: {}, value: nil}
        for word in split(m.flags)
          came.flags[word[0]] = word[1..]
        end
        if size_of_value != nil
          came.value = block(size_of_value)
        end
        return came
      end

      # Reads a client's line as a server: its `name`, the `words` behind it, the `value` that goes with it, and whether
      # nobody waits for an answer (`noreply`); nil where the client has ended the connection.
      def request()
        let text = recv line
        if text == nil
          return nil
        end
        let words = split(text)
        let asked = {name: if len(words) > 0 then words[0] else "", words: words[1..], value: nil, noreply: false}
        if len(words) > 1 and words[-1] == "noreply"
          pop(asked.words)
          asked.noreply = true
        end
        let at = if asked.name == "ms" then 1 else 3
        if asked.name in ["set", "add", "replace", "append", "prepend", "cas", "ms"] and len(asked.words) > at
          asked.value = block(number(asked.words[at]))
        end
        return asked
      end

      # A value as a server answers `get` with, and with its number `gets`; "END\r\n" stands behind the last one.
      def found_value(key, value, flags = 0, cas = nil)
        return "VALUE ${key} ${flags} ${len(value)}${if cas == nil then "" else " ${cas}"}\r\n${value}\r\n"
      end

      """##
    ),
    (
      "mqtt",
      ##"""
      # MQTT 3.1.1 (OASIS, 2014): control packets as messages, and a client's and a broker's first steps.
      #
      #   import "std:mqtt" as mqtt
      #   connect localhost:1883
      #   mqtt.start("me")
      #   mqtt.subscribe("a/#")
      #   print (mqtt.next()).body.payload
      #
      # Every field may be given otherwise: `send mqtt.Packet {kind: mqtt.kinds.CONNECT, body: {level: 3}}`.

      let kinds = {
        CONNECT: 1, CONNACK: 2, PUBLISH: 3, PUBACK: 4, PUBREC: 5, PUBREL: 6, PUBCOMP: 7, SUBSCRIBE: 8, SUBACK: 9,
        UNSUBSCRIBE: 10, UNSUBACK: 11, PINGREQ: 12, PINGRESP: 13, DISCONNECT: 14
      }

      # Flags of PUBLISH, beside its two bits of QoS.
      let RETAIN = 0x01
      let DUP = 0x08

      message Packet
        kind bits 4
        flags bits 4
        length mqtt_varint = size(rest)
        body choose kind: 1 Connect, 2 Connack, 3 Publish(flags), 4..7 Id, 8 Subscribe, 9 Suback, 10 Unsubscribe, 11 Id,
          12..14 nil, else bytes
      end

      # Section 3.1.
      message Connect
        protocol u16:text default "MQTT"
        level u8 default 4
        has_username, has_password, will_retain bit
        will_qos bits 2
        has_will, clean, reserved bit
        keepalive u16 default 60
        client u16:text
        will_topic u16:text if has_will
        will u16:bytes if has_will
        username u16:text if has_username
        password u16:bytes if has_password
      end

      # Section 3.2.
      message Connack
        _ bits 7
        present bit
        code u8
      end

      # Section 3.3: the flags are DUP, two bits of QoS, and RETAIN.
      message Publish(flags)
        topic u16:text
        id u16 if flags >> 1 & 3 > 0
        payload rest
      end

      message Id
        id u16
      end

      message Subscribe
        id u16
        filters list of Filter rest
      end

      message Filter
        topic u16:text
        qos u8
      end

      message Suback
        id u16
        codes list of u8 rest
      end

      message Unsubscribe
        id u16
        filters list of u16:text rest
      end

      # Connects as a client, on the current channel, whose framing is `Packet` then; gives the answer.
      def start(client, options = {})
        framing Packet
        let body = {clean: 1, client: client}
        for key, value in options
          body[key] = value
        end
        send Packet {kind: kinds.CONNECT, body: body}
        return expect message Packet {kind: kinds.CONNACK, body: {code: 0}}
      end

      # Takes a client's CONNECT as a broker, on the current channel, and answers it; gives what came.
      def welcome(code = 0)
        framing Packet
        let came = expect message Packet {kind: kinds.CONNECT}
        send Packet {kind: kinds.CONNACK, body: {code: code}}
        return came
      end

      # Subscribes to a filter; gives the QoS that is granted.
      def subscribe(filter, qos = 0, id = 1)
        send Packet {kind: kinds.SUBSCRIBE, flags: 2, body: {id: id, filters: [{topic: filter, qos: qos}]}}
        let codes = (expect message Packet {kind: kinds.SUBACK, body: {id: id}}).body.codes
        if len(codes) != 1
          raise "protocol", "one filter is answered with ${len(codes)} codes"
        end
        return codes[0]
      end

      # Publishes, and waits for what QoS 1 and 2 answer; with RETAIN for its flags the broker keeps the message.
      def publish(topic, payload, qos = 0, id = 1, flags = 0)
        let body = {topic: topic, payload: payload}
        if qos > 0
          body.id = id
        end
        send Packet {kind: kinds.PUBLISH, flags: qos << 1 | flags, body: body}
        if qos == 1
          expect message Packet {kind: kinds.PUBACK, body: {id: id}}
        elif qos == 2
          expect message Packet {kind: kinds.PUBREC, body: {id: id}}
          send Packet {kind: kinds.PUBREL, flags: 2, body: {id: id}}
          expect message Packet {kind: kinds.PUBCOMP, body: {id: id}}
        end
      end

      # What is published next; it is acknowledged.
      def next()
        let packet = expect message Packet {kind: kinds.PUBLISH}
        if packet.flags >> 1 & 3 == 1
          send Packet {kind: kinds.PUBACK, body: {id: packet.body.id}}
        end
        return packet
      end

      # Asks whether the broker is there, and waits for its answer.
      def ping()
        send Packet {kind: kinds.PINGREQ}
        expect message Packet {kind: kinds.PINGRESP}
      end

      """##
    ),
    (
      "pop3",
      ##"""
      # POP3: sessions of a client and of a server, with STLS, APOP and UIDL, RFC 1939, 2449 and 2595.
      #
      #   import "std:pop3" as pop3
      #   connect localhost:110
      #   pop3.login("me", "secret")
      #   print pop3.stat(), pop3.retrieve(1)
      #   pop3.quit()
      #
      # A command waits for +OK; -ERR raises `pop3`. Mails are read without the periods that were put before others, and their
      # lines end with CRLF. A server hands its mails to `session`, or goes step by step.
      import "std:smtp" as smtp
      import "std:settings" as known

      # Takes the next answer, and gives the text behind +OK.
      def reply()
        expect line /^(?<mark>\+OK|-ERR)(?: (?<text>.*))?$/ as came
        if came.mark == "-ERR"
          raise "pop3", came.text or "refused"
        end
        return came.text or ""
      end

      # Sends a command, and gives the text behind +OK.
      def command(text)
        send line text
        return reply()
      end

      # Sends a command whose answer has several lines, and gives those.
      def rows(text)
        command(text)
        return body()
      end

      # The lines of such an answer, once its +OK has been read.
      def body()
        return lines(smtp.data())
      end

      # Waits for the greeting, and gives the time stamp in it that APOP wants; nil where there is none.
      def hello()
        let m = reply() =~ /<[^<>@]*@[^<>]*>/
        return m and m[0]
      end

      # Waits for the greeting, and logs in.
      def login(user, password)
        hello()
        authenticate(user, password)
      end

      # Logs in behind the greeting.
      def authenticate(user, password)
        command("USER ${user}")
        command("PASS ${password}")
      end

      # Logs in by a digest of the greeting's time stamp, section 7.
      def apop(user, password, stamp)
        if stamp == nil
          raise "protocol", "the greeting has no time stamp, without which there is no APOP"
        end
        command("APOP ${user} ${hex(md5(stamp + password))}")
      end

      # Goes on in TLS, RFC 2595, with a server of this name, which an authority in the file `ca` vouches for.
      def secure(ca, host = "localhost")
        command("STLS")
        starttls client ca ca name host
      end

      # What the server can do, RFC 2449: each capability with its parameters.
      def capabilities()
        let found = {}
        for row in rows("CAPA")
          let words = split(row)
          # A line without a keyword is wrong, and says nothing.
          if len(words) > 0
            found[words[0]] = words[1..]
          end
        end
        return found
      end

      # How many messages there are, and their bytes.
      def stat()
        let text = command("STAT")
        let m = text =~ /^(?<count>\d{1,18}) (?<size>\d{1,18})\b/
        if m == nil
          raise "protocol", "this is no number and size: ${inspect(text)}"
        end
        return {count: int(m.count), size: int(m.size)}
      end

      # The messages' sizes by their numbers.
      def list()
        let found = numbered(rows("LIST"))
        for number, size in found
          if size !~ /^\d{1,18}$/
            raise "protocol", "this is no size: ${inspect(size)}"
          end
          found[number] = int(size)
        end
        return found
      end

      # The messages' unique names by their numbers.
      def uidl()
        return numbered(rows("UIDL"))
      end

      def numbered(texts)
        let found = {}
        for text in texts
          let m = text =~ /^(?<number>\d{1,18}) (?<value>\S+)/
          if m == nil
            raise "protocol", "this is no number and what it has: ${inspect(text)}"
          end
          found[int(m.number)] = m.value
        end
        return found
      end

      # A whole message.
      def retrieve(number)
        command("RETR ${number}")
        return smtp.data()
      end

      # The head of a message, and so many lines of its body.
      def top(number, count = 0)
        command("TOP ${number} ${count}")
        return smtp.data()
      end

      # Marks a message, which `quit` deletes.
      def delete(number)
        command("DELE ${number}")
      end

      # Ends the session; only now is anything deleted.
      def quit()
        command("QUIT")
        expect eof
      end

      # A whole session of a server; gives the numbers of the messages that are deleted at its end. Of the settings `login`
      # has to be there:
      #
      #   login     a function of a user and a password: a list of that user's mails, nil for who is not let in
      #   secret    a function of a user: the password, or nil; APOP is offered
      #   identity  a certificate, as `certificate()` gives it: STLS is offered
      def session(settings)
        known.names(settings, ["login", "secret", "identity"])
        let stamp = if settings.secret then "<${hex(random_bytes(8))}@pop.example>" else ""
        let state = {user: nil, mails: nil, deleted: [], secured: false, stamp: stamp}
        ok(trim("ready ${stamp}"))
        loop
          let text = recv line
          if text == nil
            return []
          end
          let words = split(text)
          let verb = if len(words) > 0 then upper(words[0]) else ""
          if verb == "QUIT"
            ok("bye")
            close
            return state.deleted
          end
          try
            answered(verb, words[1..], state, settings)
          catch e
            if e.code != "refused"
              raise e
            end
            send line "-ERR ${e.message}"
          end
        end
      end

      def ok(text = "")
        send line trim("+OK ${text}")
      end

      def refuse(why)
        raise "refused", why
      end

      def answered(verb, words, state, settings)
        case verb
        is "CAPA"
          ok()
          send smtp.stuffed(join(capabilities_of(state, settings), "\n"))
        is "NOOP"
          ok()
        is "STLS", "USER", "PASS", "APOP"
          if state.mails != nil
            refuse("you are logged in")
          end
          authorized(verb, words, state, settings)
        is "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET"
          if state.mails == nil
            refuse("log in first")
          end
          transacted(verb, words, state)
        else
          refuse("there is no such command")
        end
      end

      def capabilities_of(state, settings)
        let found = ["USER", "UIDL", "TOP", "PIPELINING"]
        return if settings.identity and not state.secured then found + ["STLS"] else found
      end

      # Section 4: the state before a login.
      def authorized(verb, words, state, settings)
        case verb
        is "STLS"
          if not settings.identity or state.secured
            refuse("there is no TLS to start")
          end
          ok("go ahead")
          starttls server cert settings.identity
          state.secured = true
          state.user = nil
        is "USER"
          if len(words) != 1
            refuse("this is no user")
          end
          state.user = words[0]
          ok()
        is "PASS"
          if state.user == nil
            refuse("say USER first")
          end
          opened(settings["login"](state.user, join(words, " ")), state)
        is "APOP"
          let password = if settings.secret and len(words) == 2 then settings["secret"](words[0]) else nil
          if password == nil or lower(words[1]) != hex(md5(state.stamp + password))
            refuse("this is not known")
          end
          state.user = words[0]
          opened(settings["login"](words[0], password), state)
        end
      end

      # Mails are kept as they go.
      def opened(mails, state)
        if mails == nil
          state.user = nil
          refuse("this is not known")
        end
        state.mails = map(mails, fn(mail) smtp.stuffed(mail))
        ok("welcome")
      end

      # The mail of a number: it has to be there, and not be deleted.
      def chosen(words, state)
        let number = try int(words[0]) else 0
        if number < 1 or number > len(state.mails) or number in state.deleted
          refuse("there is no such message")
        end
        return number
      end

      # The bytes of a mail, without what is put before periods.
      def size_of(mail)
        return len(replace(mail[..<-3], /^\.\./m, "."))
      end

      # Section 5: the state behind a login.
      def transacted(verb, words, state)
        let there = filter(1..len(state.mails), fn(number) number not in state.deleted)
        case verb
        is "STAT"
          ok("${len(there)} ${sum(map(there, fn(number) size_of(state.mails[number - 1])))}")
        is "LIST", "UIDL"
          listed(verb, words, there, state)
        is "RETR"
          let number = chosen(words, state)
          ok()
          send state.mails[number - 1]
        is "TOP"
          let mail = state.mails[chosen(words, state) - 1]
          let count = try int(words[1]) else -1
          if count < 0
            refuse("this is no number of lines")
          end
          ok()
          send topped(mail, count)
        is "DELE"
          push(state.deleted, chosen(words, state))
          ok()
        is "RSET"
          state.deleted = []
          ok()
        end
      end

      def listed(verb, words, there, state)
        let shown = if verb == "LIST" then size_of else uid
        let row = fn(number) "${number} ${shown(state.mails[number - 1])}"
        if len(words) > 0
          ok(row(chosen(words, state)))
        else
          ok()
          send smtp.stuffed(join(map(there, row), "\n"))
        end
      end

      # A unique name that is the same in each session.
      def uid(mail)
        return hex(sha1(mail))[..<20]
      end

      def topped(mail, count)
        let rest = lines(mail[..<-3])
        let head = []
        while len(rest) > 0 and rest[0] != ""
          push(head, shift(rest))
        end
        return join(head + rest[..<min(count + 1, len(rest))], "\r\n") + "\r\n.\r\n"
      end

      """##
    ),
    (
      "postgres",
      ##"""
      # PostgreSQL: startup, SCRAM-SHA-256, and simple queries of version 3.0 of its protocol, of a client and a server.
      #
      #   import "std:postgres" as postgres
      #   connect localhost:5432
      #   postgres.start("me", "database", "secret")
      #   print (postgres.query("SELECT 1 AS one")).rows
      #   postgres.quit()
      #
      # Messages are as in "Message Formats" of its manual; what an older version or another way of login says is bytes. A
      # server lets clients in by `welcome`, and gives each `next_query` an `answer` or a `refuse`. SCRAM is RFC 5802 and
      # 7677, without channel binding.

      let kinds = {
        Authentication: ord("R"), BackendKeyData: ord("K"), CommandComplete: ord("C"), DataRow: ord("D"),
        EmptyQueryResponse: ord("I"), ErrorResponse: ord("E"), NoticeResponse: ord("N"), ParameterStatus: ord("S"),
        ReadyForQuery: ord("Z"), RowDescription: ord("T"), Query: ord("Q"), Password: ord("p"), Terminate: ord("X")
      }
      let versions = {protocol: 0x30000, cancel: 80877102, tls: 80877103, gss: 80877104}

      # What a client begins with: it has no kind in front. For TLS, GSSAPI and a cancellation the version says so.
      message Startup
        length u32 = size(rest) + 4
        version u32 default 0x30000
        parameters list of Parameter rest
      end

      # The last one has an empty name, and no value.
      message Parameter
        name cstr
        value cstr if name != ""
      end

      message Frontend
        kind u8
        length u32 = size(body) + 4
        body choose kind: 0x51 Query, 0x58 nil, else bytes
      end

      message Query
        text cstr
      end

      message Backend
        kind u8
        length u32 = size(body) + 4
        body choose kind: 0x52 Authentication, 0x4b BackendKeyData, 0x43 CommandComplete, 0x44 DataRow, 0x45 Report,
          0x4e Report, 0x53 ParameterStatus, 0x5a ReadyForQuery, 0x54 RowDescription, else bytes
      end

      # 0 is well, 3 a password in clear, 5 one of MD5, 10 to 12 SASL.
      message Authentication
        type u32
        data choose type: 5 bytes 4, 10 list of cstr rest, else bytes
      end

      message BackendKeyData
        process, key u32
      end

      message CommandComplete
        tag cstr
      end

      # Of a length of -1 the value is NULL.
      message DataRow
        count u16 = count(values)
        values list of Value count count
      end

      message Value
        length i32
        value bytes length if length >= 0
      end

      # An error or a notice.
      message Report
        fields list of ReportField rest
      end

      # `S` is the severity, `C` the code, `M` the message; a kind of 0 is the last one, and has no value.
      message ReportField
        kind u8
        value cstr if kind != 0
      end

      message ParameterStatus
        name, value cstr
      end

      # The status is `I` for idle, `T` in a transaction, and `E` in one that has failed.
      message ReadyForQuery
        status u8 default 73
      end

      message RowDescription
        count u16 = count(columns)
        columns list of Column count count
      end

      # 25 is the type of a text.
      message Column
        name cstr
        table u32
        attribute u16
        type u32 default 25
        size i16 default -1
        modifier i32 default -1
        format u16
      end

      # Goes on in TLS, as a client, with a server of this name, which an authority in the file `ca` vouches for.
      def secure(ca, host = "localhost")
        send encode(Startup, {version: versions.tls})
        expect "S"
        starttls client ca ca name host
      end

      # Begins a session as a client on the current channel, with a password where the server wants one; gives the server's
      # parameters.
      def start(user, database = user, password = nil)
        let parameters = []
        for name, value in {user: user, database: database, "": nil}
          push(parameters, {name: name, value: value})
        end
        send Startup {parameters: parameters}
        log_in(user, password or "")
        let found = {}
        let came = take()
        while came.kind != kinds.ReadyForQuery
          if came.kind == kinds.ParameterStatus
            found[came.body.name] = came.body.value
          end
          came = take()
        end
        return found
      end

      # Takes the next message of a server; an error is raised as `postgres`, and notices are passed over.
      def take()
        let came = expect message Backend {}
        while came.kind == kinds.NoticeResponse
          came = expect message Backend {}
        end
        if came.kind == kinds.ErrorResponse
          raise "postgres", described(came)
        end
        return came
      end

      # An error in words: its severity, code and message.
      def described(came)
        let found = {}
        for field in came.body.fields
          if field.kind != 0
            found[chr(field.kind)] = field.value
          end
        end
        return "${found.S} ${found.C}: ${found.M}"
      end

      # Takes what a server says of the login.
      def authentication()
        let came = take()
        if came.kind != kinds.Authentication
          raise "protocol", "a message of kind ${inspect(chr(came.kind))} comes within the login"
        end
        return came.body
      end

      def log_in(user, password)
        let asked = authentication()
        case asked.type
        is 0
          return
        is 3
          answer_password(password + "\0")
        is 5
          answer_password("md5" + hex(md5(hex(md5(password + user)) + asked.data)) + "\0")
        is 10
          if "SCRAM-SHA-256" not in asked.data
            raise "protocol", "no way to log in is known of ${inspect(asked.data)}"
          end
          log_in_by_scram(password)
        else
          raise "protocol", "no way to log in is known of number ${asked.type}"
        end
        if (authentication()).type != 0
          raise "protocol", "the login goes on where it ought to end"
        end
      end

      def answer_password(bytes)
        send Frontend {kind: kinds.Password, body: bytes}
      end

      def log_in_by_scram(password)
        let nonce = base64(random_bytes(18))
        let first = "n=,r=${nonce}"
        answer_password("SCRAM-SHA-256\0" + pack("u32 bytes", len(first) + 3, "n,,${first}"))
        let wanted = scram_text(11)
        # With a million rounds and more a server would let its client count for long.
        let asked = wanted =~ /^r=(?<nonce>[^,]+),s=(?<salt>[^,]+),i=(?<rounds>[1-9]\d{0,5})(?:,|$)/
        let salt = asked and try unbase64(asked.salt)
        if salt == nil
          raise "protocol", "this is no challenge of SCRAM: ${inspect(wanted)}"
        elif not starts(asked.nonce, nonce)
          raise "protocol", "the server's nonce does not begin with the client's"
        end
        let last = "c=biws,r=${asked.nonce}"
        let keys = scram_keys(password, salt, int(asked.rounds), "${first},${wanted},${last}")
        answer_password("${last},p=${base64(keys.proof)}")
        if scram_text(12) !~ regex("^v=${escape_regex(base64(keys.signature))}(,|\$)")
          raise "protocol", "the server does not know the password"
        end
      end

      # What a server says of SCRAM next.
      def scram_text(kind)
        let came = authentication()
        if came.type != kind
          raise "protocol", "a message of number ${came.type} comes within SCRAM, where it ought to be ${kind}"
        end
        return came.data
      end

      # RFC 5802, section 3: the client's proof and the server's signature of all that was said.
      def scram_keys(password, salt, rounds, said)
        let salted = pbkdf2("sha256", password, salt, rounds, 32)
        let client_key = hmac("sha256", salted, "Client Key")
        let server_key = hmac("sha256", salted, "Server Key")
        return {proof: client_key ^ hmac("sha256", sha256(client_key), said), signature: hmac("sha256", server_key, said)}
      end

      # Asks, and gives what the last of the statements gives: the names of its `columns`, `rows`, lists of strings and of nil
      # for NULL, and the `tag`, as "SELECT 1". An error is raised as `postgres`, and the session goes on.
      def query(text)
        send Frontend {kind: kinds.Query, body: {text: text}}
        let result = {columns: [], rows: [], tag: nil}
        let failure = nil
        loop
          let came = expect message Backend {}
          case came.kind
          is kinds.RowDescription
            result = {columns: map(came.body.columns, fn(column) column.name), rows: [], tag: nil}
          is kinds.DataRow
            push(result.rows, map(came.body.values, fn(cell) cell.value))
          is kinds.CommandComplete
            result.tag = came.body.tag
          is kinds.ErrorResponse
            failure = described(came)
          is kinds.ReadyForQuery
            break
          end
        end
        if failure != nil
          raise "postgres", failure
        end
        return result
      end

      # Ends the session; the server closes the connection.
      def quit()
        send Frontend {kind: kinds.Terminate}
      end

      # Lets a client in as a server on the current channel, and gives its parameters. With an identity, as `certificate()`
      # gives it, one that asks for TLS gets that; with a map of users and their passwords it has to log in by SCRAM, and who
      # fails is refused, which raises `postgres`.
      def welcome(users = nil, identity = nil, parameters = {server_version: "15.0", client_encoding: "UTF8"})
        let came = expect message Startup {}
        while came.version != versions.protocol
          if came.version == versions.tls and identity
            send "S"
            starttls server cert identity
          elif came.version == versions.tls or came.version == versions.gss
            send "N"
          else
            raise "protocol", "no version is known of number ${came.version}"
          end
          came = expect message Startup {}
        end
        let found = {}
        for parameter in came.parameters[..<-1]
          found[parameter.name] = parameter.value
        end
        if found.user == nil
          raise "protocol", "the client does not say which user it is"
        elif users
          challenge_by_scram(users[found.user], found.user)
        end
        send Backend {kind: kinds.Authentication, body: {type: 0}}
        for name, value in parameters
          send Backend {kind: kinds.ParameterStatus, body: {name: name, value: value}}
        end
        send Backend {kind: kinds.BackendKeyData, body: {process: 1, key: random(0, 0xffffffff)}}
        send Backend {kind: kinds.ReadyForQuery}
        return found
      end

      # Challenges a client; one with an unknown name is refused as late as one with a wrong password.
      def challenge_by_scram(password, user)
        challenge(10, encode(Parameter, {name: "SCRAM-SHA-256", value: ""}))
        let first = (expect message Frontend {kind: kinds.Password, body: /^SCRAM-SHA-256\0.{4}[ny],[^,]*,/s}).body
        let bare = replace(first, /^SCRAM-SHA-256\0.{4}[ny],[^,]*,/s, "")
        let told = bare =~ /(?:^|,)r=(?<nonce>[^,]+)/
        if told == nil
          raise "protocol", "the client has no nonce: ${inspect(bare)}"
        end
        let nonce = told.nonce + base64(random_bytes(18))
        let [salt, rounds] = [random_bytes(16), 4096]
        let asked = "r=${nonce},s=${base64(salt)},i=${rounds}"
        challenge(11, asked)
        let m = (expect message Frontend {kind: kinds.Password}).body =~ /^(?<last>c=[^,]*,r=(?<nonce>[^,]*)),p=(?<proof>.*)$/
        if m == nil
          raise "protocol", "this is no end of SCRAM"
        end
        let keys = scram_keys(password or "", salt, rounds, "${bare},${asked},${m.last}")
        if password == nil or m.nonce != nonce or (try unbase64(m.proof)) != keys.proof
          let why = "password authentication failed for user \"${user}\""
          report(why, "28P01", "FATAL")
          raise "postgres", why
        end
        challenge(12, "v=${base64(keys.signature)}")
      end

      def challenge(type, data)
        send Backend {kind: kinds.Authentication, body: pack("u32 bytes", type, data)}
      end

      # The text of a client's next query; nil where it has ended the session.
      def next_query()
        if (recv 1 peek) == nil
          return nil
        end
        let came = expect message Frontend {}
        if came.kind == kinds.Terminate
          return nil
        elif came.kind != kinds.Query
          raise "protocol", "a message of kind ${inspect(chr(came.kind))} comes where a query is wanted"
        end
        return came.body.text
      end

      # Answers a query: with the names of the columns, rows of strings, numbers and nil, and a tag.
      def answer(columns, rows, tag = "SELECT ${len(rows)}")
        if len(columns) > 0
          send Backend {kind: kinds.RowDescription, body: {columns: map(columns, fn(name) {name: name})}}
        end
        for row in rows
          send Backend {kind: kinds.DataRow, body: {values: map(row, cell)}}
        end
        send Backend {kind: kinds.CommandComplete, body: {tag: tag}}
        send Backend {kind: kinds.ReadyForQuery}
      end

      def cell(value)
        return if value == nil then {length: -1} else {value: str(value)}
      end

      # Refuses a query, with one of the codes of "PostgreSQL Error Codes"; the session goes on.
      def refuse(text, code = "42601")
        report(text, code, "ERROR")
        send Backend {kind: kinds.ReadyForQuery}
      end

      # Sends an error.
      def report(text, code, severity)
        let fields = []
        for kind, value in {S: severity, V: severity, C: code, M: text}
          push(fields, {kind: ord(kind), value: value})
        end
        send Backend {kind: kinds.ErrorResponse, body: {fields: fields + [{kind: 0}]}}
      end

      """##
    ),
    (
      "proxy",
      ##"""
      # The PROXY protocol: what a proxy tells in front of a connection, versions 1 and 2 of its specification.
      #
      #   import "std:proxy" as proxy
      #   connect localhost:8080
      #   send proxy.header2("192.0.2.7", 4711, "192.0.2.1", 80)
      #   send "GET / HTTP/1.0\r\n\r\n"
      #   print recv all
      #
      # `listen … proxied` takes such headers, too; here each of them can be another. `header1` and `header2` give bytes, and
      # `take` reads what comes, of either version, from the current channel.
      import "std:addresses" as addresses

      let commands = {LOCAL: 0, PROXY: 1}
      let families = {UNSPEC: 0, INET: 1, INET6: 2, UNIX: 3}
      let transports = {UNSPEC: 0, STREAM: 1, DGRAM: 2}
      let types = {ALPN: 1, AUTHORITY: 2, CRC32C: 3, NOOP: 4, UNIQUE_ID: 5, SSL: 0x20, NETNS: 0x30}

      # Section 2.2. Behind the addresses stand TLVs, to the length.
      message Header
        signature bytes 12 = x"0d0a0d0a000d0a515549540a"
        version bits 4 default 2
        command bits 4 default 1
        family bits 4
        transport bits 4 default 1
        length u16 = size(rest)
        addresses choose family: 1 Inet, 2 Inet6, 3 Unix, else nil
        tlvs list of Tlv rest
      end

      message Inet
        source, destination bytes 4
        source_port, destination_port u16
      end

      message Inet6
        source, destination bytes 16
        source_port, destination_port u16
      end

      message Unix
        source, destination bytes 108
      end

      message Tlv
        type u8
        length u16 = size(value)
        value bytes length
      end

      # A header of version 1: a line.
      def header1(source, source_port, destination, destination_port)
        let family = if addresses.is_ipv4(source) then "TCP4" else "TCP6"
        return "PROXY ${family} ${source} ${destination} ${source_port} ${destination_port}\r\n"
      end

      # A header of version 2, with TLVs as a list of `type` and `value`.
      def header2(source, source_port, destination, destination_port, tlvs = [], transport = transports.STREAM)
        let place = {
          source: addresses.packed(source), destination: addresses.packed(destination), source_port: source_port,
          destination_port: destination_port
        }
        let family = if addresses.is_ipv4(source) then families.INET else families.INET6
        return encode(Header, {family: family, transport: transport, addresses: place, tlvs: tlvs})
      end

      # A header of version 2 of the proxy itself, as a health check has it.
      def local_header(tlvs = [])
        return encode(Header, {command: commands.LOCAL, transport: transports.UNSPEC, tlvs: tlvs})
      end

      # Reads a header of either version: its `version`, `command`, and `tlvs`, a map of values by types; and `source` and
      # `destination`, each a map of `host` and `port`, or of a `path`, or nil. What is none raises `protocol`, or is a
      # `mismatch` that shows what came.
      def take()
        let first = (recv 1 peek) or (raise "eof", "the other side has ended the connection before a header")
        return if first == "\r" then take2() else take1()
      end

      # Section 2.1: at most 107 bytes.
      def take1()
        let text = recv until "\r\n"
        let m = text =~ /^PROXY TCP[46] (?<from>[0-9a-fA-F:.]+) (?<to>[0-9a-fA-F:.]+) (?<port>\d{1,5}) (?<to_port>\d{1,5})$/
        if m == nil
          if text !~ /^PROXY UNKNOWN\b/
            raise "protocol", "this is no header: ${inspect(text)}"
          end
          return {version: 1, command: commands.LOCAL, tlvs: {}, source: nil, destination: nil}
        end
        let [source, destination] = [{host: m.from, port: int(m.port)}, {host: m.to, port: int(m.to_port)}]
        return {version: 1, command: commands.PROXY, tlvs: {}, source: source, destination: destination}
      end

      def take2()
        let came = expect message Header {}
        if came.version != 2
          raise "protocol", "there is no version ${came.version}"
        elif came.command not in values(commands) or came.family not in values(families)
          raise "protocol", "there is no command ${came.command} with a family of ${came.family}"
        end
        let tlvs = {}
        for one in came.tlvs
          tlvs[one.type] = one.value
        end
        let [source, destination] = [place_of(came, "source"), place_of(came, "destination")]
        return {version: 2, command: came.command, tlvs: tlvs, source: source, destination: destination}
      end

      def place_of(came, side)
        if came.command == commands.LOCAL or came.family == families.UNSPEC
          return nil
        elif came.family == families.UNIX
          return {path: split(came.addresses[side], "\0", 2)[0]}
        end
        return {host: addresses.text(came.addresses[side]), port: came.addresses["${side}_port"]}
      end

      """##
    ),
    (
      "redis",
      ##"""
      # Redis: requests and replies of RESP2 and RESP3, the Redis serialization protocol, for a client and a server.
      #
      #   import "std:redis" as redis
      #   connect localhost:6379
      #   redis.call(["SET", "key", "value"])
      #   print redis.call(["GET", "key"])
      #
      # A reply is read as `{type, value}`, its first byte and what it holds; `plain` makes a value of the language of it. A
      # server reads with `command` and answers with `send redis.encoded(VALUE)`, or with `simple` and `failure`. All of these
      # give bytes, so that any of them may be sent otherwise.

      # A request, an array of bulk strings: `["GET", "k"]` is "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n". Numbers may be among them.
      def request(words)
        let is_word = fn(word) type(word) in ["string", "int", "float"]
        if type(words) != "list" or len(filter(words, is_word)) < len(words)
          raise "type", "the words of a request are a list of strings and numbers, not ${inspect(words)}"
        end
        return "*${len(words)}\r\n" + join(map(words, fn(word) bulk(str(word))), "")
      end

      # A bulk string: its length, and its bytes between two CRLF.
      def bulk(bytes)
        return "$" + str(len(bytes)) + "\r\n" + bytes + "\r\n"
      end

      # A simple string, as "OK": it has no CR and no LF.
      def simple(text)
        return "+${text}\r\n"
      end

      # An error: a word in upper case first, as "ERR" or "WRONGTYPE".
      def failure(text)
        return "-${text}\r\n"
      end

      # A value of the language as a reply, of a version of RESP. Version 2 has no maps, floats or booleans: they are arrays,
      # strings, and 1 or 0.
      def encoded(value, version = 2)
        case type(value)
        is "int"
          return ":${value}\r\n"
        is "nil"
          return if version == 2 then "$-1\r\n" else "_\r\n"
        is "bool"
          return if version == 2 then ":${if value then 1 else 0}\r\n" else "#${if value then "t" else "f"}\r\n"
        is "float"
          return if version == 2 then bulk(str(value)) else ",${value}\r\n"
        is "list"
          return "*${len(value)}\r\n" + join(map(value, fn(element) encoded(element, version)), "")
        is "map"
          let bytes = if version == 2 then "*${2 * len(value)}\r\n" else "%${len(value)}\r\n"
          for key, element in value
            bytes += encoded(key, version) + encoded(element, version)
          end
          return bytes
        end
        return bulk(value)
      end

      # A message of RESP3 that nobody has asked for.
      def pushed(values)
        return ">" + encoded(values, 3)[1..]
      end

      # Reads a reply of any type. The values of `* ~ >` are replies; those of `%` are its keys and values in turn. A null of
      # RESP2 has the value nil. Attributes (`|`) are passed over.
      def reply()
        expect /(?<type>[-+:$*_#,(!=%~>|])(?<head>[^\r\n]*)\r\n/ as first
        if first.type == "|"
          replies(2 * size(first.head))
          return reply()
        end
        return {type: first.type, value: held(first)}
      end

      # What stands behind the first line of a reply, or in it.
      def held(first)
        if first.type in "$*" and first.head == "-1"
          return nil
        end
        case first.type
        is "$", "!", "="
          return content(size(first.head))
        is "*", "~", ">"
          return replies(size(first.head))
        is "%"
          return replies(2 * size(first.head))
        end
        return first.head
      end

      # How many bytes or elements are told.
      def size(text)
        if text !~ /^\d{1,9}$/
          raise "protocol", "this is no length: ${inspect(text)}"
        end
        return int(text)
      end

      # So many bytes, and the CRLF behind them.
      def content(length)
        let bytes = recv exactly length
        expect "\r\n"
        return bytes
      end

      # So many replies.
      def replies(count)
        let found = []
        for n in 0..<count
          push(found, reply())
        end
        return found
      end

      # What a reply says, as a value of the language. An error is a map with `error`; a big number, and a float that is
      # infinite or none, are as they came; a verbatim string is without its format.
      def plain(answer)
        let value = answer.value
        case answer.type
        is "-", "!"
          return {error: value}
        is ":"
          return (try int(value)) or no_value(answer)
        is "_"
          return nil
        is "#"
          return if value in ["t", "f"] then value == "t" else no_value(answer)
        is ","
          return if value in ["inf", "-inf", "nan"] then value else (try float(value)) or no_value(answer)
        is "="
          return if value =~ /^...:/s then value[4..] else no_value(answer)
        is "*", "~", ">"
          return value and map(value, plain)
        is "%"
          return pairs(value)
        end
        return value
      end

      def no_value(answer)
        raise "protocol", "this is no value: ${inspect(answer.type + answer.value)}"
      end

      # A map of replies that are keys and values in turn: those of `%`, or the array that stands for one in RESP2.
      def pairs(values)
        let found = {}
        for n in 0..<len(values) / 2
          let key = plain(values[2 * n])
          if type(key) != "string" and type(key) != "int"
            raise "protocol", "a key is ${inspect(key)}: of a map it is a string or an integer here"
          end
          found[key] = plain(values[2 * n + 1])
        end
        return found
      end

      # Sends a command on the current channel, and gives what the reply says; an error is raised as `redis`. What RESP3 has
      # pushed in front of it is passed over: for that send a `request`, and read with `reply`.
      def call(words)
        send request(words)
        let answer = reply()
        while answer.type == ">"
          answer = reply()
        end
        if answer.type in "-!"
          raise "redis", answer.value
        end
        return plain(answer)
      end

      # Makes the connection one of RESP3, perhaps with a login; gives what the server says of itself.
      def hello(password = nil, user = "default")
        return call(["HELLO", 3] + (if password == nil then [] else ["AUTH", user, password]))
      end

      # Reads a client's command as a server: its words, nil at the end. What people type, a line of words, is one, too. One
      # without words is passed over, as by Redis.
      def command()
        let words = []
        while len(words) == 0
          let start = recv line
          if start == nil
            return nil
          end
          words = if starts(start, "*") then strings(size(start[1..])) else split(start)
        end
        return words
      end

      # So many bulk strings.
      def strings(count)
        let found = []
        for n in 0..<count
          expect /\$(\d{1,9})\r\n/ as head
          push(found, content(int(head[1])))
        end
        return found
      end

      """##
    ),
    (
      "settings",
      ##"""
      # Settings that a function takes as a map: a name that it does not know is an error, and not left out in silence.
      #
      #   import "std:settings" as known
      #   def greet(settings = {})
      #     known.names(settings, ["name", "size"])
      #     return settings.name or "nobody"
      #   end
      #   print greet({name: "me"})

      # Raises `type` for a setting that is not one of these.
      def names(settings, list)
        for name in keys(settings)
          if name not in list
            raise "type", "there is no setting `${name}`; there are ${join(list, ", ")}"
          end
        end
      end

      """##
    ),
    (
      "sip",
      ##"""
      # SIP: requests, responses, calls and logins of a client and a server, RFC 3261, 3581 and 8760.
      #
      #   import "std:sip" as sip
      #   connect udp:localhost:5060
      #   let answer = sip.ask(sip.request("OPTIONS", "sip:bob@example.com"))
      #   print answer.status, answer.fields.allow
      #
      # What is read is a map: `fields` by their full names in lower case, several of one name joined by commas, `lines` as
      # they came, and a `body`. `request` and `response` give bytes: a field that is given stands instead of their own, and
      # nil leaves it out. `call` makes a call and `pick_up` takes one. Nothing is sent again where an answer does not come:
      # that is for `retry`.

      let reasons = {
        100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 183: "Session Progress", 200: "OK", 202: "Accepted",
        301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 407: "Proxy Authentication Required", 408: "Request Timeout",
        415: "Unsupported Media Type", 420: "Bad Extension", 480: "Temporarily Unavailable",
        481: "Call/Transaction Does Not Exist", 483: "Too Many Hops", 486: "Busy Here", 487: "Request Terminated",
        488: "Not Acceptable Here", 500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
        600: "Busy Everywhere", 603: "Decline"
      }
      # Section 7.3.3.
      let short_names = {
        c: "content-type", e: "content-encoding", f: "from", i: "call-id", k: "supported", l: "content-length", m: "contact",
        o: "event", s: "subject", t: "to", u: "allow-events", v: "via"
      }

      # A request. Via, Max-Forwards, From, To, Call-ID, CSeq, Contact and Content-Length are there unless the fields say
      # otherwise; the value of one may be a list: a line for each.
      def request(method, target, fields = {}, body = "")
        let here = place()
        let front = {
          Via: "SIP/2.0/${transport()} ${here};rport;branch=${new_branch()}", "Max-Forwards": 70,
          From: "<sip:sock@${here}>;tag=${new_tag()}", To: "<${target}>", "Call-ID": new_tag() + "@" + here,
          CSeq: "1 ${method}", Contact: "<sip:sock@${here}>"
        }
        return "${method} ${target} SIP/2.0\r\n" + message(front, fields, body)
      end

      # A response to a request: what tells which one it answers is taken from that. The tag of To follows from the call.
      def response(asked, status, fields = {}, body = "")
        let to = asked.fields.to
        if status > 100 and param_of(to, "tag") == nil
          to += ";tag=" + hex(sha1(asked.fields["call-id"]))[..15]
        end
        let vias = values_of(asked, "via")
        if len(vias) > 0 and vias[0] =~ /;rport(?![=\w])/
          vias[0] = replace(vias[0], /;rport(?![=\w])/, ";received=${conn.peerhost};rport=${conn.peerport}")
        end
        let front = {
          Via: vias, From: asked.fields.from, To: to, "Call-ID": asked.fields["call-id"], CSeq: asked.fields.cseq,
          "Record-Route": values_of(asked, "record-route"), Contact: "<sip:sock@${place()}>"
        }
        return "SIP/2.0 ${status} ${reasons[status] or ""}\r\n" + message(front, fields, body)
      end

      def message(front, fields, body)
        let rows = {}
        for name, value in front
          rows[name] = value
        end
        rows["Content-Length"] = len(body)
        for name, value in fields
          for own in filter(keys(rows), fn(own) lower(own) == lower(name))
            remove(rows, own)
          end
          rows[name] = value
        end
        let bytes = ""
        for name, value in rows
          for one in if value == nil then [] else if type(value) == "list" then value else [value]
            bytes += "${name}: ${one}\r\n"
          end
        end
        return bytes + "\r\n" + body
      end

      def place()
        # Of a socket pair there is none.
        if conn.sockhost == nil
          return "localhost"
        end
        return if ":" in conn.sockhost then "[${conn.sockhost}]:${conn.sockport}" else "${conn.sockhost}:${conn.sockport}"
      end

      def transport()
        return if conn.socktype == "dgram" then "UDP" else if conn.tls then "TLS" else "TCP"
      end

      def new_tag()
        return hex(random_bytes(8))
      end

      def new_branch()
        # Section 8.1.1.7: what begins so is of this RFC.
        return "z9hG4bK" + new_tag()
      end

      # A message from its bytes: a request has a `method` and a `target`, a response a `status` and a `reason`.
      def parse(bytes)
        let [head, body] = (split(bytes, "\r\n\r\n", 2) + [""])[0..1]
        # Section 7.3.1: a line that begins with a blank goes on with the one above.
        let rows = split(replace(head, /\r\n[ \t]+/, " "), "\r\n")
        let found = {fields: {}, lines: [], body: body}
        let answer = rows[0] =~ /^SIP\/2\.0 (?<status>[1-6]\d\d) (?<reason>.*)$/
        let asked = rows[0] =~ /^(?<method>[-!#$%&'*+.^_`|~\w]+) (?<target>\S+) SIP\/2\.0$/
        if answer
          found.status = int(answer.status)
          found.reason = answer.reason
        elif asked
          found.method = asked.method
          found.target = asked.target
        else
          raise "protocol", "this is no start line of SIP: ${inspect(rows[0])}"
        end
        let values = {}
        for row in rows[1..]
          let line = row =~ /^(?<name>[-!#$%&'*+.^_`|~\w]+)[ \t]*:(?<value>.*)$/
          if not line
            raise "protocol", "this is no field line: ${inspect(row)}"
          end
          let name = short_names[lower(line.name)] or lower(line.name)
          let value = trim(line.value)
          if name not in values
            values[name] = []
          end
          push(values[name], value)
          push(found.lines, [name, value])
        end
        for name, list in values
          found.fields[name] = join(list, ", ")
        end
        for name in ["via", "from", "to", "call-id", "cseq"]
          if name not in found.fields
            raise "protocol", "a message has no ${name}: ${inspect(rows[0])}"
          end
        end
        return found
      end

      # Takes the next message on the current channel; nil at the end. Over UDP a datagram is one, over TCP its Content-Length
      # says where it ends. What keeps a connection alive is passed over.
      def take()
        let bytes = ""
        while trim(bytes or "x") == ""
          bytes = if conn.socktype == "dgram" then recv else recv until "\r\n\r\n"
        end
        if bytes == nil
          return nil
        end
        let came = parse(replace(bytes, /\A(?:\r\n)+/, ""))
        let told = came.fields["content-length"]
        if told == nil and conn.socktype == "dgram"
          return came
        elif told == nil
          raise "protocol", "a message over a stream has no content-length: ${inspect(lines(trim(bytes))[0])}"
        elif told !~ /^\d{1,9}$/
          raise "protocol", "this is no length: ${inspect(told)}"
        elif conn.socktype != "dgram"
          came.body = body_of(int(told))
        elif int(told) > len(came.body)
          raise "protocol", "a body has ${len(came.body)} bytes where its length is ${told}"
        end
        came.body = came.body[..<int(told)]
        return came
      end

      def body_of(size)
        let body = if size == 0 then "" else recv exactly size
        if body == nil
          raise "eof", "the other side has ended the connection before a body of ${size} bytes"
        end
        return body
      end

      # The values of a field, a list: one for each line, and between its commas.
      def values_of(came, name)
        let rows = filter(came.lines, fn(row) row[0] == name)
        # What is opened and not closed goes on to the end: to look for the next one from each would take long.
        let texts = map(rows, fn(row) matches(row[1], /(?:"(?:[^"\\]|\\.)*+\\?(?:"|$)|<[^>]*+(?:>|$)|[^,"<])++/))
        let found = []
        for text in texts
          found += map(text, fn(m) trim(m[0]))
        end
        return found
      end

      # The address in the value of a field: of `"Bob" <sip:bob@a.test>;tag=1` it is sip:bob@a.test.
      def uri_of(value)
        let m = value =~ /<(?<long>[^<>]*)>/
        return if m then m.long else trim(split(value, ";", 2)[0])
      end

      # A parameter behind it; nil where there is none.
      def param_of(value, name)
        for part in split(replace(value, /<[^<>]*>/, ""), ";")[1..]
          let [key, held] = (split(part, "=", 2) + [""])[0..1]
          if lower(trim(key)) == lower(name)
            return trim(held)
          end
        end
      end

      # Sends a request's bytes, and gives the final response to it: what comes before that, of 1xx, is passed over, and so
      # is what answers something else.
      def ask(bytes)
        send bytes
        let asked = parse(bytes)
        loop
          let came = take()
          if came == nil
            raise "eof", "the other side has ended the connection"
          elif came.status != nil and came.status >= 200 and is_answer(came, asked)
            return came
          end
        end
      end

      def is_answer(came, asked)
        return came.fields["call-id"] == asked.fields["call-id"] and came.fields.cseq == asked.fields.cseq
      end

      # Asks, and where the answer is 401 or 407 again as this user.
      def ask_as(user, password, method, target, fields = {}, body = "")
        let bytes = request(method, target, fields, body)
        let asked = parse(bytes)
        let answer = ask(bytes)
        if answer.status not in [401, 407]
          return answer
        end
        let is_proxy = answer.status == 407
        let wanted = challenge_of(answer, if is_proxy then "proxy-authenticate" else "www-authenticate")
        let again = {From: asked.fields.from, "Call-ID": asked.fields["call-id"], CSeq: "2 ${method}"}
        for name, value in fields
          again[name] = value
        end
        let name = if is_proxy then "Proxy-Authorization" else "Authorization"
        again[name] = authorization(wanted, method, target, user, password)
        return ask(request(method, target, again, body))
      end

      # The first challenge of a response that can be answered, as RFC 8760 wants it.
      def challenge_of(answer, name)
        let what = "a response of ${answer.status} has"
        let why = "${what} no ${name}: section 22.4 wants Digest with a realm and a nonce"
        for [own, value] in answer.lines
          if own == name
            let told = params(value)
            if value !~ /^digest\s/i or "realm" not in told or "nonce" not in told
              why = "${what} ${value}: section 22.4 wants Digest with a realm and a nonce"
            elif lower(told.algorithm or "md5") not in ["md5", "sha-256"]
              why = "${what} ${value}: MD5 and SHA-256 are known here"
            elif "qop" in told and "auth" not in qop_of(told)
              why = "${what} ${value}: qop auth is known here"
            else
              return value
            end
          end
        end
        raise "protocol", why
      end

      def qop_of(told)
        return map(split(told.qop or "", ","), fn(one) lower(trim(one)))
      end

      # The value of Authorization that answers one of WWW-Authenticate, section 22.4 and RFC 7616.
      def authorization(wanted, method, target, user, password)
        let told = params(wanted)
        let made = {
          username: user, realm: told.realm, nonce: told.nonce, uri: target, algorithm: told.algorithm or "MD5",
          qop: if "auth" in qop_of(told) then "auth" else nil, nc: "00000001", cnonce: new_tag()
        }
        made.response = digest(made, method, password)
        let parts = []
        for name, value in made
          let is_plain = name in ["algorithm", "qop", "nc"]
          if value != nil and (made.qop or name not in ["nc", "cnonce"])
            push(parts, if is_plain then "${name}=${value}" else "${name}=\"${value}\"")
          end
        end
        return "Digest " + join(parts, ", ") + (if told.opaque then ", opaque=\"${told.opaque}\"" else "")
      end

      def digest(told, method, password)
        let by = fn(text) hex(if lower(told.algorithm or "md5") == "sha-256" then sha256(text) else md5(text))
        let front = by("${told.username}:${told.realm}:${password}") + ":${told.nonce}:"
        let middle = if told.qop then "${told.nc}:${told.cnonce}:${told.qop}:" else ""
        return by(front + middle + by("${method}:${told.uri}"))
      end

      # What stands in a value as `name=value` or `name="value"`, by the names.
      def params(text)
        let found = {}
        for m in matches(text, /(?<![\w-])(?<name>[\w-]++)\s*+=\s*+(?:"(?<quoted>(?:[^"\\]|\\.)*+)"|(?<plain>[^\s,"]*))/)
          found[lower(m.name)] = m.quoted or m.plain or ""
        end
        return found
      end

      # The response that asks for a login; `algorithm` is MD5 or SHA-256.
      def challenge(asked, realm, nonce, algorithm = "MD5")
        let value = "Digest realm=\"${realm}\", nonce=\"${nonce}\", algorithm=${algorithm}, qop=\"auth\""
        return response(asked, 401, {"WWW-Authenticate": value})
      end

      # Who has logged in with a request, by a map of users and their passwords; nil where nobody has.
      def user_of(asked, users, nonce)
        let told = params(asked.fields.authorization or "")
        let password = users[told.username or ""]
        let is_known = password != nil and told.nonce == nonce and told.response == digest(told, asked.method, password)
        return if is_known then told.username else nil
      end

      # A session of audio, as calls offer and answer it, RFC 4566: to this host and port, of these payload types.
      def audio(host, port, types = [0, 8])
        return "v=0\r\no=sock 1 1 IN ${family(host)} ${host}\r\ns=-\r\nc=IN ${family(host)} ${host}\r\nt=0 0\r\n" +
          "m=audio ${port} RTP/AVP ${join(map(types, str), " ")}\r\na=sendrecv\r\n"
      end

      def family(host)
        return if ":" in host then "IP6" else "IP4"
      end

      # Calls somebody, with a session to offer; gives the call, whose `answer` the response is. One that is not taken raises
      # `sip`.
      def call(target, body = audio(conn.sockhost, 4000), fields = {"Content-Type": "application/sdp"})
        let bytes = request("INVITE", target, fields, body)
        let asked = parse(bytes)
        let answer = ask(bytes)
        if answer.status >= 300
          # Section 17.1.1.3.
          let own = {Via: values_of(asked, "via")[..<1], From: asked.fields.from, To: answer.fields.to}
          own["Call-ID"] = asked.fields["call-id"]
          own.CSeq = replace(asked.fields.cseq, "INVITE", "ACK")
          own.Contact = nil
          send request("ACK", target, own)
          raise "sip", "${answer.status} ${answer.reason}"
        end
        let made = {
          target: uri_of((values_of(answer, "contact") + [target])[0]), from: asked.fields.from,
          to: answer.fields.to, id: asked.fields["call-id"], number: 1, routes: reverse(values_of(answer, "record-route")),
          answer: answer
        }
        send within_call(made, "ACK")
        return made
      end

      # A request of a call. ACK has the number of the INVITE, each other one the next.
      def within_call(made, method, fields = {}, body = "")
        if method != "ACK"
          made.number += 1
        end
        let own = {From: made.from, To: made.to, "Call-ID": made.id, CSeq: "${made.number} ${method}", Route: made.routes}
        for name, value in fields
          own[name] = value
        end
        return request(method, made.target, own, body)
      end

      # Ends a call.
      def hang_up(made)
        let answer = ask(within_call(made, "BYE"))
        if answer.status >= 300
          raise "sip", "${answer.status} ${answer.reason}"
        end
      end

      # Takes a call, an INVITE that has come, with a session that answers the one in it; gives the call.
      def pick_up(asked, body = audio(conn.sockhost, 4000))
        send response(asked, 180)
        let bytes = response(asked, 200, {"Content-Type": "application/sdp"}, body)
        send bytes
        let answer = parse(bytes)
        loop
          let came = take()
          if came == nil
            raise "eof", "the other side has ended the connection"
          elif came.method == "ACK" and came.fields["call-id"] == asked.fields["call-id"]
            let routes = values_of(asked, "record-route")
            let target = uri_of((values_of(asked, "contact") + [asked.fields.from])[0])
            return {
              target: target, from: answer.fields.to, to: answer.fields.from, id: asked.fields["call-id"], number: 0,
              routes: routes, answer: came
            }
          elif came.method == "INVITE" and is_answer(came, asked)
            # It comes again where the answer was late.
            send bytes
          end
        end
      end

      # Waits until the other side ends a call, and answers that; what else it asks for is answered with 200, too.
      def hung_up(made)
        loop
          let came = take()
          if came == nil
            raise "eof", "the other side has ended the connection"
          elif came.method != nil and came.method != "ACK"
            send response(came, if came.fields["call-id"] == made.id then 200 else 481)
            if came.method == "BYE" and came.fields["call-id"] == made.id
              return
            end
          end
        end
      end

      """##
    ),
    (
      "smtp",
      ##"""
      # SMTP: sessions of a client and of a server, with STARTTLS, AUTH and dot-stuffing, RFC 5321, 3207 and 4954.
      #
      #   import "std:smtp" as smtp
      #   connect localhost:25
      #   smtp.hello("client.example")
      #   smtp.deliver("a@client.example", ["b@localhost"], "Subject: hello\n\nHow are you?\n")
      #   smtp.quit()
      #
      # A command waits for a reply of the code that it is to have, whose first digits are enough; another one is a mismatch
      # that shows what came. A server hands its answers as functions to `session`, or goes step by step: `answer`, `data`,
      # `expect line /^MAIL/`.

      import "std:settings" as known

      # Reads a reply of however many lines: its code and their texts. Section 4.2.1: each line has the same code, and a blank
      # behind it marks the last one.
      def reply(code = "")
        expect line /^(?<code>${code}\d*)(?<mark>[ -]|$)(?<text>.*)/ as first
        let texts = [first.text]
        let mark = first.mark
        while mark == "-"
          expect line /^${first.code}(?<mark>[ -]|$)(?<text>.*)/ as next
          push(texts, next.text)
          mark = next.mark
        end
        return {code: first.code, texts: texts}
      end

      # Sends a command, and gives the texts of its reply.
      def command(text, code = "2")
        send line text
        return reply(code).texts
      end

      # Waits for the greeting and says EHLO; gives the extensions.
      def hello(name)
        reply("220")
        return ehlo(name)
      end

      # Says EHLO, as behind STARTTLS again; gives the extensions: a map of keywords in upper case with their parameters.
      def ehlo(name)
        let found = {}
        for text in command("EHLO ${name}", "250")[1..]
          let words = split(text)
          # A line without a keyword is wrong, and says nothing.
          if len(words) > 0
            found[upper(words[0])] = words[1..]
          end
        end
        return found
      end

      # Goes on in TLS, RFC 3207, with a server of this name, which an authority in the file `ca` vouches for; gives the
      # extensions that hold there.
      def secure(ca, host = "localhost", name = "client.example")
        command("STARTTLS", "220")
        starttls client ca ca name host
        return ehlo(name)
      end

      # Logs in by AUTH PLAIN, RFC 4616.
      def login(user, password)
        command("AUTH PLAIN " + base64("\0${user}\0${password}"), "235")
      end

      # Delivers a mail to a recipient, or a list of them: gives the text of the last reply. The null reverse-path is an empty
      # sender.
      def deliver(sender, recipients, mail)
        command("MAIL FROM:<${sender}>", "250")
        for recipient in if type(recipients) == "string" then [recipients] else recipients
          command("RCPT TO:<${recipient}>", "25")
        end
        command("DATA", "354")
        send stuffed(mail)
        return reply("250").texts[-1]
      end

      # Ends the session in good order.
      def quit()
        command("QUIT", "221")
        expect eof
      end

      # A mail as it goes behind DATA, section 4.5.2: with CRLF at each line's end, a period in front of each that begins with
      # one, and one alone in the last line.
      def stuffed(mail)
        let bytes = replace(replace(mail, "\r\n", "\n"), "\n", "\r\n")
        if bytes != "" and not ends(bytes, "\r\n")
          bytes += "\r\n"
        end
        return replace(bytes, /^\./m, "..") + ".\r\n"
      end

      # Reads a mail up to the line with a period alone, without the periods that `stuffed` has put there. Only CRLF ends a
      # line here: a bare LF stays in it.
      def data()
        let rows = []
        loop
          let row = (recv until "\r\n") or (raise "eof", "the other side has ended the connection within a mail")
          if row == "."
            return join(rows, "")
          end
          push(rows, (if starts(row, ".") then row[1..] else row) + "\r\n")
        end
      end

      # Sends a reply, of a line for each text.
      def answer(code, texts = ["ok"])
        let bytes = ""
        for n, text in texts
          bytes += str(code) + (if n < len(texts) - 1 then "-" else " ") + text + "\r\n"
        end
        send bytes
      end

      # A whole session of a server, to QUIT or the connection's end; gives the mails that were taken, each a map of `hello`,
      # `user`, `sender`, `recipients` and `data`. Of the settings each may be missing:
      #
      #   name        the server's, `mx.example`
      #   identity    a certificate, as `certificate()` gives it: STARTTLS is offered
      #   size        the most bytes of a mail, RFC 1870
      #   login       a function of a user and a password: AUTH PLAIN and LOGIN are offered, and it says who is let in
      #   sender, recipient, mail
      #               functions of an address, or of the mail: each gives nil, or another reply, as "550 no such user"
      def session(settings = {})
        known.names(settings, ["name", "identity", "size", "login", "sender", "recipient", "mail"])
        let name = settings.name or "mx.example"
        let state = {mails: [], secured: false, user: nil, hello: nil, sender: nil, recipients: [], name: name}
        answer(220, ["${name} ESMTP"])
        loop
          let text = recv line
          if text == nil
            return state.mails
          end
          let m = text =~ /^(?<verb>\S*) ?(?<rest>.*)$/
          let verb = upper(m.verb)
          if verb == "QUIT"
            answer(221, ["${name} closes"])
            close
            return state.mails
          end
          answered(verb, m.rest, state, settings)
        end
      end

      def answered(verb, rest, state, settings)
        case verb
        is "EHLO", "HELO"
          reset_mail(state)
          state.hello = rest
          answer(250, [state.name] + (if verb == "HELO" then [] else extensions(state, settings)))
        is "MAIL"
          mail_answered(rest, state, settings)
        is "RCPT"
          recipient_answered(rest, state, settings)
        is "DATA"
          data_answered(state, settings)
        is "RSET"
          reset_mail(state)
          answer(250)
        is "NOOP"
          answer(250)
        is "VRFY"
          answer(252, ["send it, and see"])
        is "STARTTLS"
          starttls_answered(state, settings)
        is "AUTH"
          auth_answered(rest, state, settings)
        else
          answer(500, ["there is no such command"])
        end
      end

      def extensions(state, settings)
        let found = ["PIPELINING", "8BITMIME"]
        if settings.size
          push(found, "SIZE ${settings.size}")
        end
        if settings.identity and not state.secured
          push(found, "STARTTLS")
        end
        if settings.login
          push(found, "AUTH PLAIN LOGIN")
        end
        return found
      end

      def reset_mail(state)
        state.sender = nil
        state.recipients = []
      end

      # Sends what a function of the settings says, or that it is well; gives whether it is.
      def said(function, value, well = "250 ok")
        let told = (if function then function(value) else nil) or well
        send line told
        return starts(told, "2")
      end

      # The path behind FROM: or TO:, without a source route; nil where there is none.
      def path(text, keyword)
        let m = text =~ /^${keyword}: ?<(?:@[^:>]*:)?(?<address>[^>]*)>(?<parameters>( \S+)*)$/i
        return m and m.address
      end

      def mail_answered(rest, state, settings)
        let sender = path(rest, "FROM")
        let size = rest =~ / SIZE=(\d{1,18})\b/i
        if state.hello == nil
          answer(503, ["say EHLO first"])
        elif state.sender != nil
          answer(503, ["there is a sender"])
        elif sender == nil
          answer(501, ["this is no sender"])
        elif size and settings.size and int(size[1]) > settings.size
          answer(552, ["the mail is too large"])
        elif said(settings.sender, sender)
          state.sender = sender
        end
      end

      def recipient_answered(rest, state, settings)
        let recipient = path(rest, "TO")
        if state.sender == nil
          answer(503, ["say MAIL first"])
        elif recipient == nil or recipient == ""
          answer(501, ["this is no recipient"])
        elif said(settings.recipient, recipient)
          push(state.recipients, recipient)
        end
      end

      def data_answered(state, settings)
        if len(state.recipients) == 0
          answer(503, ["there is no recipient"])
          return
        end
        answer(354, ["end it with a period in a line of its own"])
        let bytes = data()
        let mail = {
          hello: state.hello, user: state.user, sender: state.sender, recipients: state.recipients, data: bytes
        }
        reset_mail(state)
        if settings.size and len(bytes) > settings.size
          answer(552, ["the mail is too large"])
        elif said(settings.mail, mail, "250 taken")
          push(state.mails, mail)
        end
      end

      # RFC 3207: what was said before is forgotten.
      def starttls_answered(state, settings)
        if not settings.identity or state.secured
          answer(502, ["there is no TLS to start"])
          return
        end
        answer(220, ["go ahead"])
        starttls server cert settings.identity
        reset_mail(state)
        state.secured = true
        state.hello = nil
      end

      # RFC 4954: PLAIN, perhaps with its answer in the command, and LOGIN.
      def auth_answered(rest, state, settings)
        let [mechanism, initial] = (split(rest, " ", 2) + [nil, nil])[0..1]
        if not settings.login or state.user
          answer(503, ["there is nobody to log in"])
          return
        end
        let words = []
        case upper(mechanism or "")
        is "PLAIN"
          words = split(try unbase64(initial or asked("")) else "", "\0")[1..]
        is "LOGIN"
          words = [try unbase64(initial or asked("User Name")) else "", try unbase64(asked("Password")) else ""]
        else
          answer(504, ["there is no such mechanism"])
          return
        end
        if len(words) == 2 and settings["login"](words[0], words[1])
          state.user = words[0]
          answer(235, ["welcome"])
        else
          answer(535, ["this is not known"])
        end
      end

      # What a client answers to a challenge.
      def asked(challenge)
        answer(334, [base64(challenge)])
        return recv line
      end

      """##
    ),
    (
      "snmp",
      ##"""
      # SNMP of versions 1 and 2c: requests, responses and traps of a manager and an agent, RFC 1157, 1901, 3416 and 2578.
      #
      #   import "std:snmp" as snmp
      #   connect udp:localhost:161
      #   print (snmp.fetch(["1.3.6.1.2.1.1.1.0"]))[0].value
      #   for row in snmp.walk("1.3.6.1.2.1.2", {community: "public", version: 2})
      #     print row.name, row.type, row.value
      #   end
      #
      # A message is an element of BER, a map of `tag` and `value`: `envelope`, `pdu` and `binding` give it, and any part may
      # be changed before it is sent. What has come is read by `take`; what is no message raises `protocol`. An agent hands its
      # objects to `serve_one`, or goes step by step: `take`, `answer`. A status that is no success raises `snmp`. Nothing is
      # sent again where an answer does not come: that is for `retry`.
      #
      # A `counter64` that an int does not hold, from 2 to the power of 63 on, is its eight bytes, as a field of a message is
      # then: `unpack("i64", value)[0]` is less by 2 to the power of 64, and of two of them the difference is right.

      import "std:settings" as known

      let versions = {1: 0, 2: 1}
      let pdus = {
        get: 0xa0, get_next: 0xa1, response: 0xa2, set: 0xa3, trap1: 0xa4, get_bulk: 0xa5, inform: 0xa6, trap: 0xa7,
        report: 0xa8
      }
      let types = {
        integer: 2, octets: 4, null: 5, oid: 6, address: 0x40, counter: 0x41, gauge: 0x42, ticks: 0x43, opaque: 0x44,
        counter64: 0x46, no_such_object: 0x80, no_such_instance: 0x81, end_of_view: 0x82
      }
      let statuses = [
        "no_error", "too_big", "no_such_name", "bad_value", "read_only", "gen_err", "no_access", "wrong_type", "wrong_length",
        "wrong_encoding", "wrong_value", "no_creation", "inconsistent_value", "resource_unavailable", "commit_failed",
        "undo_failed", "authorization_error", "not_writable", "inconsistent_name"
      ]
      # Section 7.1 of RFC 2578.
      let bounds = {
        integer: -0x8000_0000..0x7fff_ffff, counter: 0..0xffff_ffff, gauge: 0..0xffff_ffff, ticks: 0..0xffff_ffff
      }
      # Of a message over UDP, in bytes.
      let most_bytes = 65507
      let oids = {up_time: "1.3.6.1.2.1.1.3.0", trap: "1.3.6.1.6.3.1.1.4.1.0", traps: "1.3.6.1.6.3.1.1.5"}

      message Packet
        element ber
      end

      # An object's name as bytes, X.690, section 8.19: the first two numbers are one.
      def packed(oid)
        let parts = if oid =~ /\A\.?[0-2](\.\d{1,10})+\z/ then numbers(replace(oid, /\A\./, "")) else []
        # Section 7.1.3 of RFC 2578.
        if parts == [] or len(parts) > 128 or max(parts) > 0xffff_ffff or parts[0] < 2 and parts[1] > 39
          raise "parse", "this is no name of an object: ${inspect(oid)}"
        end
        return join(map([40 * parts[0] + parts[1]] + parts[2..], base128), "")
      end

      def base128(number)
        # Seven bits a byte, the highest first; all but the last byte have the eighth.
        let bytes = chr(number & 0x7f)
        let rest = number >> 7
        while rest > 0
          bytes = chr(rest & 0x7f | 0x80) + bytes
          rest >>= 7
        end
        return bytes
      end

      # An object's name from such bytes.
      def text(bytes)
        let parts = []
        let number = 0
        for byte in bytes
          number = number << 7 | ord(byte) & 0x7f
          if number > 0xffff_ffff + (if parts == [] then 80 else 0)
            raise "protocol", "a number in the name of an object is greater than 4294967295: ${shown(bytes)}"
          elif ord(byte) < 0x80
            push(parts, number)
            number = 0
          end
        end
        if bytes == "" or ord(bytes[-1]) >= 0x80 or len(parts) > 127
          raise "protocol", "this is no name of an object, as bytes: ${shown(bytes)}"
        end
        let first = min(parts[0] / 40, 2)
        return join(map([first, parts[0] - 40 * first] + parts[1..], str), ".")
      end

      # A value of a type as an element: `element("gauge", 7)`. An address is text, and so is an oid. A type that has no name
      # is a number.
      def element(kind, value)
        let tag = if type(kind) == "int" then kind else types[kind]
        let bytes = value
        if tag == types.oid
          bytes = packed(value)
        elif tag == types.address
          bytes = address_bytes(value)
        elif tag == types.counter64 and type(value) == "string" and len(value) == 8 and ord(value) >= 0x80
          # Section 8.3 of X.690: the highest bit is the sign.
          bytes = "\0" + value
        end
        return {tag: tag or (raise "range", "there is no type ${kind} in std:snmp"), value: bytes}
      end

      def address_bytes(address)
        let parts = if address =~ /\A\d{1,3}(\.\d{1,3}){3}\z/ then numbers(address) else [256]
        if max(parts) > 255
          raise "parse", "this is no address of IPv4: ${inspect(address)}"
        end
        return join(map(parts, chr), "")
      end

      # The value of an element that has come, as a number or text.
      def value_of(came)
        let name = name_of(types, came.tag)
        case name
        is "oid"
          return text(came.value)
        is "address"
          if len(came.value) != 4
            raise "protocol", "an address has 4 bytes, received ${len(came.value)}: ${shown(came.value)}"
          end
          return join(map(came.value, fn(byte) str(ord(byte))), ".")
        is "no_such_object", "no_such_instance", "end_of_view"
          return nil
        is "counter", "gauge", "ticks", "counter64"
          return bounded(unsigned(name, came.value), name)
        is "integer"
          return bounded(came.value, name)
        end
        return came.value
      end

      def unsigned(name, bytes)
        # Section 7.1.6 of RFC 2578: none of these types is negative. Some agents leave the byte for the sign out.
        let digits = if len(bytes) == 9 and bytes[0] == "\0" then bytes[1..] else bytes
        if len(digits) not in 1..8
          raise "protocol", "a ${name} has 1 to 8 bytes, received ${len(digits)}: ${shown(bytes)}"
        end
        let whole = repeat("\0", 8 - len(digits)) + digits
        return if ord(whole) < 0x80 then unpack("u64", whole)[0] else whole
      end

      def bounded(value, name)
        if bounds[name] and (type(value) != "int" or value not in bounds[name])
          raise "protocol", "a value of type ${name}: expected ${bounds[name]}, received ${shown(value)}"
        end
        return value
      end

      def shown(value)
        let written = inspect(value)
        # A character is not cut in two.
        return if len(written) > 60 then replace(written[..<60], /[\xc0-\xff][\x80-\xbf]*\z/, "") + "…" else written
      end

      # An object's name with its value as it is sent; without one nothing stands there, as in a question.
      def binding(name, type = "null", value = nil)
        return {tag: 0x30, value: [element("oid", name), element(type, value)]}
      end

      # What is asked or answered. Of `get_bulk` the status is the number of names that are asked for once, and the index how
      # often the others are.
      def pdu(kind, id, bindings, status = 0, index = 0)
        let front = map([id, status, index], fn(number) element("integer", number))
        return {tag: pdus[kind], value: front + [{tag: 0x30, value: bindings}]}
      end

      # A whole message.
      def envelope(body, settings = {})
        let version = element("integer", versions[settings.version or 2])
        return {tag: 0x30, value: [version, element("octets", settings.community or "public"), body]}
      end

      # Sends a `pdu`, of a version and with a community.
      def tell(body, settings = {})
        send packet(body, settings)
      end

      def packet(body, settings)
        return encode(Packet, {element: envelope(body, settings)})
      end

      # Takes the next message on the current channel: its `version`, `community`, `kind` (of `pdus`), `id`, `status`,
      # `index`, and `bindings`, maps of `name`, `type` and `value`. A trap of version 1 has `enterprise`, `agent`, `generic`,
      # `specific` and `time` instead of the numbers. nil at the end, which datagrams have none of.
      def take()
        try
          let came = recv message Packet
          return came and read(came.element)
        catch e
          if e.code in ["parse", "limit"]
            # It still stands in front of what comes next.
            recv
            raise "protocol", "this is no message of SNMP: ${e.message}"
          end
          raise e
        end
      end

      # The same of an element that has come.
      def read(came)
        let parts = elements_in(came, "a message", 0x30, 3)
        let version = number_in(parts[0], "the version") + 1
        if name_of(versions, version - 1) == nil
          raise "protocol", "the version is ${version - 1}: expected 0 for 1, or 1 for 2c"
        end
        if parts[1].tag != types.octets
          raise "protocol", "the community: expected bytes in tag 0x04, received ${described(parts[1])}"
        end
        let body = parts[2]
        let found = {version: version, community: parts[1].value, kind: name_of(pdus, body.tag)}
        if found.kind == nil
          raise "protocol", "there is no pdu of tag ${format("0x%02x", body.tag)}"
        elif found.kind == "trap1"
          let v = elements_in(body, "a trap", body.tag, 6)
          found.enterprise = typed(v[0], "the enterprise", "oid")
          found.agent = typed(v[1], "the agent's address", "address")
          found.generic = number_in(v[2], "the generic trap")
          found.specific = number_in(v[3], "the specific trap")
          found.time = typed(v[4], "the time", "ticks")
        else
          let v = elements_in(body, "a pdu", body.tag, 4)
          found.id = number_in(v[0], "the id of the request")
          found.status = number_in(v[1], "the status")
          found.index = number_in(v[2], "the index")
        end
        found.bindings = map(elements_in(body.value[-1], "the bindings", 0x30), binding_in)
        return found
      end

      def elements_in(held, what, tag, count = nil)
        if held.tag != tag or type(held.value) != "list" or count != nil and len(held.value) != count
          let wanted = if count == nil then "elements" else "${count} elements"
          raise "protocol", "${what}: expected ${wanted} in tag ${format("0x%02x", tag)}, received ${described(held)}"
        end
        return held.value
      end

      def number_in(held, what)
        return typed(held, what, "integer")
      end

      def typed(held, what, name)
        if held.tag != types[name]
          raise "protocol", "${what}: expected type ${name}, received ${described(held)}"
        end
        return value_of(held)
      end

      def described(held)
        return "${shown(held.value)} in tag ${format("0x%02x", held.tag)}"
      end

      def binding_in(row)
        let [name, held] = elements_in(row, "a binding", 0x30, 2)
        return {
          name: typed(name, "the name of a binding", "oid"), type: name_of(types, held.tag) or held.tag,
          value: value_of(held)
        }
      end

      def name_of(names, number)
        for name, value in names
          if value == number
            return name
          end
        end
      end

      # Sends what is asked, and gives the response to it. What answers something else is passed over, as it came late.
      def ask(body, settings = {})
        known.names(settings, ["version", "community"])
        tell(body, settings)
        let id = body.value[0].value
        let came = take()
        while came != nil and (came.kind != "response" or came.id != id)
          came = take()
        end
        if came == nil
          raise "eof", "the other side has ended the connection before it answers message ${id}"
        end
        if came.status != 0
          let name = if came.index > 0 and came.index <= len(came.bindings) then came.bindings[came.index - 1].name else "?"
          let status = if came.status in 0..<len(statuses) then statuses[came.status] else "that SNMP does not know"
          raise "snmp", "${came.status} ${status} at ${came.index}, ${name}"
        end
        return came
      end

      def new_id()
        return random(1, 0x7fffffff)
      end

      # The values of these objects: a list of maps of `name`, `type` and `value`. Of the settings each may be missing:
      # `community` is "public", and `version` 2.
      def fetch(names, settings = {})
        return (ask(pdu("get", new_id(), map(names, binding)), settings)).bindings
      end

      # Sets objects: each is a list of its name, the type (of `types`) and the value.
      def store(rows, settings = {})
        return (ask(pdu("set", new_id(), map(rows, fn(row) binding(row[0], row[1], row[2]))), settings)).bindings
      end

      # All objects below a name, as `fetch` gives them; by version 2 so many are asked for at a time. What the agent gives
      # must be behind what was asked, or `protocol` is raised.
      def walk(root, settings = {}, count = 20)
        let found = []
        let last = replace(root, /\A\./, "")
        let front = last + "."
        loop
          let rows = if settings.version == 1 then next_of(last, settings) else more_of(last, settings, count)
          if rows == []
            raise "protocol", "the agent has told nothing behind ${last}, not even that there is no more"
          end
          for row in rows
            if str(row.type) == "end_of_view"
              return found
            elif not is_before(last, row.name)
              raise "protocol", "behind ${last} stands ${row.name}, which is not behind it: OID not increasing"
            elif not starts(row.name, front)
              return found
            end
            push(found, row)
            last = row.name
          end
        end
      end

      def next_of(name, settings)
        try
          return (ask(pdu("get_next", new_id(), [binding(name)]), settings)).bindings
        catch e
          # Version 1 ends with an error.
          if e.code == "snmp" and starts(e.message, "2 ")
            return [{name: name, type: "end_of_view", value: nil}]
          end
          raise e
        end
      end

      def more_of(name, settings, count)
        return (ask(pdu("get_bulk", new_id(), [binding(name)], 0, count), settings)).bindings
      end

      def is_before(first, second)
        return numbers(first) < numbers(second)
      end

      def numbers(name)
        return map(split(name, "."), int)
      end

      # Tells a manager something: the trap of this number, after so many hundredths of a second, with bindings.
      # Nobody answers.
      def tell_trap(oid, time = 0, bindings = [], settings = {})
        known.names(settings, ["version", "community"])
        tell(trap_of("trap", oid, time, bindings), settings)
      end

      # The same, and waits for the answer.
      def inform(oid, time = 0, bindings = [], settings = {})
        return ask(trap_of("inform", oid, time, bindings), settings)
      end

      def trap_of(kind, oid, time, bindings)
        return pdu(kind, new_id(), [binding(oids.up_time, "ticks", time), binding(oids.trap, "oid", oid)] + bindings)
      end

      # A trap of version 1, which goes by `tell(…, {version: 1})`: generic ones are 0 to 5, and of 6 `specific` says which.
      def trap1(enterprise, agent = "127.0.0.1", generic = 6, specific = 0, time = 0, bindings = [])
        return {tag: pdus.trap1, value: [
          element("oid", enterprise), element("address", agent), element("integer", generic), element("integer", specific),
          element("ticks", time), {tag: 0x30, value: bindings}
        ]}
      end

      # Answers what was asked: without bindings by its own ones, as `set` and `inform` are. What is too long for a message is
      # answered by `too_big`.
      def answer(asked, bindings = nil, status = 0, index = 0)
        let bytes = response(asked, bindings or bindings_of(asked), status, index)
        if len(bytes) > most_bytes
          # Section 4.2.1 of RFC 3416, and section 4.1.2 of RFC 1157.
          bytes = response(asked, (if asked.version == 1 then bindings_of(asked) else []), find_status("too_big"))
        end
        if len(bytes) <= most_bytes
          send bytes
        end
      end

      def response(asked, bindings, status = 0, index = 0)
        return packet(pdu("response", asked.id, bindings, status, index), asked)
      end

      def bindings_of(asked)
        return map(asked.bindings, fn(row) binding(row.name, row.type, row.value))
      end

      # Takes one message as an agent, answers it, and gives it. The objects are a map of lists by their names, each of a type
      # and a value; `set` changes them. Whoever says none of the communities gets no answer, and what is no message, of a
      # version and with a pdu of it, is passed over: section 4.1 of RFC 1157 and section 4.2 of RFC 3416.
      def serve_one(objects, communities = ["public"])
        let asked = heard()
        let is_for_us = asked != nil and asked.community in communities
        if not is_for_us or asked.version == 1 and asked.kind in ["get_bulk", "inform"]
          return asked
        end
        case asked.kind
        is "get", "set"
          answer_some(asked, objects)
        is "get_next", "get_bulk"
          answer_next(asked, objects, sort(keys(objects), numbers))
        is "inform"
          answer(asked)
        end
        return asked
      end

      def heard()
        loop
          try
            return take()
          catch e
            if e.code == "eof"
              return nil
            elif e.code != "protocol"
              raise e
            end
          end
        end
      end

      def answer_some(asked, objects)
        let rows = []
        for at, row in asked.bindings
          let [type, value] = objects[row.name] or ["no_such_instance", nil]
          let status = status_of(asked, row, type)
          if status != "no_error"
            return answer(asked, nil, find_status(status), at + 1)
          end
          push(rows, binding(row.name, type, value))
          if asked.kind == "set" and at == len(asked.bindings) - 1
            for one in asked.bindings
              objects[one.name] = [one.type, one.value]
            end
          end
        end
        answer(asked, if asked.kind == "set" then nil else rows)
      end

      def status_of(asked, row, type)
        # RFC 3416, section 4.2: in version 2 a value says that there is none.
        if type == "no_such_instance"
          return if asked.version == 1 then "no_such_name" else if asked.kind == "set" then "not_writable" else "no_error"
        elif asked.kind == "set" and str(row.type) != str(type)
          return if asked.version == 1 then "bad_value" else "wrong_type"
        end
        return "no_error"
      end

      def find_status(name)
        for at, one in statuses
          if one == name
            return at
          end
        end
      end

      def answer_next(asked, objects, names)
        let places = map(names, numbers)
        let last = map(asked.bindings, fn(row) {name: row.name, place: place_behind(row.name, places)})
        # Of `get_bulk` what stands behind the first names is told once, and behind the others as often as is asked: none is
        # less than none. Section 4.2.3 of RFC 3416.
        let once = if asked.kind == "get_next" then len(last) else min(max(asked.status, 0), len(last))
        let rows = map(last[..<once], fn(one) next_binding(one, objects, names))
        last = last[once..]
        # The lengths of the three elements around the rows may take three bytes more each.
        let room = most_bytes - 9 - len(response(asked, rows))
        for turn in 0..<(if last == [] then 0 else min(max(asked.index, 0), 50))
          for one in last
            let row = next_binding(one, objects, names)
            room -= len(encode(Packet, {element: row}))
            if room < 0
              return answer(asked, rows)
            end
            push(rows, row)
          end
        end
        for at, row in rows
          if asked.version == 1 and row.value[1].tag == types.end_of_view
            return answer(asked, nil, find_status("no_such_name"), at + 1)
          end
        end
        answer(asked, rows)
      end

      def next_binding(one, objects, names)
        # The object at a place in the order; the place moves on.
        if one.place == len(names)
          return binding(one.name, "end_of_view")
        end
        one.name = names[one.place]
        one.place += 1
        return binding(one.name, objects[one.name][0], objects[one.name][1])
      end

      def place_behind(name, places)
        # Where the first of the names stands that is behind this one.
        let wanted = numbers(name)
        let low = 0
        let high = len(places)
        while low < high
          let middle = (low + high) / 2
          if wanted < places[middle]
            high = middle
          else
            low = middle + 1
          end
        end
        return low
      end

      """##
    ),
    (
      "socks",
      ##"""
      # SOCKS 4, 4A and 5: what a client asks of a proxy, and a proxy, RFC 1928 and 1929.
      #
      #   import "std:socks" as socks
      #   connect localhost:1080
      #   socks.ask("example.org", 80)
      #   send "HEAD / HTTP/1.0\r\n\r\n"
      #   print recv line
      #
      # `connect … through` does so, too; here each message can be another. A proxy takes what is asked by `welcome`, and
      # answers by `grant` or `refuse`, or does all of it by `carry`. A refusal raises `refused`.
      import "std:addresses" as addresses

      let methods = {none: 0, gssapi: 1, login: 2, no_acceptable: 0xff}
      let commands = {connect: 1, bind: 2, associate: 3}
      let types = {ipv4: 1, name: 3, ipv6: 4}
      let codes = {
        granted: 0, failure: 1, not_allowed: 2, network_unreachable: 3, host_unreachable: 4, refused: 5, expired: 6,
        unknown_command: 7, unknown_type: 8
      }
      let codes4 = {granted: 90, refused: 91, no_identd: 92, other_user: 93}

      # RFC 1928, section 3: the ways to log in that a client knows.
      message Greeting
        version u8 default 5
        count u8 = count(methods)
        methods list of u8 count count
      end

      message Choice
        version u8 default 5
        method u8
      end

      # RFC 1929.
      message Login
        version u8 default 1
        user, password u8:bytes
      end

      message LoginStatus
        version u8 default 1
        status u8
      end

      # Section 5.
      message Address
        type u8
        host choose type: 1 bytes 4, 3 u8:bytes, 4 bytes 16
        port u16
      end

      # Section 4.
      message Request
        version u8 default 5
        command u8 default 1
        reserved u8
        address Address
      end

      # Section 6.
      message Reply
        version u8 default 5
        code u8
        reserved u8
        address Address
      end

      # Section 7: what goes over UDP.
      message Datagram
        reserved u16
        fragment u8
        address Address
        data rest
      end

      # Of 4A is a name, behind an address of 0.0.0.1 to 0.0.0.255.
      message Request4
        version u8 default 4
        command u8 default 1
        port u16
        host u32
        user cstr
        name cstr if host > 0 and host < 256
      end

      message Reply4
        version u8
        code u8 default 90
        port u16
        host u32
      end

      # Asks the proxy on the current channel, by version 5, for a connection; gives where it comes from. Other commands are
      # `bind`, whose second answer is for `replied`, and `associate`.
      def ask(host, port, user = nil, password = nil, command = commands.connect)
        send Greeting {methods: if user == nil then [methods.none] else [methods.none, methods.login]}
        let choice = expect message Choice {}
        if choice.method == methods.login and user != nil
          send Login {user: user, password: password}
          if (expect message LoginStatus {}).status != 0
            raise "refused", "the proxy does not take this user and password"
          end
        elif choice.method != methods.none
          raise "refused", "the proxy wants another way to log in, ${choice.method}"
        end
        send Request {command: command, address: address(host, port)}
        return replied()
      end

      # Takes an answer of version 5, and gives its `host` and `port`.
      def replied()
        let came = expect message Reply {}
        if came.code != codes.granted
          raise "refused", "the proxy answers ${came.code}, ${name_of(codes, came.code)}"
        end
        return {host: host_of(came.address), port: came.address.port}
      end

      # The same by version 4, or 4A where the host is a name.
      def ask4(host, port, user = "", command = commands.connect)
        if addresses.is_ipv4(host)
          send Request4 {command: command, port: port, host: unpack("u32", addresses.packed(host))[0], user: user}
        else
          send Request4 {command: command, port: port, host: 1, user: user, name: host}
        end
        let came = expect message Reply4 {}
        if came.code != codes4.granted
          raise "refused", "the proxy answers ${came.code}, ${name_of(codes4, came.code)}"
        end
        return {host: addresses.text(pack("u32", came.host)), port: came.port}
      end

      # Takes what a client asks on the current channel, by any of the versions: a map of its `version`, `command`, `host`,
      # `port` and `user`. With a map of users and their passwords, one of version 5 has to log in. Who may not raises
      # `refused`.
      def welcome(users = nil)
        let first = recv 1 peek
        let version = ord(first or (raise "eof", "the client has ended the connection before it has asked for anything"))
        if version == 4
          return welcome4(users)
        elif version != 5
          raise "protocol", "there is no version ${version}"
        end
        let offered = (expect message Greeting {}).methods
        let wanted = if users then methods.login else methods.none
        if wanted not in offered
          send Choice {method: methods.no_acceptable}
          raise "refused", "the client offers ${offered}"
        end
        send Choice {method: wanted}
        let user = if users then logged_in(users) else nil
        let came = expect message Request {}
        let host = host_of(came.address)
        return {version: 5, command: came.command, host: host, port: came.address.port, user: user}
      end

      def logged_in(users)
        let came = expect message Login {}
        let is_known = came.user in users and users[came.user] == came.password
        send LoginStatus {status: if is_known then 0 else 1}
        if not is_known
          raise "refused", "the user ${inspect(came.user)} is not let in"
        end
        return came.user
      end

      def welcome4(users)
        let came = expect message Request4 {}
        let asked = {
          version: 4, command: came.command, host: came.name or addresses.text(pack("u32", came.host)), port: came.port,
          user: came.user
        }
        if users and came.user not in users
          refuse(asked)
          raise "refused", "the user ${inspect(came.user)} is not let in"
        end
        return asked
      end

      # Answers that it is done, from this address.
      def grant(asked, host = "0.0.0.0", port = 0)
        if asked.version == 4
          send Reply4 {port: port, host: unpack("u32", addresses.packed(host))[0]}
        else
          send Reply {address: address(host, port)}
        end
      end

      # Answers that it is not done, with a code of `codes`.
      def refuse(asked, code = codes.failure)
        if asked.version == 4
          send Reply4 {code: codes4.refused}
        else
          send Reply {code: code, address: address("0.0.0.0", 0)}
        end
      end

      # Serves one client on the current channel, to the end of what it has asked for: a proxy that knows `connect`.
      def carry(users = nil)
        let front = conn
        let asked = welcome(users)
        if asked.command != commands.connect
          refuse(asked, codes.unknown_command)
          raise "refused", "the command ${asked.command} is not known"
        end
        try
          connect asked.host asked.port as back
        catch e
          refuse(asked, if e.code == "refused" then codes.refused else codes.host_unreachable)
          raise e
        end
        let is_known = asked.version == 5 or addresses.is_ipv4(back.sockhost)
        grant(asked, (if is_known then back.sockhost else "0.0.0.0"), back.sockport)
        relay front back
      end

      # An address as a message has it: of numbers, or of a name.
      def address(host, port)
        if addresses.is_ipv4(host)
          return {type: types.ipv4, host: addresses.packed(host), port: port}
        elif ":" in host
          return {type: types.ipv6, host: addresses.packed(host), port: port}
        end
        return {type: types.name, host: host, port: port}
      end

      # The host of such an address, as text.
      def host_of(came)
        return if came.type == types.name then came.host else addresses.text(came.host)
      end

      def name_of(names, number)
        for name, value in names
          if value == number
            return replace(name, "_", " ")
          end
        end
        return "which is no code"
      end

      """##
    ),
    (
      "stun",
      ##"""
      # STUN: requests and responses with their attributes, integrity and fingerprint, of a client and a server, RFC 8489.
      #
      #   import "std:stun" as stun
      #   connect udp:stun.example.org:3478
      #   let place = stun.binding()
      #   print place.host, place.port
      #
      # A message is a `Packet`; over TCP `framing stun.Packet` says where it ends. `request` and `response` give its fields,
      # `attribute` one of its attributes, which it pads; `signed` and `fingerprinted` put theirs behind the bytes of all.
      # Nothing is sent again where an answer does not come: that is for `retry`.
      import "std:addresses" as addresses

      let methods = {binding: 1, allocate: 3, refresh: 4, send: 6, data: 7, create_permission: 8, channel_bind: 9}
      let classes = {request: 0x000, indication: 0x010, success: 0x100, failure: 0x110}
      let types = {
        MAPPED_ADDRESS: 0x0001, USERNAME: 0x0006, MESSAGE_INTEGRITY: 0x0008, ERROR_CODE: 0x0009, UNKNOWN_ATTRIBUTES: 0x000a,
        REALM: 0x0014, NONCE: 0x0015, XOR_RELAYED_ADDRESS: 0x0016, REQUESTED_TRANSPORT: 0x0019,
        MESSAGE_INTEGRITY_SHA256: 0x001c, XOR_MAPPED_ADDRESS: 0x0020, SOFTWARE: 0x8022, FINGERPRINT: 0x8028
      }
      let cookie = 0x2112a442

      # Section 5. The class of a message is in two bits of its type, the method in the others; `kind` puts them together.
      message Packet
        _ bits 2
        type bits 14 default 1
        length u16 = size(attributes)
        cookie u32 default 0x2112a442
        id bytes 12
        attributes list of Attribute rest
      end

      # Section 14. The padding, to a multiple of four bytes, is not in the length.
      message Attribute
        type u16
        length u16 = size(value)
        value choose type: 1 MappedAddress, 9 ErrorCode, 0x16 MappedAddress, 0x20 MappedAddress, else bytes
        padding bytes (4 - length % 4) % 4
      end

      # Sections 14.1 and 14.2. The family is 1 for IPv4 and 2 for IPv6; in an XOR address it is as `place_of` undoes it.
      message MappedAddress
        reserved u8
        family u8 default 1
        port u16
        address rest
      end

      # Section 14.8: the code is 100 times the class, and the number.
      message ErrorCode
        reserved u16
        class u8
        number u8
        reason rest
      end

      # A method and a class as a type.
      def kind(method, class = classes.request)
        return (method & 0xf80) << 2 | (method & 0x70) << 1 | method & 0xf | class
      end

      # An attribute of these bytes, with its padding.
      def attribute(type, value)
        return {type: type, value: value, padding: repeat("\0", (4 - len(value) % 4) % 4)}
      end

      # The fields of a request.
      def request(method = methods.binding, attributes = [], id = random_bytes(12))
        return {type: kind(method), id: id, attributes: attributes}
      end

      # The fields of an answer to a request, of `classes.success` or `classes.failure`.
      def response(asked, attributes = [], class = classes.success)
        return {type: asked.type | class, cookie: asked.cookie, id: asked.id, attributes: attributes}
      end

      # Sends a request on the current channel, and gives the response to it: one of a failure raises `stun`.
      def ask(fields)
        return ask_bytes(encode(Packet, fields))
      end

      # The same for a message that is bytes already, as `signed` gives them.
      def ask_bytes(bytes)
        let asked = decode(Packet, bytes)
        send bytes
        let came = expect message Packet {id: asked.id, cookie: asked.cookie}
        if came.type == asked.type | classes.failure
          let told = value_of(came, types.ERROR_CODE)
          if told == nil
            raise "protocol", "a failure has no ERROR-CODE: section 6.3.4 wants one"
          end
          raise "stun", "${told.class & 7}${format("%02d", told.number)} ${told.reason}"
        elif came.type != asked.type | classes.success
          raise "protocol", "the answer is of type ${came.type}"
        end
        return came
      end

      # Where the server sees this side: its `host` and `port`.
      def binding()
        return place_of(ask(request()))
      end

      # The value of an attribute; nil where there is none.
      def value_of(came, type)
        for one in came.attributes
          if one.type == type
            return one.value
          end
        end
      end

      # The address in a message, XOR-MAPPED-ADDRESS or that of an older server, as a `host` and a `port`.
      def place_of(came, type = types.XOR_MAPPED_ADDRESS)
        let found = value_of(came, type)
        if found != nil
          let mask = pack("u32 bytes", cookie, came.id)[..<len(found.address)]
          return {host: host_of(found.address, mask), port: found.port ^ cookie >> 16}
        end
        let plain = value_of(came, types.MAPPED_ADDRESS)
        return plain and {host: host_of(plain.address, repeat("\0", len(plain.address))), port: plain.port}
      end

      def host_of(bytes, mask)
        if len(bytes) != 4 and len(bytes) != 16
          raise "protocol", "an address has ${len(bytes)} bytes"
        end
        return addresses.text(bytes ^ mask)
      end

      # The attribute that tells a client where it was seen.
      def xor_mapped_address(asked, host, port)
        let bytes = addresses.packed(host)
        let mask = pack("u32 bytes", cookie, asked.id)[..<len(bytes)]
        let fields = {family: if len(bytes) == 4 then 1 else 2, port: port ^ cookie >> 16, address: bytes ^ mask}
        return attribute(types.XOR_MAPPED_ADDRESS, encode(MappedAddress, fields))
      end

      # What clients of RFC 3489 know instead.
      def mapped_address(host, port)
        let bytes = addresses.packed(host)
        let fields = {family: if len(bytes) == 4 then 1 else 2, port: port, address: bytes}
        return attribute(types.MAPPED_ADDRESS, encode(MappedAddress, fields))
      end

      # The attribute that says why a request fails, section 14.8.
      def error_code(code, reason)
        return attribute(types.ERROR_CODE, encode(ErrorCode, {class: code / 100, number: code % 100, reason: reason}))
      end

      # Answers a request on the current channel as a server that has got it from this address.
      def answer(asked, host, port)
        send encode(Packet, response(asked, [xor_mapped_address(asked, host, port)]))
      end

      # Refuses one, with a code of section 14.8.
      def refuse(asked, code, reason, attributes = [])
        send encode(Packet, response(asked, [error_code(code, reason)] + attributes, classes.failure))
      end

      # The key of a long-term credential, section 9.2.2; that of a short-term one is the password.
      def long_term_key(user, realm, password)
        return md5("${user}:${realm}:${password}")
      end

      # Section 14.5: the message with a digest of all that is in front. Its length counts that, too.
      def signed(bytes, key)
        let told = with_length(bytes, 24)
        return told + pack("u16 u16 bytes", types.MESSAGE_INTEGRITY, 20, hmac("sha1", key, told))
      end

      # Section 14.7: the message with a checksum behind all.
      def fingerprinted(bytes)
        let told = with_length(bytes, 8)
        return told + pack("u16 u16 u32", types.FINGERPRINT, 4, crc32(told) ^ 0x5354554e)
      end

      # The bytes with a length that counts so many more.
      def with_length(bytes, more)
        return bytes[..1] + pack("u16", len(bytes) - 20 + more) + bytes[4..]
      end

      # Whether the bytes of a message are signed by this key.
      def is_signed(bytes, key)
        let at = place_of_attribute(bytes, types.MESSAGE_INTEGRITY)
        return at != nil and signed(bytes[..<at], key) == with_length(bytes[..<at + 24], 0)
      end

      # Whether the fingerprint of a message is right; it is the last attribute.
      def is_fingerprinted(bytes)
        return len(bytes) >= 28 and fingerprinted(bytes[..<-8]) == bytes
      end

      # Where an attribute begins in the bytes of a message; nil where there is none, or they are no message.
      def place_of_attribute(bytes, type)
        let packet = try decode(Packet, bytes)
        let at = 20
        for one in if packet == nil then [] else packet.attributes
          if one.type == type
            return at
          end
          at += 4 + one.length + len(one.padding)
        end
      end

      """##
    ),
    (
      "syslog",
      ##"""
      # Syslog: messages of RFC 5424 and of the older RFC 3164, over UDP and TCP, made and read.
      #
      #   import "std:syslog" as syslog
      #   connect udp:localhost:514
      #   send syslog.message({severity: "err", app: "me", text: "it is broken"})
      #
      # A datagram is a message. Over TCP each has its length in front, RFC 6587, or ends with LF: `counted` makes the one,
      # and `take` reads both. What is read is a map of the same fields.

      let severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
      let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
        "console", "cron2", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"
      ]

      # The number in front of a message: of a facility and a severity, by their names.
      def priority(facility, severity)
        let [high, low] = [place_in(facilities, facility), place_in(severities, severity)]
        return high * 8 + low
      end

      def place_in(names, name)
        for n, one in names
          if one == name
            return n
          end
        end
        raise "range", "there is no ${inspect(name)} in std:syslog"
      end

      # A message of RFC 5424: of `facility` (user), `severity` (info), `time` in seconds since 1970 (now), `host`, `app`,
      # `process`, `id`, `data`, which is a map of maps by their names, and `text`. Each may be missing.
      def message(fields)
        let number = priority(fields.facility or "user", fields.severity or "info")
        let time = format_time(fields.time or now(), "%Y-%m-%dT%H:%M:%SZ", "UTC")
        let words = [fields.host or "-", fields.app or "-", str(fields.process or "-"), fields.id or "-"]
        let text = if fields.text then " " + fields.text else ""
        return "<${number}>1 ${time} ${join(words, " ")} ${structured(fields.data or {})}${text}"
      end

      # Section 6.3: in a value `"`, `\` and `]` stand behind a `\`.
      def structured(data)
        let text = ""
        for name, pairs in data
          text += "[${name}"
          for key, value in pairs
            text += " ${key}=\"" + replace(value, /(["\\\]])/, '\$1') + "\""
          end
          text += "]"
        end
        return if text == "" then "-" else text
      end

      # A message of RFC 3164.
      def old_message(fields)
        let number = priority(fields.facility or "user", fields.severity or "info")
        let time = format_time(fields.time or now(), "%b %e %H:%M:%S", "UTC")
        let process = if fields.process then "[${fields.process}]" else ""
        return "<${number}>${time} ${fields.host or "localhost"} ${fields.app or "-"}${process}: ${fields.text or ""}"
      end

      # A message as it goes over TCP, with its length in front.
      def counted(bytes)
        return "${len(bytes)} ${bytes}"
      end

      # Reads the next message of a stream; nil at the end.
      def take()
        let first = recv 1 peek
        if first == nil
          return nil
        elif first == "<"
          return parse(recv until "\n")
        end
        expect /(?<size>[1-9]\d{0,8}) / as head
        let bytes = recv exactly int(head.size)
        return parse(bytes or (raise "eof", "the other side has ended the connection before a message of ${head.size} bytes"))
      end

      # RFC 3164, section 4.1: a time, perhaps a host, and a tag with what is behind it.
      let old_form = regex(
        '^(?<time>\w{3} [ \d]\d \d\d:\d\d:\d\d) (?:(?<host>\S+) )?' +
          '(?<app>[^\s:\[]+)(?:\[(?<process>[^\]]*)\])?: ?(?<text>.*)$',
        "s")

      # A message as a map: `version` is 1, or 0 for one of RFC 3164. What is none raises `protocol`.
      def parse(bytes)
        let m = bytes =~ /^<(?<number>\d{1,3})>(?<rest>.*)$/s
        let number = if m then int(m.number) else 192
        if number > 191
          raise "protocol", "this is no message: ${inspect(bytes)}"
        end
        let fields = {facility: facilities[number / 8], severity: severities[number % 8]}
        let new = m.rest =~ /^1 (?<time>\S+) (?<host>\S+) (?<app>\S+) (?<process>\S+) (?<id>\S+) (?<rest>.*)$/s
        if new
          fields.version = 1
          for name in ["time", "host", "app", "process", "id"]
            fields[name] = if new[name] == "-" then nil else new[name]
          end
          parse_data(new.rest, fields)
          return fields
        end
        let old = m.rest =~ old_form
        fields.version = 0
        for name in ["time", "host", "app", "process"]
          fields[name] = old and old[name]
        end
        fields.text = if old then old.text else m.rest
        return fields
      end

      # The structured data, and the text behind it.
      def parse_data(rest, fields)
        fields.data = {}
        let m = rest =~ /^(?:-|(?<data>(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*+")*+\])++))(?: (?<text>.*))?$/s
        if m == nil
          raise "protocol", "this is no structured data: ${inspect(rest)}"
        end
        for one in matches(m.data or "", /\[(?<name>[^\s\]]+)(?<pairs>(?:[^"\]]|"(?:[^"\\]|\\.)*+")*+)\]/s)
          fields.data[one.name] = {}
          for pair in matches(one.pairs, /(?<![^\s])(?<key>[^\s=]++)="(?<value>(?:[^"\\]|\\.)*+)"/s)
            fields.data[one.name][pair.key] = replace(pair.value, /\\(["\\\]])/, "$1")
          end
        end
        fields.text = replace(m.text or "", /^\xef\xbb\xbf/, "")
      end

      """##
    ),
    (
      "telnet",
      ##"""
      # Telnet: data, commands, options and their negotiation, of a client and a server, RFC 854, 855 and 1143.
      #
      #   import "std:telnet" as telnet
      #   connect localhost:23
      #   let session = telnet.session({theirs: ["ECHO", "SGA"]})
      #   telnet.read_until(session, "login: ")
      #   telnet.write("me\r\n")
      #
      # A session is a map that says which options are on: `ours`, which this side does, and `theirs`. Reading answers what
      # the other side asks for: what the session agrees to is done, and all else refused. Any command at all is bytes:
      # `command`, `option` and `subnegotiation` make them.

      import "std:settings" as known

      let commands = {
        EOF: 236, SUSP: 237, ABORT: 238, EOR: 239, SE: 240, NOP: 241, DM: 242, BRK: 243, IP: 244, AO: 245, AYT: 246, EC: 247,
        EL: 248, GA: 249, SB: 250, WILL: 251, WONT: 252, DO: 253, DONT: 254, IAC: 255
      }
      let options = {
        BINARY: 0, ECHO: 1, SGA: 3, STATUS: 5, TIMING_MARK: 6, TTYPE: 24, EOR: 25, NAWS: 31, TSPEED: 32, LFLOW: 33,
        LINEMODE: 34, XDISPLOC: 35, NEW_ENVIRON: 39, CHARSET: 42
      }

      # A session, which agrees to do some options where it is asked to (`ours`), and to have the other side do others
      # (`theirs`): names of `options`, or numbers. Its `terminal` and its `size` in columns and rows are told where they are
      # asked for.
      def session(settings = {})
        known.names(settings, ["ours", "theirs", "terminal", "size"])
        return {
          agreed_ours: map(settings.ours or [], number), agreed_theirs: map(settings.theirs or [], number), ours: [],
          theirs: [], asked: [], terminal: settings.terminal or "DUMB", size: settings.size or [80, 24], told: {}
        }
      end

      def number(one)
        return if type(one) == "string" then options[one] else one
      end

      # A command of two bytes, by its name.
      def command(name)
        return pack("u8 u8", commands.IAC, commands[name])
      end

      # WILL, WONT, DO or DONT, with an option.
      def option(verb, one)
        return pack("u8 u8 u8", commands.IAC, commands[verb], number(one))
      end

      # RFC 855.
      def subnegotiation(one, bytes)
        return "\xff\xfa" + chr(number(one)) + escaped(bytes) + "\xff\xf0"
      end

      # Data as it goes: a byte of 255 is doubled.
      def escaped(bytes)
        return replace(bytes, "\xff", "\xff\xff")
      end

      # Sends data.
      def write(bytes)
        send escaped(bytes)
      end

      # Asks the other side for an option: by `DO`, or offers it by `WILL`.
      def ask(state, verb, one)
        push(state.asked, [verb, number(one)])
        send option(verb, one)
      end

      # A command from its 255 to its end.
      let whole = regex("\\xff(?:" + join([
        '(?<verb>[\xfb-\xfe])(?<one>.)', '\xfa(?<sub>.)(?<bytes>(?:[^\xff]|\xff\xff)*+)\xff\xf0', '(?<plain>[^\xfa-\xfe])'
      ], "|") + ")", "s")

      # Takes what comes next, as it is: a map of `data`, which is never empty; or of a `command`, with its `option` for WILL,
      # WONT, DO and DONT, and with that and `bytes` for SB; nil at the end.
      def take()
        # No more than is looked at again in no time, where it is many commands.
        let bytes = recv 16384 peek
        if bytes == nil
          return nil
        elif bytes[0] != "\xff"
          return {data: recv exactly (find(bytes, "\xff") or len(bytes))}
        end
        expect whole as m
        if m.verb != nil
          return {command: name_of(ord(m.verb)), option: ord(m.one)}
        elif m.sub != nil
          return {command: "SB", option: ord(m.sub), bytes: replace(m.bytes, "\xff\xff", "\xff")}
        elif m.plain == "\xff"
          return {data: "\xff"}
        end
        return {command: name_of(ord(m.plain))}
      end

      # The name of a command; its number where it has none.
      def name_of(code)
        for name, value in commands
          if value == code
            return name
          end
        end
        return str(code)
      end

      # The next data; what is negotiated in front of it is answered. nil at the end.
      def read(state)
        let came = take()
        while came != nil and came.data == nil
          answered(state, came)
          came = take()
        end
        return came and came.data
      end

      # The data up to a text, and with it.
      def read_until(state, text)
        let found = ""
        # The last of them, in which the text may begin.
        let tail = ""
        while text not in tail
          let data = read(state)
          if data == nil
            raise "eof", "the end came before ${inspect(text)}: ${inspect(found)}"
          end
          found += data
          tail = tail[max(0, len(tail) - len(text))..] + data
        end
        return found
      end

      # Takes what is negotiated until an option is on or off, as `settled(state, "theirs", "ECHO")`. Data must not come.
      def settled(state, side, one, is_on = true)
        while (number(one) in state[side]) != is_on
          answered(state, negotiated(one))
        end
      end

      # What the other side tells in a subnegotiation of an option, once it has come.
      def told(state, one)
        while number(one) not in state.told
          answered(state, negotiated(one))
        end
        return state.told[number(one)]
      end

      # What is negotiated next, before it is settled or told what is with an option.
      def negotiated(one)
        return take() or (raise "eof", "the end came before anything was settled of the option ${one}")
      end

      # RFC 1143: an answer goes only to what changes something, so that no two sides answer each other for ever.
      def answered(state, came)
        case came.command
        is "DO"
          agreed(state, "ours", state.agreed_ours, came.option, ["WILL", "WONT"])
        is "WILL"
          agreed(state, "theirs", state.agreed_theirs, came.option, ["DO", "DONT"])
        is "DONT"
          ended(state, "ours", came.option, "WILL", "WONT")
        is "WONT"
          ended(state, "theirs", came.option, "DO", "DONT")
        is "SB"
          subnegotiated(state, came)
        is "AYT"
          send "yes\r\n"
        end
      end

      def agreed(state, side, list, one, verbs)
        let was_asked = remove(state.asked, [verbs[0], one])
        if one in state[side]
          return
        elif was_asked or one in list
          push(state[side], one)
          if not was_asked
            send option(verbs[0], one)
          end
          if side == "ours" and one == options.NAWS
            send subnegotiation(one, pack("u16 u16", state.size[0], state.size[1]))
          end
        else
          send option(verbs[1], one)
        end
      end

      def ended(state, side, one, asked, verb)
        if remove(state.asked, [asked, one])
          return
        end
        if remove(state[side], one)
          send option(verb, one)
        end
      end

      # RFC 1091: of the terminal's type 1 asks, and 0 tells. Anything else is told.
      def subnegotiated(state, came)
        if came.option == options.TTYPE and came.bytes == "\x01"
          send subnegotiation(came.option, "\0" + state.terminal)
        else
          state.told[came.option] = came.bytes
        end
      end

      """##
    ),
    (
      "tls",
      ##"""
      # TLS in clear text: records, hellos with their extensions, and alerts, for scripts that speak it wrongly on purpose,
      # RFC 8446, 5246 and 6066.
      #
      #   import "std:tls" as tls
      #   connect localhost:443
      #   tls.tell(tls.client_hello(tls.usual() + [tls.server_name("example.org")]))
      #   let answer = tls.take(tls.reader())
      #   print tls.version_of(answer.body), answer.body.cipher
      #
      # For a whole session there is `connect tls:…`, and `starttls`. Here each message is a map of the fields of `Handshake`,
      # any of which may be another; `tell` puts it into records, of which there may be many. What comes is taken from a
      # `reader`, which keeps what a record has behind a message. An alert that comes raises `alert`.

      let types = {change_cipher_spec: 20, alert: 21, handshake: 22, application_data: 23}
      let kinds = {
        client_hello: 1, server_hello: 2, new_session_ticket: 4, encrypted_extensions: 8, certificate: 11,
        server_key_exchange: 12, certificate_request: 13, server_hello_done: 14, certificate_verify: 15,
        client_key_exchange: 16, finished: 20
      }
      let alerts = {
        close_notify: 0, unexpected_message: 10, bad_record_mac: 20, record_overflow: 22, handshake_failure: 40,
        bad_certificate: 42, unsupported_certificate: 43, certificate_expired: 45, certificate_unknown: 46,
        illegal_parameter: 47, unknown_ca: 48, access_denied: 49, decode_error: 50, decrypt_error: 51, protocol_version: 70,
        insufficient_security: 71, internal_error: 80, inappropriate_fallback: 86, user_canceled: 90, no_renegotiation: 100,
        missing_extension: 109, unsupported_extension: 110, unrecognized_name: 112, certificate_required: 116,
        no_application_protocol: 120
      }
      let extensions = {
        server_name: 0, status_request: 5, groups: 10, point_formats: 11, signatures: 13, protocols: 16, padding: 21,
        extended_master_secret: 23, session_ticket: 35, pre_shared_key: 41, early_data: 42, versions: 43, cookie: 44,
        psk_modes: 45, key_share: 51, renegotiation_info: 0xff01
      }
      let versions = {"1.0": 0x0301, "1.1": 0x0302, "1.2": 0x0303, "1.3": 0x0304}
      let ciphers = {
        aes_128_gcm_sha256: 0x1301, aes_256_gcm_sha384: 0x1302, chacha20_poly1305_sha256: 0x1303,
        ecdhe_ecdsa_aes_128_gcm_sha256: 0xc02b, ecdhe_ecdsa_aes_256_gcm_sha384: 0xc02c, ecdhe_rsa_aes_128_gcm_sha256: 0xc02f,
        ecdhe_rsa_aes_256_gcm_sha384: 0xc030
      }
      let groups = {secp256r1: 0x0017, secp384r1: 0x0018, x25519: 0x001d}
      # A ServerHello with these random bytes is a HelloRetryRequest.
      let retry_random = sha256("HelloRetryRequest")

      message Record
        type u8
        version u16 default 0x0303
        length u16 = size(content)
        content bytes length
      end

      message Alert
        level u8 default 2
        code u8
      end

      message Handshake
        type u8
        length u24 = size(body)
        body choose type: 1 ClientHello(length), 2 ServerHello(length), else bytes
      end

      # An old one may end in front of the extensions: nil leaves them out.
      message ClientHello(length)
        version u16 default 0x0303
        random bytes 32
        session_length u8 = size(session)
        session bytes session_length
        ciphers_length u16 = size(ciphers)
        ciphers list of u16 size ciphers_length
        compressions_length u8 = size(compressions)
        compressions bytes compressions_length
        extensions Extensions(0) if not length or length > 38 + session_length + ciphers_length + compressions_length
      end

      message ServerHello(length)
        version u16 default 0x0303
        random bytes 32
        session_length u8 = size(session)
        session bytes session_length
        cipher u16
        compression u8
        extensions Extensions(1) if not length or length > 38 + session_length
      end

      message Extensions(side)
        length u16 = size(list)
        list list of Extension(side) size length
      end

      # The side is 1 in a ServerHello, where some have other contents.
      message Extension(side)
        type u16
        length u16 = size(data)
        data choose side << 16 | type: 0 ServerNames, 10 Numbers, 13 Numbers, 16 Names, 43 Versions, 51 KeyShares,
          0x10010 Names, 0x1002b Version, 0x10033 Share(length), else bytes
      end

      message ServerNames
        length u16 = size(list)
        list list of ServerName size length
      end

      message ServerName
        type u8
        name u16:bytes
      end

      message Numbers
        length u16 = size(list)
        list list of u16 size length
      end

      message Names
        length u16 = size(list)
        list list of u8:bytes size length
      end

      message Versions
        length u8 = size(list)
        list list of u16 size length
      end

      message Version
        version u16
      end

      message KeyShares
        length u16 = size(list)
        list list of Share(4) size length
      end

      # A HelloRetryRequest has the group alone.
      message Share(length)
        group u16
        key u16:bytes if not length or length > 2
      end

      # An extension of bytes, or of the fields that its contents have.
      def extension(type, data = "")
        return {type: type, data: data}
      end

      def server_name(name)
        return extension(extensions.server_name, {list: [{name: name}]})
      end

      # The versions that a client knows, by their names or as numbers.
      def known_versions(list)
        return extension(extensions.versions, {list: map(list, fn(one) if type(one) == "int" then one else versions[one])})
      end

      def known_groups(list = [groups.x25519, groups.secp256r1])
        return extension(extensions.groups, {list: list})
      end

      # ECDSA, RSA-PSS and RSA, each with SHA-256 and SHA-384.
      def known_signatures(list = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501])
        return extension(extensions.signatures, {list: list})
      end

      # Of x25519 any 32 bytes are a key.
      def key_share(group = groups.x25519, key = random_bytes(32))
        return extension(extensions.key_share, {list: [{group: group, key: key}]})
      end

      # ALPN, RFC 7301.
      def protocols(list)
        return extension(extensions.protocols, {list: list})
      end

      # What a ClientHello of these versions has at least; one of TLS 1.2 alone has no key in it.
      def usual(list = ["1.3", "1.2"])
        let shared = if map(list, str) == ["1.2"] then [] else [key_share()]
        return [known_versions(list), known_groups(), known_signatures()] + shared
      end

      # A ClientHello with these extensions, or without any where they are nil. The settings are other fields of it.
      def client_hello(list = usual(), settings = {})
        let body = {random: random_bytes(32), ciphers: values(ciphers), compressions: "\0"}
        body.extensions = if list == nil then nil else {list: list}
        for name, value in settings
          body[name] = value
        end
        return {type: kinds.client_hello, body: body}
      end

      # A ServerHello that answers a ClientHello, as TLS 1.3, with its first cipher that is one of ours; the settings are
      # other fields of it.
      def server_hello(asked, list = [version(versions["1.3"]), share()], settings = {})
        held_to_hello(asked.body)
        let cipher = shift(filter(asked.body.ciphers, fn(one) one in values(ciphers)))
        let body = {random: random_bytes(32), session: asked.body.session, cipher: cipher or ciphers.aes_128_gcm_sha256}
        body.extensions = if list == nil then nil else {list: list}
        for name, value in settings
          body[name] = value
        end
        return {type: kinds.server_hello, body: body}
      end

      # The version that a server has chosen, as an extension.
      def version(number)
        return extension(extensions.versions, {version: number})
      end

      # A server's key, as an extension; without one it asks for another ClientHello with a key of this group.
      def share(group = groups.x25519, key = random_bytes(32))
        return extension(extensions.key_share, {group: group, key: key})
      end

      # A ServerHello that asks for another ClientHello, with a key of this group.
      def retry_request(asked, group)
        return server_hello(asked, [version(versions["1.3"]), share(group, nil)], {random: retry_random})
      end

      # Sends a message of the handshake in a record, or in records of so many bytes each. Those in front of the answer are of
      # version 0x0301 in a client, as older servers want it.
      def tell(fields, record_version = 0x0301, size = 16384)
        let rest = encode(Handshake, fields)
        loop
          tell_record(types.handshake, rest[..<size], record_version)
          rest = rest[size..]
          if rest == ""
            return
          end
        end
      end

      # Sends a record.
      def tell_record(type, content, record_version = 0x0303)
        send Record {type: type, version: record_version, content: content}
      end

      # Sends an alert, by its name or number; 2 is fatal, 1 a warning.
      def tell_alert(name, level = 2)
        tell_record(types.alert, encode(Alert, {level: level, code: if type(name) == "int" then name else alerts[name]}))
      end

      # What `take` reads a connection's messages with.
      def reader()
        return {rest: ""}
      end

      # Takes the next message of the handshake, over as many records as it has: a map of the fields of `Handshake`; nil at
      # the end. ChangeCipherSpec is passed over. An alert raises `alert`.
      def take(from)
        loop
          let head = unpack("u8 u24 ..", from.rest)
          if head != nil and len(from.rest) >= 4 + head[1]
            let bytes = from.rest[..<4 + head[1]]
            from.rest = from.rest[len(bytes)..]
            return (try decode(Handshake, bytes)) or (raise "protocol", error.message)
          end
          if (recv 1 peek) == nil
            if from.rest == ""
              return nil
            end
            raise "eof", "the other side has ended the connection within a message of the handshake"
          end
          let came = expect message Record {}
          if came.type == types.alert
            raise "alert", described(came)
          elif came.type == types.handshake
            from.rest += came.content
          elif came.type != types.change_cipher_spec
            raise "protocol", "a record of type ${came.type} comes within the handshake"
          end
        end
      end

      # An alert in words, as "fatal 40 handshake_failure".
      def described(record)
        if len(record.content) != 2
          return "encrypted, of ${len(record.content)} bytes"
        end
        let told = decode(Alert, record.content)
        let level = if told.level == 2 then "fatal" else if told.level == 1 then "warning" else "of level ${told.level}"
        for name, code in alerts
          if code == told.code
            return "${level} ${code} ${name}"
          end
        end
        return "${level} ${told.code}"
      end

      # The contents of an extension of a hello; nil where it has none of this type.
      def data_of(hello, type)
        held_to_hello(hello)
        for one in (hello.extensions or {list: []}).list
          if one.type == type
            return one.data
          end
        end
      end

      # A message of another kind has bytes in place of fields.
      def held_to_hello(body)
        if type(body) != "map"
          raise "protocol", "a hello is wanted, and this came: ${inspect(body)}"
        end
      end

      # The version that a ServerHello chooses, section 4.2.1.
      def version_of(hello)
        let told = data_of(hello, extensions.versions)
        return if told then told.version else hello.version
      end

      """##
    ),
    (
      "websocket",
      ##"""
      # WebSocket: the handshake, frames, masking, fragments, pings and the closing of a client and a server, RFC 6455.
      #
      #   import "std:websocket" as websocket
      #   connect localhost:80
      #   let session = websocket.upgrade("/chat")
      #   websocket.tell(session, "hello")
      #   print (websocket.take(session)).payload
      #
      # A session is a map that the functions of this file want: it knows the side, whose frames a client masks. `take` gives
      # whole messages; it answers pings and the close, and ends the session with 1002 or 1007 at what breaks the rules, which
      # raises `protocol`. Any frame at all goes by `send encode(websocket.Frame, FIELDS)`, whose fields `frame` gives.
      import "std:http" as http

      let opcodes = {CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10}

      # Section 5.2. A length of 126 is in the 16 bits behind it, one of 127 in the 64; the payload is as it goes, masked.
      message Frame
        fin bit default 1
        rsv bits 3
        opcode bits 4
        masked bit
        length bits 7
        length16 u16 if length == 126
        length64 u64 if length == 127
        key bytes 4 if masked
        payload choose length: 126 bytes length16, 127 bytes length64, else bytes length
      end

      # Section 5.5.1.
      message Close
        code u16
        reason bytes
      end

      # The fields of a frame with this payload, which is masked by a key of four bytes where there is one.
      def frame(opcode, payload, key = nil, fin = 1)
        let size = len(payload)
        let fields = {fin: fin, opcode: opcode, length: size}
        if size > 0xffff
          fields.length = 127
          fields.length64 = size
        elif size > 125
          fields.length = 126
          fields.length16 = size
        end
        if key != nil
          fields.masked = 1
          fields.key = key
        end
        fields.payload = if key == nil then payload else xor(payload, key)
        return fields
      end

      # Masks or unmasks, section 5.3.
      def xor(bytes, key)
        return bytes ^ repeat(key, len(bytes) / 4 + 1)[..<len(bytes)]
      end

      # What a server answers to a client's key, section 4.2.2.
      def accept_key(key)
        return base64(sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
      end

      # Opens a session as a client on the current channel, which is a fresh connection. Further fields may ask for a protocol
      # (`Sec-WebSocket-Protocol`), which is `session.protocol` then where the server has chosen one.
      def upgrade(target = "/", fields = {})
        let key = base64(random_bytes(16))
        let asked = {Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": 13}
        for name, value in fields
          asked[name] = value
        end
        let answer = http.ask("GET", target, asked)
        let came = answer.fields
        if answer.status != 101
          raise "protocol", "the server does not upgrade: ${answer.status} ${answer.reason}"
        elif lower(came.upgrade or "") != "websocket" or "upgrade" not in options(came.connection)
          raise "protocol", "the answer does not upgrade to websocket"
        elif came["sec-websocket-accept"] != accept_key(asked["Sec-WebSocket-Key"])
          raise "protocol", "the answer is not to this key"
        elif came["sec-websocket-extensions"]
          raise "protocol", "nobody has asked for an extension"
        end
        return {is_client: true, closed: false, protocol: came["sec-websocket-protocol"], answer: answer}
      end

      # Takes a client's handshake as a server, and chooses the first of these protocols that it offers. Its request is
      # `session.request`; what is none is answered with 400 or 426, and raises `protocol`.
      def welcome(protocols = [])
        let asked = http.read_request()
        if asked == nil
          raise "protocol", "the client has ended the connection"
        end
        let came = asked.fields
        let key = try unbase64(came["sec-websocket-key"] or "") else ""
        if asked.method != "GET" or lower(came.upgrade or "") != "websocket" or "upgrade" not in options(came.connection)
          turn_away(400, "this is no handshake")
        elif came["sec-websocket-version"] != "13"
          turn_away(426, "there is no such version")
        elif len(key) != 16
          turn_away(400, "a key has 16 bytes")
        end
        let answer = accept_key(came["sec-websocket-key"])
        let fields = {Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": answer}
        let chosen = filter(protocols, fn(name) lower(name) in options(came["sec-websocket-protocol"]))
        let protocol = if len(chosen) > 0 then chosen[0] else nil
        if protocol != nil
          fields["Sec-WebSocket-Protocol"] = protocol
        end
        send http.response(101, fields)
        return {is_client: false, closed: false, protocol: protocol, request: asked}
      end

      def turn_away(status, why)
        let fields = {Connection: "close"}
        if status == 426
          fields["Sec-WebSocket-Version"] = 13
        end
        send http.response(status, fields, why + "\n")
        close
        raise "protocol", why
      end

      # The words of a field that is a list, in lower case.
      def options(value)
        return map(split(lower(value or ""), ","), trim)
      end

      # Sends a frame; a client's is masked by a new key.
      def put(session, opcode, payload, fin = 1)
        send encode(Frame, frame(opcode, payload, (if session.is_client then random_bytes(4) else nil), fin))
      end

      # Sends a text, perhaps in fragments of so many bytes.
      def tell(session, text, size = nil)
        fragments(session, opcodes.TEXT, text, size or len(text))
      end

      # Sends bytes, perhaps in fragments of so many.
      def tell_bytes(session, bytes, size = nil)
        fragments(session, opcodes.BINARY, bytes, size or len(bytes))
      end

      # Section 5.4: the first fragment has the opcode, and the last one says that it is one.
      def fragments(session, opcode, bytes, size)
        let kind = opcode
        let rest = bytes
        while len(rest) > size
          put(session, kind, rest[..<size], 0)
          rest = rest[size..]
          kind = opcodes.CONTINUATION
        end
        put(session, kind, rest)
      end

      # Sends a ping; `take` passes over what answers it.
      def ping(session, payload = "")
        put(session, opcodes.PING, payload)
      end

      # Takes the next message: its opcode and payload. A close, which is answered, also has a `code`, 1005 for none, and the
      # payload is its reason.
      def take(session)
        let opcode = nil
        let bytes = ""
        loop
          let came = take_frame(session)
          case came.opcode
          is opcodes.PING
            put(session, opcodes.PONG, came.payload)
          is opcodes.PONG
            # It answers what nobody waits for.
          is opcodes.CLOSE
            return closed_by(session, came.payload)
          else
            if (came.opcode == opcodes.CONTINUATION) == (opcode == nil)
              broken(session, 1002, "a message begins within another, or goes on without one")
            end
            opcode = opcode or came.opcode
            bytes += came.payload
            if came.fin == 1
              if opcode == opcodes.TEXT and not is_utf8(bytes)
                broken(session, 1007, "a text is not UTF-8")
              end
              return {opcode: opcode, payload: bytes}
            end
          end
        end
      end

      # Takes one frame, with its payload as it was before it was masked.
      def take_frame(session)
        let came = expect message Frame {}
        if came.rsv != 0
          broken(session, 1002, "a bit is set that nothing has been agreed on for")
        elif came.opcode not in values(opcodes)
          broken(session, 1002, "there is no opcode ${came.opcode}")
        elif came.opcode >= 8 and (came.length > 125 or came.fin == 0)
          broken(session, 1002, "a control frame is long or in fragments")
        elif (came.masked == 1) == session.is_client
          broken(session, 1002, "a client masks, and a server does not")
        elif came.length == 126 and came.length16 < 126 or came.length == 127 and came.length64 < 0x10000
          broken(session, 1002, "a length is written with more bytes than it needs")
        end
        if came.masked == 1
          came.payload = xor(came.payload, came.key)
        end
        return came
      end

      # Section 7.4: which codes may come.
      def closed_by(session, payload)
        let told = {code: 1005, reason: ""}
        if len(payload) == 1
          broken(session, 1002, "a code has two bytes")
        elif payload != ""
          told = decode(Close, payload)
          if told.code not in 1000..1003 and told.code not in 1007..1014 and told.code not in 3000..4999
            broken(session, 1002, "nobody closes with ${told.code}")
          elif not is_utf8(told.reason)
            broken(session, 1007, "a reason is not UTF-8")
          end
        end
        if not session.closed
          session.closed = true
          put(session, opcodes.CLOSE, payload[..<min(2, len(payload))])
        end
        return {opcode: opcodes.CLOSE, code: told.code, payload: told.reason}
      end

      # Ends a session: what still comes is passed over, to the other side's close; gives that. The server closes the
      # connection first, section 7.1.1.
      def leave(session, code = 1000, reason = "")
        if not session.closed
          session.closed = true
          put(session, opcodes.CLOSE, encode(Close, {code: code, reason: reason}))
        end
        let came = take(session)
        while came.opcode != opcodes.CLOSE
          came = take(session)
        end
        return came
      end

      def broken(session, code, why)
        if not session.closed
          session.closed = true
          put(session, opcodes.CLOSE, encode(Close, {code: code, reason: why}))
        end
        raise "protocol", why
      end

      # RFC 3629, section 4.
      let utf8 = regex('\A(?:' + join([
        '[\x00-\x7f]', '[\xc2-\xdf][\x80-\xbf]', '\xe0[\xa0-\xbf][\x80-\xbf]', '[\xe1-\xec\xee\xef][\x80-\xbf]{2}',
        '\xed[\x80-\x9f][\x80-\xbf]', '\xf0[\x90-\xbf][\x80-\xbf]{2}', '[\xf1-\xf3][\x80-\xbf]{3}',
        '\xf4[\x80-\x8f][\x80-\xbf]{2}'
      ], "|") + ')*+\z')

      def is_utf8(bytes)
        return bytes =~ utf8
      end

      """##
    ),
  ]
}
