#!/usr/bin/env bash
# Makes the tiny images of these tests, with what is in them listed beside. Run as root; needs ntfs-3g, dosfstools, mtools, qemu-utils, attr and fdisk.
# The results are committed, so that the tests need none of these tools; run it again only to change what the images hold.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
mkdir "$work/mnt"

# Text that is the same at every run: numbers, one a line, up to a size.
text() (set +o pipefail; seq 1 1000000 | head -c "$1")
# Bytes that do not compress, the same at every run.
noise() { head -c "$1" /dev/zero | openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv "$(printf '%032x' "$2")"; }

list() { # folder -> "size sha256 path" of every file and, where there are any, of its streams
    (cd "$1" && find . -type f -printf '%P\n' | sort | while read -r path; do
        printf '%s %s %s\n' "$(stat -c %s "$path")" "$(sha256sum < "$path" | cut -d' ' -f1)" "$path"
    done)
}

echo "NTFS"
truncate -s 6M "$work/ntfs.raw"
mkntfs -F -q -s 512 -c 512 -L Tiny "$work/ntfs.raw" > /dev/null
ntfs-3g -o compression,streams_interface=windows "$work/ntfs.raw" "$work/mnt"
(
    cd "$work/mnt"
    mkdir -p plain/nested/deeper names links streams sparse packed pieces
    : > plain/empty.txt
    text 100 > plain/resident.txt
    text 5000 > plain/nested/clusters.txt
    noise 20000 1 > plain/nested/deeper/noise.bin
    text 40 > "names/a rather long name with spaces and (brackets).text"
    text 41 > names/Ünïcödé-файл-文件.txt
    text 42 > 'names/$dollar.exe'
    text 300 > links/first.txt
    ln links/first.txt links/second.txt
    ln links/first.txt plain/third.txt
    text 50 > streams/host.txt
    text 26 > streams/host.txt:Zone.Identifier
    text 9000 > streams/host.txt:large
    mkdir streams/folder
    text 77 > streams/folder:on-a-folder
    for i in $(seq -w 1 24); do text $((10#$i * 7)) > "streams/host.txt:many-$i"; done
    truncate -s 300000 sparse/all-hole.bin
    text 1000 > sparse/with-hole.bin
    truncate -s 200000 sparse/with-hole.bin
    text 1500 >> sparse/with-hole.bin
    setfattr -h -n system.ntfs_attrib_be -v 0x00000800 packed
    text 150000 > packed/text.txt
    noise 10000 2 > packed/noise.bin
    { text 20000; head -c 100000 /dev/zero; text 5000; } > packed/mixed.bin
    # A file of which every second cluster is a hole has so many runs that they do not fit its own record.
    for i in $(seq 1 600); do
        printf '%0512d' "$i" | dd of=pieces/comb.bin bs=512 seek=$((2 * i)) conv=notrunc status=none
    done
)
umount "$work/mnt"
ntfs-3g -o ro,streams_interface=windows "$work/ntfs.raw" "$work/mnt"
{
    list "$work/mnt"
    cd "$work/mnt"
    for stream in streams/host.txt:Zone.Identifier streams/host.txt:large streams/folder:on-a-folder $(for i in $(seq -w 1 24); do echo "streams/host.txt:many-$i"; done); do
        printf '%s %s %s\n' "$(wc -c < "$stream")" "$(sha256sum < "$stream" | cut -d' ' -f1)" "$stream"
    done
    cd "$OLDPWD"
} | sort -k3 > ntfs.txt
umount "$work/mnt"

fat() { # name, bits, sectors of 512 bytes, mkfs options
    echo "$1"
    truncate -s $(($3 * 512)) "$work/$1.raw"
    mkfs.fat -F "$2" -n TINY -i 1234abcd --invariant ${4:-} "$work/$1.raw" > /dev/null
    mkdir -p "$work/$1/folder/below" "$work/$1/Long folder name"
    (
        cd "$work/$1"
        : > EMPTY.TXT
        text 100 > SHORT.TXT
        text 5000 > "folder/a rather long name.text"
        noise 9000 3 > folder/below/noise.bin
        text 41 > "Long folder name/Ünïcödé-файл-文件.txt"
        text 60 > lower.txt
        for i in $(seq 1 40); do text "$i" > "Long folder name/file number $i of many.txt"; done
    )
    list "$work/$1" > "$1.txt"
    MTOOLS_SKIP_CHECK=1 mcopy -s -m -i "$work/$1.raw" "$work/$1"/* ::/
    # What was deleted must not be found again.
    text 3000 > "$work/gone" && mcopy -i "$work/$1.raw" "$work/gone" ::/GONE.TXT && mdel -i "$work/$1.raw" ::/GONE.TXT
}
fat fat12 12 1024
fat fat16 16 9000 "-s 1"
# mtools believes in FAT32 only from 65,525 clusters on.
fat fat32 32 68000 "-s 1"

for name in ntfs fat12 fat16 fat32; do gzip -9n < "$work/$name.raw" > "$name.raw.gz"; done
ls -l ./*.gz
