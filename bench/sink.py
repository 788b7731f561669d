"""A mail server that says yes and forgets: as little as SMTP allows, so that the worker is what is measured.

python -m bench.sink PORT
"""

import asyncio
import sys


class Sink(asyncio.Protocol):
    """One connection (RFC 5321, with PIPELINING)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport, self.rest, self.in_data = transport, b"", False
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole line, and the end of every message."""
        self.rest += data
        while self.rest:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            line, found, rest = self.rest.partition(end)
            if not found:
                return
            self.rest = rest
            self.transport.write(self._answer(line))
            if line[:4].upper() == b"QUIT" and end == b"\r\n":
                self.transport.close()
                return

    def _answer(self, line: bytes) -> bytes:
        if self.in_data:
            self.in_data = False
            return b"250 OK\r\n"
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
        if verb == b"DATA":
            self.in_data = True
            return b"354 go on\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n"


async def main(port: int) -> None:
    """Listen until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
