#!/usr/bin/env python3
"""Measures Throughline side by side with DuckDB over the same files, in one run.

    cargo build --release
    pip install duckdb pytz
    python3 benches/compare.py --binary target/release/throughline --work /tmp/throughline-bench

Every comparison alternates the two and takes the median, since timings on a shared machine are noisy: read the ratios.
The server listens on loopback only and is stopped at the end. The folder given as --work is reused if it holds a lake.
"""

import argparse
import glob
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

FROM, MONTHS = "2023-07-01", 36
TO = "2026-07-01"
END = "2026-07-01"

METRICS = """DEPLOYMENT_FREQUENCY LEAD_TIME_FOR_CHANGES CHANGE_FAILURE_RATE
 FAILED_DEPLOYMENT_RECOVERY_TIME TIME_TO_RESTORE_SERVICE DEPLOYMENT_REWORK_RATE"""
PAGE = f"""{{ organization {{ metrics(names: [{METRICS}],
    period: {{ between: {{ from: "{FROM}", to: "{TO}" }} }}) {{
  definition {{ name }} sampleSize mean: value(statistic: MEAN) median: value(statistic: MEDIAN) p90: value(statistic: P90)
  series(granularity: MONTH) {{
    start sampleSize mean: value(statistic: MEAN) median: value(statistic: MEDIAN) p90: value(statistic: P90) }} }} }} }}"""
COUNT = """{ organization { metric(name: PULL_REQUEST_CYCLE_TIME,
    period: { between: { from: "2021-01-01", to: "2027-01-01" } }) { sampleSize value(statistic: MEAN) } } }"""


def duckdb_page(facts):
    """The same six metrics, whole period and by month, each in one statement as an analyst would write it."""
    def window(time):
        return f"{time} >= TIMESTAMPTZ '{FROM} 00:00:00Z' AND {time} < TIMESTAMPTZ '{TO} 00:00:00Z'"

    def both(time):
        return f"GROUP BY GROUPING SETS ((), (date_trunc('month', {time})))"

    def spread(seconds):
        return f"count({seconds}), avg({seconds}), quantile_cont({seconds}, [0.5, 0.9])"

    def seconds(start, end):
        return f"CASE WHEN {end} >= {start} THEN epoch({end}) - epoch({start}) END"

    def table(name):
        return f"read_parquet({facts[name]!r})"

    production = "tier = 'PRODUCTION'"
    cause = "CASE WHEN cause_rule <> 'LATEST' OR cause_age_seconds <= 604800 THEN cause_finished_at END"
    hotfix = ("is_unplanned OR is_rollback OR fixes_incident"
              " OR len(list_filter(change_labels, lambda x: lower(x) = 'hotfix')) > 0"
              " OR len(list_filter(change_branches, lambda x: lower(x) LIKE 'hotfix%')) > 0 OR lower(ref) LIKE 'hotfix%'")
    month = "date_trunc('month', {})".format
    return [
        f"SELECT {month('finished_at')}, count(*) FROM {table('deployments')} WHERE {production}"
        f" AND status = 'SUCCESS' AND {window('finished_at')} {both('finished_at')}",
        f"SELECT {month('deployed_at')}, {spread(seconds('first_commit_at', 'deployed_at'))} FROM {table('changes')}"
        f" WHERE NOT author_is_bot AND {window('deployed_at')} {both('deployed_at')}",
        f"SELECT {month('finished_at')}, count(*), count(*) FILTER (WHERE certain_failures > 0 OR"
        f" latest_failure_age_seconds <= 604800) FROM {table('deployments')} WHERE {production}"
        f" AND status = 'SUCCESS' AND {window('finished_at')} {both('finished_at')}",
        f"SELECT {month('resolved_at')}, {spread(seconds(cause, 'resolved_at'))} FROM {table('incidents')}"
        f" WHERE {window('resolved_at')} {both('resolved_at')}",
        f"SELECT {month('resolved_at')}, {spread(seconds('created_at', 'resolved_at'))} FROM {table('incidents')}"
        f" WHERE {window('resolved_at')} {both('resolved_at')}",
        f"SELECT {month('finished_at')}, count(*), count(*) FILTER (WHERE {hotfix}) FROM {table('deployments')}"
        f" WHERE {production} AND status IN ('SUCCESS', 'FAILURE') AND {window('finished_at')} {both('finished_at')}",
    ]


# A later change than any of the backfill's.
LATER = "TIMESTAMPTZ '2026-10-01 00:00:00Z'"

# One deployment of each repository, after all changes and without a commit: it ships all of them.
DEPLOYMENTS = """
SELECT 'backfill' AS source, 'd-' || i AS id, finished AS updated_at, 'acme/repo-' || i AS repository, 'PRODUCTION' AS tier, 'SUCCESS' AS status,
  finished AS started_at, finished AS finished_at FROM (SELECT i, TIMESTAMPTZ '2026-10-01 12:00:00Z' AS finished FROM range(400) t(i))
"""

