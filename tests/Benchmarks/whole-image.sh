#!/usr/bin/env bash
# Reads and hashes every file of a whole NTFS disk: OfflineScan straight from the VMDK, next to 7-Zip and ntfs-3g on the same disk converted to raw, in one run.
#   tests/Benchmarks/whole-image.sh [FILES] [RUNS]
# Prints a table of the best of RUNS; the machine's noise is in every row alike. Needs root, ntfs-3g, qemu-utils, 7zip and about four times the files' size on disk.
set -euo pipefail
cd "$(dirname "$0")/../.."
files=${1:-20000}
runs=${2:-5}
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
mkdir "$work/mnt"

dotnet publish -v q --nologo -c Release -o "$work/bin" examples/OfflineScan >&2
dotnet build -v q --nologo -c Release tests/Benchmarks >&2
scan=("$work/bin/OfflineScan" --hash --quiet --report "$work/report.json")

echo "Making a disk of $files files ..." >&2
truncate -s 8G "$work/disk.raw"
mkntfs -F -Q -L Benchmark "$work/disk.raw" > /dev/null 2>&1
ntfs-3g "$work/disk.raw" "$work/mnt"
dotnet artifacts/bin/Benchmarks/release/Benchmarks.dll files "$work/mnt" "$files"
megabytes=$(du -s --apparent-size -BM "$work/mnt" | cut -d M -f 1)
umount "$work/mnt"
for format in monolithicSparse streamOptimized; do
    qemu-img convert -O vmdk -o subformat=$format "$work/disk.raw" "$work/$format.vmdk"
done

best() { # command -> the shortest of the runs, in seconds
    for _ in $(seq "$runs"); do
        local start=$EPOCHREALTIME
        "$@" > /dev/null 2>&1 || [ $? = 1 ]
        echo "$start $EPOCHREALTIME"
    done | awk '{ t = $2 - $1; if (NR == 1 || t < b) b = t } END { printf "%.3f", b }'
}
read_mounted() {
    ntfs-3g -o ro "$work/disk.raw" "$work/mnt"
    find "$work/mnt" -type f -print0 | xargs -0 -P "$(nproc)" -n 256 sha256sum
    umount "$work/mnt"
}
convert() { rm -f "$work/converted.raw"; qemu-img convert -O raw "$work/$1.vmdk" "$work/converted.raw"; }

declare -A seconds
seconds[raw]=$(best "${scan[@]}" "$work/disk.raw")
seconds[sparse]=$(best "${scan[@]}" "$work/monolithicSparse.vmdk")
seconds[stream]=$(best "${scan[@]}" "$work/streamOptimized.vmdk")
seconds[7z]=$(best 7zz t -scrcSHA256 "$work/disk.raw")
seconds[ntfs3g]=$(best read_mounted)
seconds[convert_sparse]=$(best convert monolithicSparse)
seconds[convert_stream]=$(best convert streamOptimized)

row() { # name, seconds, the peer's seconds
    awk -v name="$1" -v s="$2" -v p="$3" -v m="$megabytes" -v f="$files" \
        'BEGIN { printf "| %s | %.2f | %.0f | %.0f | %s |\n", name, s, m / s, f / s, p == "" ? "" : sprintf("%.2f", p / s) }'
}
sum() { awk "BEGIN { print $1 + $2 }"; }
echo "$files files, $megabytes MiB, $(nproc) processors, best of $runs; 'times' is how many times faster than 7-Zip with the conversion that it needs"
echo
echo "| reading and hashing every file | seconds | MiB/s | files/s | times |"
echo "| --- | --: | --: | --: | --: |"
row "OfflineScan, raw" "${seconds[raw]}" "${seconds[7z]}"
row "OfflineScan, VMDK monolithicSparse" "${seconds[sparse]}" "$(sum "${seconds[7z]}" "${seconds[convert_sparse]}")"
row "OfflineScan, VMDK streamOptimized" "${seconds[stream]}" "$(sum "${seconds[7z]}" "${seconds[convert_stream]}")"
row "7-Zip on raw (\`7zz t -scrcSHA256\`)" "${seconds[7z]}" ""
row "ntfs-3g on raw (mount, sha256sum on every processor)" "${seconds[ntfs3g]}" ""
row "conversion alone: monolithicSparse to raw (qemu-img)" "${seconds[convert_sparse]}" ""
row "conversion alone: streamOptimized to raw (qemu-img)" "${seconds[convert_stream]}" ""
