"""The live page of a simulator: its files, the data they ask for, and who may ask the control port at all.

What the page shows is decided in `zvmsim.view` and `zvmsim.recent`; nothing here knows z/VM.
"""
