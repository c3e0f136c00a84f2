"""What can go wrong with a cloud itself."""


class CloudError(Exception):
    """A part of the cloud did not start, ended early or does not obey; the text names it and its log."""
