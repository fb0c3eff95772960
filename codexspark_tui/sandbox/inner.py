"""The program that confines itself by namespaces and Landlock, and then becomes the command.

It is run alone by `python -I -S`, so nothing of ours may be imported here, and little else: its
start is part of every command's. Sources: landlock(7), mount(2), unshare(2), the kernel's
linux/landlock.h. Arguments: lists of paths, each as "--NAME", number, paths (see
`confine._landlock`), then "--" and the command.
Exit code 125: it could not confine itself, and the command was not run.
"""

from __future__ import annotations

import ctypes
import os
import sys

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND = 2, 4, 4096
MOUNT_SETATTR, RECURSIVE = 442, 0x8000
MS_REC, MS_PRIVATE = 16384, 1 << 18
PDEATHSIG, NO_NEW_PRIVS, DROP_CAPABILITY, KILL = 1, 38, 24, 9
LAST_CAPABILITY = 63
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
# Rights by the version of Landlock that brought them; reading is executing, reading, listing.
RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
READ = 0b1101
FILE_RIGHTS = 0b111 | 1 << 14 | 1 << 15
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "fd")

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The kernel said no."""


def check(result: int, what: str) -> int:
    if result < 0:
        raise Refused(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    done = libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode(),
        ctypes.c_ulong(flags),
        data.encode(),
    )
    check(done, f"mount {target}")


def unshared(order: dict[str, list[str]]) -> None:
    user, group = os.getuid(), os.getgid()
    flags = NEWUSER | NEWNS | NEWPID | NEWIPC | NEWUTS
    check(libc.unshare(flags | (0 if order["network"] else NEWNET)), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"),
                       ("gid_map", f"{group} {group} 1")):  # fmt: skip
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(fd, text.encode())
        os.close(fd)
    if not order["network"]:
        raise_loopback()


def raise_loopback() -> None:
    """Its own loopback, which leads nowhere else; tests of servers need it."""
    fd = check(libc.socket(2, 2, 0), "socket")  # AF_INET, SOCK_DGRAM
    request = ctypes.create_string_buffer(b"lo".ljust(16, b"\0") + b"\x41\0" + bytes(22))
    check(libc.ioctl(fd, ctypes.c_ulong(0x8914), request), "loopback")
    os.close(fd)


def mounted(order: dict[str, list[str]]) -> None:
    """All that is mounted becomes read-only, with the workspace mounted once more as writable.

    Landlock alone would still allow changes of modes and times outside of it.
    """
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    for path in [*order["writable"], *order["held"], *order["protected"]]:
        mount(path, path, "", MS_BIND | MS_REC)
    set_read_only("/", True, RECURSIVE)
    for path in [*order["writable"], *order["held"]]:
        set_read_only(path, False)
    covered(order)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | 8)


def covered(order: dict[str, list[str]]) -> None:
    """Empty folders over what is hidden, and in them again what is shown of it.

    Landlock alone would leave the sockets in there within reach.
    """
    shown = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in order["shown"]]
    for folder in order["covered"]:
        mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, f"size={order['tmp_bytes'][0]}")
    for path, fd in shown:
        if any(path.startswith(folder + "/") for folder in order["covered"]):
            os.makedirs(path, exist_ok=True)  # noqa: PTH103 - pathlib would double the start
            mount(f"/proc/self/fd/{fd}", path, "", MS_BIND | MS_REC)
        os.close(fd)


def set_read_only(path: str, value: bool, flags: int = 0) -> None:
    """mount_setattr(2): attributes to set, to clear, propagation, user namespace."""
    attributes = (ctypes.c_uint64 * 4)(int(value), int(not value), 0, 0)
    done = libc.syscall(MOUNT_SETATTR, -100, os.fsencode(path), flags, attributes, 32)
    check(done, f"mount_setattr {path}")


def restricted(order: dict[str, list[str]]) -> None:
    version = check(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1), "Landlock")
    every = sum(bits for since, bits in RIGHTS.items() if since <= version)
    # From version 6 on, signals and abstract sockets beyond the sandbox are shut, too.
    values = [every, 0, 3] if version >= 6 else [every]
    attributes = (ctypes.c_uint64 * len(values))(*values)
    ruleset = check(
        libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(8 * len(values)), 0), "Landlock"
    )
    devices = [f"/dev/{name}" for name in DEVICES]
    for path in [*order["readable"], "/proc"]:
        if not (path == "/dev" or path.startswith("/dev/")):
            allow(ruleset, path, READ & every)
    allow(ruleset, "/dev", 0b1000)
    for path in [*order["writable"], *order["covered"], *devices]:
        allow(ruleset, path, every)
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0)  # the last ones are not in every kernel
    check(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    check(libc.syscall(RESTRICT_SELF, ruleset, 0), "Landlock")
    os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib would double the start of this program
        rights &= FILE_RIGHTS
    rule = (ctypes.c_char * 12).from_buffer_copy(
        rights.to_bytes(8, sys.byteorder) + fd.to_bytes(4, sys.byteorder)
    )
    check(libc.syscall(ADD_RULE, ruleset, 1, rule, 0), f"Landlock {path}")
    os.close(fd)


def become(order: dict[str, list[str]], command: list[str]) -> None:
    """In the first process of the new namespace: confine, run the command, end with it."""
    libc.prctl(PDEATHSIG, KILL, 0, 0, 0)
    mounted(order)
    os.chdir(order["folder"][0])
    restricted(order)
    child = os.fork()
    if not child:
        os.execvp(command[0], command)
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def arguments(given: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    order: dict[str, list[str]] = {}
    while given[0] != "--":
        name, many = given[0].removeprefix("--"), int(given[1])
        order[name], given = given[2 : 2 + many], given[2 + many :]
    return order, given[1:]


def main() -> None:
    """Never returns: the interpreter is not wound up, which takes a while."""
    order, command = arguments(sys.argv[1:])
    libc.prctl(PDEATHSIG, KILL, 0, 0, 0)
    try:
        unshared(order)
        child = os.fork()
        if not child:
            become(order, command)
    except (Refused, OSError) as error:
        os.write(2, f"spark: the sandbox could not be set up: {error}\n".encode())
        os._exit(125)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(code if code >= 0 else 128 - code)
