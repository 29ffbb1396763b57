#!/usr/bin/env python3
"""Measures late rows on an S3-speaking store beside the same on local files, one and two writers, and checks every row.

    cargo build --release
    pip install 'moto[s3,server]' duckdb pytz
    python3 benches/objects.py --binary target/release/throughline --work /tmp/throughline-objects

The store is moto, on loopback, in memory, in a process of its own. What is read and checked on a put is one step there: puts
take turns. `--latency 25` makes every request wait that many milliseconds, as one to a store in the same region does.
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import compare

BUCKET, MONTHS, ROWS, LATE = "lake", 60, 1_000_000, 10_000
TABLE = "pull_requests"
INGESTIONS = "{ ingestions(first: 100) { nodes { file status inserted updated unchanged retries tookMs tableVersion } } }"

# Another version of rows that are there: what a connector sends when something about a pull request changed.
CHANGED = """SELECT * REPLACE (TIMESTAMPTZ '{at}' AS updated_at, 'Late: ' || title AS title, additions + {more} AS additions)
 FROM '{base}' WHERE {where} ORDER BY hash(id || '{salt}') LIMIT {rows}"""
RECENT = "created_at >= TIMESTAMPTZ '2026-04-01 00:00:00Z' AND created_at < TIMESTAMPTZ '2026-06-01 00:00:00Z'"


def serve_s3(port, latency):
    """moto's S3, with puts that take turns, and a count of requests at /_count."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, run_simple

    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    WSGIRequestHandler.log = lambda *_: None
    inside = DomainDispatcherApplication(create_backend_app)
    turn, counting, counts = threading.Lock(), threading.Lock(), {}

    def store(environ, start_response):
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] == "/_count":
            body = json.dumps(counts).encode()
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]
        with counting:
            kind = "LIST" if method == "GET" and "list-type" in environ["QUERY_STRING"] else method
            counts[kind] = counts.get(kind, 0) + 1
        time.sleep(latency / 1000)
        if method in ("GET", "HEAD"):
            return inside(environ, start_response)
        with turn:
            return list(inside(environ, start_response))

    run_simple("127.0.0.1", port, store, threaded=True)


