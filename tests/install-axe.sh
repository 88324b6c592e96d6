#!/bin/sh
# Brings axe-core, with which the tests look for what keeps people out, into a folder that git ignores.
set -eu
cd "$(dirname "$0")"
version=4.10.3
[ -f .axe/node_modules/axe-core/axe.min.js ] && exit 0
if command -v npm >/dev/null; then
    npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix .axe "axe-core@$version"
else
    echo "axe-core is left out: npm is missing; bring it: sudo apt-get install -y npm" >&2
fi
