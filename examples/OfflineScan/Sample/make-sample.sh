#!/usr/bin/env bash
# Makes sample.vmdk.gz: a small disk with an NTFS and a FAT32 volume, as Windows would leave it. Where the EICAR test file is to be, it has a
# placeholder of the same length; SampleImage puts the test file in its place when the sample is used, so that no file of the project contains it.
# Run as root; needs fdisk, ntfs-3g, dosfstools, mtools and qemu-utils. The result is committed.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'mountpoint -q "$work/mnt" && umount "$work/mnt"; rm -rf "$work"' EXIT
mkdir "$work/mnt"
placeholder='THIS-PLACEHOLDER-BECOMES-THE-EICAR-TEST-FILE-WHEN-THE-SAMPLE-IS-MADE'
[ ${#placeholder} = 68 ]

text() (set +o pipefail; seq 1 1000000 | head -c "$1")

truncate -s 8M "$work/ntfs"
mkntfs -F -q -L System "$work/ntfs" > /dev/null 2>&1
ntfs-3g -o compression,streams_interface=windows "$work/ntfs" "$work/mnt"
(
    cd "$work/mnt"
    mkdir -p Windows/System32/drivers Users/alice/Documents Users/alice/Downloads 'Program Files/Vendor'
    text 120000 > Windows/System32/kernel32.dll
    text 30000 > Windows/System32/drivers/disk.sys
    text 700 > Windows/win.ini
    ln Windows/win.ini 'Program Files/Vendor/win.ini'
    text 5000 > 'Users/alice/Documents/Letter to Mr. Smith.txt'
    text 90000 > Users/alice/Documents/Отчёт.docx
    printf '[ZoneTransfer]\r\nZoneId=3\r\n' > Users/alice/Downloads/setup.exe:Zone.Identifier
    text 40000 > Users/alice/Downloads/setup.exe
    printf %s "$placeholder" > Users/alice/Downloads/eicar.com
    text 200 > Users/alice/Documents/notes.txt
    printf %s "$placeholder" > Users/alice/Documents/notes.txt:hidden
)
umount "$work/mnt"

truncate -s 34M "$work/fat"
mkfs.fat -F 32 -s 1 -n BACKUP "$work/fat" > /dev/null
mkdir -p "$work/files/Old files/2019"
text 60000 > "$work/files/Old files/2019/photo archive of the summer.zip"
text 900 > "$work/files/README.TXT"
printf %s "$placeholder" > "$work/files/Old files/eicar.com"
mcopy -s -m -i "$work/fat" "$work"/files/* ::/

truncate -s 44M "$work/disk"
printf 'label: dos\nstart=2048, size=16384, type=7, bootable\nstart=18432, size=69632, type=c\n' | sfdisk -q "$work/disk"
dd if="$work/ntfs" of="$work/disk" bs=1M seek=1 conv=notrunc status=none
dd if="$work/fat" of="$work/disk" bs=1M seek=9 conv=notrunc status=none
qemu-img convert -O vmdk -o subformat=monolithicSparse "$work/disk" "$work/sample.vmdk"
gzip -9n < "$work/sample.vmdk" > sample.vmdk.gz
ls -l sample.vmdk.gz
