#!/bin/sh
# Tests of relayed connections need a TURN server: ours to find, Debian's to install when there is none.
command -v turnserver >/dev/null 2>&1 && exit 0
install="apt-get install -y --no-install-recommends coturn"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "No TURN server here: $install"
    apt-get update -qq && $install >/dev/null && exit 0
fi
echo "Tests of relayed connections need coturn. On Debian or Ubuntu: sudo $install" >&2
echo "On macOS: brew install coturn" >&2
exit 1
