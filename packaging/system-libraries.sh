#!/bin/sh
# Qt's wheels bring Qt, but not the libraries and fonts of a desktop. On a machine that has none of them this
# installs them where it may (root on Debian or Ubuntu), and otherwise says which command does. The terminal needs none
# of them, so nothing that goes wrong here stops the set-up; with --check nothing is installed, and the status is 1.
set -eu
python=$1
check_only=${2:-}
here=$(dirname "$0")
packages="libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0 fonts-dejavu-core
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
libxcb-xinerama0 libxcb-xkb1 libxkbcommon-x11-0"

installed() {
  # shellcheck disable=SC2086  # the list is meant to be split
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
}

# Where they can be installed, those of a display are, too, though none may be there now.
[ "$check_only" = --check ] || [ "$(id -u)" != 0 ] || export DISPLAY="${DISPLAY:-:0}"
"$python" "$here/window_check.py" libraries && exit 0
if [ "$check_only" != --check ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  installed && "$python" "$here/window_check.py" libraries && exit 0
  echo "The libraries of the desktop could not be installed." >&2
fi
if command -v apt-get >/dev/null; then
  sudo=sudo
  [ "$(id -u)" != 0 ] || sudo=
  echo "The window and its tests need libraries of the desktop. Please run:" >&2
  # shellcheck disable=SC2086
  echo " " $sudo apt-get install --no-install-recommends $packages >&2
else
  echo "The window and its tests need libraries of the desktop (EGL, xkbcommon, xcb with xcb-cursor, fontconfig, a font)." >&2
fi
[ "$check_only" != --check ] || exit 1
echo "Without them, fitgui works in the terminal." >&2
