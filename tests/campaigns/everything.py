"""All campaigns, one after the other, in one process: `make campaign`. Every number is printed with its seed.

Within the hour each campaign gets a share of it and does what it can; --full does all that the figures ask for.
"""

from __future__ import annotations

import argparse
import math
import sys
import time

import disks
import fuzz
import kills
import mutants
import streams
import two
from campaign import Campaign
from children import warm_up

# name -> (what it does, trials that the figures ask for, minutes within the hour, trials of a slice)
CAMPAIGNS = {
    "kills": (kills.work, 1500, 13, 3),
    "mutants": (mutants.work, 5000, 16, 10),
    "fuzz": (fuzz.work, 20_000, 18, 24),
    "streams": (streams.work, 1000, 3, 16),
    "disks": (disks.work, 330, 5, 3),
    "two": (two.work, 110, 3, 2),
}


def main() -> None:
    """Exit code 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, help="of each campaign")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="as many trials as the figures ask for, however long it takes")
    parser.add_argument("--slice", action="store_true", help="seconds of each")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each campaign, and nothing else")
    options = parser.parse_args()
    began = time.perf_counter()
    warm_up()
    found = 0
    for name, (work, trials, minutes, few) in CAMPAIGNS.items():
        count = options.trials or (few if options.slice else trials)
        limit = math.inf if options.full or options.slice or options.trials else minutes
        campaign = Campaign(name, options.seed, count, minutes=limit)
        work(campaign)
        found += campaign.failed
        if options.json:
            print(campaign.to_json(), flush=True)
        else:
            campaign.report()
    if not options.json:
        print(f"in all: seed {options.seed}, {found:,} faults, {(time.perf_counter() - began) / 60:.0f} minutes")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