class Bucket:
    """A lake on the S3-speaking server."""

    def __init__(self, latency):
        port = compare.free_port()
        command = [sys.executable, __file__, "--serve", str(port), "--latency", str(latency)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.endpoint, self.url = f"http://127.0.0.1:{port}", f"s3://{BUCKET}/company"
        self.name = "s3://" if latency == 0 else f"s3://, {latency:g} ms"
        os.environ.update(AWS_ENDPOINT_URL=self.endpoint, AWS_ALLOW_HTTP="true", AWS_REGION="us-east-1",
                          AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="not-a-secret")
        for _ in range(300):
            try:
                self.request("PUT", f"/{BUCKET}")
                return
            except urllib.error.URLError:
                time.sleep(0.1)
        sys.exit("the S3-speaking server did not start")

    def request(self, method, path, body=None):
        # Without a type of its own a body would be read as a form; moto looks at no signature, only that there is one.
        headers = {"content-type": "application/octet-stream", "authorization": "AWS bench:not-a-signature"}
        request = urllib.request.Request(self.endpoint + urllib.parse.quote(path), body, headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as response:
            return response.read()

    def put(self, key, path):
        with open(path, "rb") as file:
            self.request("PUT", f"/{BUCKET}/company/{key}", file.read())

    def get(self, key):
        try:
            return self.request("GET", f"/{BUCKET}/company/{key}")
        except urllib.error.HTTPError as missing:
            if missing.code != 404:
                raise
            raise KeyError(key) from missing

    def requests(self):
        return json.loads(self.request("GET", "/_count"))

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


class Folder:
    """A lake on local files."""

    name = "file://"

    def __init__(self, work):
        self.root = os.path.join(work, "lake")
        shutil.rmtree(self.root, ignore_errors=True)
        self.url = "file://" + self.root

    def put(self, key, path):
        target = os.path.join(self.root, key)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        # What begins with a dot is nobody's file yet.
        hidden = os.path.join(os.path.dirname(target), "." + os.path.basename(target))
        shutil.copy(path, hidden)
        os.rename(hidden, target)

    def get(self, key):
        try:
            with open(os.path.join(self.root, key), "rb") as file:
                return file.read()
        except FileNotFoundError as missing:
            raise KeyError(key) from missing

    def requests(self):
        return {}

    def stop(self):
        shutil.rmtree(self.root, ignore_errors=True)


def active_files(store):
    """Version of the table and the files of it, read from its log without Throughline."""
    files, version = set(), 0
    while True:
        try:
            text = store.get(f"tables/{TABLE}/_delta_log/{version:020}.json")
        except KeyError:
            return version - 1, files
        for action in map(json.loads, text.splitlines()):
            if "add" in action:
                files.add(urllib.parse.unquote(action["add"]["path"]))
            if "remove" in action:
                files.discard(urllib.parse.unquote(action["remove"]["path"]))
        version += 1


def check(store, dropped):
    """Every row of the table against what was dropped, the latest of each key; by DuckDB, over the files of the log."""
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, file in enumerate(sorted(active_files(store)[1])):
            paths.append(f"{folder}/{number}.parquet")
            with open(paths[-1], "wb") as copy:
                copy.write(store.get(f"tables/{TABLE}/{file}"))
        columns = "source, id, updated_at, title, additions, created_at"
        there = f"SELECT {columns} FROM read_parquet({paths!r}, hive_partitioning = false)"
        ought = (f"SELECT {columns} FROM read_parquet({dropped!r})"
                 " QUALIFY row_number() OVER (PARTITION BY source, id ORDER BY updated_at DESC) = 1")
        wrong = connection.execute(
            f"SELECT (SELECT count(*) FROM ({there}) t), (SELECT count(*) FROM (({there}) EXCEPT ALL ({ought}))),"
            f" (SELECT count(*) FROM (({ought}) EXCEPT ALL ({there})))").fetchone()
    if wrong[1:] != (0, 0):
        sys.exit(f"{store.name}: of {wrong[0]} rows {wrong[1]} should not be there, and {wrong[2]} are missing")
    return wrong[0], len(paths)


class Scenes:
    def __init__(self, arguments, store, base, late):
        self.binary, self.store, self.base, self.late = arguments.binary, store, base, late
        self.dropped, self.seen = [], set()
        self.servers = [self.start()]

    def start(self):
        # Nothing happens by itself: intake when asked, and facts when somebody asks for numbers, which nobody does here.
        server = compare.Server(self.binary, self.store.url, "--intake-interval", "off", "--maintenance-interval", "off")
        server.first_answer("{ lake { snapshot } }")
        return server

    def drop(self, path):
        self.store.put(f"landing/{TABLE}/{os.path.basename(path)}", path)
        self.dropped.append(path)

    def outcomes(self):
        """What became of files since the last call."""
        nodes = self.servers[-1].ask(INGESTIONS)["data"]["ingestions"]["nodes"]
        new = [node for node in nodes if node["file"] not in self.seen]
        self.seen.update(node["file"] for node in new)
        if any(node["status"] != "APPLIED" for node in new):
            sys.exit(f"refused: {new}")
        return new

    def scene(self, what, work):
        before, version, cpu = self.store.requests(), active_files(self.store)[0], self.cpu_seconds()
        took, _ = compare.timed(work)
        after, cpu = self.store.requests(), self.cpu_seconds() - cpu
        new, commits = self.outcomes(), active_files(self.store)[0] - version
        applied = sum(node["inserted"] + node["updated"] for node in new)
        retries = max((node["retries"] for node in new), default=0)
        rows, files = check(self.store, self.dropped)
        asked = ", ".join(f"{after[kind] - before.get(kind, 0)} {kind}" for kind in sorted(after)
                          if after[kind] > before.get(kind, 0))
        print(f"| {self.store.name} | {what} | {took:.2f} s | {cpu:.2f} s | {commits} | {retries} | {len(new)} files, {applied} rows changed;"
              f" {rows} rows in {files} files, all right | {asked} |", flush=True)

    def cpu_seconds(self):
        """What the servers have computed so far: the figure that other work on the machine changes least."""
        def ticks(server):
            with open(f"/proc/{server.process.pid}/stat") as stat:
                return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13]))

        return sum(map(ticks, self.servers)) / os.sysconf("SC_CLK_TCK")

    def take_in(self, *paths, by=1):
        for path in paths:
            self.drop(path)
        with concurrent.futures.ThreadPoolExecutor(by) as pool:
            for call in [pool.submit(server.ask, None, "/intake") for server in self.servers[:by]]:
                call.result()

    def stream(self, paths):
        """Both servers look all the time while files are dropped, so that commits of both meet."""
        done = threading.Event()

        def look(server):
            while not done.is_set():
                server.ask(None, "/intake")
            server.ask(None, "/intake")

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            calls = [pool.submit(look, server) for server in self.servers]
            for path in paths:
                self.drop(path)
                time.sleep(1)
            done.set()
            for call in calls:
                call.result()

    def all(self):
        late = self.late
        self.scene("1M rows over 60 months, new table", lambda: self.take_in(self.base))
        self.scene("(a) 10k late rows of 2 months", lambda: self.take_in(late["recent"]))
        self.scene("(b) 10k late rows of every month", lambda: self.take_in(late["spread"]))
        self.servers.append(self.start())
        self.scene("(c) two writers at once, 2 x 10k of every month",
                   lambda: self.take_in(late["one"], late["other"], by=2))
        self.scene("(d) two writers, 10 files of 1k of every month, one each second", lambda: self.stream(late["stream"]))
        peak = max(server.peak_mib() for server in self.servers)
        print(f"| {self.store.name} | peak memory of a server | {peak:.0f} MiB | | | | | |", flush=True)
        for server in self.servers:
            server.stop()


