"""The tasks with Python's socket: tasks.py TASK ADDRESS-OR-COUNT [CA]. What counts stands between a task's name and `end`."""
import selectors
import socket
import ssl
import subprocess
import sys

task, address, *rest = sys.argv[1:]
host, _, port = address.rpartition(":")
peer = (host, int(port)) if host else None
sys.stdout.reconfigure(line_buffering=True)

if task == "line":  # task
    with socket.create_connection(peer) as connection:
        connection.sendall(b"hello\n")
        print(connection.makefile().readline(), end="")
    # end
elif task == "echo":  # task
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1])
        with listener.accept()[0] as one:
            while data := one.recv(65536):
                one.sendall(data)
    # end
elif task == "many":  # task
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener, selectors.DefaultSelector() as selector:
        print(listener.getsockname()[1])
        selector.register(listener, selectors.EVENT_READ)
        left = int(address)
        while left > 0:
            for key, _ in selector.select():
                if key.fileobj is listener:
                    selector.register(listener.accept()[0], selectors.EVENT_READ)
                elif data := key.fileobj.recv(65536):
                    key.fileobj.sendall(data)
                else:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()
                    left -= 1
    # end
elif task == "silent":  # task
    try:
        socket.create_connection(peer, timeout=0.2)
    except TimeoutError:
        print("timed out")
    # end
elif task == "until":  # task
    with socket.create_connection(peer, timeout=5) as connection:
        message = b""
        while b"\r\n.\r\n" not in message and (data := connection.recv(65536)):
            message += data
        print(message.index(b"\r\n.\r\n") + 5)
    # end
elif task == "udp":  # task
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(5)
        connection.connect(peer)
        connection.send(b"ping")
        print(connection.recv(1500).decode())
    # end
elif task == "unix":  # task
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(b"hello\n")
        print(connection.makefile().readline(), end="")
    # end
elif task == "half":  # task
    with socket.create_connection(peer) as connection:
        connection.sendall(b"all that there is")
        connection.shutdown(socket.SHUT_WR)
        print(connection.makefile().read())
    # end
elif task == "tls":  # task
    context = ssl.create_default_context(cafile=rest[0])
    with context.wrap_socket(socket.create_connection(peer), server_hostname="tasks.test") as connection:
        connection.sendall(b"hello\n")
        print(connection.makefile().readline(), end="")
    # end
elif task == "child":  # task
    print(subprocess.run(["tr", "a-z", "A-Z"], input=b"hello\n", stdout=subprocess.PIPE).stdout.decode(), end="")
    # end
