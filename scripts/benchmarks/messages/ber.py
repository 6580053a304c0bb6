"""A message of LDAP (RFC 4511) or of SNMP (RFC 1157 and 3416), as the elements of BER that it is made of."""
from construct import *


class Length(Construct):
    def _parse(self, stream, context, path):
        first = stream_read(stream, 1, path)[0]
        if first < 0x80:
            return first
        if not 0x80 < first <= 0x84:
            raise IntegerError("a length of more than four bytes", path=path)
        return int.from_bytes(stream_read(stream, first & 0x7F, path), "big")

    def _build(self, obj, stream, context, path):
        if obj < 0x80:
            data = bytes([obj])
        else:
            data = obj.to_bytes((obj.bit_length() + 7) // 8, "big")
            data = bytes([0x80 | len(data)]) + data
        stream_write(stream, data, len(data), path)
        return obj


class Integer(Adapter):
    def _decode(self, obj, context, path):
        return int.from_bytes(obj, "big", signed=True)

    def _encode(self, obj, context, path):
        return obj.to_bytes((obj + (obj < 0)).bit_length() // 8 + 1, "big", signed=True)


Message = Struct(
    "tag" / Byte,
    "value"
    / Prefixed(
        Length(),
        IfThenElse(
            this.tag & 0x20,
            GreedyRange(LazyBound(lambda: Message)),
            Switch(
                this.tag,
                {1: Flag, 2: Integer(GreedyBytes), 5: Pass, 10: Integer(GreedyBytes)},
                default=GreedyBytes,
            ),
        ),
    ),
)
