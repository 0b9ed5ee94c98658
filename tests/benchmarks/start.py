"""How long the site takes to start, and that it starts without the heavy clients.

    .venv/bin/python tests/benchmarks/start.py

Importing the URL configuration must load neither exchangelib nor msal nor requests. ``manage.py check`` is measured in
turn as it is, with these packages made impossible to import, and with them imported first, as it would be if anything
at the top of a module named them. Seconds of processor time count. The ratio is the median of that of neighbouring
runs, since a machine is faster at one time than at another. Bound: as it is, it takes no longer than without them, but
for 5 %.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.environment import settle

ROOT = Path(__file__).resolve().parents[2]
RUNS = 15
RATIO_AT_MOST = 1.05
HEAVY = ("exchangelib", "msal", "requests")

CHECK = "from django.core.management import execute_from_command_line as run; run(['manage.py', 'check'])"
BLOCKED = f"import sys; sys.modules.update(dict.fromkeys({HEAVY}));"
IMPORTED = f"import {', '.join(HEAVY)};"
CASES = {"as it is": CHECK, "without them": f"{BLOCKED} {CHECK}", "with them": f"{IMPORTED} {CHECK}"}
LOADED = f"""
import sys, django
django.setup()
import mailsettings.urls
print(*sorted({{*{HEAVY}}} & sys.modules.keys()))
"""


def main() -> int:
    settle()
    os.environ["DJANGO_SETTINGS_MODULE"] = "mailsettings.settings"
    loaded = _output(LOADED).split()
    times = _timed_in_turn()
    ratio = median(mine / other for mine, other in zip(times["as it is"], times["without them"], strict=True))
    print(f"imported with the URL configuration: {' '.join(loaded) or 'none of them'}")
    for case in CASES:
        print(f"manage.py check, {case:14} {median(times[case]):7.3f} s")
    print(f"ratio of the first two         {ratio:7.3f}     at most {RATIO_AT_MOST}")
    return int(bool(loaded) or ratio > RATIO_AT_MOST)


def _timed_in_turn() -> dict[str, list[float]]:
    times: dict[str, list[float]] = {case: [] for case in CASES}
    for _run in range(RUNS):
        # In another order each time: what comes after the heaviest takes longer.
        for case in random.sample(sorted(CASES), len(CASES)):
            before = _processor_seconds()
            _output(CASES[case])
            times[case].append(_processor_seconds() - before)
    return times


def _processor_seconds() -> float:
    """What all processes that were started from here have taken so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _output(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
