"""Messages of protobuf as Google's package for Python writes and reads them; their descriptors are made here.

Over a socket of which both ends give each message its length as four bytes in front: the peer sends random messages,
gets each back as it was read and written again, with its fields as JSON, and says whether both are right. Then it reads
what it is sent, and answers with the fields as JSON and with the bytes that it makes of them, until the other closes.
"""
import json
import random
import socket
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.json_format import MessageToDict

F = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    "i32": F.TYPE_INT32, "i64": F.TYPE_INT64, "u32": F.TYPE_UINT32, "s32": F.TYPE_SINT32, "s64": F.TYPE_SINT64,
    "flag": F.TYPE_BOOL, "fixed32": F.TYPE_FIXED32, "sfixed32": F.TYPE_SFIXED32, "sfixed64": F.TYPE_SFIXED64,
    "float": F.TYPE_FLOAT, "double": F.TYPE_DOUBLE, "text": F.TYPE_STRING, "data": F.TYPE_BYTES,
}
# Not in the order of their declarations, and with keys of one byte and of more.
NUMBERS = {name: number for number, name in zip([1, 2, 3, 15, 16, 17, 2047, 2048, 9, 10, 11, 536870911, 13], SCALARS)}


def build():
    file = descriptor_pb2.FileDescriptorProto(name="sock.proto", package="sock", syntax="proto3")
    message = file.message_type.add(name="All")
    for name, kind in SCALARS.items():
        # Where it is optional, a zero that was set is sent, too.
        message.oneof_decl.add(name="_" + name)
        message.field.add(
            name=name, number=NUMBERS[name], type=kind, label=F.LABEL_OPTIONAL, proto3_optional=True,
            oneof_index=len(message.oneof_decl) - 1)
    message.field.add(
        name="inner", number=20, type=F.TYPE_MESSAGE, type_name=".sock.All", label=F.LABEL_OPTIONAL)
    message.field.add(
        name="inners", number=21, type=F.TYPE_MESSAGE, type_name=".sock.All", label=F.LABEL_REPEATED)
    message.field.add(name="texts", number=22, type=F.TYPE_STRING, label=F.LABEL_REPEATED)
    for number, (name, kind, packed) in enumerate(
        [("packed", F.TYPE_INT64, True), ("signed", F.TYPE_SINT32, True), ("doubles", F.TYPE_DOUBLE, True),
         ("flags", F.TYPE_BOOL, True), ("loose", F.TYPE_INT32, False), ("loose_fixed", F.TYPE_FIXED32, False)], 23):
        field = message.field.add(name=name, number=number, type=kind, label=F.LABEL_REPEATED)
        field.options.packed = packed
    # Known here, and not declared by the other one.
    message.field.add(name="other", number=3000, type=F.TYPE_INT64, label=F.LABEL_REPEATED)
    message.field.add(name="others", number=3001, type=F.TYPE_MESSAGE, type_name=".sock.All", label=F.LABEL_REPEATED)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("sock.All"))


def number(rng, low, high):
    edges = [low, high, 0, 1, 127, 128, -1 if low < 0 else 2, high // 2]
    return rng.choice(edges) if rng.random() < 0.5 else rng.randint(low, high)


def value(rng, name):
    if name in ("i32", "s32", "sfixed32", "loose", "signed"):
        return number(rng, -(2**31), 2**31 - 1)
    if name in ("i64", "s64", "sfixed64", "packed", "other"):
        return number(rng, -(2**63), 2**63 - 1)
    if name in ("u32", "fixed32", "loose_fixed"):
        return number(rng, 0, 2**32 - 1)
    if name in ("flag", "flags"):
        return rng.random() < 0.5
    if name == "float":
        return rng.choice([0.0, 1.5, -0.25, 65504.0])
    if name in ("double", "doubles"):
        return rng.choice([0.0, 0.1, -1e300, 2.5])
    if name in ("text", "texts"):
        return "".join(rng.choice("ab é密\n") for _ in range(rng.choice([0, 1, 5, 100, 200])))
    return bytes(rng.choice(b"xyz") for _ in range(rng.choice([0, 1, 130])))


def fill(rng, message, deep=0):
    for name in SCALARS:
        if rng.random() < 0.5:
            setattr(message, name, value(rng, name))
    for name in ("texts", "packed", "signed", "doubles", "flags", "loose", "loose_fixed", "other"):
        if rng.random() < 0.3:
            getattr(message, name).extend(value(rng, name) for _ in range(rng.choice([1, 2, 40])))
    if deep < 3:
        if rng.random() < 0.4:
            message.inner.SetInParent()
            fill(rng, message.inner, deep + 1)
        for name in ("inners", "others"):
            if rng.random() < 0.3:
                for _ in range(2):
                    fill(rng, getattr(message, name).add(), deep + 1)


def plain(message):
    """The fields that the other one has declared, as JSON has them; of bytes their letters."""
    fields = {}
    for field, content in message.ListFields():
        if field.name in ("other", "others"):
            continue
        if field.name == "inner":
            content = plain(content)
        elif field.name == "inners":
            content = [plain(item) for item in content]
        elif field.name == "data":
            content = content.decode()
        elif field.name not in SCALARS:
            content = list(content)
        fields[field.name] = content
    return fields


def main(path, count, seed):
    All = build()
    rng = random.Random(seed)
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(path)
    reader = stream.makefile("rb")

    def send(data):
        stream.sendall(struct.pack(">I", len(data)) + data)

    def receive():
        head = reader.read(4)
        return reader.read(struct.unpack(">I", head)[0]) if len(head) == 4 else None

    for _ in range(count):
        message = All()
        fill(rng, message)
        data = message.SerializeToString()
        send(data)
        again, fields = All.FromString(receive()), json.loads(receive())
        if again != message:
            sys.exit(f"{data.hex()}: came back as another message: {MessageToDict(again)}")
        if fields != plain(message):
            sys.exit(f"{data.hex()}: was read as {fields}")
    send(b"")
    while (data := receive()) is not None:
        message = All.FromString(data)
        send(json.dumps(plain(message), sort_keys=True).encode())
        send(message.SerializeToString(deterministic=True))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
