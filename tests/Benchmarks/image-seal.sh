#!/usr/bin/env bash
# What sealed files cost: a scan in which every file is exempt, next to a bare walk with stat (find -printf) and to hashing the same files; and the catalogue of a million files.
#   tests/Benchmarks/image-seal.sh [FILES] [ROUNDS]
# Makes FILES (200,000) files on an ext4 image of its own (needs root and 25 GB), of sizes as on a fresh system volume: half of them below 10 KiB, 110 KiB in the mean. Seals them, and
# takes the best of ROUNDS (3) of each: with the volume in memory as far as there is room, and from the disk. Ratios to find have the start of the process in them; hashing is compared with
# deciding inside of processes, since both are done there by an agent that goes on running.
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

best() { # command...: seconds with the start of its process, the best of the rounds
    for _ in $(seq "$rounds"); do
        /usr/bin/time -f %e -o "$work/time" "$@" > "$work/out"
        cat "$work/time"
    done | sort -n | head -1
}
cold() { # command...: seconds with the start of its process, and with nothing of the volume in memory
    for _ in $(seq "$rounds"); do
        sync
        echo 3 > /proc/sys/vm/drop_caches
        /usr/bin/time -f %e -o "$work/time" "$@" > "$work/out"
        cat "$work/time"
    done | sort -n | head -1
}
of() { awk -v name="$2" '$1 == name { print $2 }' "$work/$1"; }
require() { grep -q "^$1\$" "$work/out" || { echo "not $1" >&2; cat "$work/out" >&2; exit 1; }; }

find_volume=(find "$work/volume" -type f -printf '%i %s %T@ %C@ %p\n')
walk=$(best "${find_volume[@]}")
decide=$(best "$bench" seal-decide "$work/volume" "$work/image.seal" 1)
require "exempt 1"
scan=$(best "$bench" seal-scan "$work/volume" "$work/image.seal")
require "exempt 1"
"$bench" seal-decide "$work/volume" "$work/image.seal" 5 > "$work/deciding"
hash=$(for _ in $(seq "$rounds"); do "$bench" seal-hash "$work/volume" "$work/image.seal" | awk '$1 == "seconds" { print $2 }'; done | sort -n | head -1)
cold_walk=$(cold "${find_volume[@]}")
cold_decide=$(cold "$bench" seal-decide "$work/volume" "$work/image.seal" 1)
cold_hash=$(cold "$bench" seal-hash "$work/volume" "$work/image.seal")

echo "| $files files, $(df --output=used -BG "$work/volume" | tail -1 | tr -d ' ') | in memory | from the disk |"
echo "| --- | --: | --: |"
echo "| find -printf, s | $walk | $cold_walk |"
echo "| opening the seal, listing and deciding, s | $decide | $cold_decide |"
echo "| the same in a process that goes on, s | $(of deciding seconds) | |"
echo "| a whole scan session, all exempt, s | $scan | |"
echo "| hashing them, s | $hash | $cold_hash |"
echo "| a lookup among a million, ns | $(of lookup lookup_ns | awk '{ printf "%.0f", $1 }') | |"
echo
echo "| | ratio or figure | goal |"
echo "| --- | --: | --: |"
ratio() { awk -v name="$1" -v a="$2" -v b="$3" -v goal="$4" 'BEGIN { printf "| %s | %.3g | %s |\n", name, a / b, goal }'; }
ratio "deciding over the bare walk" "$decide" "$walk" "at most 3"
ratio "a whole session over the bare walk" "$scan" "$walk" "at most 3"
ratio "deciding over the bare walk, from the disk" "$cold_decide" "$cold_walk" "at most 3"
ratio "hashing over deciding" "$hash" "$(of deciding seconds)" "at least 20"
ratio "hashing over deciding, from the disk" "$cold_hash" "$cold_decide" "at least 20"
ratio "bytes allocated by a lookup" "$(of lookup bytes_a_lookup)" 1 0
ratio "bytes of the catalogue a file, without its path" "$(of seal bytes_a_file)" 1 "at most 120"
ratio "seconds to open and verify a million entries" "$(of lookup open_seconds)" 1 "at most 1"