# What a data engineer's backfill of pull requests looks like: rows over five years, in no order.
BACKFILL = """
SELECT 'backfill' AS source, 'pr-' || ({first} + i) AS id, updated AS updated_at,
  'acme/repo-' || (hash(i) % 400) AS repository, i AS number, 'Change number ' || i AS title,
  'dev' || (hash(i * 7) % 2000) AS author, 'MERGED' AS state, created AS created_at, created AS ready_at,
  created - INTERVAL (hash(i * 3) % 90) HOUR AS first_commit_at, merged AS merged_at, merged AS closed_at,
  md5('m' || ({first} + i)) AS merge_commit, 'main' AS base_branch, 'feature/' || i AS head_branch,
  CAST(hash(i * 5) % 400 AS BIGINT) AS additions, CAST(hash(i * 11) % 200 AS BIGINT) AS deletions,
  CAST(1 + hash(i * 13) % 20 AS BIGINT) AS changed_files, ['backfill'] AS labels, [] :: VARCHAR[] AS issues
FROM (
  SELECT i, created, merged, {updated} AS updated
  FROM (SELECT i, created, created + INTERVAL (1 + hash(i * 17) % 5000) MINUTE AS merged FROM (SELECT i, TIMESTAMPTZ '{since} 00:00:00Z' + INTERVAL (CAST(hash(i * 19) % {minutes} AS BIGINT)) MINUTE AS created
        FROM range({rows}) t(i))))
ORDER BY hash(i)
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, binary, lake, *settings):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [binary, "serve", "--lake", lake, "--listen", f"127.0.0.1:{port}", *(settings or ("--intake-interval", "1h"))],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, query, path="/graphql"):
        body = json.dumps({"query": query}).encode() if query is not None else b""
        request = urllib.request.Request(self.url + path, body, {"content-type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=900) as response:
            answer = json.load(response)
        if isinstance(answer, dict) and answer.get("errors"):
            sys.exit(f"the server answered {answer['errors'][:1]}")
        return answer

    def first_answer(self, query):
        """Seconds from the start of the process to the first answer."""
        while True:
            try:
                self.ask(query)
                return time.perf_counter() - self.started
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the server stopped with {self.process.returncode}")
                time.sleep(0.01)

    def peak_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def newest_facts(lake):
    """Files of the newest version of each fact: what the server itself reads."""
    facts = {}
    for name in ("changes", "deployments", "incidents"):
        newest = max(glob.glob(f"{lake}/derived/{name}/*/_manifest.json"), key=os.path.getmtime)
        with open(newest) as manifest:
            files = json.load(manifest)["files"]
        beside = os.path.basename(os.path.dirname(newest))
        facts[name] = sorted(f"{lake}/derived/{name}/{file.get('folder', beside)}/{file['name']}" for file in files)
    return facts


def in_duckdb(statements, repeat):
    """Times statements in a process of their own; prints seconds and peak memory as JSON."""
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        for statement in statements:
            connection.execute(statement).fetchall()
        times.append(time.perf_counter() - start)
    print(json.dumps({"times": times, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def duckdb_process(statements, repeat=1):
    job = json.dumps({"statements": statements, "repeat": repeat})
    out = subprocess.run([sys.executable, __file__, "--duckdb"], input=job, text=True, capture_output=True, check=True)
    return json.loads(out.stdout)


def line(what, ours, theirs=None, extra=""):
    if theirs is None:
        print(f"| {what} | {ours:.2f} s | | | {extra} |", flush=True)
    else:
        print(f"| {what} | {ours:.3f} s | {theirs:.3f} s | {ours / theirs:.2f} | {extra} |", flush=True)


def page(arguments):
    lake = os.path.join(arguments.work, f"lake-{arguments.developers}x{arguments.years}")
    url = "file://" + lake
    if not os.path.exists(os.path.join(lake, "tables")):
        generate = [arguments.binary, "generate", "--developers", str(arguments.developers), "--years",
                    str(arguments.years), "--seed", "1", "--end", END, "--lake", url]
        took, _ = timed(lambda: subprocess.run(generate, check=True, stdout=subprocess.DEVNULL))
        line(f"generate {arguments.developers} developers x {arguments.years} years", took)
        took, _ = timed(lambda: subprocess.run([arguments.binary, "intake", "--lake", url], check=True, stdout=subprocess.DEVNULL))
        line("intake of it", took)
    server = Server(arguments.binary, url)
    took = server.first_answer(PAGE)
    line("first start to first answer (facts are built once)", took)
    server.stop()
    server = Server(arguments.binary, url)
    line("start on the existing lake to first answer", server.first_answer(PAGE))
    statements = duckdb_page(newest_facts(lake))
    ours, theirs, mib = [], [], 0
    for _ in range(arguments.rounds):
        ours.append(min(timed(lambda: server.ask(PAGE))[0] for _ in range(3)))
        other = duckdb_process(statements, 4)
        theirs.append(min(other["times"][1:]))
        mib = max(mib, other["mib"])
    extra = f"peak {server.peak_mib():.0f} MiB against {mib:.0f} MiB"
    line(f"six metrics x {MONTHS} months, organisation", statistics.median(ours), statistics.median(theirs), extra)
    server.stop()


def backfill(arguments, deployed):
    import duckdb
    folder = os.path.join(arguments.work, "backfill")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    lake = os.path.join(folder, "lake")
    landing = os.path.join(lake, "landing", "pull_requests")
    os.makedirs(landing)
    make = duckdb.connect()
    make.execute("SET TimeZone = 'UTC'")
    if deployed:
        os.makedirs(os.path.join(lake, "landing", "deployments"))
        make.execute(f"COPY ({DEPLOYMENTS}) TO '{lake}/landing/deployments/all.parquet' (FORMAT parquet)")
    which = ", all of them deployed" if deployed else ""

    def file(name, first, rows):
        path = os.path.join(folder, name)
        select = BACKFILL.format(first=first, rows=rows, since="2021-07-01", minutes=5 * 525_600, updated="merged")
        make.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)")
        return path

    def drop(server, path):
        target = os.path.join(landing, os.path.basename(path))
        shutil.copy(path, os.path.join(landing, "." + os.path.basename(path)))
        os.rename(os.path.join(landing, "." + os.path.basename(path)), target)
        outcomes = server.ask(None, "/intake")["files"]
        if any(outcome["status"] != "APPLIED" for outcome in outcomes):
            sys.exit(f"refused: {outcomes}")
        seen.append(server.ask(COUNT)["data"]["organization"]["metric"])
        if len(seen) > 1 and seen[-1] == seen[-2]:
            sys.exit(f"the numbers did not change: {seen[-1]}")

    seen = []
    server = Server(arguments.binary, "file://" + lake)
    server.first_answer("{ lake { snapshot } }")
    server.ask(None, "/intake")
    server.ask(COUNT)  # the tables that there are, taken in and their facts built
    million = 1_000_000
    path = file("million.parquet", 0, million)
    copy = f"COPY (SELECT * FROM '{path}' ORDER BY date_trunc('month', created_at), repository, created_at) TO '{folder}/sorted.parquet' (FORMAT parquet, COMPRESSION snappy)"
    theirs = statistics.median(duckdb_process([copy], 1)["times"][0] for _ in range(3))
    ours, _ = timed(lambda: drop(server, path))
    line(f"1M pull requests{which}: file dropped to numbers changed", ours, theirs, "DuckDB: read, sort, write Parquet")
    for part in range(1, 5):
        drop(server, file(f"million-{part}.parquet", part * million, million))
    # Rows that are there already, changed later; the months they lie in stay the same.
    def late(name, where):
        path = os.path.join(folder, name)
        select = f"SELECT * REPLACE ({LATER} AS updated_at, first_commit_at - INTERVAL 1 HOUR AS first_commit_at) FROM '{folder}/million.parquet' WHERE {where} LIMIT 10000"
        make.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)")
        return path

    recent = late("late-recent.parquet", "created_at >= TIMESTAMPTZ '2026-05-01 00:00:00Z'")
    line(f"10k late rows of two months into 5M{which}", timed(lambda: drop(server, recent))[0], extra="to numbers changed")
    spread = late("late-spread.parquet", "created_at < TIMESTAMPTZ '2026-05-01 00:00:00Z'")
    line(f"10k late rows of the 58 other months into 5M{which}", timed(lambda: drop(server, spread))[0], extra="to numbers changed")
    print(f"| peak memory of the server | {server.peak_mib():.0f} MiB | | | |")
    server.stop()


def main():
    if "--duckdb" in sys.argv:
        job = json.load(sys.stdin)
        return in_duckdb(job["statements"], job["repeat"])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/release/throughline")
    parser.add_argument("--work", required=True, help="folder for lakes; may grow to several GB")
    parser.add_argument("--developers", type=int, default=2000)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["page", "backfill"])
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    print("| what | Throughline | DuckDB | ratio | notes |\n|---|---|---|---|---|")
    if arguments.only != "backfill":
        page(arguments)
    if arguments.only != "page":
        backfill(arguments, deployed=False)
        backfill(arguments, deployed=True)


if __name__ == "__main__":
    main()
