#!/bin/sh
# Installs Debian's Chromium, which the browser tests drive. Needs root.
set -eu
if [ "$(id -u)" -ne 0 ]; then
  echo "install.sh: run me as root" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends chromium
if [ ! -x /usr/bin/chromium ]; then
  echo "install.sh: /usr/bin/chromium isn't there after the installation" >&2
  exit 1
fi
/usr/bin/chromium --version
