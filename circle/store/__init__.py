"""What circle keeps on disk: folders and files that appear whole or not at all, locks, hashes, and the cache."""

from circle.store.cache import EXTRACTS, NETWORKS, Cache, Entry, key_of, user_cache, user_folder
from circle.store.folders import (
    RESULT_MARK,
    alone,
    refuse_existing_file,
    sha256_of,
    whole_folder,
    write_whole,
    writing,
)

__all__ = [
    "EXTRACTS",
    "NETWORKS",
    "RESULT_MARK",
    "Cache",
    "Entry",
    "alone",
    "key_of",
    "refuse_existing_file",
    "sha256_of",
    "user_cache",
    "user_folder",
    "whole_folder",
    "write_whole",
    "writing",
]
