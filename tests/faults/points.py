"""Points on a program's way to the disk, at each of which it is killed or stopped (dies_at.cc)."""

import itertools
import os
import signal

EVERY = int(os.environ.get("POINTS_EVERY", "1"))
OF = "each of" if EVERY == 1 else f"one in {EVERY} of"
POINTS_MAX = 100  # of one visit: more, and it counts the wrong steps


class Points:
    """Those of the program that `words` is put before, under `folder`."""

    def __init__(self, library, order, folder):
        self.order = order
        self.numbers = itertools.count(1)
        self.words = ("env", f"LD_PRELOAD={library}", f"DIES_UNDER={folder}",
                      f"DIES_ORDER={order}")

    def visit(self, how, act):
        """Has `act` done again and again, with the program killed or stopped at the first point,
        one EVERY points further on, and so on, until one is not reached; act returns whether it
        was. About how many there are: all were visited where EVERY is 1."""
        for at in itertools.count(1, EVERY):
            assert at < POINTS_MAX, "too many points"
            self.order_at(at, how)
            try:
                reached = act(at)
            finally:
                self.forget()
            if not reached:
                return at - EVERY

    def order_at(self, at, how):
        with open(self.order, "w", encoding="ascii") as order:
            order.write(f"{next(self.numbers)} {at} {how}")

    def forget(self):
        """From here on nothing happens at any point."""
        if os.path.exists(self.order):
            os.remove(self.order)


def is_stopped(process):
    """Whether it is paused."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def is_killed(process):
    return process.poll() == -signal.SIGKILL
