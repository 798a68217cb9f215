"""Folders that appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from circle.errors import OutputError
from circle.store import RESULT_MARK, sha256_of, whole_folder, write_whole, writing
from circle.store import folders as store
from tests.cli.conftest import surroundings


def finish(target: Path, *names: str, force: bool = False) -> None:
    """Write a result of these files, and the provenance that names them."""
    with whole_folder(target, force=force) as staging:
        for name in names:
            (staging / name).write_text(name, encoding="utf-8")
        (staging / RESULT_MARK).write_text(json.dumps({"outputs": dict.fromkeys(names, "")}), encoding="utf-8")


def entries(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def refused(target: Path, *, force: bool = False) -> str:
    """Code of the refusal."""
    with pytest.raises(OutputError) as error, whole_folder(target, force=force):
        pass
    return error.value.problems[0].code


def test_nothing_stands_at_the_target_before_the_end_and_everything_after_it(tmp_path):
    target = tmp_path / "结果" / "qing xi"
    with whole_folder(target) as staging:
        (staging / "gaps.geojson").write_text("{}")
        assert not target.exists()
        assert staging.parent == target.parent
    assert entries(tmp_path) == ["结果", "结果/qing xi", "结果/qing xi/gaps.geojson"]


@pytest.mark.parametrize("stop", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_when_the_work_ends_badly_not_even_the_folders_above(tmp_path, stop):
    def work() -> None:
        with whole_folder(tmp_path / "a" / "b" / "c") as staging:
            (staging / "half.csv").write_text("half")
            raise stop

    with pytest.raises(stop):
        work()
    assert entries(tmp_path) == []


def test_what_exists_is_refused_and_stays_as_it_was(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    finish(tmp_path / "result", "x.csv")
    before = entries(tmp_path)
    assert refused(tmp_path / "folder") == "output.exists"
    assert refused(tmp_path / "result") == "output.exists"
    assert refused(tmp_path / "file") == "output.is_file"
    assert refused(tmp_path / "file", force=True) == "output.is_file"
    assert refused(Path("/"), force=True) == "output.not_a_name"
    assert entries(tmp_path) == before


def test_force_replaces_an_earlier_result_and_an_empty_folder(tmp_path):
    (tmp_path / "empty").mkdir()
    finish(tmp_path / "empty", "new.csv", force=True)
    finish(tmp_path / "empty", "newer.csv", force=True)
    assert entries(tmp_path / "empty") == ["newer.csv", RESULT_MARK]


@pytest.mark.parametrize("foreign", ["notes.docx", "map.qgz", ".secret"])
def test_force_never_deletes_what_circle_did_not_write(tmp_path, foreign):
    finish(tmp_path / "out", "x.csv")
    (tmp_path / "out" / foreign).write_text("mine")
    assert refused(tmp_path / "out", force=True) == "output.holds_other_files"
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / foreign).write_text("mine")
    assert refused(tmp_path / "documents", force=True) == "output.holds_other_files"
    assert (tmp_path / "out" / foreign).read_text() == (tmp_path / "documents" / foreign).read_text() == "mine"


def test_a_provenance_of_somebody_else_gives_no_right_to_delete(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / RESULT_MARK).write_text('["not ours"]')
    assert refused(tmp_path / "other", force=True) == "output.holds_other_files"


def test_a_second_writer_of_one_target_is_refused_and_the_first_goes_on(tmp_path):
    with whole_folder(tmp_path / "out") as staging:
        (staging / "x.csv").write_text("1")
        assert refused(tmp_path / "out") == "output.in_use"
    assert entries(tmp_path) == ["out", "out/x.csv"]


HOLD = (
    "import sys, time; from pathlib import Path; from circle.store import whole_folder\n"
    "with whole_folder(Path(sys.argv[1]), force=True) as staging:\n"
    "    (staging / 'half.csv').write_text('half'); print('in', flush=True); time.sleep(60)"
)


def holder(target: Path) -> subprocess.Popen[str]:
    """Another process in the middle of writing `target`."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(target)], env=surroundings(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def test_another_process_at_the_target_is_refused_and_its_death_frees_it(tmp_path):
    """Killed outright, the first process leaves its half behind; it is taken for nothing and removed."""
    with holder(tmp_path / "out") as first:
        assert refused(tmp_path / "out") == "output.in_use"
        first.send_signal(signal.SIGKILL)
    assert not (tmp_path / "out").exists()
    assert any("half.csv" in name for name in entries(tmp_path))
    finish(tmp_path / "out", "x.csv")
    assert entries(tmp_path) == ["out", f"out/{RESULT_MARK}", "out/x.csv"]


