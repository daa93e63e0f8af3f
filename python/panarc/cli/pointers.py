"""Verbs of other programs, and what does their work here."""

from __future__ import annotations

_LISTS = "listset prints the samples, listctg their contigs, and info facts about the archive"
_EXTRACTS = "getset extracts samples, getcol all of them, getctg contigs and fetch regions"
_REMOVES = "samples cannot be removed from an archive; extract the others with getcol and make a new one of them"

#: What is said of a verb that there is not.
POINTERS = {
    "faidx": "fetch extracts regions as samtools faidx does, and --fai writes an index",
    "getfasta": "fetch --bed FILE extracts the intervals of a BED file",
    "subseq": "fetch extracts regions",
    "view": "fetch extracts regions, getset samples",
    **dict.fromkeys(("list", "ls", "show"), _LISTS),
    **dict.fromkeys(("extract", "get", "cat", "decompress", "unpack"), _EXTRACTS),
    **dict.fromkeys(("remove", "rm", "delete", "del", "drop"), _REMOVES),
    **dict.fromkeys(("add", "update", "insert"), "append adds samples to an archive"),
    **dict.fromkeys(("compress", "pack", "build", "make"), "create makes an archive of FASTA files"),
    "merge": "archives cannot be merged; append takes FASTA, which getcol writes of an archive",
    "index": "archives need no index",
    "test": "verify decodes everything and compares digests; check looks at the structure alone",
    "validate": "verify decodes everything and compares digests; check looks at the structure alone",
    "md5": "digest --md5 prints MD5s",
}
