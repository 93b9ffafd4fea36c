# WebAssembly with clang and wasi-libc's headers, and nothing imported.
#
# -nostdinc: the compiler's default search list for this target ends in the host's /usr/include, where headers
#            half-resolve to glibc's. Only clang's own folder and wasi-libc's are searched.
# --stack-first: a stack that overflows traps; without it, it would silently overwrite static data.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)

find_program(LW_WASM_CC NAMES clang-14 clang REQUIRED)
execute_process(COMMAND "${LW_WASM_CC}" -print-resource-dir OUTPUT_VARIABLE resource OUTPUT_STRIP_TRAILING_WHITESPACE)

set(CMAKE_C_COMPILER "${LW_WASM_CC}")
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-nostdinc -isystem ${resource}/include -isystem /usr/include/wasm32-wasi")
set(CMAKE_C_FLAGS_RELEASE "-O3 -flto -mbulk-memory -msign-ext -DNDEBUG -ffunction-sections -fdata-sections")
string(CONCAT CMAKE_EXE_LINKER_FLAGS_INIT
       "-Wno-unused-command-line-argument -nostartfiles -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=262144 -Wl,--gc-sections -Wl,--strip-all")
