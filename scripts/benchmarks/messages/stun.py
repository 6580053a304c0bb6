"""A message of STUN, RFC 8489."""
from construct import *

Address = Struct(
    Padding(1),
    "family" / Byte,
    "port" / Int16ub,
    "address" / GreedyBytes,
)
Failure = Struct(
    Padding(2),
    "class_" / Byte,
    "number" / Byte,
    "reason" / GreedyBytes,
)
Attribute = Struct(
    "type" / Int16ub,
    "value"
    / Aligned(
        4,
        Prefixed(
            Int16ub,
            Switch(
                this.type,
                {1: Address, 9: Failure, 0x20: Address},
                default=GreedyBytes,
            ),
        ),
    ),
)
Message = Struct(
    "kind" / BitStruct(Padding(2), "type" / BitsInteger(14)),
    "_size" / Tell,
    "length" / Rebuild(Int16ub, 0),
    "cookie" / Default(Int32ub, 0x2112A442),
    "id" / Bytes(12),
    "_begin" / Tell,
    "attributes" / GreedyRange(Attribute),
    "_end" / Tell,
    "_patch"
    / If(this._building, Pointer(this._size, Rebuild(Int16ub, this._end - this._begin))),
)
