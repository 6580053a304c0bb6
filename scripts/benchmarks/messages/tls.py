"""A record of TLS with a ClientHello, RFC 8446."""
from construct import *

Alert = Struct(
    "level" / Byte,
    "description" / Byte,
)
ServerName = Struct(
    "type" / Byte,
    "name" / PascalString(Int16ub, "utf8"),
)
Extension = Struct(
    "type" / Int16ub,
    "data"
    / Prefixed(
        Int16ub,
        Switch(
            this.type,
            {
                0: Prefixed(Int16ub, GreedyRange(ServerName)),
                10: Prefixed(Int16ub, GreedyRange(Int16ub)),
                16: Prefixed(Int16ub, GreedyRange(PascalString(Byte, "utf8"))),
                43: Prefixed(Byte, GreedyRange(Int16ub)),
            },
            default=GreedyBytes,
        ),
    ),
)
ClientHello = Struct(
    "version" / Int16ub,
    "random" / Bytes(32),
    "session" / Prefixed(Byte, GreedyBytes),
    "suites" / Prefixed(Int16ub, GreedyRange(Int16ub)),
    "compressions" / Prefixed(Byte, GreedyBytes),
    "extensions" / Prefixed(Int16ub, GreedyRange(Extension)),
)
Handshake = Struct(
    "type" / Byte,
    "body"
    / Prefixed(
        Int24ub,
        Switch(this.type, {1: ClientHello}, default=GreedyBytes),
    ),
)
Message = Struct(
    "type" / Byte,
    "version" / Int16ub,
    "fragment"
    / Prefixed(
        Int16ub,
        Switch(this.type, {21: Alert, 22: GreedyRange(Handshake)}, default=GreedyBytes),
    ),
)
