"""What goes wrong between here and a server, as data: whether asking again helps, or asking for less."""

from __future__ import annotations

from circle.errors import CircleError, Problem, QueryError, ResourceError, Severity


class AnswerError(Exception):
    """An answer that cannot be used.

    Parameters
    ----------
    code
        Key of the message catalogue.
    again
        Whether the same request may succeed later.
    heavy
        Whether the request was more than the server is ready to do: half of it may succeed.
    wait_s
        How long the server asks to wait; None: it does not say.
    fields
        Values of the message.
    """

    def __init__(
        self, code: str, *, again: bool = False, heavy: bool = False, wait_s: float | None = None, **fields: object
    ) -> None:
        super().__init__(code, fields)
        self.code = code
        self.again = again
        self.heavy = heavy
        self.wait_s = wait_s
        self.fields = fields

    def as_error(self) -> CircleError:
        """The error that ends the command."""
        return ResourceError(Problem(self.code, Severity.ERROR, self.fields))


def not_there(code: str, **fields: object) -> QueryError:
    """Something asked for by name that nobody knows."""
    return QueryError(Problem(code, Severity.ERROR, fields))
