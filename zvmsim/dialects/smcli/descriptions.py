"""What smcli says about a return and a reason code.

Source: feilong zthin rcdescriptions.c.
"""

_SAME_FOR_ALL = {
    (0, 0): "Request successful",
    (0, 8): "Request successful; object directory offline",
    (0, 12): "Request successful; NAMESAVE statement already exists in directory",
    (0, 20): "No output; user(s) not authorized for specified segment",
    (0, 24): "Request successful; virtual network LAN removed",
    (0, 28): "No matching entries found. Return buffer is empty",
    (0, 40): "Request successful; new virtual switch created",
    (0, 44): "Request successful; virtual switch removed",
    (0, 66): "Multiple DEFINE or MODIFY statements are erased in system config",
    (4, 4): "Request does not exist",
    (4, 5): "Unrestricted LAN",
    (4, 6): "No authorized users",
    (8, 2): "Invalid access user",
    (8, 3): "Invalid op value",
    (8, 2783): "Invalid LAN ID",
    (8, 2795): "Invalid LAN parameter",
    (8, 3002): "Invalid parameter name",
    (8, 3003): "Invalid parameter operand",
    (8, 3004): "Required Parameter is missing",
    (100, 8): "Request not authorized by external security manager",
    (100, 12): "Request not authorized by directory manager",
    (100, 16): "Request not authorized by server",
    (120, 0): "Authentication error; userid or password not valid",
    (200, 4): "Image not found",
    (200, 8): "Image already active",
    (200, 12): "Image not active",
    (200, 16): "Image being deactivated",
    (200, 24): "List not found",
    (200, 28): "Some images in list not activated",
    (200, 32): "Some images in list not deactivated",
    (204, 2): "Input image device number not valid",
    (204, 4): "Image device already exists",
    (204, 8): "Image device does not exist",
    (204, 12): "Image device is busy",
    (204, 20): "Image device already connected",
    (204, 28): "Image device already defined as type other than network adapter",
    (204, 40): "Virtual Network Adapter not deleted",
    (204, 48): "Virtual network adapter is already disconnected",
    (212, 4): "Partner image not found",
    (212, 8): "Image not authorized to connect",
    (212, 12): "LAN does not exist",
    (212, 16): "LAN owner LAN name does not exist",
    (212, 20): "Requested LAN owner not active",
    (212, 24): "LAN name already exists with different attributes",
    (212, 28): "Image device not correct type for requested connection",
    (212, 32): "Image device not connected to LAN",
    (212, 36): "Virtual switch already exists",
    (212, 40): "Virtual switch does not exist",
    (212, 44): "Image already authorized",
    (212, 48): "VLAN does not exist",
    (212, 52): "Maximum number of connections reached",
    (212, 96): "Unknown reason",
    (400, 4): "Image or profile definition not found",
    (400, 8): "Image or profile name already defined",
    (400, 12): "Image or profile definition is locked ",
    (400, 16): "Image or profile definition cannot be deleted",
    (400, 20): "Image prototype is not defined",
    (400, 24): "Image or profile definition is not locked",
    (400, 40): "Multiple user statements",
    (404, 4): "Image device already defined",
    (404, 8): "Image device not defined",
    (404, 12): "Image device is locked",
    (404, 24): "Image device is not locked",
    (408, 12): "Image device is locked",
    (412, 16): "Parameters do not match existing directory statement",
    (412, 28): "Image device not correct type for requested connection",
    (436, 4): "Profile included not found",
    (500, 4): "Directory manager is not accepting updates",
    (500, 8): "Directory manager is not available",
    (592, 0): "Asynchronous operation started",
    (620, 54): "DEFINE VSWITCH statement already exists in system config",
    (620, 58): "MODIFY VSWITCH statement to userid not found in system config",
    (620, 60): "DEFINE VSWITCH statement does not exist in system config",
    (620, 64): "Multiple DEFINE or MODIFY statements found in system config",
    (900, 12): "Specified function does not exist",
    (900, 99): "A system change occurred during the API call - reissue the API call to obtain the data",
}

_BY_FUNCTION = {
    ("Image_Status_Query", 0, 12): "Image not active",
    ("Virtual_Network_LAN_Create", 0, 20): "Request successful; new virtual network LAN created",
    ("Virtual_Network_Adapter_Query", 212, 8): "Adapter does not exist",
    ("Virtual_Network_Adapter_Query_Extended", 212, 8): "Adapter does not exist",
    ("Virtual_Network_LAN_Access", 8, 4): "Invalid promiscuity value",
}

_BY_RETURN_CODE = {
    8: "Check the SMAPI manual for this reason code {rs}. It may represent a HCP/DMS {rs} message number",
    24: "Syntax error in function parameter {parameter}; {problem}",
    396: "Internal error found. - product-specific return code : {rs}",
    592: "Asynchronous operation started - product-specific asynchronous operation ID : {rs}",
    596: "Internal directory manager error - product-specific return code : {rs}",
}

_SYNTAX_PROBLEMS = {
    1: 'First character of listname is a colon ":"',
    10: 'Characters not "0123456789"',
    11: "Unsupported function",
    13: "Length is greater than maximum or exceeds total length",
    14: "Length is less than minimum",
    15: "Numeric value less than minimum or null value encountered",
    16: 'Characters not "0123456789ABCDEF"',
    17: 'Characters not "0123456789ABCDEF-"',
    18: "Numeric value greater than maximum",
    19: "Unrecognized value",
    23: "Conflicting parameter specified",
    24: "Unspecified required parameter",
    25: "Extraneous parameter specified",
    36: 'Characters not "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"',
    42: 'Characters not "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$+-:"',
    43: 'Characters not "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@#$+-:_"',
    88: "Unexpected end of data",
}


def description(function: str, rc: int, rs: int) -> str:
    """The sentence for a pair of codes; some depend on the function."""
    if text := _BY_FUNCTION.get((function, rc, rs)) or _SAME_FOR_ALL.get((rc, rs)):
        return text
    if function == "Query_API_Functional_Level" and rc == 0:
        return f"The API functional level is z/VM V{rs // 100}.{rs // 10 % 10}"
    problem = _SYNTAX_PROBLEMS.get(rs % 100, f"Unexpected new SMAPI syntax error number {rs % 100}.")
    unknown = "Unknown. Consult the SMAPI manual return and reason code summary"
    return _BY_RETURN_CODE.get(rc, unknown).format(rs=rs, parameter=rs // 100, problem=problem)


def numbered_description(function: str, rc: int, rs: int) -> str:
    """With the message number in front, as today's smcli prints it."""
    severity = {0: "I", 4: "W"}.get(rc, "E")
    return f"ULGSMC5{rc:03d}{severity} {description(function, rc, rs)}"
