"""The page's server as browsers, other sites and strangers meet it."""

import http.client
import json
import socket
import ssl
import threading
import time
from contextlib import closing

import pytest

from cosim.errors import LinkError

pytest.importorskip("aiohttp", reason="aiohttp is not installed")

from cosim.live.page import server as server_module
from cosim.live.page.access import Access, PageAddress
from cosim.live.page.board import Board
from cosim.live.page.server import PageServer

TOKEN = "correct-horse-battery"


class Page:
    def __init__(self, *, token=TOKEN, is_closed=False, decide=None, certificate=None, names=("r7",)):
        self.warnings = []
        self.boards = {name: Board() for name in names}
        access = Access(token, is_closed, self.warnings.append)
        self.server = PageServer(self.boards, PageAddress("127.0.0.1", 0), access, decide, certificate=certificate)

    def __enter__(self):
        self.server.__enter__()
        self.home = f"127.0.0.1:{self.server.port}"
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def ask(self, method, path, body=None, **headers):
        with closing(http.client.HTTPConnection(self.home, timeout=10)) as connection:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())

    def post(self, path, said, **headers):
        given = {"Content_Type": "application/json", "Origin": f"http://{self.home}", **headers}
        return self.ask("POST", path, json.dumps(said), **given)

    def sign_in(self):
        status, _, headers = self.post("/sign-in", {"name": "Ada", "token": TOKEN})
        assert status == 200
        return headers["Set-Cookie"]

    def events(self, n, query="", **headers):
        """The first ``n`` messages of the stream."""
        with closing(http.client.HTTPConnection(self.home, timeout=10)) as connection:
            connection.request("GET", f"/events{query}", headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            found = []
            while len(found) < n:
                line = answer.readline()
                assert line, "the stream ended"
                if line.startswith(b"data: "):
                    found.append(json.loads(line[6:]))
            return found


@pytest.fixture(scope="module")
def page():
    decisions = []

    def decide(decision):
        decisions.append(decision)
        return "It is too old." if decision.advice == "old" else ""

    with Page(decide=decide) as page:
        page.decisions = decisions
        yield page


@pytest.mark.parametrize("path", ["/", "/assets/page.js", "/assets/uplot/uPlot.min.css", "/who", "/nowhere"])
def test_every_answer_keeps_the_page_in_its_place(page, path):
    status, _, headers = page.ask("GET", path)
    assert status == (404 if path == "/nowhere" else 200)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_html_holds_no_script_of_its_own(page):
    _, html, _ = page.ask("GET", "/")
    assert html.count("<script") == html.count("<script src=")
    assert "style=" not in html
    assert "onclick" not in html


@pytest.mark.parametrize(
    "path", ["/assets/../server.py", "/assets/%2e%2e/server.py", "/assets/..%2f..%2fserver.py", "/assets/index.html",
             "/assets//etc/passwd", "/assets/uplot/LICENSE"],
)  # fmt: skip
def test_nothing_else_is_served(page, path):
    assert page.ask("GET", path)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""])
def test_a_name_that_was_made_to_lead_here_is_refused(page, host):
    status, text, _ = page.ask("GET", "/who", Host=host)
    assert (status, text) in [(421, "This page does not have the name that was asked for."), (400, text)]


def test_what_a_shadow_tells_streams_to_the_page(page):
    board = page.boards["r7"]
    board.take({"kind": "head", "name": "r7", "tags": []})
    board.take({"kind": "cycle", "t": 600.0, "phase": "fed", "values": {"TT1": [36.8, 36.9, None, None, None]}})
    threading.Timer(
        0.6, board.take, [{"kind": "cycle", "t": 1200.0, "phase": "fed", "values": {"TT1": [1, 2, 3, 4, 5]}}]
    ).start()
    first, second = page.events(2)
    assert first["new"]["courses"] == {"TT1": [[36.8], [36.9], None, None, None]}
    assert first["shadows"]["r7"]["t"] == 600.0
    assert second["new"]["courses"] == {"TT1": [[1], [2], [3], [4], [5]]}
    assert abs(second["wall"] / 1000 - time.time()) < 5


