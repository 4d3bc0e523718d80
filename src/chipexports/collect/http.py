"""One polite way to ask a publisher's server: time limits, retries, size limit, checks of the answer.

Nothing here prints or raises a query or a header: a key never reaches a log.
"""

from __future__ import annotations

import email.utils
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import tenacity

from chipexports.base.errors import UsageError
from chipexports.collect.errors import SERVED, FetchError

AGENT = "chipexports/0.1 (statistics of integrated-circuit exports)"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RETRY = (429, 500, 502, 503, 504)
Progress = Callable[[Iterable], Iterable]


@dataclass(frozen=True)
class Limits:
    """What a collection may take; times in seconds."""

    connect: float = 10.0
    read: float = 30.0  # between two pieces of an answer
    deadline: float = 900.0  # for the whole collection
    attempts: int = 4
    max_bytes: int = 30_000_000  # of an answer, after unpacking
    pause: float = 1.0  # between requests
    backoff: float = 2.0  # before the second attempt, doubled after
    longest_wait: float = 120.0


class Transient(Exception):
    """The server may answer later: after ``wait`` seconds if it asked for that, ``most`` attempts at most."""

    def __init__(self, reason: str, wait: float = 0.0, most: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait, self.most = reason, wait, most


def _met(state: tenacity.RetryCallState) -> Transient:
    """Return what the last attempt met."""
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Transient)
    return error


def base_url(source: str, default: str) -> str:
    """Return the address of ``source``, or of a server on this machine that stands in for it in tests.

    No other machine can stand in by ``CHIPEXPORTS_FETCH_BASE_<SOURCE>``: a key must not go there.
    """
    name = f"CHIPEXPORTS_FETCH_BASE_{source.upper()}"
    url = os.environ.get(name)
    if not url:
        return default
    if urlsplit(url).hostname not in LOOPBACK:
        raise UsageError(f"{name}: only an address of this machine can stand in for {source}; unset it")
    return url.rstrip("/")


class Session:
    """Requests to one source, within one set of limits; answers that lead to another host are refused."""

    def __init__(
        self,
        source: str,
        base: str,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.source, self.base, self.limits = source, base, limits or Limits()
        self._sleep, self._asked = sleep, 0.0
        self._end = time.monotonic() + self.limits.deadline
        for name in ("httpx", "httpcore"):
            # at lower levels these log whole addresses, and one source takes its key in the query
            logging.getLogger(name).setLevel(logging.WARNING)
        timeout = httpx.Timeout(self.limits.read, connect=self.limits.connect)
        self._client = httpx.Client(timeout=timeout, headers={"User-Agent": AGENT}, follow_redirects=False)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str],
        kinds: tuple[str, ...],
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the body of an answer that is of one of ``kinds`` (content types), trying again in between.

        Raises
        ------
        FetchError
            One sentence: what could not be reached or was wrong with the answer; no query, no header.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Transient),
            stop=lambda state: state.attempt_number >= (_met(state).most or self.limits.attempts),
            wait=lambda state: max(_met(state).wait, self.limits.backoff * 2 ** (state.attempt_number - 1)),
            sleep=self._patient,
            reraise=True,
        )
        try:
            return retrying(self._once, path, params, kinds, headers or {})
        except Transient as error:
            tried = retrying.statistics["attempt_number"]
            raise self.failed(path, f"{error.reason}, tried {tried} times") from None

    def _patient(self, seconds: float) -> None:
        if seconds > min(self.limits.longest_wait, self._end - time.monotonic()):
            raise FetchError(
                f"{self.source}: the server asks to wait {seconds:.0f} s; try again later; {SERVED}"
            )
        self._sleep(seconds)

    def failed(self, path: str, reason: str) -> FetchError:
        """Return the error that says what went wrong at ``path``, without its query."""
        return FetchError(f"{self.source}: {self.base}{path}: {reason}; {SERVED}")

    def _once(
        self, path: str, params: Mapping[str, str], kinds: tuple[str, ...], headers: Mapping[str, str]
    ) -> bytes:
        self._sleep(max(0.0, self._asked + self.limits.pause - time.monotonic()) if self._asked else 0.0)
        self._asked = time.monotonic()
        if self._asked > self._end:
            raise self.failed(path, f"took longer than {self.limits.deadline:.0f} s")
        url, query = self.base + path, dict(params)
        for _ in range(4):
            try:
                with self._client.stream("GET", url, params=query, headers=dict(headers)) as answer:
                    if not answer.is_redirect:
                        return self._body(path, answer, kinds)
                    url, query = self._redirected(path, answer), {}
            except httpx.TimeoutException:
                raise Transient("no answer in time") from None
            except httpx.RemoteProtocolError:
                raise Transient("the answer broke off") from None
            except httpx.DecodingError:
                raise Transient("the answer cannot be unpacked") from None
            except (httpx.TransportError, httpx.InvalidURL) as error:
                # tried twice only: without a network waiting does not help
                raise Transient(f"could not be reached ({type(error).__name__})", most=2) from None
        raise self.failed(path, "leads round in a circle")

    def _redirected(self, path: str, answer: httpx.Response) -> str:
        target = answer.next_request.url if answer.next_request else None
        home = httpx.URL(self.base)
        if target is None or (target.scheme, target.host, target.port) != (home.scheme, home.host, home.port):
            raise self.failed(
                path, f"leads to another host ({target.host if target else 'none'}), not followed"
            )
        return str(target)

    def _body(self, path: str, answer: httpx.Response, kinds: tuple[str, ...]) -> bytes:
        if answer.status_code in RETRY:
            raise Transient(f"status {answer.status_code}", retry_after(answer.headers.get("Retry-After")))
        if answer.status_code != 200:
            hint = ", the key was not accepted or is missing" if answer.status_code in (401, 403) else ""
            raise self.failed(path, f"status {answer.status_code}{hint}")
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind not in kinds:
            raise self.failed(path, f"answered with {kind or 'no content type'}, not {' or '.join(kinds)}")
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > self.limits.max_bytes:
                raise self.failed(path, f"the answer is larger than {self.limits.max_bytes:,} bytes")
            if time.monotonic() > self._end:
                raise self.failed(path, f"took longer than {self.limits.deadline:.0f} s")
        if bytes(body[:200]).lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise self.failed(path, "answered with an HTML page instead of data")
        return bytes(body)


def retry_after(text: str | None) -> float:
    """Return the seconds a Retry-After header asks for (a number or a date); 0 where it says nothing."""
    if not text:
        return 0.0
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
