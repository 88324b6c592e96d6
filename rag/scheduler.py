"""One queue for all generations: so many at once, fair between clients, and left by whoever is cancelled.

Whose turn comes next goes round the clients, so that one who asks fifty questions delays the others by one.
Knows nothing about models: whoever has a turn may generate.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from math import ceil

from rag.errors import Overloaded
from rag.types import Cancelled

_LOOK_S = 0.1
"""How often a waiting turn looks whether it is cancelled."""
_FIRST_GUESS_S = 5.0
_WEIGHT = 0.2
"""Of the last turn in the mean length of turns."""
_SHARE = 4
"""One client may take this part of the queue."""


class Turn:
    """A place in the queue, which becomes the right to generate."""

    def __init__(self, scheduler: "Scheduler", client: str) -> None:
        self._scheduler = scheduler
        self.client = client
        self.since: float | None = None
        """When it came, by the scheduler's clock; None while it waits."""

    def wait(self, cancelled: Cancelled | None = None) -> Iterator[int]:
        """Yield how many generations are ahead, first and whenever it changes, 0 at last; nothing where none is.

        Ends early once `cancelled` is set.
        """
        yield from self._scheduler.waiting(self, cancelled)


class Scheduler:
    """Gives turns. Safe for any number of threads; a turn may be taken in one and left in another."""

    def __init__(
        self, *, at_once: int = 1, most_waiting: int = 64, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._clock = clock
        self._changed = threading.Condition()
        self._running: list[Turn] = []
        self._clients: dict[str, deque[Turn]] = {}  # what waits, in the order in which the clients come next
        self._mean_s = _FIRST_GUESS_S

    @property
    def running(self) -> int:
        """How many have their turn."""
        return len(self._running)

    def __len__(self) -> int:
        """Return how many wait."""
        with self._changed:
            return len(self._order())

    @contextmanager
    def turn(self, client: str | None = None) -> Iterator[Turn]:
        """Join the queue, and leave it, or give the turn back, when the block ends; raises `Overloaded`.

        All who do not say which client they are count as one.
        """
        turn = self._join(client or "")
        try:
            yield turn
        finally:
            self._leave(turn)

    @contextmanager
    def own_turn(self) -> Iterator[None]:
        """Join the queue as `turn` does, and wait until the turn has come."""
        with self.turn() as turn:
            for _ in turn.wait():
                pass
            yield

    def waiting(self, turn: Turn, cancelled: Cancelled | None) -> Iterator[int]:
        """Do as `Turn.wait` says."""
        last = 0
        while turn.since is None and not (cancelled and cancelled.is_set()):
            with self._changed:
                if (ahead := self._ahead(turn)) == last:
                    self._changed.wait(_LOOK_S)
            if ahead not in (0, last):
                yield (last := ahead)
        if last and turn.since is not None:
            yield 0

    def _ahead(self, turn: Turn) -> int:
        return 0 if turn.since is not None else len(self._running) + self._order().index(turn)

    def _order(self) -> list[Turn]:
        """Return what waits as it comes next: each round one of each client, those who have none running first."""
        running = [turn.client for turn in self._running]
        clients = sorted(self._clients, key=running.count)
        rounds = zip_longest(*(self._clients[client] for client in clients))
        return [turn for one in rounds for turn in one if turn is not None]

    def _join(self, client: str) -> Turn:
        turn = Turn(self, client)
        with self._changed:
            waiting, theirs = len(self._order()), len(self._clients.get(client, ()))
            full = waiting >= self._most_waiting or theirs >= max(1, self._most_waiting // _SHARE)
            if full and len(self._running) >= self._at_once:
                seconds = max(1, ceil(self._mean_s * waiting / self._at_once))
                raise Overloaded(f"{waiting} questions wait already; ask again in {seconds} s", retry_after=seconds)
            self._clients.setdefault(client, deque()).append(turn)
            self._advance()
            self._changed.notify_all()
        return turn

    def _leave(self, turn: Turn) -> None:
        with self._changed:
            if turn.since is None:
                self._clients[turn.client].remove(turn)
            else:
                self._running.remove(turn)
                self._mean_s += _WEIGHT * (self._clock() - turn.since - self._mean_s)
                self._clients[turn.client] = self._clients.pop(turn.client)  # its next one after all others' next
            if not self._clients[turn.client] and turn.client not in [other.client for other in self._running]:
                del self._clients[turn.client]
            self._advance()
            self._changed.notify_all()

    def _advance(self) -> None:
        while len(self._running) < self._at_once and (order := self._order()):
            turn = order[0]
            self._clients[turn.client].popleft()
            self._running.append(turn)
            turn.since = self._clock()
