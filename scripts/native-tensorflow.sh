#!/usr/bin/env bash
# Builds TensorFlow's Node binding into a folder of its own, for the `tensorflow` executor:
#   scripts/native-tensorflow.sh .cache/tensorflow && export TFJS_NODE_DIR=$PWD/.cache/tensorflow
# The package's own installer downloads a library from a host that many machines cannot reach; this takes the library
# out of the wheel on PyPI and compiles the binding against it. Needs npm, python3 with pip, g++ and Node's headers
# (NODE_INCLUDE, or where Debian has them). About 0.6 GB on disk when done. A folder that is ready is left as it is.
set -euo pipefail

target=${1:?usage: native-tensorflow.sh FOLDER}
wheel_version=2.15.1
package_version=4.22.0
include=${NODE_INCLUDE:-/usr/include/node}

mkdir -p "$target"
target=$(cd "$target" && pwd)
module=$target/node_modules/@tensorflow/tfjs-node
binding=$module/lib/napi-v8/tfjs_binding.node
if [ -e "$binding" ]; then
  echo "Ready: $binding"
  exit 0
fi
if [ ! -e "$include/node_api.h" ]; then
  echo "Node's headers are not in $include: set NODE_INCLUDE" >&2
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo '{ "private": true }' >"$target/package.json"
npm install --prefix "$target" --ignore-scripts --no-audit --no-fund --loglevel=error "@tensorflow/tfjs-node@$package_version"
python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux2014_x86_64 \
  -d "$work" "tensorflow-cpu==$wheel_version"

python3 - "$work" <<'PYTHON'
import glob, sys, zipfile

folder = sys.argv[1]
wheel = zipfile.ZipFile(glob.glob(f"{folder}/*.whl")[0])
for name in wheel.namelist():
    is_library = name in ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
    is_header = name.startswith("tensorflow/include/") and name.endswith((".h", ".inc"))
    if is_library or (is_header and any(part in name for part in ("/tsl/", "/tensorflow/c/", "/tensorflow/core/platform"))):
        wheel.extract(name, folder)
PYTHON

libraries=$module/deps/lib
mkdir -p "$libraries" "$(dirname "$binding")"
mv "$work"/tensorflow/libtensorflow_*.so.2 "$libraries/"
strip --strip-unneeded "$libraries"/*.so.2

headers=$work/tensorflow/include
g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 -w \
  -I"$include" -I"$headers" -I"$headers/external/local_tsl" -I"$module/binding" -I"$module" \
  "$module"/binding/tfjs_backend.cc "$module"/binding/tfjs_binding.cc -o "$work/tfjs_binding.node" \
  -L"$libraries" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 '-Wl,-rpath,$ORIGIN/../../deps/lib'
# Moved into place last: a build that broke off is not taken for a finished one.
mv "$work/tfjs_binding.node" "$binding"
echo "Built: $binding"
