#!/bin/sh
# Tests in network namespaces need `ip`: Debian's to install when there is none. Without, they are skipped.
[ "$(uname)" = Linux ] || exit 0
command -v ip >/dev/null 2>&1 && exit 0
install="apt-get install -y --no-install-recommends iproute2"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "No ip here: $install"
    apt-get update -qq && $install >/dev/null && exit 0
fi
echo "Tests in network namespaces are skipped. On Debian or Ubuntu: sudo $install" >&2
