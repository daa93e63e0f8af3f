"""What C++ AGC does wrong, and the test that shows panarc doing right.

For each entry of the project's list of faults of AGC 3.2.2 that concerns making or extending archives, by its number:

* 1.1 equal headers in a sample: test_input_errors.py::test_equal_headers_in_one_sample
* 1.2 records of one first word with -c: test_split.py::test_neighbours_of_one_first_word_are_one_sample
* 1.3, 1.4, 1.5 bytes that are no nucleotides: test_input_errors.py::test_bytes_that_are_no_nucleotides
* 1.6 empty contigs: test_input_errors.py::test_empty_contigs
* 1.6 empty headers: test_input_errors.py::test_empty_headers
* 1.6 a blank first line: test_quirks.py::test_blank_lines_before_the_first_header
* 1.6 what was written can be read again: test_quirks.py::test_output_is_input
* 1.7 a header in a line of sequence: test_quirks.py::test_a_header_starts_its_line
* 1.8 truncated compression: test_input_errors.py::test_truncated_compression
* 1.9 gzip under any name: test_input_errors.py::test_compression_is_recognised
* 1.10 poly-A: test_quirks.py::test_poly_a
* 1.11 names beyond ASCII: test_input_errors.py::test_names_beyond_ascii
* 1.12 lower case: test_quirks.py::test_lower_case_comes_back_as_upper_case
* 1.13 append without files: test_quirks.py::test_append_without_files
* 1.14 lengths that AGC's append stored wrongly: test_golden.py::test_every_base
* 1.14 and appending to such archives: test_append.py::test_wrong_lengths_of_old_appends_are_corrected
* 1.16 damaged archives: test_corrupt.py::test_damage
* 1.17 full disks: test_cli.py::test_full_disk
* 1.18 nothing but the archive on standard output: test_cli.py::test_create_to_standard_output
* 1.19 files of one sample name: test_input_errors.py::test_files_that_give_the_same_sample
* 1.20 many long contigs that are like nothing else: test_quirks.py::test_many_contigs_without_likeness
* 2 exit status: test_cli.py::test_usage
* 2 missing files: test_input_errors.py::test_missing_files
* 2 spaces in lists, and several lists: test_inputs.py::test_paths_with_spaces_and_two_lists
* 2 folders as input: test_inputs.py::test_a_folder_stands_for_its_files
* 2 options out of range: test_quirks.py::test_options_out_of_range
* 2 archives that are none: test_corrupt.py::test_what_is_no_archive
* 2 later formats: test_corrupt.py::test_a_later_format_is_told
* 2 files without contigs: test_input_errors.py::test_files_that_are_no_fasta
* 3 a run that is killed: test_atomic.py::test_killed_at_any_moment
* 3 an append that is killed: test_append.py::test_killed_at_any_time_the_archive_is_the_old_or_the_new_one
* 3 a target that cannot be written: test_quirks.py::test_the_target_is_tried_before_input_is_read
* 4 appended samples are grouped like others: test_append.py::test_one_by_one_is_as_small_as_at_once
* 5 names of samples as paths: test_split.py::test_names_of_records_are_no_paths
* 8 the same bytes always: test_determinism.py::test_threads_and_compression

1.15 is about reading with -s, which has no effect here.
"""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import pytest

import panarc
from helpers import TESTS, Collection, bases, build, check, command, fasta, oracle, panarc_command, write_collection
from panarc import errors


