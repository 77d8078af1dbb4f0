#!/bin/sh
# The first process inside the tests' kernel; a copy lies beside job.sh, in the one folder that may be written to. The
# host's own tree is the root, mounted read-only; whatever programs like to write to is covered by memory, and what that
# covers of the repository and of Node.js is shown again. Ends in run.js, which turns the machine off.
set -eu
JOB=${0%/*}
. "$JOB/job.sh" # REPOSITORY, NODE, WRITABLE
export HOME=/tmp LANG=C.UTF-8

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t configfs configfs /sys/kernel/config
mount -t debugfs debugfs /sys/kernel/debug
# User-Mode Linux maps the rings of io_uring, which newer Node.js asks for, wrongly.
echo 2 > /proc/sys/kernel/io_uring_disabled
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -s /proc/self/fd /dev/fd
for folder in /tmp /var/tmp /run; do
  [ ! -d "$folder" ] || mount -t tmpfs tmpfs "$folder"
done

# $1: a folder of the host; $2: ro or rw
show() {
  mkdir -p "$1"
  mount -t hostfs -o "$1" none "$1"
  mount -o "remount,$2" "$1"
}
show "$JOB" rw
for folder in "$REPOSITORY" "${NODE%/*}" "$KERNEL"; do
  [ -d "$folder" ] || show "$folder" ro
done

cd "$REPOSITORY"
exec "$NODE" dist/test/kernel/inside/run.js "$JOB"
