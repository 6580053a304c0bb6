"""Frames of HTTP/2, RFC 9113."""
from construct import *

Padded = Struct(
    "padding" / Byte,
    "data" / Bytes(this._._.length - this.padding - 1),
    Padding(this.padding),
)
Data = Struct(
    "data" / IfThenElse(this._.flags.padded, Padded, GreedyBytes),
)
Headers = Struct(
    "dependency" / If(this._.flags.priority, Int32ub),
    "weight" / If(this._.flags.priority, Byte),
    "block" / GreedyBytes,
)
Setting = Struct(
    "id" / Int16ub,
    "value" / Int32ub,
)
Goaway = Struct(
    "last" / BitStruct(Padding(1), "stream" / BitsInteger(31)),
    "error" / Int32ub,
    "text" / GreedyBytes,
)
Window = BitStruct(
    Padding(1),
    "increment" / BitsInteger(31),
)
Message = Struct(
    "_size" / Tell,
    "length" / Rebuild(Int24ub, 0),
    "type" / Byte,
    "flags"
    / BitStruct(
        Padding(2),
        "priority" / Bit,
        Padding(1),
        "padded" / Bit,
        "end_headers" / Bit,
        Padding(1),
        "end_stream" / Bit,
    ),
    "head" / BitStruct(Padding(1), "stream" / BitsInteger(31)),
    "_begin" / Tell,
    "payload"
    / Switch(
        this.type,
        {
            0: Data,
            1: Headers,
            3: Int32ub,
            4: GreedyRange(Setting),
            6: Bytes(8),
            7: Goaway,
            8: Window,
        },
        default=Bytes(this.length),
    ),
    "_end" / Tell,
    "_patch"
    / If(this._building, Pointer(this._size, Rebuild(Int24ub, this._end - this._begin))),
)
