"""Modules that are imported when they are first used behave as modules where they are copied, too."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from circle import lazily

NAMES = ["gpd", "pa", "pc", "pd", "scipy"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_copy_is_itself(name: str, protocol: int) -> None:
    module = getattr(lazily, name)
    for held in (module, {"a": [module]}):
        assert copy.copy(held) == held
        assert copy.deepcopy(held) == held
        assert pickle.loads(pickle.dumps(held, protocol)) == held


def test_what_nobody_has_named_yet_has_no_attributes() -> None:
    bare = lazily._Later.__new__(lazily._Later)
    for attribute in ("_name", "__setstate__", "anything"):
        assert not hasattr(bare, attribute)


def test_an_attribute_that_the_module_does_not_have_is_none_of_ours() -> None:
    with pytest.raises(AttributeError, match="pandas"):
        lazily.pd.no_such_thing  # noqa: B018


def test_copying_imports_nothing_and_another_process_has_its_own() -> None:
    code = (
        "import copy, pickle, sys\n"
        "from circle.lazily import pd\n"
        "sent = pickle.dumps((pd, copy.copy(pd), copy.deepcopy(pd)))\n"
        "assert 'pandas' not in sys.modules\n"
        "sys.stdout.buffer.write(sent)"
    )
    sent = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert pickle.loads(sent) == (lazily.pd,) * 3
    assert pickle.loads(sent)[0].Series([1, 2]).sum() == 3
