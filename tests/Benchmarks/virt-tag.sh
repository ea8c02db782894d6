#!/usr/bin/env bash
# How long VirtTag takes as a whole process, native and with the runtime's own compiled code, next to the tools that answer the same question.
# Usage: tests/Benchmarks/virt-tag.sh [RUNS]   (needs hyperfine; compares with systemd-detect-virt, virt-what and lscpu where they are)
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-200}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

dotnet publish examples/VirtTag -c Release -o "$out/native" --nologo > "$out/publish.log" || { cat "$out/publish.log"; exit 1; }
commands=("$out/native/VirtTag --systemd")
for tool in systemd-detect-virt lscpu virt-what; do
    path=$(PATH=$PATH:/usr/sbin command -v "$tool") && commands+=("$path")
done

hyperfine --shell=none --ignore-failure --warmup 20 --runs "$runs" --export-json "$out/times.json" "${commands[@]}" > /dev/null 2>&1
python3 - "$out/times.json" <<'PY'
import json, os, sys
results = json.load(open(sys.argv[1]))["results"]
base = results[0]["median"]
print("| whole process | median ms | times VirtTag |\n| --- | --: | --: |")
for result in results:
    print(f"| {os.path.basename(result['command'])} | {result['median'] * 1000:.1f} | {result['median'] / base:.2f} |")
PY
