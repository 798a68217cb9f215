"""Greedy covering: which site adds most people, then which adds most to that, until nothing worth it is left."""

from __future__ import annotations

import numpy as np

from circle.kernels.compiled import kernel


@kernel
def rows_by_place(site_offset, site_place, places):  # type: ignore[no-untyped-def]
    """Rows of places by site turned round: ``(place_offset, place_site)``, sites ascending in each row."""
    offset = np.zeros(places + 1, np.int64)
    for p in site_place:
        offset[p + 1] += 1
    for p in range(places):  # a loop: with numba's own sum comes all of scipy.linalg
        offset[p + 1] += offset[p]
    filled, site = offset[:-1].copy(), np.empty(len(site_place), np.int32)
    for s in range(len(site_offset) - 1):
        for p in site_place[site_offset[s] : site_offset[s + 1]]:
            site[filled[p]] = s
            filled[p] += 1
    return offset, site


@kernel
def greedy_cover(site_offset, site_place, place_offset, place_site, people, least):  # type: ignore[no-untyped-def]
    """Sites in the order of what each newly covers.

    Parameters
    ----------
    site_offset, site_place
        The places that each of s sites serves, in rows.
    place_offset, place_site
        The same pairs by place.
    people
        (p,) people still unserved at each place.
    least
        Stop when the best site adds fewer people than this.

    Returns
    -------
    chosen, zone_of : ndarray
        Sites in order of choice, and (p,) the position in `chosen` of the site that each place went to, -1 none.
        Ties go to the smaller site number.
    """
    n_sites = len(site_offset) - 1
    gain = np.zeros(n_sites)
    for s in range(n_sites):
        for k in range(site_offset[s], site_offset[s + 1]):
            gain[s] += people[site_place[k]]
    zone_of = np.full(len(people), -1, np.int64)
    chosen = np.empty(n_sites, np.int64)
    n = 0
    while n < n_sites:
        best = 0
        for s in range(1, n_sites):
            if gain[s] > gain[best]:
                best = s
        if gain[best] < least or gain[best] <= 0.0:
            break
        for k in range(site_offset[best], site_offset[best + 1]):
            p = site_place[k]
            if zone_of[p] >= 0:
                continue
            zone_of[p] = n
            for m in range(place_offset[p], place_offset[p + 1]):
                gain[place_site[m]] -= people[p]
        gain[best] = -1.0
        chosen[n] = best
        n += 1
    return chosen[:n].copy(), zone_of
