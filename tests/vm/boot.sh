#!/bin/sh
# boot.sh KERNEL_FOLDER SCRIPT [ARG...]: runs SCRIPT under that kernel in QEMU (no hardware support needed), as root,
# in this machine's own file system: shared read-only, with /tmp and /run in memory. Its output is ours, its status
# too; 125 when the guest did not get as far as SCRIPT, 124 when it took longer than VM_SECONDS (300).
set -eu
kernel=$1
shift
version=$(cat "$kernel/version")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/bin" "$work/root/modules" "$work/root/guest"
cp "$(command -v busybox)" "$work/root/bin/busybox"

# The modules between the kernel and its root file system, in loading order.
number=100
for module in virtio_pci 9pnet_virtio 9p; do
	modprobe -S "$version" -d "$kernel/tree" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' >"$work/list"
while read -r file; do
	number=$((number + 1))
	case $file in
	*.xz) xz -dc "$file" ;;
	*.zst) zstd -qdc "$file" ;;
	*) cat "$file" ;;
	esac >"$work/root/modules/$number.ko"
done <"$work/list"

command=
for word; do command="$command '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"; done
cat >"$work/root/guest/command" <<EOF
cd '$PWD'
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp HEAPTAP_TARGETS='${HEAPTAP_TARGETS:-}'
$command </dev/null
EOF

cat >"$work/root/init" <<'EOF'
#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /root
$b mount -t proc proc /proc
for m in /modules/*.ko; do $b insmod $m; done
if $b mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 host /root; then
	for f in proc sysfs devtmpfs; do
		case $f in proc) d=proc ;; sysfs) d=sys ;; *) d=dev ;; esac
		$b mount -t $f $f /root/$d
	done
	for d in tmp run mnt; do $b mount -t tmpfs tmpfs /root/$d; done
	$b mount -t tracefs tracefs /root/sys/kernel/tracing 2>/dev/null
	$b ip link set lo up 2>/dev/null
	$b cp /guest/command /root/run/command
	echo
	echo "guest begins"
	$b chroot /root /bin/sh /run/command
	echo "guest status $?"
fi
$b poweroff -f
EOF
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initramfs"

status=0
timeout "${VM_SECONDS:-300}" qemu-system-x86_64 -machine q35 -accel tcg -cpu max -smp 2 -m 1536 -nographic -no-reboot \
	-nodefaults -serial stdio -kernel "$kernel"/tree/boot/vmlinuz-"$version" -initrd "$work/initramfs" \
	-append "console=ttyS0 quiet loglevel=1 panic=-1" \
	-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
	</dev/null >"$work/console" 2>&1 || status=$?
# What the firmware, the kernel and init have to say is shown only when nothing else came of it.
tr -d '\r' <"$work/console" >"$work/lines"
sed -n '/^guest begins$/,/^guest status /{/^guest /!p}' "$work/lines"
[ "$status" -ne 124 ] || exit 124
status=$(sed -n 's/^guest status \([0-9]*\)$/\1/p' "$work/lines")
[ -n "$status" ] || sed 's/^/# /' "$work/lines"
exit "${status:-125}"
