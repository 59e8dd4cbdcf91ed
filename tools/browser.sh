#!/bin/sh
# The browser tests need a Chromium: ours to find, Debian's to install when there is none.
[ -n "$IPYAVATAR_CHROMIUM" ] && [ -x "$IPYAVATAR_CHROMIUM" ] && exit 0
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && exit 0
install="apt-get install -y --no-install-recommends chromium fonts-dejavu-core"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "No browser here: $install"
    apt-get update -qq && $install >/dev/null && exit 0
fi
echo "The browser tests need Chromium or Chrome. On Debian or Ubuntu: sudo $install" >&2
echo "If it is installed elsewhere: IPYAVATAR_CHROMIUM=/path/to/chrome make test" >&2
exit 1
