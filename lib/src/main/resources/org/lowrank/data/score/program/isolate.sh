# Runs a command where nothing but a small folder in memory can be written.
# $1: the folder; $2: its size in bytes; $3 ...: the command. This is run by unshare, with a mount
# and a process namespace of its own; the command is a child, since the first process of a
# namespace does not die of its own signals.
work="$1"; size="$2"; shift 2
fail() { echo "$1" >&2; exit 97; }
mount -t proc proc /proc || fail "proc cannot be mounted"
# From Linux 6.14 on this number is the namespace's own, and it holds for root too; before, it was the
# whole machine's and is left alone.
release="$(uname -r)"; minor="${release#*.}"; minor="${minor%%[!0-9]*}"
if [ "${release%%.*}" -gt 6 ] || { [ "${release%%.*}" = 6 ] && [ "$minor" -ge 14 ]; }; then
    echo 301 > /proc/sys/kernel/pid_max
fi
mount -t tmpfs -o "size=$size,nr_inodes=4096,mode=700" tmpfs "$work" || fail "no folder in memory"
while read -r _ _ _ _ point options rest; do
    case "$rest" in *" - devpts "*|*" - mqueue "*) continue ;; esac
    case "$point $options" in "$work "*|*" ro,"*|*" ro") continue ;; esac
    mount -o remount,bind,ro "$(printf '%b' "$point")" || fail "$point cannot be made read-only"
done < /proc/self/mountinfo
mkdir "$work/run" && cd "$work/run" || fail "no folder"
setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
exit $?
