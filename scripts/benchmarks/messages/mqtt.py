"""Control packets of MQTT 3.1.1."""
from construct import *

Text = PascalString(Int16ub, "utf8")
Data = Prefixed(Int16ub, GreedyBytes)
Connect = Struct(
    "protocol" / Text,
    "level" / Byte,
    "flags"
    / BitStruct(
        "has_username" / Bit,
        "has_password" / Bit,
        "will_retain" / Bit,
        "will_qos" / BitsInteger(2),
        "has_will" / Bit,
        "clean" / Bit,
        Padding(1),
    ),
    "keepalive" / Int16ub,
    "client" / Text,
    "will_topic" / If(this.flags.has_will, Text),
    "will" / If(this.flags.has_will, Data),
    "username" / If(this.flags.has_username, Text),
    "password" / If(this.flags.has_password, Data),
)
Connack = Struct(
    "flags" / BitStruct(Padding(7), "present" / Bit),
    "code" / Byte,
)
Publish = Struct(
    "topic" / Text,
    "id" / If(lambda this: this._.head.flags >> 1 & 3 > 0, Int16ub),
    "payload" / GreedyBytes,
)
Id = Struct("id" / Int16ub)
Filter = Struct(
    "topic" / Text,
    "qos" / Byte,
)
Subscribe = Struct(
    "id" / Int16ub,
    "filters" / GreedyRange(Filter),
)


class Varint(Construct):
    def _parse(self, stream, context, path):
        value = 0
        for shift in range(0, 28, 7):
            byte = stream_read(stream, 1, path)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise IntegerError("a length of more than four bytes", path=path)

    def _build(self, obj, stream, context, path):
        data, left = bytearray(), obj
        while left > 0x7F:
            data.append(left & 0x7F | 0x80)
            left >>= 7
        data.append(left)
        stream_write(stream, bytes(data), len(data), path)
        return obj


Message = Struct(
    "head" / BitStruct("kind" / BitsInteger(4), "flags" / BitsInteger(4)),
    "body"
    / Prefixed(
        Varint(),
        Switch(
            this.head.kind,
            {1: Connect, 2: Connack, 3: Publish, 4: Id, 5: Id, 6: Id, 7: Id, 8: Subscribe},
            default=GreedyBytes,
        ),
    ),
)
