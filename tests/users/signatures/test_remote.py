"""Pictures from the web: from public addresses alone, in time, and nothing else."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any, ClassVar

import pytest

from tests.servers.certificates import Certificate
from tests.servers.https import HttpsServer, Talk
from tests.users.signatures.pictures import colour_of, picture
from users.signatures import SignatureRefused
from users.signatures.pictures import MAX_BYTES
from users.signatures.remote import Fetcher


class _Talk(Talk):
    def do_GET(self) -> None:
        self.server.stand_in.asked.append((self.path, self.headers["Host"]))
        getattr(self, f"_{self.path.strip('/').split('/')[0]}")()

    def _red(self) -> None:
        self.answer(200, picture("red"), Content_Type="text/html")

    def _missing(self) -> None:
        self.answer(404, picture("red"))

    def _page(self) -> None:
        self.answer(200, b"<html>Sign in</html>")

    def _large(self) -> None:
        self.answer(200, bytes(MAX_BYTES + 1))

    def _endless(self) -> None:
        self.answer(200, Content_Length=str(10**12))
        self._drip(b"x" * 65_536, 100, 0)

    def _slow(self) -> None:
        self.answer(200, Content_Length="1000")
        self._drip(b"x", 1_000, 0.05)

    def _headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._drip(b"X-Header: y\r\n", 1_000, 0.05)

    def _broken(self) -> None:
        self.hang_up()

    def _here(self) -> None:
        self.answer(302, Location="/red")

    def _away(self) -> None:
        self.answer(302, Location="https://localhost.example/red")

    def _plain(self) -> None:
        self.answer(302, Location=f"http://localhost:{self.server.stand_in.port}/red")

    def _port(self) -> None:
        self.answer(302, Location="https://localhost:1/red")

    def _circle(self) -> None:
        self.answer(302, Location="/circle")

    def _nowhere(self) -> None:
        self.answer(302)

    def _drip(self, piece: bytes, times: int, seconds: float) -> None:
        try:
            for _number in range(times):
                self.wfile.write(piece)
                time.sleep(seconds)
        except OSError:
            self.close_connection = True


class PictureServer(HttpsServer):
    """Serves one picture, and every fault there is, each under its name."""

    talk: ClassVar[type[Talk]] = _Talk

    def __init__(self, certificate: Certificate = Certificate.GOOD) -> None:
        super().__init__(certificate)
        self.asked: list[tuple[str, str]] = []

    def fetcher(self, **options: Any) -> Fetcher:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        return Fetcher(**{"may_connect": lambda _address: True, "ports": {self.port}, "context": context, **options})


def refusal(fetch: Fetcher, url: str) -> str:
    with pytest.raises(SignatureRefused) as caught:
        fetch(url)
    return str(caught.value)


def test_a_picture_is_fetched() -> None:
    with PictureServer() as server:
        fetch = server.fetcher()
        assert colour_of(fetch(f"{server.url}/red/1?a=b#c").content) == "red"
        assert colour_of(fetch(f"{server.url}/here").content) == "red"
    host = f"localhost:{server.port}"
    assert server.asked == [("/red/1?a=b", host), ("/here", host), ("/red", host)]


@pytest.mark.parametrize("path", ["missing", "broken", "away", "plain", "port", "circle", "nowhere"])
def test_whatever_is_wrong_is_told_in_the_same_words(path: str) -> None:
    with PictureServer() as server:
        assert refusal(server.fetcher(), f"{server.url}/{path}") == "The picture could not be fetched from the web."
    assert {asked for asked, _host in server.asked} == {f"/{path}"}


def test_what_is_no_picture_is_not_kept() -> None:
    with PictureServer() as server:
        assert "not a picture" in refusal(server.fetcher(), f"{server.url}/page")


@pytest.mark.parametrize("path", ["large", "endless"])
def test_no_more_than_a_megabyte_is_read(path: str) -> None:
    with PictureServer() as server:
        assert "1 MB" in refusal(server.fetcher(), f"{server.url}/{path}")


@pytest.mark.parametrize("path", ["slow", "headers"])
def test_a_slow_server_is_given_up_however_it_is_slow(path: str) -> None:
    with PictureServer() as server:
        begin = time.monotonic()
        refusal(server.fetcher(seconds=0.5), f"{server.url}/{path}")
        assert time.monotonic() - begin < 3


def test_the_time_is_for_all_pictures_together() -> None:
    with PictureServer() as server:
        fetch = server.fetcher(seconds=0.5)
        refusal(fetch, f"{server.url}/slow")
        refusal(fetch, f"{server.url}/red")
    assert [path for path, _host in server.asked] == ["/slow"]


@pytest.mark.parametrize("certificate", [Certificate.WRONG_NAME, Certificate.EXPIRED, Certificate.UNTRUSTED])
def test_certificates_are_verified(certificate: Certificate) -> None:
    with PictureServer(certificate) as server:
        refusal(server.fetcher(), f"{server.url}/red")
    assert server.asked == []


def test_this_machine_is_not_public() -> None:
    with PictureServer() as server:
        fetch = Fetcher(ports={server.port}, context=ssl.create_default_context(cafile=str(server.ca_file)))
        for host in ("localhost", "127.0.0.1", "[::1]"):
            refusal(fetch, f"https://{host}:{server.port}/red")
    assert server.asked == []


INNER = """10.0.0.1 172.16.0.1 192.168.1.1 127.0.0.1 169.254.169.254 100.64.0.1 100.100.100.200 192.0.0.192 192.88.99.1
0.0.0.0 224.0.0.1 255.255.255.255 ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ::ffff:10.0.0.1 64:ff9b::7f00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 2002:7f00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe ::127.0.0.1 ::""".split()


@pytest.mark.parametrize("inner", INNER)
def test_a_name_with_an_inner_address_is_never_connected_to(inner: str) -> None:
    for addresses in ([inner], ["93.184.216.34", inner], [inner, "93.184.216.34"]):
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 443)) for address in addresses]
        fetch = Fetcher(resolve=lambda _host, _port, found=found: found)  # type: ignore[misc]
        assert refusal(fetch, "https://inner.example/x.png") == "The picture could not be fetched from the web."


def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    """The name of the server is another one than what it stands for here, as for an attacker who answers twice."""
    asked = []

    def resolve(host: str, port: int) -> Iterable[Any]:
        asked.append(host)
        return socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)

    with PictureServer() as server:
        assert server.fetcher(resolve=resolve)(f"{server.url}/red").width == 120
        assert asked == ["localhost"]
        # Its certificate is for another name.
        refusal(server.fetcher(resolve=resolve), f"https://other.example:{server.port}/red")
    assert [path for path, _host in server.asked] == ["/red"]


def test_of_several_addresses_one_that_answers_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        closed = nobody.getsockname()
    with PictureServer() as server:
        found = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
        dead = [(*found[0][:-1], closed)]
        assert server.fetcher(resolve=lambda _host, _port: dead + found)(f"{server.url}/red").width == 120
        refusal(server.fetcher(resolve=lambda _host, _port: dead), f"{server.url}/red")


def test_a_name_that_does_not_resolve_in_time_is_given_up() -> None:
    def resolve(_host: str, _port: int) -> Iterable[Any]:
        time.sleep(2)
        return []

    begin = time.monotonic()
    refusal(Fetcher(resolve=resolve, seconds=0.1), "https://slow.example/x.png")
    assert time.monotonic() - begin < 1
    refusal(Fetcher(resolve=lambda _host, _port: []), "https://none.example/x.png")
    refusal(Fetcher(), "https://none.invalid/x.png")


def test_one_inner_address_among_several_is_enough_to_refuse() -> None:
    judged: list[str] = []

    def may_connect(address: str) -> bool:
        judged.append(address)
        return len(judged) != 1

    with PictureServer() as server:
        refusal(server.fetcher(may_connect=may_connect), f"{server.url}/red")
    assert server.asked == []
    assert judged[0] in {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/red",
        "ftp://localhost/red",
        "file:///etc/passwd",
        "https:///red",
        "https://user:password@localhost/red",
        "https://localhost\\@evil.example/red",
        "https://localhost:22/red",
        "https://localhost:99999/red",
        "https://[::1/red",
        "https://localhost/red\r\nX: y",
        "https://localhost/red x",
        "https://löcalhost/red",
        "https://" + "a" * 300 + ".localhost/red",
        "",
    ],
)
def test_other_addresses_are_not_even_tried(url: str) -> None:
    refusal(Fetcher(may_connect=lambda _address: True), url)
