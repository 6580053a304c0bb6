import re
import socket


def test_@N@():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            peer, _ = server.accept()
            with peer, client.makefile("rwb") as c, peer.makefile("rwb") as p:
                p.write(b"220 ready\n")
                p.flush()
                assert c.readline() == b"220 ready\n"
                c.write(b"HELO @N@\n")
                c.flush()
                name = p.readline().split()[1]
                p.write(b"250 hello " + name + b"\n")
                p.flush()
                assert re.match(rb"250 hello @N@$", c.readline())
