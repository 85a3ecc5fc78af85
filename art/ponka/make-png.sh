#!/bin/sh
# Draws src/photo/ponka/*.png and src/mailer/ponka.png from the SVG files beside this script.
# Needs rsvg-convert (Debian: librsvg2-bin) and pngquant.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here/../../src/photo/ponka"}
mkdir -p "$out"
for pose in sleeping sitting lying yawning peeking; do
    rsvg-convert "$here/$pose.svg" | pngquant --force --speed 1 --strip 256 - > "$out/$pose.png"
done
logo=${2:-"$here/../../src/mailer/ponka.png"}
rsvg-convert --width 144 "$here/favicon.svg" | pngquant --force --speed 1 --strip 256 - > "$logo"
ls -l "$out" "$logo"
