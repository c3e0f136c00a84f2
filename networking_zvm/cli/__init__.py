"""The operator's commands: `neutron-zvm check | show | plan`. They look and never change anything.

`main` reads the command line; each command has a module that fetches, decides and prints in this order.
What is decided is pure (`checks`, `overview`, `forecast`), so that it can be tested without a z/VM.
"""
