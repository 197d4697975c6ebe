"""Sides of a comparison timed alternately in one process, and what is said about the times."""
import random
import statistics
import time


class Side:
    """One step of something: `step` is timed, `rest` is not."""

    def step(self):
        raise NotImplementedError

    def rest(self):
        pass


def alternate(sides, rounds, steps):
    """Seconds of one step, the median of `steps`, for each side in each round: {name: [rounds]}. `sides`: {name: Side}.

    The order of the sides is turned round by round; the first step of a turn, which finds the caches of another side, is not timed.
    """
    times = {name: [] for name in sides}
    names = list(sides)
    for r in range(rounds):
        for name in names[r % len(names) :] + names[: r % len(names)]:
            turn = []
            for _ in range(steps + 1):
                begin = time.perf_counter()
                sides[name].step()
                turn.append(time.perf_counter() - begin)
                sides[name].rest()
            times[name].append(statistics.median(turn[1:]))
    return times


def interval(values, level=0.95, resamples=4000):
    """Median with a bootstrap interval: (median, low, high)."""
    draw = random.Random(0)
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(resamples))
    cut = int((1 - level) / 2 * resamples)
    return statistics.median(values), medians[cut], medians[-1 - cut]


def ratio(times, over, under):
    """Of paired times, round by round: (median, low, high)."""
    return interval([a / b for a, b in zip(times[over], times[under])])
