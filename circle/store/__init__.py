"""What circle keeps on disk: folders and files that appear whole or not at all, locks, hashes, and the cache."""

from circle.store.cache import (
    EXTRACTS,
    NETWORKS,
    Cache,
    Entry,
    key_of,
    mapped_entry,
    user_cache,
    user_folder,
    whole_entry,
    write_entry,
)
from circle.store.folders import (
    RESULT_MARK,
    alone,
    clear_leftovers,
    refuse_existing_file,
    remove_result,
    sha256_of,
    whole_folder,
    write_whole,
    writing,
)
from circle.store.names import is_unicode, name_problem, shown_name
from circle.store.program import program_hash
from circle.store.results import read_record, whole_result

__all__ = [
    "EXTRACTS",
    "NETWORKS",
    "RESULT_MARK",
    "Cache",
    "Entry",
    "alone",
    "clear_leftovers",
    "is_unicode",
    "key_of",
    "mapped_entry",
    "name_problem",
    "program_hash",
    "read_record",
    "refuse_existing_file",
    "remove_result",
    "sha256_of",
    "shown_name",
    "user_cache",
    "user_folder",
    "whole_entry",
    "whole_folder",
    "whole_result",
    "write_entry",
    "write_whole",
    "writing",
]
