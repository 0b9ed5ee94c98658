"""How long the site takes to start, and that it starts without the heavy clients.

    .venv/bin/python tests/benchmarks/start.py

Importing the URL configuration must load neither exchangelib nor msal nor requests. ``manage.py check`` is measured in
turn as it is, with these packages made impossible to import, and with them imported first, as it would be if anything
at the top of a module named them. Seconds of processor time count, the best of some runs, since other work on the
machine can only make one slower. Bound: as it is, it takes no longer than without them, but for 5 %.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

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
    seconds = {case: min(times) for case, times in _timed_in_turn().items()}
    ratio = seconds["as it is"] / seconds["without them"]
    print(f"imported with the URL configuration: {' '.join(loaded) or 'none of them'}")
    for case, best in seconds.items():
        print(f"manage.py check, {case:14} {best:7.3f} s")
    print(f"ratio of the first two         {ratio:7.3f}     at most {RATIO_AT_MOST}")
    return int(bool(loaded) or ratio > RATIO_AT_MOST)


def _timed_in_turn() -> dict[str, list[float]]:
    times: dict[str, list[float]] = {case: [] for case in CASES}
    for _run in range(RUNS):
        for case, program in CASES.items():
            before = _processor_seconds()
            _output(program)
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
