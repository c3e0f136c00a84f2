"""How Sphinx builds this documentation: `make docs`, offline, warnings as errors."""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "networking-zvm"
author = "The networking-zvm authors"
copyright = "The networking-zvm authors; Apache License 2.0"
release = importlib.metadata.version(project)
version = release.split(".dev")[0]

extensions = ["from_code", "control_points", "said_by", "reno.sphinxext"]
exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False

html_theme = "alabaster"
html_static_path = ["_static"]
html_theme_options = {
    "description": "OpenStack networking for IBM z/VM",
    "fixed_sidebar": True,
    "page_width": "1100px",
    "body_max_width": "100%",
}
html_show_sourcelink = False


def setup(app):
    """The release notes are read anew at every build: their page does not change when a note does."""
    app.connect("env-get-outdated", lambda *_: ["release-notes"])
