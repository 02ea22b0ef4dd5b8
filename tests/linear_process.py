"""A linear process for filters, whose answer Kalman's equations know."""

from functools import cache

import numpy as np
from scipy.linalg import expm

from cosim.clock import to_seconds
from cosim.estimation import AbstractProcess


class Linear(AbstractProcess):
    """x' = A x, y = C x; remembers nothing, and how often it was asked to."""

    def __init__(self, a, c):
        self.a, self.c = np.atleast_2d(np.asarray(a, dtype=float)), np.atleast_2d(np.asarray(c, dtype=float))
        self.n_restored = 0
        self.step = cache(lambda size: expm(self.a * to_seconds(size)))

    def advance(self, states, start, end):
        return states @ self.step(end - start).T

    def observe(self, states):
        return states @ self.c.T

    def save(self):
        return None

    def restore(self, saved):
        self.n_restored += 1


def kalman(process, mean, covariance, *, noise, stops):
    """Kalman's equations over ``stops``: (time [s], values, variances), NaN for what is missing."""
    time, innovations = 0.0, []
    for stop, values, variances in stops:
        step = expm(process.a * (stop - time))
        mean, covariance = step @ mean, step @ covariance @ step.T + noise * (stop - time)
        time, there = stop, np.isfinite(values)
        c = process.c[there]
        scatter = c @ covariance @ c.T + np.diag(variances[there])
        gain = covariance @ c.T @ np.linalg.inv(scatter)
        innovations.append((values[there] - c @ mean, scatter))
        mean = mean + gain @ innovations[-1][0]
        covariance = covariance - gain @ scatter @ gain.T
    return mean, covariance, innovations
