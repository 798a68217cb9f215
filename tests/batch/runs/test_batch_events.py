"""The tally behind all progress, reckoned by hand; events as plain data; durations in words."""

from __future__ import annotations

import io
import json

import pytest

from circle.batch.events import Standing, Tellers, plain_event
from circle.batch.records import County, Record, State
from circle.cli.batch_progress import Lines, shown_county, shown_left
from circle.cli.terminal import console
from circle.cli.wrapping import columns_of
from circle.errors import ExitCode, Problem, Severity


def county(folder: str, weight: float) -> County:
    return County(code=folder, name=f"县{folder}", folder=folder, row=0, weight=weight)


def ended(folder: str, weight: float, state: State = State.DONE, **more: object) -> Record:
    return Record(county(folder, weight), state, **more)  # type: ignore[arg-type]


def test_time_left_follows_weights_and_not_counts():
    """A county of weight 8 took 80 s; 4 + 2 + 2 are left, on two workers: 40 s."""
    tally = Standing(counties=4, weight=16.0, workers=2)
    assert tally.seconds_left is None
    tally.end(ended("a", 8.0, seconds=80.0, people=5.0))
    assert tally.seconds_left == pytest.approx(40.0)
    tally.end(ended("b", 4.0, seconds=40.0))
    assert tally.seconds_left == pytest.approx(20.0)
    tally.end(ended("c", 2.0, seconds=20.0))
    assert tally.seconds_left == pytest.approx(20.0)  # one county, one worker
    assert (tally.done, tally.ended, tally.people) == (3, 3, 5.0)


def test_what_was_there_already_and_what_failed_says_nothing_of_the_time():
    tally = Standing(counties=4, weight=40.0, workers=1)
    tally.end(ended("a", 10.0, State.UNCHANGED, seconds=0.1))
    tally.end(ended("b", 10.0, State.FAILED, seconds=0.1))
    assert tally.seconds_left is None
    tally.end(ended("c", 10.0, seconds=30.0))
    assert tally.seconds_left == pytest.approx(30.0)


def test_the_first_county_of_a_worker_counts_until_there_is_another():
    tally = Standing(counties=4, weight=4.0, workers=1)
    tally.end(ended("a", 1.0, seconds=60.0, cold=True))
    assert tally.seconds_left == pytest.approx(180.0)
    tally.end(ended("b", 1.0, seconds=5.0))
    assert tally.seconds_left == pytest.approx(10.0)
    tally.end(ended("c", 1.0, seconds=70.0, cold=True))  # a worker that was started anew
    assert tally.seconds_left == pytest.approx(5.0)


def test_an_event_is_plain_data_with_the_problems_in_the_readers_language():
    problem = Problem("batch.worker_died", Severity.ERROR, {"times": 3})
    record = ended("a", 1.0, State.FAILED, problems=(problem,), exit_code=ExitCode.RESOURCE)
    heard = []

    class Ear:
        def hear(self, name, told, tally):
            heard.append(plain_event(name, told, tally, "zh"))

    tellers = Tellers([Ear()])
    tellers.tally.counties, tellers.tally.weight = 1, 1.0
    tellers.tally.end(record)
    tellers.tell("county_ended", record=record)
    (event,) = json.loads(json.dumps(heard))
    assert (event["event"], event["code"], event["state"], event["exit_code"]) == ("county_ended", "a", "failed", 7)
    assert "3 个工作进程" in event["problems"][0]["text"]
    assert event["tally"]["failed"] == 1
    assert event["tally"]["seconds_left"] is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "time left not known yet"),
        (59.6, "about 60 s left"),
        (600.0, "about 10 min left"),
        (9000.0, "about 2.5 h left"),
    ],
)
def test_durations_in_words(seconds, words):
    assert shown_left(seconds, "en") == words


def test_a_name_cannot_steer_a_terminal():
    assert shown_county(County("1\x1b[2J", "a\nb", "f", 0, 1.0)) == "1�[2J a b"
    for words in ("长" * 200, "L" * 200, "a\n" * 100, "\u2028\x85" * 100):
        said = shown_county(County(words, words, "f", 0, 1.0))
        assert columns_of(said) <= 28 + 1 + 28
        assert len(said.splitlines()) <= 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_doubtful_of_the_province_is_told_when_it_is_prepared(lang):
    doubts = (
        Problem("facility.far_from_roads", Severity.WARNING, {"count": 19, "total": 60}),
        Problem("union.same_period", Severity.WARNING, {"period": "2026\x1b[2JQ4"}),
    )
    heard, said = [], io.StringIO()

    class Ear:
        def hear(self, name, told, tally):
            heard.append(plain_event(name, told, tally, lang))

    tellers = Tellers([Ear(), Lines(lang, console(said))])
    tellers.tell("prepared", period=None, counties=6, problems=doubts)
    (event,) = json.loads(json.dumps(heard))
    assert [problem["code"] for problem in event["problems"]] == [doubt.code for doubt in doubts]
    lines = said.getvalue().splitlines()
    assert len(lines) == 2
    assert "19" in lines[0]
    assert "60" in lines[0]
    assert "\x1b" not in said.getvalue()
