"""Entries of the cache: the same arrays come back or none, whatever became of the file and whoever writes beside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from circle.store import Cache, Entry, key_of, user_cache

ROOT = Path(__file__).resolve().parent.parent.parent
ENTRY = Entry({"name": "青溪", "rows": [1, None, 2.5]}, {"x": np.arange(5.0), "none": np.empty((0, 3), np.int32)})


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@given(
    st.dictionaries(
        st.text(max_size=5),
        arrays_of.arrays(
            st.sampled_from([np.float64, np.int32, np.int8, np.bool_]), arrays_of.array_shapes(min_side=0, max_dims=3)
        ),
        max_size=4,
    )
)
def test_arrays_come_back_as_they_were_and_may_be_written_to(tmp_path_factory, arrays):
    cache = Cache(tmp_path_factory.mktemp("cache"))
    cache.put("key", Entry({}, arrays))
    found = cache.get("key")
    assert found is not None
    assert list(found.arrays) == list(arrays)
    for name, array in arrays.items():
        back = found.arrays[name]
        assert back.dtype == array.dtype
        assert back.flags.writeable
        assert back.flags.aligned
        np.testing.assert_array_equal(back, array)


def test_what_is_not_there_is_none(tmp_path):
    assert Cache(tmp_path / "nowhere").get("key") is None
    assert not (tmp_path / "nowhere").exists()


def test_every_damaged_byte_and_every_cut_is_noticed_and_the_file_removed(tmp_path):
    cache = Cache(tmp_path)
    cache.put("key", ENTRY)
    path = only_file(tmp_path)
    whole = path.read_bytes()
    spoilt = [bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]) for at in range(len(whole))]
    for content in [*spoilt, *(whole[:end] for end in range(len(whole))), whole + b"\0"]:
        path.write_bytes(content)
        assert cache.get("key") is None
        assert not path.exists()
    cache.put("key", ENTRY)
    again = cache.get("key")
    assert again is not None
    assert again.head == ENTRY.head


def test_where_nothing_can_be_written_the_work_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "folder")
    cache.put("key", ENTRY)
    assert cache.get("key") is None


def test_what_was_not_wanted_for_longest_makes_room(tmp_path):
    one = Entry({}, {"x": np.zeros(1000)})
    cache = Cache(tmp_path, largest_bytes=20_000)  # two of them
    for number, key in enumerate(("a", "b")):
        cache.put(key, one)
        os.utime(next(tmp_path.glob(f"{key}*")), (number, number))
    assert cache.get("a") is not None  # wanted now: b is the older one
    cache.put("c", one)
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]


def test_an_entry_larger_than_all_room_is_kept_alone(tmp_path):
    cache = Cache(tmp_path, largest_bytes=10)
    for key in "ab":
        cache.put(key, ENTRY)
    assert [cache.get(key) is not None for key in "ab"] == [False, True]


WRITER = """
import sys, numpy as np
from pathlib import Path
from circle.store import Cache, Entry
cache, number = Cache(Path(sys.argv[1])), int(sys.argv[2])
for turn in range(60):
    found = cache.get("key")
    if found is not None:
        x = found.arrays["x"]
        assert len(x) == 5000 + x[0] and (x == x[0]).all(), x
    cache.put("key", Entry({}, {"x": np.full(5000 + number, number)}))
print("done")
"""


def test_processes_that_write_the_same_entry_at_once_never_see_half_of_one(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, str(number)], stdout=subprocess.PIPE, env=environment)
        for number in range(4)
    ]
    assert [process.communicate(timeout=120)[0].strip() for process in running] == [b"done"] * 4
    assert [path.name.startswith(".") for path in tmp_path.iterdir()] == [False]


def test_a_key_follows_from_every_part():
    keys = [key_of("a", 1), key_of("a", 2), key_of("b", 1), key_of("a", 1, None), key_of("a", {"x": ("y",)})]
    assert len(set(keys)) == len(keys)
    assert key_of("a", {"x": ("y",)}) == key_of("a", {"x": ["y"]})


def test_the_users_cache_is_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("CIRCLE_CACHE", str(tmp_path))
    cache = user_cache("networks")
    assert cache is not None
    assert cache.folder == tmp_path / "networks"
    assert user_cache("networks", wanted=False) is None
    monkeypatch.delenv("CIRCLE_CACHE")
    other = user_cache("networks")
    assert other is not None
    assert "circle" in other.folder.parts


def test_a_name_that_is_no_unicode_has_a_key():
    assert key_of("/data/\udcc7\udce0") != key_of("/data/\udcc7\udce1")


def test_the_order_of_what_is_asked_is_part_of_the_key():
    assert key_of({"a": 1, "b": 2}) != key_of({"b": 2, "a": 1})
