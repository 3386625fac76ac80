# The C library's allocator, for every process that trains: the commands, the workers that they start and the kernel.
# A training step frees and asks again for hundreds of megabytes; by default they go back to the system in between and
# each page of them is faulted in anew. One arena, arrays of up to 32 MB on the heap, huge pages, nothing given back.
# GLIBC_TUNABLES from outside, empty too, wins. A record names what its run had.
export GLIBC_TUNABLES="${GLIBC_TUNABLES-glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=67108864:glibc.malloc.hugetlb=1}"
