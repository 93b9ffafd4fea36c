#!/bin/sh
# The modules must run anywhere: they import nothing. The checker's and the reader's of watch files stand beside the engine's.
set -eu
wasm=${LOADWAVE_WASM:?path of loadwave.wasm}
prove=$(dirname "$wasm")/loadwave-prove.wasm
watch=$(dirname "$wasm")/loadwave-watch.wasm
if [ ! -e "$wasm" ] || [ ! -e "$prove" ] || [ ! -e "$watch" ] || ! command -v node >/dev/null; then
    echo "needs $wasm, $prove and $watch (make wasm) and node"
    [ -n "${LW_STRICT:-}" ] && exit 1
    exit 77
fi
node -e '
    const fs = require("fs");
    let found = 0;
    for (const file of process.argv.slice(1)) {
        const bytes = fs.readFileSync(file);
        const module = new WebAssembly.Module(bytes);
        const imports = WebAssembly.Module.imports(module);
        for (const one of imports) console.log(`${file} imports ${one.module}.${one.name}`);
        found += imports.length;
        const exported = WebAssembly.Module.exports(module).map((one) => one.name);
        const packed = require("zlib").gzipSync(bytes, {level: 9}).length;
        console.log(`${file}: ${bytes.length} bytes, ${packed} gzipped, exports: ${exported.join(" ")}`);
    }
    process.exit(found === 0 ? 0 : 1);
' "$wasm" "$prove" "$watch"
