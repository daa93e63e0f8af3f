"""Archives in object stores, behind objects that read, and behind TLS."""

from __future__ import annotations

import datetime
import io
import ipaddress
import random
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import obstore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from obstore.store import MemoryStore, S3Store

import panarc
from helpers import build, panarc_command, relatives, write_collection
from panarc.errors import MissingFileError, ParameterError, RemoteAccessError, RemoteChangedError, RemoteError
from panarc.remote import stores
from panarc.remote.source import TAIL
from servers import Server, make_handler, s3_environment, s3_server


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    collection = relatives(random.Random("stores"), 4, [500_000, 5000], rate=0.002)
    path = folder / "far.agc"
    build(path, write_collection(folder / "fasta", collection), {"segment_size": 30_000})
    assert path.stat().st_size > TAIL
    return path


def same(far: panarc.Archive, path: Path) -> bool:
    """Whether all bases are those of the file."""
    with panarc.open(path) as near:
        assert far.samples == near.samples
        for name in near:
            assert [c.sequence() for c in far[name]] == [c.sequence() for c in near[name]], name
    return True


# --- S3 --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 server on loopback with a bucket; its URL."""
    with s3_server("genomes") as url:
        yield url


def put(key: str, content: bytes) -> None:
    """Put an object where the environment says."""
    obstore.put(S3Store("genomes"), key, content)


@pytest.fixture
def access(s3: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the environment says for the server, and the same as options."""
    for name, value in s3_environment(s3).items():
        monkeypatch.setenv(name, value)
    return {"client_options": {"allow_http": True}, "retry_config": {"max_retries": 0}}


def test_s3(access: dict[str, object], path: Path) -> None:
    put("pop/far.agc", path.read_bytes())
    with panarc.open("s3://genomes/pop/far.agc", storage_options=access) as far:
        assert same(far, path)
        assert far.path == "s3://genomes/pop/far.agc"
        assert far.verify().ok
    done = panarc_command("getset", "s3://genomes/pop/far.agc", "sample002")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == panarc_command("getset", path, "sample002").stdout


def test_objects_of_s3_that_change_are_noticed(access: dict[str, object], path: Path) -> None:
    put("changing.agc", path.read_bytes())
    with panarc.open("s3://genomes/changing.agc", storage_options=access) as far:
        put("changing.agc", path.read_bytes()[::-1])
        with pytest.raises(RemoteChangedError, match=r"s3://genomes/changing\.agc: the object has changed"):
            same(far, path)


def test_objects_of_s3_that_are_not_there(access: dict[str, object]) -> None:
    with pytest.raises(MissingFileError, match="no such object"):
        panarc.open("s3://genomes/nothing.agc", storage_options=access)
    with pytest.raises(ParameterError, match="a bucket and the key"):
        panarc.open("s3://genomes", storage_options=access)
    with pytest.raises(ParameterError, match="colour"):
        panarc.open("s3://genomes/x", storage_options={"colour": "red"})
    done = panarc_command("listset", "s3://genomes/nothing.agc")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


def test_stores_that_need_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "installed", lambda package: False)
    with pytest.raises(ParameterError, match=r"pip install 'panarc\[cloud\]'"):
        panarc.open("s3://bucket/x.agc")
    with pytest.raises(ParameterError, match="fsspec"):
        panarc.open("sftp://host/x.agc")


# --- fsspec ----------------------------------------------------------------------------------------------------------


def test_fsspec_urls(path: Path) -> None:
    system = fsspec.filesystem("memory")
    system.pipe_file("/pop/far.agc", path.read_bytes())
    with panarc.open("memory://pop/far.agc") as far:
        assert same(far, path)
        system.rm_file("/pop/far.agc")
        far.clear_cache()
    with pytest.raises(MissingFileError, match=r"memory://pop/far\.agc"):
        panarc.open("memory://pop/far.agc")
    with pytest.raises(ParameterError, match="nonsense"):
        panarc.open("nonsense://pop/far.agc")


def test_fsspec_files_that_go_away(path: Path) -> None:
    system = fsspec.filesystem("memory")
    system.pipe_file("/pop/gone.agc", path.read_bytes())
    with panarc.open("memory://pop/gone.agc") as far:
        system.rm_file("/pop/gone.agc")
        with pytest.raises(MissingFileError, match="the file is gone"):
            same(far, path)


def test_file_urls(path: Path) -> None:
    with panarc.open(path.as_uri()) as archive:
        assert same(archive, path)


# --- objects ---------------------------------------------------------------------------------------------------------


class ReadsAt:
    def __init__(self, content: bytes) -> None:
        self.content, self.size, self.name = content, len(content), "mine"

    def read_at(self, start: int, length: int) -> memoryview:
        return memoryview(self.content)[start : start + length]


class GetsRanges:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.calls: list[int] = []

    def __len__(self) -> int:
        return len(self.content)

    def get_ranges(self, *, starts: Sequence[int], ends: Sequence[int]) -> list[bytes]:
        self.calls.append(len(starts))
        return [self.content[start:end] for start, end in zip(starts, ends, strict=True)]


class Trickles(io.BytesIO):
    """Gives fewer bytes than asked for, as a socket does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1000, 1000 if size is None or size < 0 else size))


