"""A server with one fault, named on its command line: what the accounts of failures are tried on."""
import json
import os
import signal
import socket
import struct
import sys
import time

fault = sys.argv[1]


def order(currency):
    items = [
        {"sku": f"A{n}", "qty": n, "price": {"amount": 10 * n, "currency": "EUR"}}
        for n in range(1, 9)
    ]
    items[4]["price"]["currency"] = currency
    return {"order": {"id": 4711, "customer": {"name": "Ada"}, "items": items, "total": 360}}


def blob():
    return bytes((7 * n) % 256 for n in range(2048))


def lines(connection):
    return connection.makefile("rb")


def smtp(connection):
    """Answers EHLO with what the fault says."""
    answers = {
        "code": b"554 5.7.1 relay access denied\r\n",
        "lf": b"250 ok\n",
        "space": b"250 ok \r\n",
        "order": b"221 bye\r\n250 ok\r\n",
        "latin1": "250 Gr\u00fc\u00dfe\r\n".encode("latin-1"),
        "regex": b"250 SIZE=1000 PIPELINING 8BITMIME\r\n",
    }
    connection.sendall(b"220 ready\r\n")
    client = lines(connection)
    for line in client:
        word = line.split()[0] if line.split() else b""
        if fault in answers and word == b"EHLO":
            connection.sendall(answers[fault])
        elif fault == "silence" and word == b"EHLO" or fault == "order":
            pass
        elif fault == "early" and word == b"EHLO":
            connection.sendall(b"250 o")
            return
        elif fault == "refuses" and word == b"EHLO":
            print(f"server: nobody knows {line.split()[1].decode()}", file=sys.stderr, flush=True)
            return
        elif fault == "reset" and word == b"EHLO":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return
        elif fault == "crash" and word == b"EHLO":
            print("server: handling EHLO", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        elif fault == "leftover" and word == b"EHLO":
            connection.sendall(b"250 ok\r\n250 PIPELINING\r\n")
        elif fault == "leftover" and word == b"NOOP":
            connection.sendall(b"250 noop\r\n")
        elif fault == "wait" and word == b"DATA":
            connection.sendall(b"354 go\r\n")
            for body in client:
                if body == b".\r\n":
                    connection.sendall(b"250 queued\r\n")
                    break
        elif fault == "numbers" and word == b"STAT":
            connection.sendall(b"250 17 messages, 4213 octets\r\n")
        elif fault == "secret" and word == b"AUTH":
            connection.sendall(b"535 bad password: " + line.split()[-1] + b"\r\n")
        elif fault == "flaky" and word == b"EHLO":
            # The first process of a folder refuses, each later one does not.
            name = sys.argv[2] + "/tried"
            tried = os.path.exists(name)
            open(name, "a").close()
            connection.sendall(b"250 ok\r\n" if tried else b"451 try again later\r\n")
        else:
            connection.sendall(b"250 ok\r\n")


def serve(connection):
    if fault == "blob":
        lines(connection).readline()
        connection.sendall(blob()[:1336] + b"\xb4" + blob()[1337:])
    elif fault == "length":
        # It counts its own two bytes, and ten more.
        connection.sendall(struct.pack(">H", 24) + b"sixteen bytes ok")
        lines(connection).readline()
    elif fault == "json":
        lines(connection).readline()
        connection.sendall(json.dumps(order("USD")).encode() + b"\n")
    else:
        smtp(connection)


def stream():
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    if fault == "swapped":
        both = [listener.accept()[0] for _ in range(2)]
        names = [lines(one).readline().split()[-1] for one in both]
        both[0].sendall(b"250 hello " + names[1] + b"\r\n")
        both[1].sendall(b"250 hello " + names[0] + b"\r\n")
        time.sleep(60)
    while True:
        with listener.accept()[0] as connection:
            serve(connection)


def datagrams():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    print(f"listening on {server.getsockname()[1]}", flush=True)
    while True:
        data, peer = server.recvfrom(65536)
        if fault == "lost":
            continue
        answer = b"re:" + data
        server.sendto(answer[:512] if fault == "truncated" else answer, peer)


if fault == "fails":
    print("server: cannot open /etc/server.conf: No such file or directory", file=sys.stderr)
    sys.exit(1)
elif fault == "slow":
    time.sleep(60)
elif fault in ("lost", "truncated", "echo"):
    datagrams()
else:
    stream()
