"""A response of Kafka to Metadata, version 1."""
from construct import *

Text = PascalString(Int16ub, "utf8")
Broker = Struct(
    "node" / Int32sb,
    "host" / Text,
    "port" / Int32ub,
    "rack_size" / Int16sb,
    "rack" / If(this.rack_size >= 0, PaddedString(this.rack_size, "utf8")),
)
Partition = Struct(
    "error" / Int16sb,
    "index" / Int32sb,
    "leader" / Int32sb,
    "replicas" / PrefixedArray(Int32ub, Int32sb),
    "in_sync" / PrefixedArray(Int32ub, Int32sb),
)
Topic = Struct(
    "error" / Int16sb,
    "name" / Text,
    "is_internal" / Byte,
    "partitions" / PrefixedArray(Int32ub, Partition),
)
Message = Prefixed(
    Int32ub,
    Struct(
        "correlation" / Int32ub,
        "brokers" / PrefixedArray(Int32ub, Broker),
        "controller" / Int32sb,
        "topics" / PrefixedArray(Int32ub, Topic),
    ),
)
