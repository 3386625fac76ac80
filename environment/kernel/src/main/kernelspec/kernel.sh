# Starts the kernel: kernel.sh CONNECTION_FILE. IJAVA_JVM_OPTS or JJAVA_JVM_OPTS hold options of its JVM.
here="$(dirname "$0")"
. "$here/allocator.sh"

# A kernel lives long and its cells run again: every minute what the C library has free goes back to the system.
exec java -Xmx2g -XX:+IgnoreUnrecognizedVMOptions -XX:TrimNativeHeapInterval=60000 \
  --add-opens=java.base/java.nio=ALL-UNNAMED -Djava.awt.headless=true -Dfile.encoding=UTF-8 -Dai.djl.offline=true \
  ${IJAVA_JVM_OPTS:-${JJAVA_JVM_OPTS:-}} -cp "$here/lib/*" org.lowrank.kernel.Main "$1"
