"""Kaltura's own client library: mints a session (KS), which then opens an avatar's; and ends it.

Arguments: the twin's address, the key. Prints what it got as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys

import httpx

PARTNER = 4711


def create(url: str, ks: str) -> int:
    """What the twin answers who opens an avatar's session with `ks`."""
    headers = {"Authorization": f"KS {ks}"}
    body = {"visualConfig": {"id": "leo"}}
    path = f"{url}/v1/avatar-session/create"
    return httpx.post(path, json=body, headers=headers, trust_env=False).status_code


def main(url: str, key: str) -> dict[str, object]:
    library = importlib.import_module("KalturaClient")
    core = importlib.import_module("KalturaClient.Plugins.Core")
    config = library.KalturaConfiguration(PARTNER)
    config.serviceUrl = url
    client = library.KalturaClient(config)
    ks = client.session.start(
        key, "", core.KalturaSessionType.ADMIN, PARTNER, 86400, "disableentitlement"
    )
    user = client.session.start(key, "", core.KalturaSessionType.USER, PARTNER)
    opened, by_user = create(url, ks), create(url, user)
    client.setKs(ks)
    client.session.end()
    try:
        client.session.start("", "", core.KalturaSessionType.ADMIN, PARTNER)
    except library.exceptions.KalturaException as error:
        refused = error.code
    return {
        "opened": opened,
        "by_user": by_user,
        "after_its_end": create(url, ks),
        "refused": refused,
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
