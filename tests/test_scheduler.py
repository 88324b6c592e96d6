"""The queue of generations: whose turn comes next, who is ahead, and who leaves it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from rag.errors import Overloaded
from rag.scheduler import Scheduler, Turn

DEADLINE_S = 10


class Flag:
    """Something that is set once it was looked at so many times."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


class Clients:
    """Turns of several clients, taken and left by name: `a1` is the first of client `a`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.held: dict[str, tuple[Turn, ExitStack]] = {}

    def join(self, *names: str) -> None:
        for name in names:
            stack = ExitStack()
            self.held[name] = stack.enter_context(self.scheduler.turn(name[0])), stack

    def leave(self, name: str) -> None:
        self.held.pop(name)[1].close()

    @property
    def running(self) -> list[str]:
        return [name for name, (turn, _) in self.held.items() if turn.since is not None]

    def order(self) -> list[str]:
        """Let all come and go, one after another."""
        order = []
        while running := self.running:
            order.append(running[0])
            self.leave(running[0])
        assert self.held == {}
        return order


@contextmanager
def started(target: object) -> Iterator[threading.Thread]:
    """Run something in a thread, and wait for its end when the block ends."""
    thread = threading.Thread(target=target, daemon=True)  # type: ignore[arg-type]
    thread.start()
    yield thread
    thread.join(DEADLINE_S)
    assert not thread.is_alive()


def test_where_nobody_is_ahead_the_turn_comes_at_once() -> None:
    scheduler = Scheduler()
    with scheduler.turn() as turn:
        assert list(turn.wait()) == []
        assert (scheduler.running, len(scheduler)) == (1, 0)
    assert (scheduler.running, len(scheduler)) == (0, 0)


def test_one_client_is_served_in_the_order_it_came() -> None:
    clients = Clients(Scheduler())
    clients.join("a1", "a2", "a3")
    assert clients.order() == ["a1", "a2", "a3"]


def test_turns_go_round_the_clients() -> None:
    clients = Clients(Scheduler())
    clients.join("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    assert clients.order() == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_a_newcomer_waits_for_one_turn_of_each_client_at_most() -> None:
    clients = Clients(Scheduler())
    clients.join("a1", "a2", "b1", "b2")
    clients.leave("a1")
    clients.join("c1")  # while b1 runs
    assert clients.order() == ["b1", "a2", "c1", "b2"]


def test_many_newcomers_do_not_starve_who_waits() -> None:
    clients = Clients(Scheduler())
    clients.join("a1", "a2")
    order = []
    for name in "bcdef":
        clients.join(f"{name}1")
        [running] = clients.running
        clients.leave(running)
        order.append(running)
    assert order == ["a1", "b1", "a2", "c1", "d1"]


def test_those_who_do_not_say_who_they_are_count_as_one() -> None:
    scheduler = Scheduler()
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        first.enter_context(scheduler.turn())
        second, _, other = (stack.enter_context(scheduler.turn(client)) for client in (None, None, "b"))
        first.close()
        assert (second.since, other.since is None) == (None, False)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_so_many_have_their_turn_at_once(at_once: int) -> None:
    clients = Clients(Scheduler(at_once=at_once))
    clients.join("a1", "a2", "a3", "b1")
    assert len(clients.running) == at_once
    clients.leave("a1")
    assert len(clients.running) == at_once
    assert "b1" in clients.running


def test_a_turn_is_given_back_in_another_thread_and_after_a_failure() -> None:
    scheduler = Scheduler()
    with pytest.raises(RuntimeError), scheduler.turn():
        raise RuntimeError
    stack = ExitStack()
    stack.enter_context(scheduler.turn())
    with started(stack.close):
        pass
    assert (scheduler.running, len(scheduler)) == (0, 0)


def test_how_many_are_ahead_is_told_whenever_it_changes() -> None:
    clients = Clients(Scheduler())
    clients.join("a1", "a2", "b1", "b2")
    ahead = clients.held["b2"][0].wait()
    assert next(ahead) == 3
    clients.leave("a1")
    assert next(ahead) == 2
    clients.leave("a2")
    assert next(ahead) == 1
    clients.leave("b1")
    assert list(ahead) == [0]


def test_who_waits_is_woken_when_the_turn_comes() -> None:
    scheduler, seen = Scheduler(), []
    waits = threading.Event()

    def wait() -> None:
        with scheduler.turn("b") as turn:
            for ahead in turn.wait():
                seen.append(ahead)
                waits.set()

    with ExitStack() as first:
        first.enter_context(scheduler.turn("a"))
        with started(wait):
            assert waits.wait(DEADLINE_S)
            first.close()
    assert seen == [1, 0]


def test_whoever_is_cancelled_does_not_wait_and_the_next_moves_up() -> None:
    clients = Clients(Scheduler())
    clients.join("a1", "b1", "c1")
    impatient, patient = clients.held["b1"][0], clients.held["c1"][0].wait()
    assert next(patient) == 2
    assert list(impatient.wait(Flag(looks=0))) == []
    assert list(impatient.wait(Flag(looks=2))) == [1]
    assert impatient.since is None
    clients.leave("b1")
    assert next(patient) == 1


def test_closing_who_waits_leaves_the_queue() -> None:
    scheduler = Scheduler()

    def generation() -> Iterator[int]:
        with scheduler.turn("b") as turn:
            yield from turn.wait()

    with scheduler.turn("a"):
        waits = generation()
        assert next(waits) == 1
        assert len(scheduler) == 1
        waits.close()  # type: ignore[attr-defined]
        assert len(scheduler) == 0


def test_beyond_the_bound_it_is_said_how_long_to_stay_away() -> None:
    now = [0.0]
    clients = Clients(Scheduler(most_waiting=8, clock=lambda: now[0]))
    clients.join("a1")
    now[0] = 15.0
    clients.leave("a1")  # mean: from the first guess of 5 s a fifth of the way to 15 s
    clients.join("a1", *(f"{name}1" for name in "bcdefghi"))
    with pytest.raises(Overloaded, match="8 questions wait already; ask again in 56 s") as raised:
        clients.join("j1")
    assert raised.value.retry_after == 56
    clients.leave("b1")
    clients.join("j1")


def test_one_client_takes_a_quarter_of_the_queue() -> None:
    clients = Clients(Scheduler(most_waiting=8))
    clients.join("a1", "a2", "a3")
    with pytest.raises(Overloaded):
        clients.join("a4")
    clients.join("b1")


def test_under_many_threads_one_at_a_time_has_its_turn_and_all_come() -> None:
    scheduler, inside, done = Scheduler(most_waiting=1000), [], []

    def work(client: str) -> None:
        for _ in range(20):
            with scheduler.turn(client) as turn:
                for _ahead in turn.wait():
                    pass
                inside.append(client)
                assert len(inside) == 1
                inside.remove(client)
            done.append(client)

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in "aabbcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert len(done) == 120
    assert (scheduler.running, len(scheduler)) == (0, 0)
