#!/usr/bin/env bash
# CPU time of libclamav in process next to clamscan, on the same mixed files with the same definitions, in one run.
#   tests/Benchmarks/clamav.sh [MEGABYTES] [RUNS] [DEFINITIONS]
# Prints a table of the best of RUNS, loading apart: clamscan's is what it takes for one small file. Needs clamav, GNU time, and definitions: a file or folder, or the
# shared data's rfxn.ndb.
set -euo pipefail
cd "$(dirname "$0")/../.."
megabytes=${1:-100}
runs=${2:-5}
definitions=${3:-}
if [ -z "$definitions" ]; then
    for folder in . .. ../..; do
        [ -f "$folder/shared/data/signatures/rfxn.ndb" ] && definitions=$(realpath "$folder/shared/data/signatures/rfxn.ndb") && break
    done
fi
[ -n "$definitions" ] || { echo "say which definitions" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -v q --nologo -c Release tests/Benchmarks >&2

# Files of the machine in an order that is always the same, large and small, up to the size that was asked for.
find /usr/bin /usr/lib /usr/share -xdev -type f -size +0 -size -20M -printf '%s %p\n' | grep -v '[^[:print:]]' | sort -k2 | shuf --random-source=<(yes) |
    awk -v most=$((megabytes << 20)) 'total < most { total += $1; sub(/^[0-9]+ /, ""); print }' > "$work/list"
echo abcdefgh > "$work/small"
echo "$work/small" > "$work/small.list"
echo "$(wc -l < "$work/list") files, $(tr '\n' '\0' < "$work/list" | du -cbm --files0-from=- | tail -n 1 | cut -f 1) MB, definitions $(basename "$definitions")"

clamscan_cpu() { # list -> CPU seconds
    command time -o "$work/time" -f '%U %S' clamscan --quiet --no-summary -d "$definitions" -f "$1" > /dev/null 2>&1 || [ $? = 1 ]
    awk '{ print $1 + $2 }' "$work/time"
}
best() { sort -n | head -n 1; }

for run in $(seq "$runs"); do
    clamscan_cpu "$work/small.list" >> "$work/clamscan-load"
    clamscan_cpu "$work/list" >> "$work/clamscan"
    for way in 16777216 1048576; do
        dotnet artifacts/bin/Benchmarks/release/Benchmarks.dll clamav "$definitions" "$work/list" $way > "$work/ours" 2> "$work/incomplete"
        cut -d ' ' -f 2 "$work/ours" >> "$work/in-process-$way"
    done
done
base=$(echo "$(best < "$work/clamscan") $(best < "$work/clamscan-load")" | awk '{ print $1 - $2 }')
echo "verdicts: $(cut -d ' ' -f 3- "$work/ours")"
head -n 5 "$work/incomplete"
echo "| scan, without loading | CPU s | times clamscan |"
echo "| --- | --: | --: |"
printf '| clamscan | %.2f | 1.00 |\n' "$base"
for row in "16777216 libclamav in process" "1048576 the same, page by page from 1 MiB on"; do
    awk -v name="${row#* }" -v cpu="$(best < "$work/in-process-${row%% *}")" -v base="$base" 'BEGIN { printf "| %s | %.2f | %.2f |\n", name, cpu, cpu / base }'
done
