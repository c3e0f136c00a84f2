"""One SMAPI call and its answer, as every dialect hands it to the world.

Dialects (xCAT's smcli lines, the TCP protocol, executables) turn what they receive into a `Request` and
print the `Reply`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a SMAPI function.

    function: the API's name, e.g. "Virtual_Network_Vswitch_Set_Extended".
    target: the target identifier as sent (a userid, or "*").
    arguments: values as text by the manual's parameter names (image_device_number, switch_name,
        grant_userid, ...), for positional functions as well; enumerations of positional functions are their
        numerals ("2" = QDIO), an empty text is a value left out. Names are taken in any case. Where one
        keyword may come several times (NICDEF of Image_Definition_Update_DM) its values are joined by a
        newline.
    records: directory records of Image_Replace_DM and Image_Create_DM, without padding.
    """

    function: str
    target: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Return code, reason code and payload of one SMAPI call.

    data: a value type of `zvmsim.world.answers` (or a tuple of them) as that module's table says; None for
        writes and refusals.
    error_text: SMAPI's error buffer, empty for most functions.
    """

    rc: int = 0
    rs: int = 0
    data: object = None
    error_text: str = ""


class SmapiError(Exception):
    """The z/VM system declined; its state is unchanged.

    rc, rs: SMAPI return and reason code, which also identify the cause for CP texts (212/8 = not authorized
        to couple).
    """

    def __init__(self, rc: int, rs: int, why: str = "", *, error_text: str = "") -> None:
        super().__init__(f"{rc}/{rs} {why}".rstrip())
        self.rc = rc
        self.rs = rs
        self.why = why
        self.error_text = error_text
