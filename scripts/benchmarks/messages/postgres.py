"""What a server of PostgreSQL says, version 3.0 of the protocol."""
from construct import *

Value = Struct(
    "length" / Int32sb,
    "value" / If(this.length >= 0, Bytes(this.length)),
)
Part = Struct(
    "kind" / Byte,
    "value" / If(this.kind != 0, CString("utf8")),
)
Status = Struct(
    "name" / CString("utf8"),
    "value" / CString("utf8"),
)
Column = Struct(
    "name" / CString("utf8"),
    "table" / Int32ub,
    "number" / Int16ub,
    "type" / Int32ub,
    "size" / Int16sb,
    "modifier" / Int32sb,
    "format" / Int16ub,
)
Message = Struct(
    "kind" / Byte,
    "body"
    / Prefixed(
        Int32ub,
        Switch(
            this.kind,
            {
                0x43: CString("utf8"),
                0x44: PrefixedArray(Int16ub, Value),
                0x45: GreedyRange(Part),
                0x53: Status,
                0x54: PrefixedArray(Int16ub, Column),
                0x5A: Byte,
            },
            default=GreedyBytes,
        ),
        includelength=True,
    ),
)
