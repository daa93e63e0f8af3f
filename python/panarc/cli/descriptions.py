"""What help says of verbs at length, where their summary is not enough."""

from __future__ import annotations

#: By the verb's name.
DESCRIPTIONS = {
    "create": """\
Make an archive from FASTA files; one file is one sample, the first is the reference.

FILE is a path, or NAME=PATH to name the sample; else its name is the file's without folder and suffixes
such as .fa.gz. Files may be plain, gzip, BGZF or zstd. NAME=- reads one sample from standard input. A
folder stands for the FASTA files in it, sorted by name. Files of the same NAME, one right behind the other,
are one sample. With -c or --split a file holds many samples, unless it has a NAME.""",
    "append": """\
Add the samples of FASTA files to an archive, whatever made it. The result is a new archive, or with
--in-place takes the old one's place when it is complete; until then the old one is as it was.

FILE is as for create. The archive's own parameters count.""",
    "getctg": """\
Extract contigs, or parts of them: CONTIG, CONTIG@SAMPLE, CONTIG:FROM-TO or CONTIG@SAMPLE:FROM-TO.

Positions are counted from 0, and TO is meant too; a TO beyond the contig's end means the end. Without a
sample, exactly one sample must have the contig. A contig is named by its whole header, or its first word.""",
    "fetch": """\
Extract regions, as samtools faidx does, in the order given: CONTIG, CONTIG:FROM-TO, CONTIG:FROM (all from
there), CONTIG:-TO. Positions are counted from 1, and TO is meant too; they may have commas.

CONTIG@SAMPLE:FROM-TO, CONTIG:FROM-TO@SAMPLE and SAMPLE#CONTIG:FROM-TO name the sample. Without one, exactly
one sample must have the contig. A contig is named by its whole header, or its first word. What is the name
of a contig as a whole is never taken apart; braces separate a name from its range, as in {chr1:1-100}:5-10.

If the regions come from more than one sample, each header begins with SAMPLE#. The first 4,096 regions
decide: if they are all of one sample, only later records of other samples have it. If several contigs of
a sample have the same first word, records have the whole header. Regions are looked up some thousands at a
time; with -o FILE, nothing appears if one of them is wrong.""",
    "digest": """\
Print the digests of contigs as GA4GH refget has them: SQ. and 32 letters, of the sequence in upper case.

Columns are separated by tabs: sample, contig, length, digest. What the archive does not store is computed
from the sequence. With --seqcol there is a line for each sample, with the digest of its sequence collection.""",
    "stats": """\
Print where an archive's bytes went: a table of what they hold, or the groups, or the samples.

A group's reference counts for the first sample that uses it. A pack's bytes are divided evenly over the
deltas in it, and each counts for the first sample that uses it. No sequence is decoded.""",
    "check": """\
Look whether an archive is well formed, without decoding sequence: the registry, the collection, and whether all
segments have their place. A line for each thing that is wrong; the exit status is 1 if there is any.""",
    "verify": """\
Decode all that is in an archive, and compare every contig with its digest where one is stored: a line for
each thing that is wrong, with sample, contig, group, stream and part. What is readable nevertheless is told
at the end. The exit status is 1 if anything is wrong. Archives without digests are checked for structure,
lengths and overlaps.

With --against, contigs are compared base by base with the records of FASTA files, which are named as for
create: panarc verify pop.agc --against a.fa b.fa""",
    "completion": """\
Print the script by which a shell completes verbs, options, their values and files: bash, zsh or fish.

bash reads it from a file such as ~/.local/share/bash-completion/completions/panarc, or by
eval "$(panarc completion bash)"; zsh from a file _panarc in a folder of $fpath; fish from
~/.config/fish/completions/panarc.fish.""",
    "repair": """\
Make a new archive of all that can be read of a damaged one, which stays as it is:

    panarc repair damaged.agc -o repaired.agc

A contig is taken over if its segments can be decoded and agree with their neighbours and, where one is stored,
with its digest. If all that is wrong are lengths that an old append of AGC stored, everything is copied and
they are corrected. A line for each thing that is damaged, and for each contig or sample that is lost. The exit
status is 1 if anything is lost, though the new archive is there; 0 if nothing is, also if there was nothing to
repair: then nothing is written.""",
}
