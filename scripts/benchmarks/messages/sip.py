"""A message of SIP, RFC 3261: a request or a response."""
from construct import *


class Line(Construct):
    def _parse(self, stream, context, path):
        data = stream.readline()
        if not data.endswith(b"\n"):
            raise StreamError("a line that does not end", path=path)
        return data.rstrip(b"\r\n").decode("utf-8")

    def _build(self, obj, stream, context, path):
        data = obj.encode("utf-8") + b"\r\n"
        stream_write(stream, data, len(data), path)
        return obj


Message = Struct(
    "start" / Line(),
    "headers" / RepeatUntil(lambda line, lines, context: line == "", Line()),
    "body" / GreedyBytes,
)
