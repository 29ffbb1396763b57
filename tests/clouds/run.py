#!/usr/bin/env python3
"""The program on az:// and gs://, against stand-ins on this machine: two intakes at once, maintenance, and the numbers of file://.

    npm install azurite
    pip install 'moto[s3,server]'
    python3 tests/clouds/run.py --binary target/debug/throughline --azurite node_modules/.bin/azurite-blob

az:// speaks to Azurite, the vendor's own emulator. For gs:// nothing that can be had from the package registries lists objects the
way the program asks. Its stand-in is moto's S3 with Google's names for conditions and versions: that shows our side (address, settings,
prefix, conditional writes), and not Google's. `.ci/run` does not need this.
"""

import argparse
import base64
import email.utils
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

BINARY = "application/octet-stream"
QUESTION = """{ organization { frequency: metric(name: DEPLOYMENT_FREQUENCY, period: PERIOD) { value sampleSize records(first: 1) { totalCount } }
    lead: metric(name: LEAD_TIME_FOR_CHANGES, period: PERIOD) { value sampleSize series(granularity: MONTH) { value } } }
  lake { tables { name rows } } ingestions(first: 100) { totalCount nodes { file status inserted updated unchanged } } }
""".replace("PERIOD", '{ between: { from: "2026-01-01", to: "2026-07-01" } }')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(ready, process):
    for _ in range(600):
        try:
            return ready()
        except OSError:
            if process.poll() is not None:
                sys.exit(f"{process.args[0]} stopped with {process.returncode}")
            time.sleep(0.1)
    sys.exit(f"{process.args[0]} did not answer within a minute")


def put(url, headers):
    request = urllib.request.Request(url, b"", {"content-type": BINARY, **headers}, method="PUT")
    urllib.request.urlopen(request, timeout=30).close()


def azure(arguments):
    """Azurite with an account and a key of its own for this run, and a container."""
    port, key = free_port(), base64.b64encode(secrets.token_bytes(32)).decode()
    command = [arguments.azurite, "--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", str(port)]
    process = subprocess.Popen(command, env=dict(os.environ, AZURITE_ACCOUNTS=f"bench:{key}"), stdout=subprocess.DEVNULL)
    until(lambda: socket.create_connection(("127.0.0.1", port)).close(), process)
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    named = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    signed = f"PUT\n\n\n\n\n{BINARY}\n\n\n\n\n\n\n{named}/bench/bench/lakes\nrestype:container"
    signature = base64.b64encode(hmac.new(base64.b64decode(key), signed.encode(), hashlib.sha256).digest()).decode()
    put(f"http://127.0.0.1:{port}/bench/lakes?restype=container", {**headers, "authorization": f"SharedKey bench:{signature}"})
    settings = {"AZURE_STORAGE_ACCOUNT_NAME": "bench", "AZURE_STORAGE_ACCOUNT_KEY": key, "AZURE_ALLOW_HTTP": "true",
                "AZURE_STORAGE_ENDPOINT": f"http://127.0.0.1:{port}/bench"}
    return process, settings, ["az://lakes/company", "abfss://lakes@bench.dfs.core.windows.net/other"]


def google(_):
    port = free_port()
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: put(f"http://127.0.0.1:{port}/lakes", {}), process)
    account = {"private_key": "none", "private_key_id": "none", "client_email": "nobody@example.com", "disable_oauth": True,
               "gcs_base_url": f"http://127.0.0.1:{port}"}
    return process, {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(account)}, ["gs://lakes/company"]


def serve_google(port):
    """moto's S3 under Google's names. Requests take turns, so that a condition and its write are one step."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    inside, turn = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def store(environ, start_response):
        if environ.pop("HTTP_X_GOOG_IF_GENERATION_MATCH", None) == "0":
            environ["HTTP_IF_NONE_MATCH"] = "*"
        # moto looks at no signature, only that there is one.
        environ["HTTP_AUTHORIZATION"] = "AWS nobody:not-a-signature"

        def start(status, headers, *more):
            return start_response(status, [*headers, ("x-goog-generation", "1")], *more)

        with turn:
            return list(inside(environ, start))

    run_simple("127.0.0.1", port, store, threaded=True)


def answers(binary, url, settings):
    """Fills a lake, with two intakes at once, and asks."""
    def program(*words):
        return subprocess.Popen([binary, *words, "--lake", url], env={**os.environ, **settings}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def done(process):
        out, errors = process.communicate(timeout=300)
        if process.returncode != 0:
            sys.exit(f"{url}: {' '.join(process.args[1:])} failed: {out}{errors}")

    done(program("generate", "--developers", "5", "--years", "1", "--seed", "1", "--end", "2026-07-01"))
    for process in [program("intake"), program("intake")]:
        done(process)
    done(program("compact"))
    done(program("vacuum"))
    port = free_port()
    server = program("serve", "--listen", f"127.0.0.1:{port}", "--intake-interval", "off", "--maintenance-interval", "off", "--log-level", "off")
    try:
        body = json.dumps({"query": QUESTION}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"content-type": "application/json"})
        answer = json.loads(until(lambda: urllib.request.urlopen(request, timeout=120).read(), server))
    finally:
        server.terminate()
        server.communicate(timeout=60)
    if "errors" in answer:
        sys.exit(f"{url}: {answer['errors']}")
    answer["data"]["ingestions"]["nodes"].sort(key=lambda node: node["file"])
    # How many versions of the records of intake there are is told by who met whom.
    answer["data"]["lake"]["tables"] = [table for table in answer["data"]["lake"]["tables"] if table["name"] != "ingestions"]
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/debug/throughline")
    parser.add_argument("--azurite", default="azurite-blob", help="the command that starts Azurite's blobs")
    parser.add_argument("--only", choices=["azure", "google"])
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve_google(arguments.serve)
    binary = os.path.abspath(arguments.binary)
    with tempfile.TemporaryDirectory() as folder:
        expected = answers(binary, f"file://{folder}/lake", {})
    assert expected["data"]["ingestions"]["totalCount"] > 20, expected
    for name, start in {"azure": azure, "google": google}.items():
        if arguments.only not in (None, name):
            continue
        process, settings, urls = start(arguments)
        try:
            for url in urls:
                if (found := answers(binary, url, settings)) != expected:
                    sys.exit(f"{url} answers otherwise than file://:\n{json.dumps(found)}\n{json.dumps(expected)}")
                print(f"{url}: as on file://", flush=True)
        finally:
            process.terminate()
            process.wait(timeout=60)


if __name__ == "__main__":
    main()
