# TLS by Python's ssl, as client or server: one connection, driven by lines on standard input.
#
#   tls.py client PORT [NAME=VALUE…]     tls.py server [NAME=VALUE…]
#
# A server writes its port first. Unless `plain=yes` says that TLS begins at `starttls`, the handshake comes next; it is
# told as `secured VERSION ALPN SUBJECT` or `failed REASON`. The commands: send TEXT, recv (a line, `eof` or `cut`),
# flood N (so many bytes), drain (how many bytes come until the end), starttls, unwrap (close_notify from both sides),
# cut (the end without it); the end of the commands is that of the program, with close_notify.
import os
import socket
import ssl
import sys

role, arguments = sys.argv[1], sys.argv[2:]
port = int(arguments.pop(0)) if role == "client" else 0
options = dict(argument.split("=", 1) for argument in arguments)


def tell(*words):
    print(*words, flush=True)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if role == "client" else ssl.PROTOCOL_TLS_SERVER)
    # SSL_OP_IGNORE_UNEXPECTED_EOF, which Python sets: an end without close_notify would look like one with it.
    made.options &= ~0x80
    if "ca" in options:
        made.load_verify_locations(options["ca"])
        made.verify_mode = ssl.CERT_REQUIRED
    if "cert" in options:
        made.load_cert_chain(options["cert"], options["key"])
    if "alpn" in options:
        made.set_alpn_protocols(options["alpn"].split(","))
    if "max" in options:
        made.maximum_version = ssl.TLSVersion[options["max"]]
    return made


def secure(plain):
    try:
        name = {"server_hostname": options.get("name", "localhost")} if role == "client" else {}
        tls = context().wrap_socket(
            plain, server_side=role == "server", suppress_ragged_eofs=False, **name)
    except (ssl.SSLError, OSError) as error:
        tell("failed", getattr(error, "verify_message", None) or getattr(error, "reason", None) or error)
        sys.exit(1)
    subject = (tls.getpeercert() or {}).get("subject", ((("", "nobody"),),))
    tell("secured", tls.version(), tls.selected_alpn_protocol(), subject[0][0][1])
    return tls


def line(connection):
    text = b""
    try:
        while not text.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte:
                return "eof"
            text += byte
    except ssl.SSLError as error:
        return "cut" if error.reason == "UNEXPECTED_EOF_WHILE_READING" else "failed " + error.reason
    return text.decode().rstrip("\r\n")


if role == "client":
    connection = socket.create_connection(("localhost", port), timeout=30)
else:
    listener = socket.create_server(("127.0.0.1", 0))
    tell(listener.getsockname()[1])
    connection, _ = listener.accept()
    connection.settimeout(30)
if "plain" not in options:
    connection = secure(connection)
for command in sys.stdin:
    verb, _, rest = command.rstrip("\n").partition(" ")
    if verb == "send":
        connection.sendall(rest.encode() + b"\n")
    elif verb == "recv":
        tell(line(connection))
    elif verb == "flood":
        connection.sendall(b"x" * int(rest))
    elif verb == "drain":
        count = 0
        while chunk := connection.recv(65536):
            count += len(chunk)
        tell(count)
    elif verb == "starttls":
        connection = secure(connection)
    elif verb == "unwrap":
        connection = connection.unwrap()
        tell("unwrapped")
    elif verb == "cut":
        os.close(connection.detach())
        sys.exit(0)
if isinstance(connection, ssl.SSLSocket):
    # Sends close_notify, and waits for none.
    connection.settimeout(0)
    try:
        connection.unwrap()
    except (ssl.SSLError, OSError):
        pass
connection.close()
