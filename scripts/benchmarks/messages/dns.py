"""Responses of the domain name system, RFC 1035; names are written without compression."""
from construct import *


class Name(Construct):
    def _parse(self, stream, context, path):
        labels, end = [], None
        for _ in range(128):
            length = stream_read(stream, 1, path)[0]
            if length >= 0xC0:
                low = stream_read(stream, 1, path)[0]
                end = stream_tell(stream, path) if end is None else end
                stream_seek(stream, (length & 0x3F) << 8 | low, 0, path)
            elif length:
                labels.append(stream_read(stream, length, path).decode("ascii"))
            else:
                break
        else:
            raise StreamError("a name that does not end", path=path)
        if end is not None:
            stream_seek(stream, end, 0, path)
        return ".".join(labels)

    def _build(self, obj, stream, context, path):
        for label in obj.split(".") if obj else []:
            data = label.encode("ascii")
            stream_write(stream, bytes([len(data)]) + data, len(data) + 1, path)
        stream_write(stream, b"\0", 1, path)
        return obj


Question = Struct(
    "name" / Name(),
    "type" / Int16ub,
    "class_" / Int16ub,
)
Mx = Struct(
    "preference" / Int16ub,
    "exchange" / Name(),
)
# A name within the data may point to the whole message, so that the data is no stream of its own.
Record = Struct(
    "name" / Name(),
    "type" / Int16ub,
    "class_" / Int16ub,
    "ttl" / Int32ub,
    "_size" / Tell,
    "length" / Rebuild(Int16ub, 0),
    "_begin" / Tell,
    "data"
    / Switch(
        this.type,
        {1: Bytes(4), 2: Name(), 5: Name(), 15: Mx, 28: Bytes(16)},
        default=Bytes(this.length),
    ),
    "_end" / Tell,
    "_patch"
    / If(this._building, Pointer(this._size, Rebuild(Int16ub, this._end - this._begin))),
)
Message = Struct(
    "id" / Int16ub,
    "flags"
    / BitStruct(
        "qr" / Bit,
        "opcode" / BitsInteger(4),
        "aa" / Bit,
        "tc" / Bit,
        "rd" / Bit,
        "ra" / Bit,
        Padding(3),
        "rcode" / BitsInteger(4),
    ),
    "question_count" / Rebuild(Int16ub, len_(this.questions)),
    "answer_count" / Rebuild(Int16ub, len_(this.answers)),
    "authority_count" / Rebuild(Int16ub, len_(this.authorities)),
    "additional_count" / Rebuild(Int16ub, len_(this.additionals)),
    "questions" / Array(this.question_count, Question),
    "answers" / Array(this.answer_count, Record),
    "authorities" / Array(this.authority_count, Record),
    "additionals" / Array(this.additional_count, Record),
)
