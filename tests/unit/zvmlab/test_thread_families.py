"""A crashed family of threads does nothing any more; other families do not notice.

The hooks last as long as their process, so each scene is played in a process of its own.
"""

import http.client
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zvmlab.cloud.thread_families import ThreadFamilies
from zvmlab.neutron_api import wait_for


class Server(ThreadingHTTPServer):
    """Counts requests; answers each only when `gate` is open."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []
        self.gate = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get(self, path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server_port)
        connection.request("GET", path)
        connection.getresponse().read()

    def wait_for_requests(self, count: int) -> None:
        wait_for(lambda: len(self.requests), lambda seen: seen == count, what=f"{count} requests", timeout=10)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        self.server.gate.wait()
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def in_family(families: ThreadFamilies, family: str, work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        families.adopt(family)
        work()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def children_die_and_strangers_live() -> None:
    families = ThreadFamilies()
    turns = {"a": threading.Semaphore(0), "b": threading.Semaphore(0)}

    def turn(family: str) -> None:
        while True:
            turns[family].release()
            threading.Event().wait(0.01)

    def parent(family: str) -> None:
        threading.Thread(target=turn, args=(family,), daemon=True).start()

    for family in turns:
        in_family(families, family, partial(parent, family))
        assert turns[family].acquire(timeout=10)
    families.crash("a")
    wait_for(lambda: families.alive("a"), lambda alive: not alive, what="family a to end", timeout=10)
    while turns["b"].acquire(blocking=False):
        pass
    assert turns["b"].acquire(timeout=10)
    assert families.alive("b")


def queued_work_of_a_pool_reaches_nobody() -> None:
    families = ThreadFamilies()
    server = Server()

    pool = ThreadPoolExecutor(2)
    tasks: list[Future[None]] = []

    def work() -> None:
        tasks.extend(pool.submit(server.get, f"/{number}") for number in range(20))

    in_family(families, "a", work).join()
    server.wait_for_requests(2)
    families.crash("a")
    server.gate.set()
    assert not wait(tasks, timeout=10).not_done
    assert sorted(server.requests) == ["/0", "/1"]


def the_next_life_of_an_agent_is_not_hindered() -> None:
    families = ThreadFamilies()
    server = Server()
    server.gate.set()
    families.crash("agent-1")
    in_family(families, "agent-1", lambda: server.get("/dead")).join()
    in_family(families, "agent-2", lambda: server.get("/alive")).join()
    assert server.requests == ["/alive"]


@pytest.mark.parametrize(
    "scene",
    [
        children_die_and_strangers_live,
        queued_work_of_a_pool_reaches_nobody,
        the_next_life_of_an_agent_is_not_hindered,
    ],
)
def test_a_crash(scene: Callable[[], None]) -> None:
    process = multiprocessing.get_context("spawn").Process(target=scene)
    process.start()
    process.join(30)
    assert process.exitcode == 0