def make_files(work):
    """The table and the late files, by DuckDB. Where late files share rows, the later `updated_at` must win."""
    import duckdb
    make = duckdb.connect()
    make.execute("SET TimeZone = 'UTC'")

    def file(name, select):
        path = os.path.join(work, name + ".parquet")
        make.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION snappy)")
        return path

    base = file("base", compare.BACKFILL.format(first=0, rows=ROWS, since="2021-07-01", minutes=MONTHS * 43_800, updated="merged"))

    def changed(name, hour, where="true", salt="x", rows=LATE):
        return file(name, CHANGED.format(at=f"2026-10-01 {hour:02}:00:00Z", more=hour, base=base, where=where, salt=salt, rows=rows))

    late = {"recent": changed("recent", 1, RECENT), "spread": changed("spread", 2),
            # Half of the rows of these two are the same.
            "one": changed("one", 4, "hash(id || 'half') % 100 < 2"), "other": changed("other", 3, "hash(id || 'half') % 100 < 2", "y"),
            "stream": [changed(f"stream-{part}", 5 + part, salt=str(part), rows=1_000) for part in range(10)]}
    return base, late


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/release/throughline")
    parser.add_argument("--work", help="folder for files; a few hundred MB")
    parser.add_argument("--latency", type=float, default=0, help="milliseconds that every request to the store waits")
    parser.add_argument("--only", choices=["file", "s3"])
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve_s3(arguments.serve, arguments.latency)
    os.makedirs(arguments.work, exist_ok=True)
    base, late = make_files(arguments.work)
    print("| store | what | time | CPU | commits | retries | checked | requests |\n|---|---|---|---|---|---|---|---|")
    stores = {"file": lambda: Folder(arguments.work), "s3": lambda: Bucket(arguments.latency)}
    for name in [arguments.only] if arguments.only else stores:
        store = stores[name]()
        try:
            Scenes(arguments, store, base, late).all()
        finally:
            store.stop()


if __name__ == "__main__":
    main()
