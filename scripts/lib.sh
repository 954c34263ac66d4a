# shellcheck shell=bash
# What the scripts beside this file share. Sourced, never run.

# Every script works from the root of the tree, wherever it was called from.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# usage FILE: prints the comment at the top of a script, which is its manual.
usage() { sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "$1"; }

# The memory that is left, in MiB: of the machine, or of the container where that has a limit.
memory_mib() {
  local mib limit
  mib=$(($(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo) / 1024))
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
  if [[ $limit != max ]] && ((limit / 1048576 < mib)); then
    mib=$((limit / 1048576))
  fi
  echo "$mib"
}

# Compilations side by side. A batch of files that include CAF or Beast takes up to 1.5 GiB, and a
# machine that swaps is slower than one job: so one job for each, and at most one per core.
jobs() {
  local cores by_memory
  cores=$(nproc)
  by_memory=$(($(memory_mib) / 1536))
  ((by_memory >= 1)) || by_memory=1
  echo $((cores < by_memory ? cores : by_memory))
}

# The C++ files of the tree, each ended by a zero byte.
cpp_files() {
  find config storage runtime actors net tests bench examples \
    -name node_modules -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print0
}
