"""Measuring panarc beside its peers.

``launcher`` and ``process`` run one command and see what it costs, ``tools`` knows the command lines, ``inputs`` the
sets of genomes and their halves, ``schedule`` the order of runs, ``verification`` whether the sequence comes back,
``report`` the tables.  ``modes`` and ``growth`` are for the hard collections: how small AGC can get, and whether time
grows faster than the input.  ``command_line`` is what the scripts share.
"""
