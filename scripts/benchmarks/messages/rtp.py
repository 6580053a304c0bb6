"""A packet of RTP, RFC 3550."""
from construct import *

Extension = Struct(
    "profile" / Int16ub,
    "words" / Rebuild(Int16ub, len_(this.data) // 4),
    "data" / Bytes(this.words * 4),
)
Message = Struct(
    "head"
    / BitStruct(
        "version" / Default(BitsInteger(2), 2),
        "has_padding" / Bit,
        "has_extension" / Bit,
        "source_count" / Rebuild(BitsInteger(4), len_(this._.sources)),
        "marker" / Bit,
        "type" / BitsInteger(7),
    ),
    "sequence" / Int16ub,
    "timestamp" / Int32ub,
    "source" / Int32ub,
    "sources" / Array(this.head.source_count, Int32ub),
    "extension" / If(this.head.has_extension, Extension),
    "payload" / GreedyBytes,
)
