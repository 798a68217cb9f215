"""Where the workers come from: processes of this machine, or a Dask cluster that somebody has started."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from circle.errors import Problem, ResourceError, Severity

if TYPE_CHECKING:
    from distributed import Client

_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "bokeh", "tornado", "tornado.application", "asyncio")
_SILENT = {"DASK_LOGGING__DISTRIBUTED": "critical", "PYTHONWARNINGS": "ignore"}
"""For our own workers: what they have to say comes back in a record."""
CONNECT_S = 10
BUSY_S = 120
"""A machine with much to do may take so long to start a worker."""


@contextlib.contextmanager
def workers_here(count: int, log: logging.Handler | None) -> Iterator[Client]:
    """Processes of this machine with one thread each; they end with the block, or with this process.

    Parameters
    ----------
    count
        How many.
    log
        Where to Dask tells what it does; None: nowhere.
    """
    import dask

    with _chatter_to(log):
        import distributed

        environment = dict(dask.config.get("distributed.nanny.pre-spawn-environ")) | _SILENT
        environment.pop("MALLOC_TRIM_THRESHOLD_", None)  # for the next county the memory would have to be fetched again
        own = {
            "distributed.scheduler.allowed-failures": 0,
            "distributed.nanny.pre-spawn-environ": environment,
            "distributed.worker.profile.enabled": False,  # a look at the work every hundredth of a second
            "distributed.admin.low-level-log-length": 100,  # in the driver's memory; a thousand counties are none of it
            "distributed.comm.timeouts.connect": f"{BUSY_S}s",
            "distributed.comm.timeouts.tcp": f"{BUSY_S}s",
        }
        with (
            dask.config.set(own),
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                memory_limit=0,
                dashboard_address="127.0.0.1:0",
                silence_logs=False,
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            client.register_plugin(_alone())
            yield client


@contextlib.contextmanager
def workers_of(address: str, log: logging.Handler | None) -> Iterator[Client]:
    """Those of a cluster; it goes on without us.

    Raises
    ------
    ResourceError
        If nobody answers there.
    """
    with _chatter_to(log):
        import distributed

        try:
            client = distributed.Client(address, timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            told = {"address": address, "reason": str(error).split("\n")[0]}
            raise ResourceError(Problem("batch.no_scheduler", Severity.ERROR, told)) from error
        with client:
            yield client


def dashboard(client: Client) -> str | None:
    """Where Dask shows what it does; None where bokeh, which draws it, is missing here."""
    from importlib.util import find_spec

    if find_spec("bokeh") is None:
        return None
    link = client.dashboard_link
    return None if link is None else str(link)


def _alone() -> Any:
    """In a worker of ours: Ctrl-C is the driver's."""
    import distributed

    class Alone(distributed.WorkerPlugin):  # type: ignore[misc]
        name = "circle-worker"

        def setup(self, worker: Any) -> None:
            """Called by Dask when a worker begins, be it in place of another."""
            import signal

            del worker
            with contextlib.suppress(ValueError):  # only the main thread may
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    return Alone()


@contextlib.contextmanager
def _chatter_to(log: logging.Handler | None) -> Iterator[None]:
    """Nothing that Dask says reaches the terminal."""
    import distributed  # noqa: F401 - its loggers are made with it

    handler = log or logging.NullHandler()
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(own, own.handlers[:], own.propagate) for own in loggers]
    for own in loggers:
        own.handlers[:] = [handler]
        own.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for own, handlers, propagate in before:
            own.handlers[:] = handlers
            own.propagate = propagate
