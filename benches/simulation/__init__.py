"""Seeded simulator of genome collections, used by the benchmarks and nothing else.

``draws`` makes random values, ``fasta`` reads and writes files, ``mutation`` changes a genome along one branch,
``tree`` says which branches there are, ``genomes`` invents ancestors and ``repeats`` regions full of repeats;
``populations``, ``shapes`` and ``hard`` write collections.
"""
