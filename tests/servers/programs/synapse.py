"""Matrix Synapse with refresh tokens, for registered users of this machine.

Runs in a folder of its own, where its files go: synapse.py PORT LIFE, of access tokens in seconds.
"""

import json
import os
import subprocess
import sys

MANY = {"per_second": 1000, "burst_count": 1000}
CONFIGURATION = {
    "server_name": "localhost",
    "listeners": [
        {
            "port": int(sys.argv[1]),
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "resources": [{"names": ["client"]}],
        }
    ],
    "database": {"name": "sqlite3", "args": {"database": "homeserver.db"}},
    "signing_key_path": "signing.key",
    "macaroon_secret_key": "synthetic",
    "form_secret": "synthetic",
    "media_store_path": "media",
    "report_stats": False,
    "trusted_key_servers": [],
    "enable_registration": True,
    "enable_registration_without_verification": True,
    "bcrypt_rounds": 4,
    "refreshable_access_token_lifetime": f"{sys.argv[2]}s",
    "rc_registration": MANY,
    "rc_login": {"address": MANY, "account": MANY, "failed_attempts": MANY},
}
# JSON is YAML.
with open("homeserver.yaml", "w") as file:
    json.dump(CONFIGURATION, file)
run = [sys.executable, "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
subprocess.run(run + ["--generate-keys"], check=True)
os.execv(sys.executable, run)
