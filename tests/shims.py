"""Libraries that stand between a program and its system: they count calls, or let them fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name, type) static __typeof__(type) real; if (!real) real = (type)dlsym(RTLD_NEXT, name)

/* A line for each call; nothing where SHIM_LOG is not set. */
static void note(const char *what, const char *which) {
    const char *path = getenv("SHIM_LOG");
    char line[4400];
    int length, log;
    if (!path) return;
    length = snprintf(line, sizeof line, "%s %s\n", what, which);
    log = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (log >= 0) { if (write(log, line, length) < 0) {} close(log); }
}

static int asked(const char *fault) {
    const char *faults = getenv("SHIM_FAULTS");
    return faults && strstr(faults, fault);
}

static const char *kind(int file) {
    struct stat found;
    return fstat(file, &found) == 0 && S_ISDIR(found.st_mode) ? "folder" : "file";
}

int fsync(int file) {
    REAL("fsync", int (*)(int));
    note("fsync", kind(file));
    if (asked("folder-sync") && strcmp(kind(file), "folder") == 0) { errno = EIO; return -1; }
    if (asked("folders-cannot") && strcmp(kind(file), "folder") == 0) { errno = EINVAL; return -1; }
    return real(file);
}

int fdatasync(int file) {
    REAL("fdatasync", int (*)(int));
    note("fsync", kind(file));
    return real(file);
}

int syncfs(int file) {
    REAL("syncfs", int (*)(int));
    note("syncfs", "all");
    if (asked("syncfs")) { errno = EIO; return -1; }
    return real(file);
}

static int opened(const char *path, int flags, mode_t mode) {
    REAL("open64", int (*)(const char *, int, ...));
    if ((flags & O_TMPFILE) == O_TMPFILE && asked("no-unnamed")) { errno = EOPNOTSUPP; return -1; }
    return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest; mode_t mode;
    va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest);
    return opened(path, flags, mode);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
    REAL("linkat", int (*)(int, const char *, int, const char *, int));
    note("link", new);
    if (asked("no-links")) { errno = EPERM; return -1; }
    if (asked("no-naming") && strncmp(old, "/proc/", 6) == 0) { errno = EPERM; return -1; }
    return real(from, old, to, new, flags);
}

int rename(const char *old, const char *new) {
    REAL("rename", int (*)(const char *, const char *));
    note("rename", new);
    if (asked("die-before-rename")) _exit(99);
    return real(old, new);
}
"""


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or os.uname().sysname != "Linux":
        pytest.skip("there is no compiler of C, or no such library")
    folder = tmp_path_factory.mktemp("shim")
    source = folder / "shim.c"
    source.write_text(_SOURCE)
    library = folder / "shim.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def shimmed(shim: Path, *faults: str, log: Path | None = None) -> dict[str, str]:
    """The environment of a program that meets these faults, and whose calls are noted in a file."""
    known = {"LD_PRELOAD": str(shim), "SHIM_FAULTS": " ".join(faults)}
    return os.environ | known | ({"SHIM_LOG": str(log)} if log is not None else {})
