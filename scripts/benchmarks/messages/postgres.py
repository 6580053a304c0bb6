"""What a server of PostgreSQL says, version 3.0 of the protocol."""
from construct import *

Complete = Struct("tag" / CString("utf8"))
Value = Struct(
    "length" / Int32sb,
    "value" / If(this.length >= 0, Bytes(this.length)),
)
Row = Struct(
    "count" / Rebuild(Int16ub, len_(this.values)),
    "values" / Array(this.count, Value),
)
Part = Struct(
    "kind" / Byte,
    "value" / If(this.kind != 0, CString("utf8")),
)
Report = Struct("fields" / GreedyRange(Part))
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
Description = Struct(
    "count" / Rebuild(Int16ub, len_(this.columns)),
    "columns" / Array(this.count, Column),
)
Ready = Struct("status" / Byte)
Message = Struct(
    "kind" / Byte,
    "body"
    / Prefixed(
        Int32ub,
        Switch(
            this.kind,
            {
                0x43: Complete,
                0x44: Row,
                0x45: Report,
                0x53: Status,
                0x54: Description,
                0x5A: Ready,
            },
            default=GreedyBytes,
        ),
        includelength=True,
    ),
)
