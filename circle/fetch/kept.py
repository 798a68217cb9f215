"""Answers of servers on disk, so that a fetch goes on where it stopped: none is trusted without its hash."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from circle.store import writing

OSM_AGE = timedelta(days=7)
"""Answers about OSM are asked again after a week, so that the pieces of one fetch are not of different years."""


def now_text() -> str:
    """The time of an answer, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Request:
    """One question to a server; equal questions share an answer.

    Parameters
    ----------
    method, url
        Of HTTP.
    form
        Parameters of the address (GET) or the form that is sent (POST).
    """

    method: Literal["GET", "POST"]
    url: str
    form: Mapping[str, str]

    @property
    def key(self) -> str:
        """A name for it: the hash of all that it says.

        >>> Request("GET", "http://a", {"q": "x"}).key == Request("GET", "http://a", {"q": "x"}).key
        True
        """
        said = json.dumps([self.method, self.url, sorted(self.form.items())], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What a server said, when, and to which question.

    Parameters
    ----------
    body
        Its bytes; empty where they lie in a file.
    url
        Whom was asked.
    when
        In UTC.
    sha256
        Of the bytes.
    question
        Parameters or form, as JSON.
    """

    body: bytes
    url: str
    when: str
    sha256: str = ""
    question: str = ""


class Kept:
    """A folder of answers.

    Parameters
    ----------
    folder
        Made when the first answer is written.
    refresh
        Treat everything that was there before as unknown.
    """

    def __init__(self, folder: Path, *, refresh: bool = False) -> None:
        self.folder = folder
        self.refresh = refresh

    def get(self, request: Request, *, now: datetime | None = None) -> Answer | None:
        """The answer, if it is there, whole and young; what is damaged is removed."""
        body_path, note_path = self._paths(request)
        if self.refresh:
            return None
        try:
            note = json.loads(note_path.read_text(encoding="utf-8"))
            body = body_path.read_bytes()
            when = datetime.fromisoformat(note["when"])
            digest = hashlib.sha256(body).hexdigest()
            if digest != note["sha256"]:
                raise ValueError("not the bytes that were written")
            young = (now or datetime.now(UTC)) - when <= OSM_AGE
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            self.forget(request)
            return None
        return Answer(body, request.url, note["when"], digest, _asked(request)) if young else None

    def put(self, request: Request, body: bytes) -> Answer:
        """Keep an answer: first its bytes, then the note that vouches for them.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        when = now_text()
        body_path, note_path = self._paths(request)
        digest = hashlib.sha256(body).hexdigest()
        note = {"sha256": digest, "when": when, "url": request.url, "form": {**request.form}}
        with writing(self.folder):
            body_path.parent.mkdir(parents=True, exist_ok=True)
            _write(body_path, body)
            _write(note_path, json.dumps(note, ensure_ascii=False, indent=1).encode())
        return Answer(body, request.url, when, digest, _asked(request))

    def forget(self, request: Request) -> None:
        """Remove an answer that turned out to be of no use."""
        for path in self._paths(request):
            with contextlib.suppress(OSError):
                path.unlink()

    def _paths(self, request: Request) -> tuple[Path, Path]:
        stem = self.folder / "answers" / request.key[:2] / request.key[2:34]
        return stem.with_suffix(".body"), stem.with_suffix(".json")


def _asked(request: Request) -> str:
    return json.dumps(dict(request.form), ensure_ascii=False)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
