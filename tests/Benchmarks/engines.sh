#!/usr/bin/env bash
# The built-in engine next to clamscan: same files, same definitions, one run, loading apart.
#   tests/Benchmarks/engines.sh [MEGABYTES] [ROUNDS]
# Prints a table: throughput per CPU second, overhead per small object, memory, starts, two threads against one, each the best of ROUNDS. Scanning is measured in a host
# that the runtime compiles, after rounds that are not counted while it does, whole starts and memory in the same host published as a native program. What opens and reads
# the files and does nothing else stands beside the throughput, and what only computes beside the two threads: nothing can be faster than these on the machine. Needs clamav, GNU time, zip, wine for programs of Windows, and the
# shared data, beside the checkout or above it.
set -euo pipefail
cd "$(dirname "$0")/../.."
megabytes=${1:-100}
rounds=${2:-5}
for folder in . .. ../..; do
    [ -d "$folder/shared/data/signatures" ] && data=$(realpath "$folder/shared/data/signatures") && break
done
[ -n "${data:-}" ] || { echo "shared/data/signatures is missing" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
host=artifacts/bin/EngineHost/release/Symantec.Virtualization.EngineHost.dll
native=$work/native/Symantec.Virtualization.EngineHost
dotnet publish -v q --nologo -c Release tests/EngineHost -o "$work/native" >&2
dotnet build -v q --nologo -c Release tests/EngineHost >&2

mkdir -m 700 "$work/all" "$work/cache" "$work/objects" "$work/archives"
cp "$data/rfxn.ndb" "$work"
for name in main.ldb main.hdb daily.hsb; do gunzip -c "$data/$name.gz" > "$work/all/$name"; done

# Files of the machine in an order that is always the same: three quarters of all kinds, a quarter programs of Windows, and archives of some of both.
files() { # megabytes folders... -> paths
    find "${@:2}" -xdev -type f -size +0 -size -20M -printf '%s %p\n' | grep -v '[^[:print:]]' | sort -k2 | shuf --random-source=<(yes) |
        awk -v most=$(($1 << 20)) 'total < most { total += $1; sub(/^[0-9]+ /, ""); print }'
}
files $((megabytes * 3 / 4)) /usr/bin /usr/lib /usr/share > "$work/list"
files $((megabytes / 4)) $(find /usr/lib -path '*wine/*-windows' -prune) >> "$work/list"
sed -n '0~40p' "$work/list" > "$work/packed"
tar -czf "$work/archives/some.tar.gz" -P -T "$work/packed"
zip -q "$work/archives/some.zip" -@ < "$work/packed"
ls -d "$work"/archives/* >> "$work/list"
echo "$(wc -l < "$work/list") files, $(tr '\n' '\0' < "$work/list" | du -cbm --files0-from=- | tail -n 1 | cut -f 1) MB" >&2
bytes=$(tr '\n' '\0' < "$work/list" | du -cb --files0-from=- | tail -n 1 | cut -f 1)
for size in 64 1024; do
    mkdir "$work/objects/$size"
    openssl enc -aes-128-ctr -pass pass:1 -nosalt -md sha256 < /dev/zero 2> "$work/openssl" | head -c $((2000 * size)) |
        split -b "$size" -a 4 - "$work/objects/$size/" || true
    find "$work/objects/$size" -type f > "$work/objects-$size"
done
echo abcdefgh > "$work/small"
echo "$work/small" > "$work/small.list"

best() { sort -g | head -n 1; }
spent() { # format list definitions -> what clamscan took, loading included; the best
    for _ in $(seq "$rounds"); do
        command time -o "$work/time" -f "$1" clamscan --quiet --no-summary -d "$3" -f "$2" > /dev/null 2>&1 || [ $? = 1 ]
        tail -n 1 "$work/time" | awk '{ print $1 + $2 }'
    done | best
}
less() { awk -v a="$1" -v b="$2" 'BEGIN { print a - b }'; }
ours() { dotnet $host "$1" "$2" 15 "$rounds" "$3" | tee -a "$work/verdicts"; }
start() { # format definitions [cache] -> what a start took as a whole process; the best
    for _ in $(seq "$rounds"); do
        command time -o "$work/time" -f "$1" "$native" "$2" "$work/small.list" 0 1 1 ${3:+"$3"} > /dev/null
        tail -n 1 "$work/time"
    done | best
}
row() { awk -v name="$1" -v format="$2" -v ours="$3" -v theirs="$4" -v way="$5" 'BEGIN {
    ratio = way == "more" ? ours / theirs : theirs / ours
    printf "| %s | " format " | " format " | %.1f |\n", name, ours, theirs, ratio }'; }

echo "| | built-in | clamscan | times better |"
echo "| --- | --: | --: | --: |"
for definitions in "$work/rfxn.ndb" "$work/all/main.ldb"; do
    name=$(basename "$definitions")
    theirs=$(less "$(spent '%U %S' "$work/list" "$definitions")" "$(spent '%U %S' "$work/small.list" "$definitions")")
    one=$(ours "$definitions" "$work/list" 1)
    mine=$(echo "$one" | cut -d ' ' -f 4)
    row "$name: MB per CPU second" %.1f "$(awk "BEGIN { print $bytes / 1e6 / $mine }")" "$(awk "BEGIN { print $bytes / 1e6 / $theirs }")" more
done
reading=$(dotnet $host reading "$work/list" 15 "$rounds" 1 | cut -d ' ' -f 4)
printf '| opening and reading alone: MB per CPU second | %.1f | | |\n' "$(awk "BEGIN { print $bytes / 1e6 / $reading }")"
for size in 64 1024; do
    theirs=$(less "$(spent '%U %S' "$work/objects-$size" "$work/all/main.ldb")" "$(spent '%U %S' "$work/small.list" "$work/all/main.ldb")")
    mine=$(ours "$work/all/main.ldb" "$work/objects-$size" 1 | cut -d ' ' -f 4)
    row "main.ldb: ms for an object of $size bytes" %.3f "$(awk "BEGIN { print $mine / 2 }")" "$(awk "BEGIN { print $theirs / 2 }")" fewer
done
clamscan_memory=$(spent '%M' "$work/small.list" "$work/all")
clamscan_start=$(spent '%e' "$work/small.list" "$work/all")
row "all three: MB of memory, from text" %.0f "$(awk "BEGIN { print $(start '%M' "$work/all") / 1024 }")" "$(awk "BEGIN { print $clamscan_memory / 1024 }")" fewer
row "all three: s for a first start, from text" %.2f "$(start '%e' "$work/all")" "$clamscan_start" fewer
"$native" "$work/all" "$work/small.list" 0 1 1 "$work/cache" > /dev/null
row "all three: MB of memory, from the cache" %.0f "$(awk "BEGIN { print $(start '%M' "$work/all" "$work/cache") / 1024 }")" "$(awk "BEGIN { print $clamscan_memory / 1024 }")" fewer
row "all three: s for a second start, from the cache" %.2f "$(start '%e' "$work/all" "$work/cache")" "$clamscan_start" fewer
load=$(for _ in $(seq "$rounds"); do "$native" "$work/all" "$work/small.list" 0 1 1 "$work/cache" | cut -d ' ' -f 1; done | best)
printf '| of that, Load() alone | %.2f | | |\n' "$load"
threads() { # name two one
    awk -v name="$1" -v two="$2" -v one="$3" 'BEGIN { split(one, o, " "); split(two, t, " ")
        printf "| %s: two threads, times the speed of one (by CPU seconds %.2f) | %.2f | | |\n", name, 2 * o[4] / t[4], o[3] / t[3] }'
}
for definitions in "$work/rfxn.ndb" "$work/all/main.ldb"; do
    threads "$(basename "$definitions")" "$(ours "$definitions" "$work/list" 2)" "$(ours "$definitions" "$work/list" 1)"
done
for alone in reading computing; do
    threads "$alone alone" "$(dotnet $host $alone "$work/list" 15 "$rounds" 2)" "$(dotnet $host $alone "$work/list" 15 "$rounds" 1)"
done
echo "verdicts: $(cut -d ' ' -f 5- "$work/verdicts" | sort | uniq -c | tr -s ' \n' ' ')" >&2
