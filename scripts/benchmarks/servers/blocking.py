# The roles of limit.c with blocking sockets, one client at a time: python3 blocking.py ROLE PORT
import socket
import sys

role, port = sys.argv[1], int(sys.argv[2])
if role == "datagrams":
    peers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peers.bind(("127.0.0.1", port))
    while True:
        peers.sendto(*peers.recvfrom(65536))
server = socket.create_server(("127.0.0.1", port), backlog=128)
while True:
    client, (host, peer_port) = server.accept()
    with client:
        try:
            if role == "echo":
                while data := client.recv(65536):
                    client.sendall(data)
            elif role == "lines":
                with client.makefile("rb") as lines:
                    for line in lines:
                        client.sendall(line.upper())
            else:
                print(f"Connection from {host}:{peer_port}", flush=True)
                data = client.recv(1024)
                print(f"received data: {data.decode()}", flush=True)
                client.send(b"ok")
                client.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