def test_a_page_hears_that_nothing_is_new(page):
    _, second, third = page.events(3)
    assert second["new"] is None
    assert 800 < third["wall"] - second["wall"] < 5000


def test_an_unknown_shadow_is_told(page):
    assert page.ask("GET", "/events?shadow=other")[:2] == (404, "There is no such shadow.")


def test_only_who_signed_in_decides_and_what_they_say_is_passed_on(page):
    said = {"shadow": "r7", "advice": "a1", "word": "accept", "reason": "feed " * 200}
    assert page.post("/decide", said)[:2] == (401, "Sign in first.")
    assert "A decision from 127.0.0.1 was refused: nobody has signed in there." in page.warnings
    cookie = page.sign_in()
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    cookie = cookie.partition(";")[0]
    assert page.post("/decide", said, Cookie=cookie)[0] == 200
    decision = page.decisions[-1]
    assert (decision.shadow, decision.advice, decision.is_accepted, decision.who) == ("r7", "a1", True, "Ada")
    assert len(decision.reason) == 500
    assert page.post("/decide", {**said, "advice": "old"}, Cookie=cookie)[:2] == (409, "It is too old.")
    assert page.post("/sign-out", {}, Cookie=cookie)[0] == 200
    assert page.post("/decide", said, Cookie=cookie)[0] == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_another_site_cannot_decide_with_the_cookie_of_who_signed_in(page, headers, status):
    cookie = page.sign_in().partition(";")[0]
    n = len(page.decisions)
    said = {"shadow": "r7", "advice": "a1", "word": "accept"}
    assert page.post("/decide", said, Cookie=cookie, **headers)[0] == status
    assert len(page.decisions) == n


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"token": 1}', 400), (b"[" * 4000, 400), (b'"' + b"a" * 5000 + b'"', 413),
     (b'{"name": "", "token": "x"}', 400), (b"\xff\xfe", 400),
     (b'{"name": "Eve", "token": "\\ud800"}', 400)],
)  # fmt: skip
def test_what_is_no_sign_in_is_refused(page, body, status):
    headers = {"Content_Type": "application/json", "Origin": f"http://{page.home}"}
    assert page.ask("POST", "/sign-in", body, **headers)[0] == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(page, method):
    assert page.ask(method, "/decide")[0] == 405


def test_a_wrong_token_is_refused_and_logged_without_it():
    with Page() as page:
        for _ in range(5):
            status, text, headers = page.post("/sign-in", {"name": "Eve", "token": "my-wrong-token-1234"})
            assert (status, text) == (403, "That is not the token.")
            assert "Set-Cookie" not in headers
        assert page.post("/sign-in", {"name": "Eve", "token": TOKEN})[0] == 429
    assert len(page.warnings) == 5
    assert not any("my-wrong-token" in text or TOKEN in text for text in page.warnings)


def test_without_a_token_the_page_is_read_only():
    with Page(token=None) as page:
        assert json.loads(page.ask("GET", "/who")[1])["can"] is False
        assert page.post("/sign-in", {"name": "Eve", "token": ""})[0] == 403
        assert page.post("/decide", {"shadow": "r7", "advice": "a1", "word": "accept"})[0] == 401


def test_a_closed_page_shows_nothing_before_somebody_signs_in():
    with Page(is_closed=True) as page:
        assert json.loads(page.ask("GET", "/who")[1]) == {"name": None, "must": True, "can": True, "shadows": []}
        assert page.ask("GET", "/events")[0] == 401
        cookie = page.sign_in().partition(";")[0]
        assert json.loads(page.ask("GET", "/who", Cookie=cookie)[1])["shadows"] == ["r7"]
        assert page.events(1, Cookie=cookie)[0]["shadows"] == {"r7": {"t": None, "alarms": 0}}


