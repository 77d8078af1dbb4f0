#!/bin/sh
# Builds clock.wasm beside this file. Needs componentize-py (pip install componentize-py). The interfaces are those of the
# package this is part of, or of the one in the Node-RED user directory; WIT names another folder.
set -eu
cd "$(dirname "$0")"
for wit in "${WIT:-}" ../../wit ~/.node-red/node_modules/@edge-wasi/node-red-wasi/wit; do
  if [ -d "$wit" ]; then break; fi
done
componentize-py -d "$wit" -w sensor-plugin componentize app -o clock.wasm
echo "clock.wasm is built; copy it to wasi/plugins in the Node-RED user directory"
