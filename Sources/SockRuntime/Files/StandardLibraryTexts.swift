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
  ]
}
