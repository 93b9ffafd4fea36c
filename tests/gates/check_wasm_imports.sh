#!/bin/sh
# The module must run anywhere: it imports nothing.
set -eu
wasm=${LOADWAVE_WASM:?path of loadwave.wasm}
if [ ! -e "$wasm" ] || ! command -v node >/dev/null; then
    echo "needs $wasm (make wasm) and node"
    [ -n "${LW_STRICT:-}" ] && exit 1
    exit 77
fi
node -e '
    const fs = require("fs");
    const bytes = fs.readFileSync(process.argv[1]);
    const module = new WebAssembly.Module(bytes);
    const imports = WebAssembly.Module.imports(module);
    for (const one of imports) console.log(`imports ${one.module}.${one.name}`);
    const exported = WebAssembly.Module.exports(module).map((one) => one.name);
    const packed = require("zlib").gzipSync(bytes, {level: 9}).length;
    console.log(`${bytes.length} bytes, ${packed} gzipped, exports: ${exported.join(" ")}`);
    process.exit(imports.length === 0 ? 0 : 1);
' "$wasm"
