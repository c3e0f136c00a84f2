"""xcatd's messages: the groups data, info, error, ... and how REST version 1 renders them.

Every value is a list, every leaf a string or null. A command answers with any number of messages.
Source: xcat-core MsgUtils.pm, zvmxcatws.cgi; quirks as seen by networking-zvm's and nova-zvm's tests.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Leaf = str | None
Message = Mapping[str, Sequence[Leaf] | Sequence[Mapping[str, Sequence[Leaf]]]]
Messages = list[Message]


class XcatdRefusal(Exception):
    """xcatd refuses the whole request: the first message says so and REST answers 401 or 403."""


class AccessDenied(XcatdRefusal):
    """Wrong password, no credentials, or no policy rule that allows it (401)."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """Differences between servers that clients have to bear.

    source: later servers add `xcatdsource` with the node's name to every message.
    shuffle: keys come in Perl's random order.
    """

    source: str | None = None
    shuffle: random.Random | None = None


def data(*texts: Leaf) -> Message:
    return {"data": [text or None for text in texts]}


def info(*texts: Leaf) -> Message:
    return {"info": [text or None for text in texts]}


def error(text: str, code: str = "1") -> Message:
    return {"error": [text], "errorcode": [code]}


def failed_nodes(count: int) -> Message:
    """The last message of xdsh."""
    return {"errorcode": [str(count)]}


def node_data(node: str, *texts: str) -> Message:
    return {"node": [{"name": [node], "data": list(texts)}]}


def print_line(text: str) -> Message:
    """What zvm.pm's printLn makes of a text: an error if it says (error) or failed anywhere."""
    return error(text) if re.search(r"\(error\)|\s*failed", text, re.IGNORECASE) else info(text)


def render(messages: Messages, options: RenderOptions) -> dict[str, object]:
    """The JSON object of a version 1 answer."""
    return {"data": [_rendered(message, options) for message in messages]}


def _rendered(message: Message, options: RenderOptions) -> dict[str, object]:
    items = [(key, [_leaf(value) for value in values]) for key, values in message.items()]
    if options.source:
        items.append(("xcatdsource", [options.source]))
    if options.shuffle:
        options.shuffle.shuffle(items)
    return dict(items)


def _leaf(value: Leaf | Mapping[str, Sequence[Leaf]]) -> object:
    if isinstance(value, Mapping):
        return {key: [_leaf(leaf) for leaf in leaves] for key, leaves in value.items()}
    return re.sub(r"[^\t-\x7f]", "?", value) if value else None
