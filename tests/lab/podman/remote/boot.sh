#!/usr/bin/env bash
# Copyright (c) 2026, multicluster.interconnect contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first process of the host, in a mount and a pid namespace of its own: what is mounted here only it sees, and all
# of its processes end with it. It shares the kernel, the programs and the network of this machine.
#   boot.sh FOLDER PROGRAMS USER ID
set -eu
folder=$1 programs=$2 user=$3 id=$4

mount --make-rprivate /
mkdir -p "$folder"/{etc,work,home,run}
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$folder/etc,workdir=$folder/work" /etc
if ! grep -q "^$user:" /etc/passwd; then
    echo "$user:x:$id:$id::/srv/home:/bin/bash" >>/etc/passwd
    echo "$user:x:$id:" >>/etc/group
    echo "$user:*:19000:0:99999:7:::" >>/etc/shadow
    # Another range than useradd gives to the first users of this machine.
    echo "$user:2000000000:65536" | tee -a /etc/subuid >>/etc/subgid
    chown -R "$id:$id" "$folder/home"
    chmod 700 "$folder/home"
    grep -q "^sshd:" /etc/passwd || echo "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin" >>/etc/passwd
fi

# They may lie below what is mounted over in the next lines.
mount --bind "$folder" /srv
mount --bind "$programs" /opt
chmod 755 /srv
# What pam_systemd makes for a session, and what is new after each boot.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p -m 755 /run/sshd /run/user /run/lock
mkdir -m 700 "/run/user/$id"
chown "$id:$id" "/run/user/$id"
mount -t tmpfs -o mode=1777 tmpfs /tmp
# Devices that anybody may use, which udev gives these rights.
mount -t tmpfs -o mode=755 tmpfs /dev/net
mknod -m 666 /dev/net/tun c 10 200
# A container's mounts spread from here, as systemd has it.
mount --make-rshared /

libraries=$(find /opt/usr/lib -name 'libwrap.so*' -printf '%h\n' -quit)
session="PATH=/opt/usr/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LD_LIBRARY_PATH=$libraries"
session="$session XDG_RUNTIME_DIR=/run/user/$id"
LD_LIBRARY_PATH=$libraries /opt/usr/sbin/sshd -D -e -f /srv/sshd_config -o "SetEnv=$session" &
# As the first process, the shell takes in what has lost its parent.
while true; do wait || true; sleep 1; done
