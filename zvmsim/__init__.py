"""A z/VM system that runs on a laptop.

`world` holds the state and rules of one or more z/VM systems without any I/O, `dialects` the languages in
which clients speak to it, `oracle` answers who can reach whom. This package never imports `networking_zvm`
or `zvmlab`: the product and its test double must not be able to share a mistake.
"""
