"""Nova's part, where Nova is not running: guests and their NICs through each control point, a module each.

`base` is the seam. Networks are not its business: it makes NICs, or says which there shall be, and looks
whether they are ready before it starts a guest.
"""
