"""Archives in the place of other libraries' FASTA files.

`FastaFile` behaves as pysam's, `Fasta` as pyfaidx's, `seq_records` gives Biopython's records. None of these libraries
is needed for the first two; Biopython is for the last. Each takes an archive, or the path of one, and shows one sample
of it, or all of them by names such as ``S288C#chrI``.
"""

from __future__ import annotations

from .bio import seq_records
from .faidx import FetchError
from .fasta import Fasta
from .fasta_file import FastaFile

__all__ = ["Fasta", "FastaFile", "FetchError", "seq_records"]
