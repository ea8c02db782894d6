#!/usr/bin/env bash
# The verdict table next to ConcurrentDictionary, BitFaster's ConcurrentLru and FASTER: same keys, same lookups, one run.
#   tests/Benchmarks/verdict-table.sh [MILLIONS] [ROUNDS]
# Prints a table of lookups per CPU second (batches of 256, half of them hits, the median of ROUNDS) at one million entries and at MILLIONS (20), and one of ratios with the
# goal beside each. Every engine fills and is measured in a process of its own. Needs some 6 GB of memory at 20 million.
set -euo pipefail
cd "$(dirname "$0")/../.."
many=$((${1:-20} * 1000000))
rounds=${2:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -v q --nologo -c Release tests/Benchmarks >&2

for entries in 1000000 "$many"; do
    for engine in table compact dictionary bitfaster faster; do
        artifacts/bin/Benchmarks/release/Benchmarks verdicts "$engine" "$entries" "$rounds" > "$work/$engine-$entries"
        echo "$engine $entries: done" >&2
    done
done

of() { awk -v name="$3" '$1 == name { print $2 }' "$work/$1-$2"; } # engine entries figure
echo "| | table | compact keys | ConcurrentDictionary | BitFaster ConcurrentLru | FASTER |"
echo "| --- | --: | --: | --: | --: | --: |"
row() { # name entries figure factor digits
    for engine in table compact dictionary bitfaster faster; do of "$engine" "$2" "$3"; done |
        awk -v name="$1" -v factor="$4" -v digits="$5" 'BEGIN { printf "| %s |", name } { printf " %.*f |", digits, $1 * factor } END { print "" }'
}
for entries in 1000000 "$many"; do
    row "$((entries / 1000000)) M: million lookups per CPU second, one thread" "$entries" one_thread 1e-6 1
    row "$((entries / 1000000)) M: the same, two threads" "$entries" two_threads 1e-6 1
    row "$((entries / 1000000)) M: ns of CPU to add one" "$entries" fill_ns 1 0
done
row "bytes an entry, resident" "$many" bytes_per_entry 1 1
row "managed heap, MB" "$many" heap_mb 1 1
row "pause of a full collection, ms" "$many" pause_ms 1 1

echo
echo "| | ratio or figure | goal |"
echo "| --- | --: | --: |"
goal() { awk -v name="$1" -v a="$2" -v b="$3" -v goal="$4" 'BEGIN { printf "| %s | %.3g | %s |\n", name, a / b, goal }'; }
goal "lookups, one thread, over ConcurrentDictionary" "$(of table "$many" one_thread)" "$(of dictionary "$many" one_thread)" ">= 4.5"
goal "lookups, one thread, over BitFaster" "$(of table "$many" one_thread)" "$(of bitfaster "$many" one_thread)" ">= 8"
goal "lookups, one thread, over FASTER" "$(of table "$many" one_thread)" "$(of faster "$many" one_thread)" ">= 8"
goal "two threads over one, per CPU second, times two" "$(awk "BEGIN { print 2 * $(of table "$many" two_threads) }")" "$(of table "$many" one_thread)" ">= 1.9"
goal "bytes an entry at 95 % load" "$(of table "$many" bytes_per_entry)" 1 "<= 44"
goal "bytes an entry with compact keys" "$(of compact "$many" bytes_per_entry)" 1 "<= 28"
goal "bytes an entry over ConcurrentDictionary" "$(of table "$many" bytes_per_entry)" "$(of dictionary "$many" bytes_per_entry)" "<= 0.48"
goal "entries lost before the table is full, %" "$(of table "$many" lost_percent)" 1 "<= 0.01"
goal "managed heap, MB" "$(of table "$many" heap_mb)" 1 "<= 100"
goal "pause of a full collection, ms" "$(of table "$many" pause_ms)" 1 "<= 10"
goal "definitions switch, ms" "$(of table "$many" switch_ms)" 1 "< 1"
goal "reclaim of half over ConcurrentDictionary" "$(of table "$many" reclaim_ms)" "$(of dictionary "$many" reclaim_ms)" "<= 0.10"
goal "worst slice of it, ms of CPU" "$(of table "$many" reclaim_slice_ms)" 1 "<= 1"
artifacts/bin/Benchmarks/release/Benchmarks hit-rate > "$work/hit-rate"
rate() { awk -v name="$1" '$1 == name { print $2 }' "$work/hit-rate"; }
points() { awk -v name="$1" -v a="$2" -v b="$3" -v goal="$4" 'BEGIN { printf "| %s | %+.1f | %s |\n", name, a - b, goal }'; }
for size in 0.5 1 2; do
    points "hits at $size of what clients share, points over S3-FIFO" "$(rate "table-$size")" "$(rate "s3fifo-$size")" ">= -1"
    points "the same over oldest first" "$(rate "table-$size")" "$(rate "oldest-$size")" ">= 6"
    points "the same over BitFaster's ConcurrentLru, for comparison" "$(rate "table-$size")" "$(rate "lru-$size")" ""
    points "the same over its ConcurrentLfu, for comparison" "$(rate "table-$size")" "$(rate "lfu-$size")" ""
done
