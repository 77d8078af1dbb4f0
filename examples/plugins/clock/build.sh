#!/bin/sh
# Builds clock.wasm beside this file. Needs componentize-py (pip install componentize-py). WIT names the folder of the
# interfaces where the package lies elsewhere than usual.
set -eu
cd "$(dirname "$0")"
wit="${WIT:-../../../wit}"
componentize-py -d "$wit" -w sensor-plugin componentize app -o clock.wasm
echo "clock.wasm is built; copy it to wasi/plugins in the Node-RED user directory"