def test_a_run_killed_between_the_two_renames_loses_no_earlier_result(tmp_path, monkeypatch):
    finish(tmp_path / "out", "old.csv")

    class Killed(BaseException):
        pass

    def die(final: Path, staging: Path) -> None:
        final.rename(store._beside(final, "old"))
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(store, "_replace", die)
        with pytest.raises(Killed):
            finish(tmp_path / "out", "new.csv", force=True)
    assert not (tmp_path / "out").exists()
    assert refused(tmp_path / "out") == "output.exists"
    assert entries(tmp_path) == ["out", "out/old.csv", f"out/{RESULT_MARK}"]


def test_a_folder_in_use_elsewhere_stays_as_it_was(tmp_path, monkeypatch):
    """As on Windows, where a folder with an open file cannot be renamed."""
    finish(tmp_path / "out", "old.csv")
    rename = Path.rename

    def locked(self: Path, target: Path) -> Path:
        if self.name == "out":
            raise PermissionError(errno.EBUSY, "used by another process", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", locked)
    with pytest.raises(OutputError) as error:
        finish(tmp_path / "out", "new.csv", force=True)
    assert error.value.problems[0].code == "output.open_elsewhere"
    assert "used by another process" in str(error.value)
    assert entries(tmp_path) == ["out", "out/old.csv", f"out/{RESULT_MARK}"]


def test_a_failing_second_rename_brings_the_earlier_result_back(tmp_path, monkeypatch):
    finish(tmp_path / "out", "old.csv")
    rename = Path.rename

    def fails_once(self: Path, target: Path) -> Path:
        if ".circle-part-" in self.name:
            raise OSError(errno.EIO, "input/output error", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_once)
    with pytest.raises(OutputError):
        finish(tmp_path / "out", "new.csv", force=True)
    assert entries(tmp_path) == ["out", "out/old.csv", f"out/{RESULT_MARK}"]


def test_a_place_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file" / "out") == "output.unwritable"
    assert entries(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "output.disk_full"), (errno.EFBIG, "output.file_too_large"), (errno.EROFS, "output.unwritable"), (errno.EBUSY, "output.open_elsewhere")],
)
def test_errors_of_the_disk_become_sentences_with_their_reason(tmp_path, number, code):
    with pytest.raises(OutputError) as error, whole_folder(tmp_path / "out") as staging, writing(tmp_path / "out"):
        raise OSError(number, os.strerror(number), str(staging / "x.csv"))
    assert error.value.problems[0].code == code
    assert os.strerror(number) in str(error.value)
    assert entries(tmp_path) == []


LIMITED = (
    "import resource, sys; from pathlib import Path; from circle.errors import OutputError\n"
    "from circle.store import whole_folder, writing\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); target = Path(sys.argv[1])\n"
    "try:\n    with whole_folder(target) as staging, writing(target): (staging / 'big.csv').write_bytes(bytes(5000))\n"
    "except OutputError as error: print(error.problems[0].code)"
)


def test_a_write_that_the_system_cuts_off_leaves_nothing(tmp_path):
    """A real limit of the operating system: files of at most 1,000 bytes."""
    words = [sys.executable, "-c", LIMITED, str(tmp_path / "out")]
    done = subprocess.run(words, env=surroundings(), capture_output=True, text=True, check=True)
    assert done.stdout == "output.file_too_large\n"
    assert entries(tmp_path) == []


def test_files_have_the_modes_that_the_umask_asks_for_whoever_made_them(tmp_path):
    before = os.umask(0o027)
    try:
        with whole_folder(tmp_path / "out") as staging:
            os.close(os.open(staging / "private.csv", os.O_CREAT | os.O_WRONLY, 0o600))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "out" / "private.csv").stat().st_mode) == 0o640


def test_a_link_to_a_folder_elsewhere_is_followed(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk" / "real")
    finish(tmp_path / "out", "x.csv")
    assert (tmp_path / "out").is_symlink()
    assert entries(tmp_path / "disk") == ["real", f"real/{RESULT_MARK}", "real/x.csv"]


def test_hashes_are_those_of_the_standard(tmp_path):
    """FIPS 180-2, appendix B.1: the message "abc"."""
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_single_file_is_written_whole_and_not_over_another(tmp_path):
    path = tmp_path / "new" / "region.toml"
    write_whole(path, "a = 1\n")
    with pytest.raises(OutputError):
        write_whole(path, "a = 2\n")
    assert path.read_bytes() == b"a = 1\n"
    write_whole(path, "a = 2\n", force=True)
    assert entries(tmp_path / "new") == ["region.toml"]


def test_the_lock_is_no_matter_of_time(tmp_path):
    """A lock file that a dead process left years ago locks nothing."""
    lock = tmp_path / ".out.circle-lock"
    lock.write_text("")
    os.utime(lock, (time.time() - 1e8,) * 2)
    finish(tmp_path / "out", "x.csv")
    assert not lock.exists()
