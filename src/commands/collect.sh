#!/bin/sh
# Gathers what `fwlint review` looks at: the rules of this host, and what decides their effect. Reads, and changes nothing.
# Run it as root: sh collect.sh [DIRECTORY], then `fwlint review DIRECTORY` wherever fwlint is.
set -u
umask 077

out=${1:-fwlint-$(uname -n)-$(date -u +%Y%m%d-%H%M%S)}
mkdir "$out" || exit 1

# gather FILE COMMAND...: what the command prints. The file goes if there is no such command, or if it fails, and so does
# one of rules without any; a list of sockets without any says something.
gather() {
    file=$1
    shift
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "skipped $file: no $1 here" >&2
    elif "$@" >"$out/$file" 2>"$out/$file.err"; then
        case $file in
        *.txt) ;;
        *) [ -s "$out/$file" ] || { rm -f "$out/$file" && echo "nothing for $file" >&2; } ;;
        esac
        [ ! -f "$out/$file" ] || echo "gathered $file" >&2
    else
        echo "skipped $file: $* failed, see $file.err" >&2
        rm -f "$out/$file"
    fi
    [ -s "$out/$file.err" ] || rm -f "$out/$file.err"
}

gather rules.v4 iptables-save
gather rules.v6 ip6tables-save
gather legacy.v4 iptables-legacy-save
gather legacy.v6 ip6tables-legacy-save
gather ruleset.nft nft list ruleset
gather sets.ipset ipset save
gather ss.txt ss -Hlntu
gather addresses.txt ip -o addr show
gather sysctl.txt sysctl -e net.ipv4.ip_forward net.ipv4.conf.all.forwarding net.ipv6.conf.all.forwarding net.ipv4.conf.all.rp_filter

echo "$out"
