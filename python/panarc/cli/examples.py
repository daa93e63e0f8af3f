"""Command lines that help and manual pages show; each works where there are `pop.agc` and `genomes/`."""

from __future__ import annotations

#: What stands in the help of all verbs.
OVERVIEW = (
    "panarc create -o pop.agc genomes/*.fa",
    "panarc listset pop.agc",
    "panarc fetch pop.agc chr1@b:1,001-1,100",
    "panarc getset -o b.fa pop.agc b",
)

#: By verb.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "create": (
        "panarc create -o pop.agc genomes/*.fa",
        "panarc create -o pop.agc --keep-case first=genomes/a.fa genomes/b.fa",
        "cat genomes/*.fa | panarc create -t 2 --memory-limit 1GB all=- > all.agc",
    ),
    "append": (
        "panarc append --in-place pop.agc more=genomes/a.fa",
        "panarc append -o larger.agc pop.agc more=genomes/a.fa",
    ),
    "getcol": ("panarc getcol -g 6 -o everything pop.agc", "panarc getcol -r pop.agc > others.fa"),
    "getset": ("panarc getset -o b.fa pop.agc b", "panarc getset -g 6 --fai -o a.fa.gz pop.agc a"),
    "getctg": ("panarc getctg pop.agc chr1@b:1000-1099", "panarc getctg -o chr2.fa pop.agc chr2@a chr2@b"),
    "fetch": (
        "panarc fetch pop.agc chr1@b:1,001-1,100",
        "panarc fetch --sample b -r pop.agc chr1:1-100 chr2",
        "printf 'chr1\\t1000\\t1100\\n' | panarc fetch --sample b --bed - pop.agc",
    ),
    "listref": ("panarc listref pop.agc",),
    "listset": ("panarc listset pop.agc", "panarc listset --tsv -o samples.tsv pop.agc"),
    "listctg": ("panarc listctg pop.agc a b", "panarc listctg --json pop.agc b"),
    "info": ("panarc info pop.agc", "panarc info --json pop.agc"),
    "check": ("panarc check pop.agc",),
    "verify": ("panarc verify pop.agc", "panarc verify --json -t 2 pop.agc"),
    "digest": ("panarc digest pop.agc", "panarc digest --seqcol --sample b pop.agc"),
    "stats": (
        "panarc stats pop.agc",
        "panarc stats --html report.html pop.agc",
        "panarc stats --json -o stats.json pop.agc",
    ),
    "completion": (
        "panarc completion bash > panarc.bash",
        "panarc completion zsh > _panarc",
        "panarc completion fish > panarc.fish",
    ),
}


def shown(examples: tuple[str, ...]) -> str:
    """Return command lines as help has them."""
    return "".join(f"  {example}\n" for example in examples)
