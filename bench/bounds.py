# SPDX-License-Identifier: MIT
"""Medians and their intervals. Samples of one process share the place of its memory, so the bootstrap draws
processes first, and then samples of each."""

import itertools
import random
import statistics

DRAWS = 1000


def by_process(samples, measured):
    key = lambda sample: sample["process"]
    return [[sample[measured] for sample in group]
            for _, group in itertools.groupby(sorted(samples, key=key), key)]


def drawn(processes):
    return [number for process in random.choices(processes, k=len(processes))
            for number in random.choices(process, k=len(process))]


def interval(value, ways, measured):
    """`value(medians)` of the samples of each way, and the ends of its 95 % bootstrap interval."""
    columns = [by_process(samples, measured) for samples in ways]
    draws = sorted(value([statistics.median(drawn(column)) for column in columns])
                   for _ in range(DRAWS))
    return (value([statistics.median(itertools.chain(*column)) for column in columns]),
            draws[DRAWS // 40], draws[-DRAWS // 40 - 1])


def median(samples, measured):
    return interval(lambda medians: medians[0], [samples], measured)
