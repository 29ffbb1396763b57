#!/usr/bin/env python3
"""Measures people and teams at the scale of a very large organisation, through the doors that an admin and a front end use.

    cargo build --release
    pip install duckdb
    python3 benches/people.py --binary target/release/throughline --work /tmp/throughline-people

50,000 contributors with 150,000 accounts, 5,000 managers (hence teams) on 12 levels, and 500,000 merged pull requests: import preview and
approval, the org tree, a search as one types, a page of contributors with their teams, a breakdown over all teams. Prints each time as the median of a few, beside what a bare
request costs, and the peak memory of the server. It listens on loopback only and is stopped at the end.
"""

import argparse
import json
import os
import random
import shutil
import sys
import time
import urllib.request

from compare import Server, timed

PERIOD = 'period: { between: { from: "2025-07-01", to: "2026-07-01" } }'
MANAGERS = 5_000
# Managers below a manager: with this many, 5,000 of them stand on 12 levels.
SPAN = 2.17
SYLLABLES = "an be cor del er fi gan hol in jor kel lum mar no or pel quin ros sel tor ul ver wen yar zel".split()


def word(rng, parts):
    return "".join(rng.choice(SYLLABLES) for _ in range(parts)).capitalize()


def write_contributors(path, people):
    """Rows of a CSV as an HR system exports it; returns the deepest level."""
    rng = random.Random(7)
    depth, lines = [1], ["Name,Email,ManagerEmail,EmployeeId,StartDate,Country,Grade"]
    email = "p{}@example.org".format
    for i in range(people):
        if i == 0:
            manager = ""
        elif i < MANAGERS:
            above = int((i - 1) / SPAN)
            depth.append(depth[above] + 1)
            manager = email(above)
        else:
            manager = email(rng.randrange(MANAGERS))
        start = f"{rng.randrange(2015, 2025)}-{rng.randrange(1, 13):02d}-01"
        lines.append(f"{word(rng, 2)} {word(rng, 3)} {i},{email(i)},{manager},E{i:06d},{start},"
                     f"{rng.choice(['PT', 'DE', 'IN', 'US', 'BR'])},{rng.randrange(1, 9)}")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return max(depth)


def write_landing(lake, people, changes):
    import duckdb
    for table in ["accounts", "pull_requests"]:
        os.makedirs(f"{lake}/landing/{table}/bench", exist_ok=True)
    duckdb.sql(f"""COPY (
        SELECT source, login AS id, TIMESTAMPTZ '2026-06-01 00:00:00Z' AS updated_at, login, 'p' || i || '@example.org' AS email
        FROM (SELECT i, unnest([{{s: 'forge', l: 'dev' || i}}, {{s: 'git', l: 'p' || i || '@example.org'}},
                                {{s: 'tracker', l: 'user.' || i}}]) AS a, a.s AS source, a.l AS login FROM range({people}) t(i)))
        TO '{lake}/landing/accounts/bench/accounts.parquet'""")
    duckdb.sql(f"""COPY (
        SELECT 'forge' AS source, 'pr-' || i AS id, merged AS updated_at, 'acme/repo-' || (hash(i) % 2000) AS repository, i AS number,
          'Change ' || i AS title, 'dev' || (hash(i * 7) % {people}) AS author, 'MERGED' AS state,
          merged - INTERVAL (1 + hash(i * 3) % 200) HOUR AS created_at, merged - INTERVAL (1 + hash(i * 3) % 300) HOUR AS first_commit_at,
          merged AS merged_at, md5('m' || i) AS merge_commit, 'main' AS base_branch, CAST(hash(i * 5) % 400 AS BIGINT) AS additions
        FROM (SELECT i, TIMESTAMPTZ '2025-07-01 00:00:00Z' + INTERVAL (CAST(hash(i * 19) % 520000 AS BIGINT)) MINUTE AS merged
              FROM range({changes}) t(i)))
        TO '{lake}/landing/pull_requests/bench/changes.parquet'""")