def test_a_place_that_is_taken_is_told():
    with Page() as page, pytest.raises(LinkError, match=r"cannot be served at 127\.0\.0\.1:\d+: .*--page-at"):
        PageServer({}, PageAddress("127.0.0.1", page.server.port), Access(None, False, print)).__enter__()


def test_it_ends_while_pages_are_open_and_tells_them_the_last_word():
    with Page() as page:
        told = []
        stream = threading.Thread(target=lambda: told.extend(page.events(2)))
        stream.start()
        time.sleep(0.5)
        page.boards["r7"].take({"kind": "over", "text": "ended"})
        began = time.monotonic()
    assert time.monotonic() - began < 5
    stream.join(5)
    assert told[1]["new"]["over"] == {"text": "ended"}


def test_only_so_many_pages_are_open_at_once():
    with Page() as page:
        host, port = page.home.split(":")
        streams = []
        try:
            for _ in range(64):
                streams.append(socket.create_connection((host, int(port)), timeout=10))
                streams[-1].sendall(f"GET /events HTTP/1.1\r\nHost: {page.home}\r\n\r\n".encode())
                assert streams[-1].recv(64).startswith(b"HTTP/1.1 200")
            assert page.ask("GET", "/events")[:2] == (503, "Too many pages are open.")
        finally:
            for stream in streams:
                stream.close()
        for _ in range(50):
            if page.ask("GET", "/who")[0] == 200 and page.server._n_streams == 0:
                break
            time.sleep(0.2)
        assert page.server._n_streams == 0


def test_strangers_use_up_no_files(monkeypatch):
    monkeypatch.setattr(server_module, "_CONNECTIONS", 20)
    monkeypatch.setattr(server_module, "_YOUNG", 0.5)
    with Page() as page:
        host, port = page.home.split(":")
        streams = [socket.create_connection((host, int(port)), timeout=10) for _ in range(60)]
        try:
            refused = 0
            for stream in streams[20:]:
                refused += stream.recv(1) == b""
            assert refused == 40
        finally:
            for stream in streams:
                stream.close()
        for _ in range(50):
            try:
                assert page.ask("GET", "/who")[0] == 200
                break
            except (http.client.HTTPException, ConnectionError):
                time.sleep(0.1)
        else:
            raise AssertionError("nobody is served any longer")


def test_a_page_that_reads_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(server_module, "_STUCK", 0.5)
    with Page() as page:
        board = page.boards["r7"]
        host, port = page.home.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as stream:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stream.sendall(f"GET /events HTTP/1.1\r\nHost: {page.home}\r\n\r\n".encode())
            until = time.monotonic() + 30
            while page.server._n_streams == 0 and time.monotonic() < until:
                time.sleep(0.05)
            while page.server._n_streams == 1 and time.monotonic() < until:
                board.take({"kind": "big", "text": "x" * 1_000_000})
                time.sleep(0.1)
            assert page.server._n_streams == 0


def test_https_with_a_certificate_of_yours(tmp_path):
    pytest.importorskip("cryptography", reason="cryptography is not installed")
    file = tmp_path / "page.pem"
    write_certificate(file)
    with Page(certificate=file) as page:
        assert page.server.url.startswith("https://127.0.0.1:")
        context = ssl.create_default_context(cafile=str(file))
        with closing(http.client.HTTPSConnection(page.home, timeout=10, context=context)) as connection:
            body = json.dumps({"name": "Ada", "token": TOKEN})
            origin = {"Origin": f"https://{page.home}", "Content-Type": "application/json"}
            connection.request("POST", "/sign-in", body, origin)
            answer = connection.getresponse()
            assert answer.status == 200
            assert "Secure" in answer.getheader("Set-Cookie")
    file.write_text("no certificate")
    with pytest.raises(LinkError, match="serves no HTTPS page"):
        Page(certificate=file)


def write_certificate(file):
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "page")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(pem) + private)
