"""What a guest is told of its networks, in two voices that never contradict each other.

`vifs` reads Nova's network information into value objects (`networks`); `plan` decides by distribution
(`distributions`) who tells the guest, or refuses before anything is created (`refusals`); `feilong` and
`network_data` put it into words for Feilong's interface call and for the config drive; `contradictions` holds
the two against each other. Pure: no Nova, no I/O. Making NICs and calling Feilong happen elsewhere.
"""
