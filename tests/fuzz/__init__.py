"""Damaged input for every parser of what comes from outside: `make fuzz SECONDS=600`.

Real texts, documents and bytes (`seeds`), mutated (`mutations`), go to the parsers of `networking_zvm` and to
zvmsim's SMAPI server. A parser may refuse, with the package's own errors; it must not crash, hang, or accept
what an independent, simple reading of the same input (`plain`) understands otherwise. The targets are in
`*_targets`, by what is read. A few hundred executions of each are part of the test suite.
"""
