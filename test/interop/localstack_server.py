"""LocalStack on a free port of loopback. Says where it listens once it answers. Keeps its files in the folder given."""
import os
import socket
import sys
import threading
import time
import urllib.request

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]

folder = sys.argv[1]
os.environ.update(
    HOME=folder,
    TMPDIR=folder,
    LOCALSTACK_VOLUME_DIR=folder,
    GATEWAY_LISTEN=f"127.0.0.1:{port}",
    DISABLE_EVENTS="1",  # no telemetry
    SKIP_SSL_CERT_DOWNLOAD="1",
    DNS_ADDRESS="0",
)


def announce():
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_localstack/health").read()
            break
        except OSError:
            time.sleep(0.2)
    print(f"Running on http://127.0.0.1:{port}", flush=True)


threading.Thread(target=announce, daemon=True).start()

from localstack.runtime.main import main  # noqa: E402 (reads the environment)

main()
