"""Measuring panarc beside its peers.

``launcher`` and ``process`` run one command and see what it costs, ``tools`` knows the command lines, ``inputs`` the
sets of genomes, ``schedule`` the order of runs, ``verification`` whether the sequence comes back, ``report`` the
tables.
"""
