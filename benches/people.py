#!/usr/bin/env python3
"""Measures people and teams at the scale of a very large organisation, through the doors that an admin and a front end use.

    cargo build --release
    pip install duckdb
    python3 benches/people.py --binary target/release/throughline --work /tmp/throughline-people

50,000 contributors with 150,000 accounts, 5,000 managers (hence teams) on 12 levels, and 500,000 merged pull requests: import preview and
approval, the org tree, a search as one types, a page of contributors with their teams, a breakdown over all teams. Prints each time as the median of a few, beside what a bare
request costs, and the server's peak memory meanwhile. It listens on loopback only and is stopped at the end.
"""

import argparse
import json
import os
import random
import shutil
import sys
import time
import urllib.error
import urllib.request

from compare import Server, timed

PERIOD = 'period: { between: { from: "2025-07-01", to: "2026-07-01" } }'
MANAGERS = 5_000
# Managers below a manager: with this many, 5,000 of them stand on 12 levels.
SPAN = 2.1
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
        SELECT source, before || i || after AS id, TIMESTAMPTZ '2026-06-01 00:00:00Z' AS updated_at, id AS login,
          'p' || i || '@example.org' AS email
        FROM range({people}) t(i), (VALUES ('forge', 'dev', ''), ('git', 'p', '@example.org'), ('tracker', 'user.', ''))
          s(source, before, after))
        TO '{lake}/landing/accounts/bench/accounts.parquet'""")
    duckdb.sql(f"""COPY (
        SELECT 'forge' AS source, 'pr-' || i AS id, merged AS updated_at, 'acme/repo-' || (hash(i) % 2000) AS repository, i AS number,
          'Change ' || i AS title, 'dev' || (hash(i * 7) % {people}) AS author, 'MERGED' AS state,
          merged - INTERVAL (1 + hash(i * 3) % 200) HOUR AS created_at, merged - INTERVAL (1 + hash(i * 3) % 300) HOUR AS first_commit_at,
          merged AS merged_at, md5('m' || i) AS merge_commit, 'main' AS base_branch, CAST(hash(i * 5) % 400 AS BIGINT) AS additions
        FROM (SELECT i, TIMESTAMPTZ '2025-07-01 00:00:00Z' + INTERVAL (CAST(hash(i * 19) % 520000 AS BIGINT)) MINUTE AS merged
              FROM range({changes}) t(i)))
        TO '{lake}/landing/pull_requests/bench/changes.parquet'""")


class Doors(Server):
    """The server, asked as an admin and a front end ask it."""

    def upload(self, path, query):
        """A file by multipart/form-data, as `curl -F file=@people.csv` sends it."""
        boundary = "--------------------------throughline"
        with open(path, "rb") as file:
            content = file.read()
        head = (f'--{boundary}\r\ncontent-disposition: form-data; name="file"; filename="{os.path.basename(path)}"\r\n'
                "content-type: text/csv\r\n\r\n")
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.send("/contributors/import?" + query, body, f"multipart/form-data; boundary={boundary}")

    def send(self, path, body=b"", kind="application/json"):
        headers = {"content-type": kind, "x-throughline-user": "bench"}
        request = urllib.request.Request(self.url + path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=900) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.code} {error.read()[:2000]}")

    def forget_peak(self):
        """Linux forgets the peak of a process's memory when it is told so."""
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as refs:
            refs.write("5")

    def mutate(self, query):
        answer = next(iter(self.ask("mutation " + query)["data"].values()))
        if answer["userErrors"]:
            sys.exit(f"{query}: {answer['userErrors'][:3]}")
        return answer


