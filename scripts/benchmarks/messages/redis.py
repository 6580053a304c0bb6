"""A reply of RESP2, the Redis serialization protocol."""
from construct import *


class Line(Construct):
    def _parse(self, stream, context, path):
        data = stream.readline()
        if not data.endswith(b"\r\n"):
            raise StreamError("a line that does not end", path=path)
        return data[:-2].decode("utf-8")

    def _build(self, obj, stream, context, path):
        data = obj.encode("utf-8") + b"\r\n"
        stream_write(stream, data, len(data), path)
        return obj


class Decimal(Adapter):
    def _decode(self, obj, context, path):
        return int(obj)

    def _encode(self, obj, context, path):
        return str(obj)


Bulk = Struct(
    "length" / Decimal(Line()),
    "bytes" / If(this.length >= 0, Bytes(this.length)),
    "end" / If(this.length >= 0, Const(b"\r\n")),
)
Array_ = Struct(
    "count" / Decimal(Line()),
    "elements" / If(this.count >= 0, Array(this.count, LazyBound(lambda: Message))),
)
Message = Struct(
    "kind" / Byte,
    "value"
    / Switch(this.kind, {0x24: Bulk, 0x2A: Array_, 0x3A: Decimal(Line())}, default=Line()),
)
