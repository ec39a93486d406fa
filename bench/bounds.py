# SPDX-License-Identifier: MIT
"""Medians, and how far to trust them."""

import random
import statistics

DRAWS = 1000


def interval(value, columns):
    """`value(medians)` of the columns of numbers, and the ends of its 95 % bootstrap interval."""
    draws = sorted(value([statistics.median(random.choices(column, k=len(column)))
                          for column in columns]) for _ in range(DRAWS))
    return (value([statistics.median(column) for column in columns]),
            draws[DRAWS // 40], draws[-DRAWS // 40 - 1])


def median(column):
    return interval(lambda medians: medians[0], [column])
