#!/bin/sh
# The tests of clusters run a real Slurm and a real RabbitMQ (and a real Secret Service), as processes of their own.
# This installs the Debian packages that bring them where it may (root on Debian or Ubuntu), and otherwise says which
# command does; the status is 1 where something is missing in the end. No daemon is started, nothing is configured.
set -eu
PATH=$PATH:/usr/sbin:/sbin
packages="slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge rabbitmq-server gnome-keyring dbus iproute2"

missing() {
  for program in slurmctld slurmd sbatch munged /usr/lib/rabbitmq/bin/rabbitmq-server gnome-keyring-daemon dbus-daemon ip; do
    command -v "$program" >/dev/null || printf '%s ' "$program"
  done
}

[ -n "$(missing)" ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  # Daemons of the machine are none of our business: what this file says keeps their packages from starting them.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  # shellcheck disable=SC2086  # the list is meant to be split
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2 || true
  [ -n "$(missing)" ] || exit 0
fi
echo "The tests of clusters need a batch system and a message broker; missing: $(missing)" >&2
if command -v apt-get >/dev/null; then
  sudo=sudo
  [ "$(id -u)" != 0 ] || sudo=
  # shellcheck disable=SC2086
  echo "Please run:" $sudo apt-get install --no-install-recommends $packages >&2
else
  echo "Please install Slurm (slurmctld, slurmd, its commands, munge), RabbitMQ, gnome-keyring and dbus." >&2
fi
exit 1
