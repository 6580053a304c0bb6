# aiosmtpd on a port that it writes first, offering and wanting STARTTLS with this certificate: smtp-tls.py CERT KEY
import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])


class Exchanger:
    async def handle_DATA(self, server, session, envelope):
        return f"250 {len(envelope.content)} bytes"


async def serve():
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Exchanger(), hostname="mx.test", tls_context=context, require_starttls=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