def test_objects_that_read(path: Path) -> None:
    content = path.read_bytes()
    store = MemoryStore()
    obstore.put(store, "far.agc", content)
    with path.open("rb") as file, fsspec.open(str(path), "rb") as other:
        objects: list[Any] = [
            file,
            other,
            io.BytesIO(content),
            Trickles(content),
            ReadsAt(content),
            GetsRanges(content),
            obstore.open_reader(store, "far.agc"),
        ]
        for reads in objects:
            with panarc.open(reads) as far:
                assert same(far, path), type(reads).__name__
    with panarc.open(ReadsAt(content)) as far:
        assert (far.path, "'mine'" in repr(far)) == ("mine", True)


def test_threads_share_a_file_with_one_position(path: Path) -> None:
    content, wrong = path.read_bytes(), []
    with panarc.open(path) as near, panarc.open(Trickles(content), cache_bytes=0, memory_limit="2MB") as far:

        def read(seed: int) -> None:
            rng = random.Random(seed)
            for _ in range(30):
                name, start = rng.choice(near.samples), rng.randrange(450_000)
                if far[name]["chr1"][start : start + 3000] != near[name]["chr1"][start : start + 3000]:
                    wrong.append((name, start))

        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_objects_that_do_not_do_what_they_must(path: Path) -> None:
    content = path.read_bytes()

    class Short(ReadsAt):
        def read_at(self, start: int, length: int) -> memoryview:
            return super().read_at(start, length - 1)

    with pytest.raises(RemoteError, match=f"mine: cannot read: {TAIL - 1} bytes came of {TAIL}"):
        panarc.open(Short(content))

    class Own(Exception):
        pass

    class Fails(ReadsAt):
        broken = False

        def read_at(self, start: int, length: int) -> memoryview:
            if self.broken:
                raise Own("no more")
            return super().read_at(start, length)

    fails = Fails(content)
    with panarc.open(fails) as far:
        fails.broken = True
        # What an object raises passes as it is, also by way of threads of the core.
        with pytest.raises(Own, match="no more"):
            far["sample001"]["chr1"][:100]
        with pytest.raises(Own, match="no more"):
            far.fetch("chr1", 0, 100, sample="sample001")
        with pytest.raises(Own, match="no more"):
            far.verify()
        fails.broken = False
        assert same(far, path)
    wrong: Any = object()
    with pytest.raises(ParameterError, match="cannot be read from object"):
        panarc.open(wrong)
    with pytest.raises(ParameterError, match="storage_options"):
        panarc.open(ReadsAt(content), storage_options={"timeout": 1})


# --- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "panarc test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + private)
    return path


class _Secure(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture
def secure(path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server behind TLS."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    served = Server({"/far.agc": path.read_bytes()})
    with _Secure(("127.0.0.1", 0), make_handler(served)) as server:
        # Hands are shaken by the thread of the connection.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        served.url = f"https://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def test_https(secure: Server, certificate: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RemoteError, match="certificate"):
        panarc.open(secure.url + "/far.agc")
    assert secure.taken() == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with panarc.open(secure.url + "/far.agc") as far:
        assert same(far, path)
    secure.taken()
    # What is asked for in secret is not asked for in public.
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        secure.redirects = {"/far.agc": f"http://127.0.0.1:{unused.getsockname()[1]}/far.agc"}
        with pytest.raises(RemoteError, match="redirects from https to http"):
            panarc.open(secure.url + "/far.agc")
    assert [request.status for request in secure.taken()] == [302]


def test_access_denied_in_a_store(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    class Denies(fsspec.AbstractFileSystem):  # type: ignore[misc]
        def info(self, path: str, **_: object) -> dict[str, object]:
            raise PermissionError(path)

    fsspec.register_implementation("denies", Denies, clobber=True)
    with pytest.raises(RemoteAccessError, match="access is denied"):
        panarc.open("denies://x/y.agc")
