#!/bin/sh
# Draws docs/walkthrough/photos/*.jpg from the SVG files beside this script.
# Needs rsvg-convert (Debian: librsvg2-bin) and Python with Pillow (Debian: python3-pil).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here/../../docs/walkthrough/photos"}
png=$(mktemp)
trap 'rm -f "$png"' EXIT
mkdir -p "$out"
for scene in sofa window garden; do
    rsvg-convert "$here/$scene.svg" > "$png"
    python3 - "$png" "$out/$scene.jpg" <<'PYTHON'
import sys
from PIL import Image

source, target = sys.argv[1:]
Image.open(source).convert("RGB").save(target, quality=88, optimize=True)
PYTHON
done
ls -l "$out"
