"""Subscriptions, of which nothing is ever delivered, and what clients ask about SMAPI itself."""

from zvmsim.world.functions.parameters import Arguments, Parameter, number, numbered, text
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System

NOTHING_TO_RECOVER = Reply(4, 4)

_ENTITY = Parameter("entity_type", numbered("DIRECTORY"))
_RECEIVER = (
    Parameter("communication_type", numbered("TCP", "UDP")),
    Parameter("port_number", number(0, 65535)),
    Parameter("ip_address", text(15)),
    Parameter("encoding", numbered("ASCII", "EBCDIC")),
    Parameter("subscriber_data", text(64)),
)


def _accept(_system: System, _call: Arguments) -> Reply:
    """Done, without any effect."""
    return Reply()


function("Event_Subscribe", Parameter("match_key", text(1 << 20)), mutating=True, positional=True)(_accept)
function("Event_Unsubscribe", mutating=True, positional=True)(_accept)
function("Check_Authentication", mutating=False, positional=True)(_accept)
function(
    "Asynchronous_Notification_Enable_DM",
    _ENTITY,
    Parameter("subscription_type", numbered("INCLUDE", "EXCLUDE")),
    *_RECEIVER,
    mutating=True,
    positional=True,
)(_accept)
function(
    "Asynchronous_Notification_Disable_DM", _ENTITY, *_RECEIVER, mutating=True, positional=True
)(_accept)


@function(
    "Response_Recovery",
    Parameter("failed_request_id", number(0, 999_999_999)),
    mutating=False,
    positional=True,
)
def response_recovery(_system: System, _call: Arguments) -> Reply:
    """4/4, as for an id nobody knows (pysmapi capture), which lets smcli send the lost request again."""
    return NOTHING_TO_RECOVER
