# Sends back what comes over TLS, with asyncio: python3 tls.py CERTIFICATE KEY PORT
import asyncio
import ssl
import sys

certificate, key, port = sys.argv[1:]


async def serve(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # As the others: nobody resumes a session.
    context.num_tickets = 0
    server = await asyncio.start_server(serve, "127.0.0.1", int(port), backlog=1024, ssl=context)
    await server.serve_forever()


asyncio.run(main())