def test_the_list_names_tests_that_are_there() -> None:
    named = re.findall(r"(test_\w+\.py)::(test_\w+)", __doc__ or "")
    assert len(named) > 30
    for file, test in named:
        assert re.search(rf"^def {test}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE), (file, test)


def test_blank_lines_before_the_first_header(tmp_path: Path) -> None:
    (tmp_path / "s.fa").write_bytes(b"\n \r\n>a\nACGT\n\n>b\nAC\n")
    build(tmp_path / "a.agc", [tmp_path / "s.fa"])
    check(tmp_path / "a.agc", {"s": [("a", b"ACGT"), ("b", b"AC")]})


@pytest.mark.parametrize("gzip_level", ["0", "6"])
def test_output_is_input(gzip_level: str, rng: random.Random, tmp_path: Path) -> None:
    collection: Collection = {"s": [("none", b""), ("a b", bases(rng, 999)), ("also none", b""), ("last", b"")]}
    build(tmp_path / "a.agc", write_collection(tmp_path / "in", collection))
    for archive, again in (("a.agc", "again"), ("b.agc", "and again")):
        done = panarc_command("getset", "-g", gzip_level, "-o", tmp_path / again, tmp_path / archive, "s")
        assert (done.returncode, done.stderr) == (0, b"")
        with panarc.create(tmp_path / "b.agc", overwrite=True) as builder:
            builder.add_fasta(tmp_path / again, sample="s")
        check(tmp_path / "b.agc", collection)
    assert (tmp_path / "a.agc").read_bytes() == (tmp_path / "b.agc").read_bytes()


def test_a_header_starts_its_line(tmp_path: Path) -> None:
    (tmp_path / "s.fa").write_bytes(b">a\nACGT>b\nACGT\n")
    with pytest.raises(errors.InputError, match=r"s\.fa, line 2, record 'a': '>' inside a sequence line"):
        build(tmp_path / "a.agc", [tmp_path / "s.fa"])


@pytest.mark.parametrize("level", ["fast", "balanced", "smallest"])
def test_poly_a(level: str, rng: random.Random, tmp_path: Path) -> None:
    """Runs of A and T of all lengths around k, in a reference and in what is like it and unlike it."""
    around = [bases(rng, 3000) for _ in range(6)]
    runs = [b"A" * 31, b"T" * 40, b"A" * 21, b"A" * 9000, b"T" * 22]
    reference = b"".join(piece + run for piece, run in zip(around, [*runs, b""], strict=True))
    collection: Collection = {
        "ref": [("c", reference)],
        "like": [("c", around[0] + b"A" * 35 + around[1] + b"T" * 39 + around[4]), ("poly", b"A" * 5000)],
        "unlike": [("c", bases(rng, 9000) + b"A" * 31 + bases(rng, 9000)), ("poly", b"T" * 31), ("short", b"A" * 3)],
    }
    files = write_collection(tmp_path / "in", collection)
    build(tmp_path / "a.agc", files, {"segment_size": 1000, "level": level})
    check(tmp_path / "a.agc", collection)
    oracle("verify", tmp_path / "a.agc", *files)


def test_lower_case_comes_back_as_upper_case(tmp_path: Path) -> None:
    (tmp_path / "s.fa").write_bytes(b">a\nacgtnRYk\n")
    build(tmp_path / "a.agc", [tmp_path / "s.fa"])
    with panarc.open(tmp_path / "a.agc") as archive:
        assert archive["s"]["a"].sequence() == b"ACGTNRYK"


def test_append_without_files(rng: random.Random, tmp_path: Path) -> None:
    build(tmp_path / "a.agc", write_collection(tmp_path / "in", {"s": [("c", bases(rng, 999))]}))
    before = (tmp_path / "a.agc").read_bytes()
    done = panarc_command("append", "-o", tmp_path / "b.agc", tmp_path / "a.agc")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "b.agc").exists()
    assert panarc_command("append", "--in-place", tmp_path / "a.agc").returncode == 2
    assert (tmp_path / "a.agc").read_bytes() == before


def test_many_contigs_without_likeness(rng: random.Random, tmp_path: Path) -> None:
    collection: Collection = {"s": [(f"c{number}", bases(rng, 2000)) for number in range(600)]}
    files = write_collection(tmp_path / "in", collection)
    build(tmp_path / "a.agc", files, {"pack_cardinality": 50})
    check(tmp_path / "a.agc", collection)


@pytest.mark.parametrize(("option", "value"), [("-k", "64"), ("-k", "16"), ("-l", "33"), ("-s", "5"), ("-b", "0")])
def test_options_out_of_range(option: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "s.fa").write_bytes(fasta([("a", b"ACGT")]))
    done = panarc_command("create", option, value, "-o", tmp_path / "a.agc", tmp_path / "s.fa")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert value in done.stderr.decode()
    assert not (tmp_path / "a.agc").exists()


def test_the_target_is_tried_before_input_is_read(tmp_path: Path) -> None:
    """Input that never comes to its end must not keep the message back."""
    create = command("create", "-o", tmp_path / "nosuch" / "a.agc", "s=-")
    with subprocess.Popen(create, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stderr is not None
        assert process.wait(60) == 1
        assert b"cannot create: No such file" in process.stderr.read()
