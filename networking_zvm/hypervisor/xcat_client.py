"""xCAT's REST API version 1, as far as networking needs it: scripts on nodes (dsh) and tables.

Several z/VM commands go to the zHCP as one script. Between them it prints markers, by which the output is
cut and which tell how far the script came. Source: xcat-core zvmxcatws.cgi, xdsh.pm, tabch; the calls of
networking-zvm and nova-zvm (`options=-q` keeps ssh's banners out of the answer).
"""

import dataclasses
import re
import shlex
import urllib.parse
from collections.abc import Callable, Mapping, Sequence

from oslo_log import log

from networking_zvm import errors
from networking_zvm.hypervisor import http, xcat_answer
from networking_zvm.settings import Credentials, XcatSettings

LOG = log.getLogger(__name__)

Words = Sequence[str]

_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TABLE_WORD = re.compile(r"[A-Za-z0-9@#$_+:.-]+")
_NO_SSH = re.compile(r"ssh: connect to host|Could not resolve|Name or service not known|Permission denied")
_NO_PROGRAM = (126, 127)


class XcatClient:
    """Talks to one management node. Safe to use from several threads."""

    def __init__(self, settings: XcatSettings) -> None:
        """Raises ConfigurationError for a URL, CA file or credentials that cannot be."""
        secret = {"userName": settings.username, "password": settings.password}
        in_headers = settings.credentials is Credentials.HEADERS
        self._rest = http.RestClient(
            settings.url,
            settings.tls,
            settings.timeout,
            headers=secret if in_headers else {},
            query={**({} if in_headers else secret), "format": "json"},
            secrets=[settings.password],
        )

    def close(self) -> None:
        """Give the connections back."""
        self._rest.close()

    def version(self) -> str:
        """As lsxcatd says: "2.8.3.16". Raises Unreachable, Unknown, Untrusted."""
        answer = self._ask(self._rest.read, "GET", "/version")
        match = re.search(r"Version (\S+)", answer.text)
        if not match:
            raise errors.Untrusted(f"xCAT tells no version but {self._rest.excerpt(answer.text)!r}")
        return match[1]

    def table(self, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
        """All rows of a table by column. columns: what must be there. Raises as version()."""
        return xcat_answer.read_table(self._ask(self._rest.read, "GET", f"/tables/{name}"), columns)

    def update_row(self, table: str, keys: Mapping[str, str], values: Mapping[str, str]) -> None:
        """Set values of the row with these keys; without such a row xCAT makes one.

        Raises Refused (also for a word that xCAT would take apart), Unknown, Unreachable.
        """
        for word in (*keys.values(), *values.values()):
            if not _TABLE_WORD.fullmatch(word):
                raise errors.Refused(f"table {table}: {word!r} cannot be written by tabch")
        key = ",".join(f"{column}={value}" for column, value in keys.items())
        words = [key, *(f"{table}.{column}={value}" for column, value in values.items())]
        answer = self._ask(self._rest.write, "PUT", f"/tables/{table}", [" ".join(words)])
        if answer.failed:
            raise errors.Refused(f"table {table}: {'; '.join(answer.complaints)}")

    def query(self, node: str, commands: Sequence[Words]) -> list[xcat_answer.Section]:
        """Run commands that change nothing, each whatever becomes of the others; with their exit statuses.

        Raises Unreachable, Unknown, Untrusted (the output is not complete).
        """
        parts = [f"{shlex.join(words)}; echo zvm:{i} $?" for i, words in enumerate(commands, 1)]
        script = "; ".join(["echo zvm:0", *parts, "echo zvm:end $?"])
        output = self._script(self._rest.read, node, script)
        complaint = "; ".join(output.complaints)
        sections = list(output.sections[: len(commands)])
        complete = output.status is not None and len(output.sections) == len(commands) + 1
        if not complete or any(section.status is None for section in sections):
            raise errors.Untrusted(f"incomplete output from node {node}: {complaint}")
        if any(section.status in _NO_PROGRAM for section in sections):
            raise errors.Unreachable(f"node {node} lacks a program: {complaint}")
        return sections

    def run(self, node: str, commands: Sequence[Words]) -> xcat_answer.ScriptOutput:
        """Run commands one after another; the first that fails is the last. Raises Unreachable, Unknown."""
        parts = [f"echo zvm:{i} && {shlex.join(words)}" for i, words in enumerate(commands)]
        output = self._script(self._rest.write, node, " && ".join(parts) + "; echo zvm:end $?")
        if len(output.sections) == 1 and output.status in _NO_PROGRAM:
            complaint = "; ".join(output.complaints)
            raise errors.Unreachable(f"node {node} lacks a program: {complaint}")
        return output

    def _script(
        self, ask: Callable[[str, str, object], object], node: str, script: str
    ) -> xcat_answer.ScriptOutput:
        if not _NODE.fullmatch(node):
            raise errors.Unreachable(f"{node!r} cannot be the name of an xCAT node")
        LOG.debug("on %s: %s", node, script)
        body = [f"command={script}", "options=-q"]
        answer = self._ask(ask, "PUT", f"/nodes/{urllib.parse.quote(node)}/dsh", body)
        output = xcat_answer.read_script(answer, node)
        if not output.sections:
            complaint = "; ".join(answer.complaints)
            kind = errors.Unreachable if _NO_SSH.search(complaint) else errors.Unknown
            raise kind(f"node {node} has not answered the management node: {complaint or 'no output'}")
        return output

    def _ask(
        self, ask: Callable[[str, str, object], object], method: str, path: str, body: object = None
    ) -> xcat_answer.Answer:
        try:
            answer = xcat_answer.read_answer(ask(method, f"/xcatws{path}", body))
        except http.Rejected as rejection:
            raise _meaning(rejection, path) from None
        complaints = tuple(map(self._rest.excerpt, answer.complaints))
        return dataclasses.replace(answer, complaints=complaints)


def _meaning(rejection: http.Rejected, path: str) -> errors.HypervisorError:
    """Source: the status codes of zvmxcatws.cgi; 400 is bad input, all others concern every request."""
    if rejection.status == 401:
        return errors.Unreachable(
            f"xCAT refuses the credentials ({rejection}): check xcat_username and xcat_password"
        )
    if "Invalid nodes" in rejection.excerpt:
        node = path.split("/")[2] if path.startswith("/nodes/") else path
        return errors.Unreachable(f"the management node knows no node {node}: check xcat_zhcp_nodename")
    if rejection.status == 400:
        return errors.Refused(f"xCAT refuses {path}: {rejection}")
    return errors.Unreachable(f"xcat_server is no xCAT management node with REST version 1 ({rejection})")
