# The roles of limit.c with asyncio, many clients at a time: python3 tasks.py ROLE PORT
import asyncio
import sys

role, port = sys.argv[1], int(sys.argv[2])


async def serve(reader, writer):
    try:
        if role == "echo":
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        elif role == "lines":
            while line := await reader.readline():
                writer.write(line.upper())
                await writer.drain()
        else:
            host, peer_port = writer.get_extra_info("peername")
            print(f"Connection from {host}:{peer_port}", flush=True)
            print(f"received data: {(await reader.read(1024)).decode()}", flush=True)
            writer.write(b"ok")
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


asyncio.run(main())
