# What the three commands share. Sourced with `here` set to this folder.

root="$(dirname "$here")"
kernelspecs="$here/kernel/target/jupyter"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# The JDK that Maven uses runs the kernel too.
if [ -n "${JAVA_HOME:-}" ]; then
  PATH="$JAVA_HOME/bin:$PATH"
fi
export LC_ALL=C.UTF-8
. "$here/allocator.sh"
# where setup --gpu has found PyTorch's build for CUDA
if [ -f "$here/target/gpu.sh" ]; then
  . "$here/target/gpu.sh"
fi

# Prints the Python that has the given module; Debian's own first, as its packages are what setup installs.
python_with() {
  local python
  for python in /usr/bin/python3 python3; do
    if "$python" -c "import $1" >/dev/null 2>&1; then
      printf '%s\n' "$python"
      return
    fi
  done
  return 1
}

# The real JJava, another kernel for Java: its Python package holds a kernel specification and two jars.
install_jjava() {
  kernelspecs="$here/target/jjava/share/jupyter"
  if [ ! -f "$kernelspecs/kernels/java/kernel.json" ]; then
    say "installing JJava 1.0a8"
    python3 -m pip install -q --no-deps --disable-pip-version-check --root-user-action=ignore --target "$here/target/jjava" jjava==1.0a8 >&2 ||
      fail "JJava could not be installed: python3 needs pip and a package index (or its mirror)"
  fi
}

# Jupyter sees this kernel and a folder of its own that ends with the command, and nothing in the home folder.
use_own_jupyter() {
  scratch="$(mktemp -d)"
  trap 'rm -rf "$scratch"' EXIT
  export JUPYTER_PATH="$kernelspecs"
  export JUPYTER_CONFIG_DIR="$scratch/config" JUPYTER_DATA_DIR="$scratch/data" JUPYTER_RUNTIME_DIR="$scratch/runtime"
  export IPYTHONDIR="$scratch/ipython"
  export OPT_OUT_TRACKING=true
  export IJAVA_CLASSPATH="${IJAVA_CLASSPATH:-$root/lib/target/lowrank.jar}" # for notebooks that lie elsewhere
}
