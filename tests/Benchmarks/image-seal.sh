#!/usr/bin/env bash
# What sealed files cost: a scan in which every file is exempt, next to a bare walk with stat (find -printf) and to hashing the same files; and the catalogue of a million files.
#   tests/Benchmarks/image-seal.sh [FILES] [ROUNDS]
# Makes FILES (200,000) files on an ext4 image of its own (needs root and 25 GB), of sizes as on a fresh system volume: half of them below 10 KiB, 110 KiB in the mean. Seals them, and
# takes the best of ROUNDS (3) of each; what is not read stays in memory, as far as there is room. The processes' start is part of every figure.
# Prints a table of figures and one of ratios with the goal beside each.
set -euo pipefail
cd "$(dirname "$0")/../.."
files=${1:-200000}
rounds=${2:-3}
work=$(mktemp -d)
mkdir "$work/volume"
loop=
trap 'umount "$work/volume" 2> /dev/null || true; [ -z "$loop" ] || losetup -d "$loop"; rm -rf "$work"' EXIT
dotnet build -v q --nologo -c Release tests/Benchmarks >&2
bench=artifacts/bin/Benchmarks/release/Benchmarks

truncate -s 60G "$work/image"
mkfs.ext4 -q -F -N $((files + 20000)) "$work/image"
loop=$(losetup --find --show --direct-io=on "$work/image")
mount "$loop" "$work/volume"
python3 - "$work/volume" "$files" << 'PY'
import os, random, sys
folder, count = sys.argv[1], int(sys.argv[2])
random.seed(1)
noise = random.randbytes(33 << 20)
for i in range(count):
    path = f"{folder}/d{i % 997}/e{i % 7}"
    os.makedirs(path, exist_ok=True)
    start = random.randrange(1 << 20)
    size = min(32 << 20, int(random.lognormvariate(9.2, 2.2)))
    with open(f"{path}/file{i}", "wb") as file:
        file.write(memoryview(noise)[start:start + size])
PY
sync
"$bench" seal "$work/volume" "$work/image.seal" > "$work/seal"
"$bench" seal-invent "$work/million.seal" 1000000
"$bench" seal-lookup "$work/million.seal" 1000000 > "$work/lookup"

best() { # command...: seconds, the best of the rounds
    for _ in $(seq "$rounds"); do
        /usr/bin/time -f %e -o "$work/time" "$@" > "$work/out"
        cat "$work/time"
    done | sort -n | head -1
}
walk=$(best find "$work/volume" -type f -printf '%i %s %T@ %C@ %p\n')
decide=$(best "$bench" seal-decide "$work/volume" "$work/image.seal")
grep -q '^exempt 1$' "$work/out" || { echo "not every file is exempt" >&2; cat "$work/out" >&2; exit 1; }
scan=$(best "$bench" seal-scan "$work/volume" "$work/image.seal")
grep -q '^exempt 1$' "$work/out" || { echo "not every file is exempt in a scan" >&2; cat "$work/out" >&2; exit 1; }
hash=$(best "$bench" seal-hash "$work/volume" "$work/image.seal")
of() { awk -v name="$2" '$1 == name { print $2 }' "$work/$1"; }

echo "| $files files | |"
echo "| --- | --: |"
echo "| find -printf, s | $walk |"
echo "| listing and deciding, s | $decide |"
echo "| a whole scan session, all exempt, s | $scan |"
echo "| hashing them, s | $hash |"
echo "| a lookup among a million, ns | $(of lookup lookup_ns | awk '{ printf "%.0f", $1 }') |"
echo
echo "| | ratio or figure | goal |"
echo "| --- | --: | --: |"
ratio() { awk -v name="$1" -v a="$2" -v b="$3" -v goal="$4" 'BEGIN { printf "| %s | %.3g | %s |\n", name, a / b, goal }'; }
ratio "deciding over the bare walk" "$decide" "$walk" "at most 3"
ratio "a whole session over the bare walk" "$scan" "$walk" "at most 3"
ratio "hashing over deciding" "$hash" "$decide" "at least 20"
ratio "hashing over a whole session" "$hash" "$scan" "at least 20"
ratio "bytes allocated by a lookup" "$(of lookup bytes_a_lookup)" 1 0
ratio "bytes of the catalogue a file, without its path" "$(of seal bytes_a_file)" 1 "at most 120"
ratio "seconds to open and verify a million entries" "$(of lookup open_seconds)" 1 "at most 1"
