#!/bin/sh
# Brings the browser that the tests drive, from Debian's packages; does nothing where it is there.
set -eu
command -v chromium >/dev/null && command -v chromedriver >/dev/null && exit 0
install="apt-get install -y chromium chromium-driver fonts-dejavu-core"
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing the browser that the tests drive: $install"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install >/dev/null
else
    echo "error: the tests drive a browser that is missing; bring it: sudo $install" >&2
    exit 1
fi
