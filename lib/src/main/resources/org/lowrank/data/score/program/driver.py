# Runs one program under limits, in a child process of its own, and says on the channel that was its
# standard output how it ended. A pass is said only behind the last line of the tests, with a word
# that the program was not given; what the program prints goes nowhere. (They share a process: one
# that searches its caller's frames for that word could still forge it.)
import os
import resource
import sys


def run():
    proof = sys.stdin.buffer.readline().strip()
    memory, file_bytes, seconds, processes = map(int, sys.stdin.buffer.readline().split())
    program = sys.stdin.buffer.read()
    channel = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, 256),
    ]
    if processes:
        limits.append((resource.RLIMIT_NPROC, processes))
    else:  # it sees the user's other processes, and kill(-1) would end them all
        os.kill = os.killpg = None
    for limit, value in limits:
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):  # the system's own limit is lower still
            pass
    # Taken now: the program may put something else in their place.
    write, leave, pid, process = os.write, os._exit, os.getpid, os.getpid()
    kind, words, failure = type, str, BaseException

    def say(text):
        if pid() == process:  # a child that the program forked has nothing to say
            write(channel, proof + b" " + text[:400].encode("utf-8", "replace") + b"\n")
        leave(0)

    write(channel, proof + b" begun\n")
    try:
        exec(compile(program.decode("utf-8"), "program", "exec"), {})
    except failure as error:
        try:
            what = words(error)
        except failure:
            what = ""
        say("failed " + kind(error).__name__ + (": " + what if what else ""))
    say("passed")


run()
