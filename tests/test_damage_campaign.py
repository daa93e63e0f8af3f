"""A small round of the campaign of damaged archives; `damage_campaign.py` does thousands."""

from __future__ import annotations

from damage_campaign import GOLDEN, PEAK, campaign


def test_damaged_copies() -> None:
    """Each is refused or read, in time and in little memory; nearly all damage is noticed."""
    sources = sorted(GOLDEN.glob("*.agc"))
    outcomes, peak = campaign(10 * len(sources), sources, first=1_000_000)
    assert outcomes["bad"] == 0
    assert sum(outcomes.values()) == 10 * len(sources)
    assert outcomes["open refused"] > 0 and outcomes["read refused, found"] > 0
    # Without digests, other bases in a reference or a delta cannot be told from what was there.
    assert outcomes["read differently, sound"] < sum(outcomes.values()) // 10
    # What cannot be read is never called sound.
    assert outcomes["read refused, sound"] == 0
    assert peak < PEAK
