"""A client of the management node's REST API, no cleverer than the old ones."""

import dataclasses
import json
from typing import Any

import requests

from zvmsim.server import Simulator


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    reason: str
    text: str

    @property
    def messages(self) -> list[dict[str, list[Any]]]:
        messages: list[dict[str, list[Any]]] = json.loads(self.text)["data"]
        return messages

    def leaves(self, group: str) -> list[str | None]:
        """All values of one group, in order."""
        return [leaf for message in self.messages for leaf in message.get(group, [])]

    @property
    def output(self) -> str:
        """What a dsh printed, without the nodes' names."""
        lines = "\n".join(chunk for chunk in self.leaves("data") if chunk).split("\n")
        return "\n".join(line.partition(": ")[2] for line in lines)

    @property
    def errorcode(self) -> str:
        return str(self.leaves("errorcode")[-1])


class Rest:
    """One logged-in user; TLS is verified with the simulator's own certificate."""

    def __init__(self, simulator: Simulator, *, password: str = "admin", in_headers: bool = True) -> None:
        self._url = f"{simulator.xcat_url}/xcatws"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(simulator.ca_file)
        credentials = {"userName": "admin", "password": password}
        self._parameters = {"format": "json"} if in_headers else {**credentials, "format": "json"}
        if in_headers:
            self._session.headers.update(credentials)
        self._session.headers["content-type"] = "text/plain"

    def call(self, method: str, path: str, body: object = None, **parameters: str) -> Answer:
        data = json.dumps(body) if body is not None else None
        answer = self._session.request(
            method, self._url + path, params={**self._parameters, **parameters}, data=data, timeout=30
        )
        return Answer(answer.status_code, answer.reason, answer.text)

    def get(self, path: str, **parameters: str) -> Answer:
        return self.call("GET", path, **parameters)

    def put(self, path: str, *body: str, **parameters: str) -> Answer:
        return self.call("PUT", path, list(body) if body else None, **parameters)

    def post(self, path: str, *body: str) -> Answer:
        return self.call("POST", path, list(body))

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def dsh(self, node: str, command: str) -> Answer:
        return self.put(f"/nodes/{node}/dsh", f"command={command}")

    def smcli(self, line: str) -> Answer:
        return self.dsh("zhcp", f"/opt/zhcp/bin/smcli {line}")

    def close(self) -> None:
        self._session.close()
