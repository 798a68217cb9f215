"""Asking servers politely: who asks, one request at a time, pauses, retries with back-off, answers kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from circle.errors import Problem, Severity, render
from circle.fetch.kept import Answer, Kept, Request
from circle.fetch.settings import Pace
from circle.fetch.trouble import AnswerError

_HEAVY_TRIES = 2
"""How often a query is repeated that was too much for the server, before less is asked for."""

_CONNECT_S = 20.0
_PAGE_TRIES = 3
"""How often a web page is taken for a server that is busy, before it is taken for a proxy that wants something."""

_OFFLINE_TRIES = 2
"""How often a server is looked for that has not answered even once."""


class Watcher(Protocol):
    """Whoever is told how a fetch goes on."""

    def begin(self, step: str, total: int | None = None) -> None:
        """A step begins, of `total` parts where that is known."""

    def done(self, parts: int) -> None:
        """So many parts of the step are done; the total may be said anew by `begin`."""

    def say(self, problem: Problem) -> None:
        """Something that the user should know now."""


class Client:
    """One polite conversation with several servers."""

    def __init__(self, kept: Kept, pace: Pace, watcher: Watcher, headers: Mapping[str, str]) -> None:
        self.kept = kept
        self.pace = pace
        self.watcher = watcher
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._met: set[str] = set()
        self._asked: set[str] = set()
        self.options: dict[str, Any] = {}
        self.answers: list[Answer] = []

    def ask(self, request: Request, check: Callable[[bytes], None]) -> Answer:
        """The answer to a request, from what is kept or from the server.

        Parameters
        ----------
        request
            What to ask.
        check
            Raises `AnswerError` where the bytes are no proper answer.

        Raises
        ------
        AnswerError
            When the server does not give a proper answer, however often it is asked.
        OutputError
            If the answer cannot be kept.
        """
        answer = self.kept.get(request)
        if answer is not None:
            try:
                check(answer.body)
            except AnswerError:
                self.kept.forget(request)
            else:
                self.answers.append(replace(answer, body=b""))
                return answer

        def attempt() -> Answer:
            body = self._body(request)
            check(body)
            return self.kept.put(request, body)

        answer = self.patiently(request.url, attempt)
        self.answers.append(replace(answer, body=b""))
        return answer

    def patiently(self, url: str, attempt: Callable[[], Answer]) -> Answer:
        """Try, wait and try again, as long as that makes sense."""
        host = urlsplit(url).netloc
        tried = 0
        while True:
            tried += 1
            if host in self._asked:
                self.pace.sleep(self.pace.pause_s)
            self._asked.add(host)
            try:
                return attempt()
            except AnswerError as trouble:
                wait_s = self._wait_s(trouble, host, tried)
                if wait_s is None:
                    raise
                code, fields = trouble.code, trouble.fields
            reason = Problem(code, Severity.WARNING, fields)
            self.watcher.say(
                Problem("fetch.waits", Severity.NOTE, {"reason": Reason(reason), "seconds": round(wait_s)})
            )
            self.pace.sleep(wait_s)

    def _wait_s(self, trouble: AnswerError, host: str, tried: int) -> float | None:
        """How long to wait before the next try; None: there is none."""
        tries = self.pace.tries
        if trouble.heavy:
            tries = min(tries, _HEAVY_TRIES)
        if trouble.code == "fetch.page":
            tries = min(tries, _PAGE_TRIES)
        if trouble.code == "fetch.offline" and host not in self._met:
            tries = min(tries, _OFFLINE_TRIES)
        wait_s = self.pace.first_wait_s * 2 ** (tried - 1) if trouble.wait_s is None else trouble.wait_s
        if not trouble.again or tried >= tries:
            return None
        if wait_s > self.pace.longest_wait_s:
            if trouble.wait_s is not None:
                return None
            wait_s = self.pace.longest_wait_s
        return wait_s

    def opened(self, request: Request, headers: Mapping[str, str] | None = None) -> requests.Response:
        """The head of an answer with a status that promises data; its body is still to be read."""
        host = urlsplit(request.url).netloc
        form = {"params" if request.method == "GET" else "data": dict(request.form)}
        try:
            response = self._session.request(
                request.method,
                request.url,
                **form,  # type: ignore[arg-type]
                headers=dict(headers or {}),
                timeout=(_CONNECT_S, self.pace.timeout_s + self.pace.grace_s),
                stream=True,
                **self.options,
            )
        except requests.RequestException as error:
            raise _of_connection(error, host) from error
        self._met.add(host)
        if response.status_code >= 300:
            with response:
                raise _of_status(response, host)
        return response

    def _body(self, request: Request) -> bytes:
        host = urlsplit(request.url).netloc
        with self.opened(request) as response:
            try:
                return b"".join(response.iter_content(1 << 16))
            except requests.RequestException as error:
                raise _of_connection(error, host, reading=True) from error


@dataclass(frozen=True)
class Reason:
    """A problem inside the sentence of another one, in the reader's language."""

    problem: Problem

    def in_language(self, lang: str) -> str:
        """Its sentence, without its full stop."""
        return render(self.problem, lang).rstrip(".。")


def _of_connection(error: requests.RequestException, host: str, *, reading: bool = False) -> AnswerError:
    if isinstance(error, requests.ConnectTimeout):
        return AnswerError("fetch.offline", again=True, host=host, reason=_short(error))
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return AnswerError("fetch.silent", again=True, heavy=True, host=host)
    if reading:
        return AnswerError("fetch.cut_off", again=True, host=host)
    if isinstance(error, requests.ConnectionError) and "RemoteDisconnected" not in str(error):
        if "reset by peer" in str(error).lower():
            return AnswerError("fetch.cut_off", again=True, host=host)
        return AnswerError("fetch.offline", again=True, host=host, reason=_short(error))
    if isinstance(error, requests.ConnectionError):
        return AnswerError("fetch.cut_off", again=True, host=host)
    return AnswerError("fetch.bad_address", host=host, reason=_short(error))


def _of_status(response: requests.Response, host: str) -> AnswerError:
    status = response.status_code
    wait_s = retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC))
    if status == 429:
        return AnswerError("fetch.too_many", again=True, wait_s=wait_s, host=host)
    if status == 504:
        return AnswerError("fetch.too_slow", again=True, heavy=True, wait_s=wait_s, host=host)
    if status in (500, 502, 503):
        return AnswerError("fetch.server_fault", again=True, wait_s=wait_s, host=host, status=status)
    if status == 404:
        return AnswerError("fetch.not_there", host=host, url=response.url.split("?")[0])
    return AnswerError("fetch.refused", host=host, status=status, reason=(response.reason or "-")[:80])


def retry_after_s(written: str | None, now: datetime) -> float | None:
    """Seconds to wait by a ``Retry-After``: a number of seconds or a date.

    >>> now = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    >>> retry_after_s("30", now), retry_after_s("Thu, 01 Jan 2026 12:01:00 GMT", now), retry_after_s("soon", now)
    (30.0, 60.0, None)
    """
    if written is None:
        return None
    if written.strip().isdecimal():
        return float(written)
    try:
        date = parsedate_to_datetime(written)
        return max((date - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _short(error: Exception) -> str:
    """The innermost reason of a chain of errors."""
    inner: BaseException = error
    while inner.__cause__ is not None or inner.__context__ is not None:
        inner = inner.__cause__ or inner.__context__  # type: ignore[assignment]
    return f"{type(inner).__name__}: {str(inner)[:120]}"
