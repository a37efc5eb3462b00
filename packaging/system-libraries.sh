#!/bin/sh
# Qt's wheels bring Qt, but not the libraries and fonts of a desktop. On a machine that has none of them this
# installs them where it may (root on Debian or Ubuntu), and otherwise says which command does.
set -eu
python=$1
packages="libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0 fonts-dejavu-core
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
libxcb-xinerama0 libxcb-xkb1 libxkbcommon-x11-0"
if QT_QPA_PLATFORM=offscreen "$python" -c '
from PySide6.QtGui import QFontDatabase, QGuiApplication
QGuiApplication([])
raise SystemExit(0 if QFontDatabase.families() else 1)' 2>/dev/null; then
  exit 0
fi
# shellcheck disable=SC2086  # the list is meant to be split
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
elif command -v apt-get >/dev/null; then
  echo "The window needs libraries of the desktop. Please run:" >&2
  echo "  sudo apt-get install --no-install-recommends" $packages >&2
else
  echo "The window needs libraries of the desktop (EGL, xkbcommon, xcb, fontconfig and a font)." >&2
fi
