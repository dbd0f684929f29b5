# Makes the file system and the network of a practice machine around itself, and becomes its first process.
# $1 the machine's folder on the laptop, $2 its address, $3 its name, $4 the laptop's Node.js
set -e
cd "$1"
mkdir -p root home/ec2-user
mount -t tmpfs -o mode=755 machine root
cd root
mkdir -p .host/bin .old dev/pts dev/shm etc/ssl home/ec2-user mnt opt/node/bin proc root run srv sys tmp usr var/cache var/lib var/log var/tmp
chmod 1777 tmp var/tmp dev/shm
chmod 700 root
mount --bind ../home/ec2-user home/ec2-user

# The laptop's programs, read-only; those that a server has only after an installation are left out.
mount --bind /usr usr
mount -o remount,bind,ro usr
mount --bind usr/bin .host/bin
mount -o remount,bind,ro .host/bin
mount -t tmpfs -o mode=755 programs usr/bin
mount -t tmpfs -o mode=755 local usr/local
mkdir -p usr/local/bin usr/local/lib
(cd usr/bin && ln -s ../../.host/bin/* . && rm -f node nodejs npm npx corepack pip pip3* mysql* mariadb* sudo su dnf yum apt* dpkg* systemctl journalctl reboot shutdown poweroff halt init aws flasklab)
for each in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$each" ]; then ln -s "usr/${each}" "$each"
  elif [ -d "/$each" ]; then mkdir "$each"; mount --bind "/$each" "$each"; mount -o remount,bind,ro "$each"
  fi
done
# pip installs for its user, as on Amazon Linux.
for each in usr/lib/python3*/EXTERNALLY-MANAGED; do
  if [ -e "$each" ]; then mount --bind /dev/null "$each"; fi
done
touch opt/node/bin/node
mount --bind "$4" opt/node/bin/node

# Of the laptop's /etc single entries only: a machine has its own users, names and addresses.
for each in alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime mime.types ssl/certs ssl/openssl.cnf ca-certificates; do
  if [ -d "/etc/$each" ]; then mkdir -p "etc/$each"; mount --bind "/etc/$each" "etc/$each"; mount -o remount,bind,ro "etc/$each"
  elif [ -e "/etc/$each" ]; then touch "etc/$each"; mount --bind "/etc/$each" "etc/$each"; mount -o remount,bind,ro "etc/$each"
  fi
done
printf 'root:x:0:0:root:/root:/bin/bash\nec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash\nnobody:x:65534:65534::/:/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nwheel:x:10:ec2-user\nec2-user:x:1000:\nnogroup:x:65534:\n' >etc/group
printf '%s\n' "$3" >etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n%s %s %s.us-west-2.compute.internal\n' "$2" "$3" "$3" >etc/hosts
printf 'hosts: files\npasswd: files\ngroup: files\n' >etc/nsswitch.conf
printf 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPLATFORM_ID="platform:al2023"\nPRETTY_NAME="Amazon Linux 2023 (practice)"\nHOME_URL="https://aws.amazon.com/linux/amazon-linux-2023/"\n' >etc/os-release
# Every file is of one user to the kernel: what is root's is kept from ec2-user by its mode.
chmod 444 etc/passwd etc/group etc/hostname etc/hosts etc/nsswitch.conf etc/os-release
chmod 555 etc opt opt/node opt/node/bin srv

for each in null zero full random urandom tty; do touch "dev/$each"; mount --bind "/dev/$each" "dev/$each"; done
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t proc proc proc
# Where the laptop's user is root, these would be his to write.
for each in sys irq bus sysrq-trigger; do
  if [ -e "proc/$each" ]; then mount --bind "proc/$each" "proc/$each"; mount -o remount,bind,ro "proc/$each"; fi
done
hostname "$3"

pivot_root . .old
cd /
umount -l .old
rmdir .old

# Its end of the cable comes from outside.
echo made
read -r _
ip link set lo up
ip addr add "$2/32" dev eth0
ip link set eth0 arp off up
ip route add default dev eth0
echo ready
exec /bin/sh -c 'while :; do sleep 2147483647 & wait; done' <>/dev/null >&0 2>&0
