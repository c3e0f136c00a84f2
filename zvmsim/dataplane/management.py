"""Management lines: TCP connections of machines that are carried to addresses outside of them.

All of a simulator's run in one thread.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_PIECE: Final = 1 << 16

Address = tuple[str, int]


class Line:
    """One management line; port: on 127.0.0.1 in the machine. `close` ends it with its connections."""

    def __init__(self, port: int, close: Callable[[], None]) -> None:
        self.port = port
        self.close = close


class Lines:
    """Many lines; the thread that carries them starts with this, and ends with `close`, as they all do."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="zvmsim lines", daemon=True)
        self._thread.start()

    def open(self, listener: socket.socket, to: Address) -> Line:
        """Carry whatever connects to the listener, which is ours from now on, to an address."""
        port = listener.getsockname()[1]
        task = self._do(_start(listener, to))
        return Line(port, lambda: self._do(_end([task])))

    def close(self) -> None:
        """End all of them."""
        self._do(_end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


async def _start(listener: socket.socket, to: Address) -> "asyncio.Task[None]":
    return asyncio.create_task(_serve(listener, to))


async def _end(tasks: "Collection[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _end_all() -> None:
    await _end([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])


async def _serve(listener: socket.socket, to: Address) -> None:
    """Until it is cancelled."""
    async with asyncio.TaskGroup() as connections:
        server = await asyncio.start_server(
            lambda reader, writer: connections.create_task(_carry(reader, writer, to)), sock=listener
        )
        try:
            await asyncio.Event().wait()
        finally:
            server.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: Address) -> None:
    """One connection, both ways; if nobody answers there, it is closed."""
    writers = [writer]
    try:
        far_reader, far_writer = await asyncio.open_connection(*to)
        writers.append(far_writer)
        async with asyncio.TaskGroup() as ways:
            ways.create_task(_copy(reader, far_writer))
            ways.create_task(_copy(far_reader, writer))
    except* OSError as errors:
        _LOG.debug("a connection to %s:%s broke: %s", *to, errors.exceptions[0])
    finally:
        for end in writers:
            end.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All that comes, and then that no more comes."""
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
