# SPDX-License-Identifier: MIT
"""Takes samples by running the programs, in one process or in many."""

import json
import os
import random
import subprocess

# jemalloc needs thread-local memory that the loader reserves at the start.
ENVIRONMENT = os.environ | {"GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=65536"}


class Programs:
    """The ways of each work that can be measured here, and the program of each."""

    def __init__(self, build):
        self.program = {}
        self.processes = 0
        for program in ("measure", "measure_checked", "measure_unchecked"):
            path = build / program
            if path.exists():
                listed = subprocess.run([path], check=True, capture_output=True, text=True,
                                        env=ENVIRONMENT).stdout
                for line in listed.splitlines():
                    self.program[tuple(line.split("\t"))] = path

    def ways(self, work):
        return [way for name, way in self.program if name == work]

    def take(self, work, ways, progress):
        """Samples of a work by way, one from each round. Calls `progress(share)`."""
        samples = {way: [] for way in ways}
        groups = [[way] for way in ways] if work.mode != "together" else self.by_program(work, ways)
        # Each process takes a slice of the rounds, so that processes alternate too. Works of many
        # rounds are short, and get as many processes as works whose ways are apart.
        slices = work.rounds
        if work.mode != "fresh":
            wanted = max(work.rounds // 10, 1) if len(groups) == 1 else 8
            slices = min(wanted, work.rounds, 8)
        for i in range(slices):
            for group in random.sample(groups, len(groups)):
                rounds = work.rounds // slices + (i < work.rounds % slices)
                for sample in self.process(work, group, rounds):
                    samples[sample["way"]].append(sample)
            progress((i + 1) / slices)
        return samples

    def by_program(self, work, ways):
        groups = {}
        for way in ways:
            groups.setdefault(self.program[work.name, way], []).append(way)
        return list(groups.values())

    def process(self, work, ways, rounds):
        """The samples of one process. Except in `fresh` mode, a first sample of each way is dropped: it
        includes costs that occur once."""
        unasked = 0 if work.mode == "fresh" else 1
        out = subprocess.run(
            [self.program[work.name, ways[0]], work.name, str(work.size), str(rounds + unasked),
             str(random.getrandbits(30)), *ways],
            check=True, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT).stdout
        self.processes += 1
        return [json.loads(line) | {"process": self.processes}
                for line in out.splitlines()[unasked * len(ways):]]
