# A mail server with the flaw that the suites look for: what came with the command that asks for TLS is run behind the
# handshake, as if it had come over TLS. It writes its port first: injectable.py smtp|imap|pop3 CERT KEY
import socket
import ssl
import sys
import threading

protocol = sys.argv[1]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])


class Session:
    def __init__(self, connection):
        self.connection = connection
        self.secured = False
        self.begun = False

    def say(self, *lines):
        for line in lines:
            self.connection.sendall(line.encode() + b"\r\n")

    def lines(self):
        waiting = b""
        while True:
            while b"\r\n" not in waiting:
                received = self.connection.recv(4096)
                if not received:
                    return
                waiting += received
            line, waiting = waiting.split(b"\r\n", 1)
            yield line.decode("latin-1")

    def secure(self):
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.secured = True

    def end(self):
        if self.secured:
            self.connection.unwrap()
        self.connection.close()

    def smtp(self):
        self.say("220 mx.test")
        for line in self.lines():
            verb = line.upper().split(" ")[0]
            if verb == "EHLO":
                self.begun = False
                self.say("250-mx.test", "250 HELP" if self.secured else "250 STARTTLS")
            elif verb == "STARTTLS":
                self.say("220 go ahead")
                self.secure()
            elif verb == "MAIL":
                self.begun = True
                self.say("250 sender")
            elif verb == "RCPT":
                self.say("250 recipient" if self.begun else "503 no sender")
            elif verb == "QUIT":
                self.say("221 bye")
                return self.end()
            else:
                self.say("250 done" if verb == "NOOP" else "500 what?")

    def imap(self):
        self.say("* OK ready")
        for line in self.lines():
            tag, verb = line.upper().split(" ")[:2]
            tag = tag.lower()
            if verb == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1" + ("" if self.secured else " STARTTLS"))
            elif verb == "LOGIN":
                self.begun = True
            elif verb == "SELECT" and not self.begun:
                self.say(tag + " NO who?")
                continue
            elif verb == "LOGOUT":
                self.say("* BYE")
            self.say(tag + " OK done")
            if verb == "STARTTLS":
                self.secure()
            elif verb == "LOGOUT":
                return self.end()

    def pop3(self):
        self.say("+OK ready")
        for line in self.lines():
            verb = line.upper().split(" ")[0]
            if verb == "CAPA":
                self.say("+OK", "STLS", "USER", ".")
            elif verb == "STLS":
                self.say("+OK go ahead")
                self.secure()
            elif verb in ["USER", "NOOP", "QUIT"]:
                self.say("+OK")
                if verb == "QUIT":
                    return self.end()
            elif verb == "PASS":
                self.begun = True
                self.say("+OK")
            elif verb == "STAT" and self.begun:
                self.say("+OK 3 100")
            else:
                self.say("-ERR")


def serve(connection):
    try:
        getattr(Session(connection), protocol)()
    except OSError:  # The client has gone.
        connection.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
