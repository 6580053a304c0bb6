// The files of Sources/Library as they are in the program: made from them; do not edit it by hand.

extension StandardLibrary {
  static let texts: [(name: String, text: String)] = [
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
      # question's where it has none.
      def response(query, answers, rcode = 0)
        let name = query.questions[0].name
        let records = []
        for answer in answers
          let record = {name: name}
          for key, value in answer
            record[key] = value
          end
          push(records, record)
        end
        return {id: query.id, qr: 1, rd: query.rd, ra: 1, rcode: rcode, questions: query.questions, answers: records}
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
        has_will, clean, _ bit
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
        return (expect message Packet {kind: kinds.SUBACK, body: {id: id}}).body.codes[0]
      end

      # Publishes, and waits for what QoS 1 and 2 answer.
      def publish(topic, payload, qos = 0, id = 1)
        let body = {topic: topic, payload: payload}
        if qos > 0
          body.id = id
        end
        send Packet {kind: kinds.PUBLISH, flags: qos << 1, body: body}
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

      def ping()
        send Packet {kind: kinds.PINGREQ}
        expect message Packet {kind: kinds.PINGRESP}
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
        case first.type
        is "$", "!", "="
          return {type: first.type, value: if first.head == "-1" then nil else content(int(first.head))}
        is "*", "~", ">"
          return {type: first.type, value: if first.head == "-1" then nil else replies(int(first.head))}
        is "%"
          return {type: "%", value: replies(2 * int(first.head))}
        is "|"
          replies(2 * int(first.head))
          return reply()
        end
        return {type: first.type, value: first.head}
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

      # What a reply says, as a value of the language. An error is a map with `error`, a big number its digits; a verbatim
      # string is without its format.
      def plain(answer)
        let value = answer.value
        case answer.type
        is "-", "!"
          return {error: value}
        is ":"
          return int(value)
        is "_"
          return nil
        is "#"
          return value == "t"
        is ","
          return float(value)
        is "="
          return value[4..]
        is "*", "~", ">"
          return value and map(value, plain)
        is "%"
          return pairs(value)
        end
        return value
      end

      # A map of replies that are keys and values in turn: those of `%`, or the array that stands for one in RESP2.
      def pairs(values)
        let found = {}
        for n in 0..<len(values) / 2
          found[plain(values[2 * n])] = plain(values[2 * n + 1])
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

      # Reads a client's command as a server: its words, nil at the end. What people type, a line of words, is one, too.
      def command()
        let start = recv line
        while start == ""
          start = recv line
        end
        if start == nil
          return nil
        elif not starts(start, "*")
          return split(start)
        end
        let words = []
        for n in 0..<int(start[1..])
          expect /\$(\d+)\r\n/ as head
          push(words, content(int(head[1])))
        end
        return words
      end

      """##
    ),
  ]
}
