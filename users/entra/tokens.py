"""Access tokens, and those that may be used again, in the memory of this process only."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from users.vault import Secret

SPARE_SECONDS = 5 * 60
"""A token that ends sooner is not used any more: a message may take a while."""
LONGEST_SECONDS = 10 * 60
"""What Entra grants or takes away later counts after this time at most: the token says what was granted before."""
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and for how many seconds it is valid from now on."""

    secret: Secret
    seconds: int


class TokenMemory:
    """The last tokens by what they were given for; the key must hold everything on which they depend."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Secret, float]] = OrderedDict()

    def get(self, key: str, fetch: Callable[[], Token]) -> Secret:
        """The token for `key`, fetched where there is none. Raises what `fetch` raises."""
        return self._find(key) or self.keep(key, fetch())

    def keep(self, key: str, token: Token) -> Secret:
        ends = time.time() + min(token.seconds - SPARE_SECONDS, LONGEST_SECONDS)
        with self._lock:
            self._kept[key] = token.secret, ends
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return token.secret

    def drop(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()

    def _find(self, key: str) -> Secret | None:
        with self._lock:
            secret, ends = self._kept.get(key, (None, 0.0))
        return secret if time.time() < ends else None