def best(times, work):
    """The median of a few times, and the last result."""
    took = sorted(timed(work) for _ in range(times))
    return took[len(took) // 2]


def row(what, took, server, note=""):
    """Prints a line with the peak memory since the line before."""
    print(f"| {what} | {took * 1000:.0f} ms | {server.peak_mib():.0f} MiB | {note} |", flush=True)
    server.forget_peak()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/release/throughline")
    parser.add_argument("--work", required=True, help="folder for the lake; may grow to a GB")
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--changes", type=int, default=500_000)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    lake = os.path.join(arguments.work, "lake")
    write_landing_and_measure(arguments, lake)


def write_landing_and_measure(arguments, lake):
    write_landing(lake, arguments.people, arguments.changes)
    csv = os.path.join(arguments.work, "contributors.csv")
    levels = write_contributors(csv, arguments.people)
    server = Doors(arguments.binary, "file://" + lake)
    server.first_answer("{ lake { snapshot } }")
    server.send("/intake")
    server.ask("{ contributors(first: 1) { totalCount } }")
    print(f"| {arguments.people} people, {3 * arguments.people} accounts, {MANAGERS} managers on {levels} levels | time | peak memory | |\n|---|---|---|---|")
    server.forget_peak()

    took, _ = best(5, lambda: server.ask("{ viewer { __typename } }"))
    row("a bare request", took, server)
    took, preview = timed(lambda: server.upload(csv, "mode=REPLACE&attributes=true"))
    counts = preview["counts"]
    row("import: preview", took, server, f"{os.path.getsize(csv) / 1e6:.1f} MB of CSV; {counts['added']} added, {len(preview['errors'])} errors")
    took, _ = timed(lambda: server.send(f"/contributors/imports/{preview['id']}/approve"))
    row("import: approve", took, server, "one commit")
    took, _ = timed(lambda: server.ask("{ contributors(first: 1) { totalCount } }"))
    row("first request after it", took, server, "the directory is made anew")

    server.mutate('{ createOrgTree(input: { name: "People", byManager: true }) { orgTree { id } userErrors { message } } }')
    took, built = timed(lambda: server.mutate(
        '{ buildOrgTree(input: { id: "People", on: "2024-01-01" }) { change { seq } userErrors { message } } }'))
    row("org tree: built from the reporting lines", took, server, f"{levels} levels")
    took, _ = timed(lambda: server.ask("{ teams(first: 1) { totalCount } }"))
    row("first request after it", took, server)

    rng = random.Random(3)

    def typed():
        prefix = rng.choice(SYLLABLES) + rng.choice("abcdefgh")
        return server.ask(f'{{ contributors(search: "{prefix}", first: 10) {{ totalCount nodes {{ name email }} }} }}')

    took, _ = best(21, typed)
    row("search as one types, 10 shown", took, server)
    page = "{ contributors(first: 100) { nodes { id name email manager { name } accounts { login } teams { path } } } }"
    took, _ = best(7, lambda: server.ask(page))
    row("a page of 100 contributors with manager, accounts and teams", took, server)

    def velocity(by):
        return f"""{{ organization {{ metric(name: PULL_REQUEST_CYCLE_TIME, {PERIOD}) {{ sampleSize {by} }} }} }}"""

    server.ask(velocity(""))
    took, _ = best(5, lambda: server.ask(velocity("value")))
    row("cycle time of the organisation", took, server, f"{arguments.changes} merged pull requests")
    teams = "breakdown(by: TEAM, first: 5000) { key value sampleSize }"
    took, answer = best(5, lambda: server.ask(velocity(teams)))
    slices = answer["data"]["organization"]["metric"]["breakdown"]
    counted, total = sum(part["sampleSize"] for part in slices), answer["data"]["organization"]["metric"]["sampleSize"]
    if counted != total or total != arguments.changes:
        sys.exit(f"everybody is in one team, but the teams count {counted} of {total} pull requests")
    row("the same by leaf team", took, server, f"{len(slices)} slices, one for what is done above the leaves; they add up")
    top = server.ask("{ teams(first: 1) { nodes { path } } }")["data"]["teams"]["nodes"][0]["path"]
    took, _ = best(5, lambda: server.ask(
        f'{{ team(path: "{top}") {{ metric(name: PULL_REQUEST_CYCLE_TIME, {PERIOD}) {{ value sampleSize }} }} }}'))
    row("cycle time of the topmost team, which holds everybody", took, server)
    server.stop()
    server = Doors(arguments.binary, "file://" + lake)
    took = server.first_answer("{ contributors(first: 100) { nodes { name teams { path } } } }")
    row("start on the existing lake to the first page of contributors", took, server)
    server.stop()


if __name__ == "__main__":
    main()
