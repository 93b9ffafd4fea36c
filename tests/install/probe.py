"""Things that a program which was broken into would try. One line each: what, a tab, "done" or the error. Run twice by
boot_guest.sh: as root outside the unit, where each must work, and under the unit, where none may but the first."""
import ctypes
import mmap
import os
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)


def called(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def write(path):
    def attempt():
        with open(path, 'w') as file:
            file.write('x')
        os.unlink(path)
    return attempt


def seen(path):
    def attempt():
        os.stat(path)
    return attempt


def read(path):
    def attempt():
        with open(path, 'rb') as file:
            file.read(1)
    return attempt


def family(kind, type_, protocol=0):
    return lambda: socket.socket(kind, type_, protocol).close()


def other_processes():
    if not any(name.isdigit() and int(name) != os.getpid() and int(name) == 1 for name in os.listdir('/proc')):
        raise OSError(0, 'process 1 is not seen')


def set_user_bit():
    path = '/var/lib/loadwave/probe.bit'
    with open(path, 'w'):
        pass
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


def in_child(call):
    """A namespace or a mount changes who asks: in a child, which is given up."""
    def attempt():
        inward, outward = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                call()
                os.write(outward, b'0')
            except OSError as error:
                os.write(outward, str(error.errno).encode())
            os._exit(0)
        os.waitpid(child, 0)
        code = int(os.read(inward, 10))
        if code:
            raise OSError(code, os.strerror(code))
    return attempt


class Spec(ctypes.Structure):
    _fields_ = [('s', ctypes.c_long), ('ns', ctypes.c_long)]


def set_clock():
    now = Spec()
    libc.clock_gettime(0, ctypes.byref(now))
    called(libc.clock_settime(0, ctypes.byref(now)))


class Scheduling(ctypes.Structure):
    _fields_ = [('priority', ctypes.c_int)]


ATTEMPTS = [
    ('write in its own folder', write('/var/lib/loadwave/probe.own')),
    ('write in /etc', write('/etc/probe')),
    ('write in /usr/bin', write('/usr/bin/probe')),
    ('write in /var/lib', write('/var/lib/probe')),
    ('write in /var/log', write('/var/log/probe')),
    ('write in /', write('/probe')),
    ('write in /home', write('/home/probe')),
    ('write in /dev/shm of the machine', seen('/dev/shm/boot-test-outside')),
    ('see a file in /tmp of the machine', seen('/tmp/boot-test-outside')),
    ('see a file in /home', seen('/home/boot-test-outside')),
    ('read /etc/shadow', read('/etc/shadow')),
    ('read /root/boot-test/stage', read('/root/boot-test/stage')),
    ('see the disk as a device', seen('/dev/vda')),
    ('see process 1', other_processes),
    ('read the kernel\'s log', read('/dev/kmsg')),
    ('read a setting of the kernel', read('/proc/sys/kernel/hostname')),
    ('write a setting of the kernel', lambda: open('/proc/sys/kernel/hostname', 'w').write('probe\n')),
    ('set the clock', set_clock),
    ('set the machine\'s name', lambda: called(libc.sethostname(b'probe', 5))),
    ('make a packet socket', family(socket.AF_PACKET, socket.SOCK_RAW)),
    ('make a netlink socket', family(socket.AF_NETLINK, socket.SOCK_RAW)),
    ('make a raw internet socket', family(socket.AF_INET, socket.SOCK_RAW, 1)),
    ('listen at port 80', lambda: socket.create_server(('127.0.0.1', 80)).close()),
    ('make a user namespace', in_child(lambda: called(libc.unshare(0x10000000)))),
    ('make a mount namespace', in_child(lambda: called(libc.unshare(0x00020000)))),
    ('mount', in_child(lambda: (called(libc.unshare(0x00020000)), called(libc.mount(b'none', b'/mnt', b'tmpfs', 0, None))))),
    ('change the root', in_child(lambda: os.chroot('/usr'))),
    ('become root', in_child(lambda: os.setresuid(0, 0, 0))),
    ('memory that is written and run', lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()),
    ('set the set-user bit', set_user_bit),
    ('real-time scheduling', in_child(lambda: called(libc.sched_setscheduler(0, 1, ctypes.byref(Scheduling(1)))))),
    ('look into process 1 (ptrace)', in_child(lambda: called(libc.ptrace(0x4206, 1, None, None)))),
    ('su without a password', lambda: subprocess.run(['runuser', '-u', 'daemon', 'true'], check=True, capture_output=True)),
]


def main():
    if len(sys.argv) == 1:
        with open('/dev/shm/boot-test-outside', 'w'):
            pass
    lines = []
    for name, attempt in ATTEMPTS:
        try:
            attempt()
            lines.append(f'{name}\tdone')
        except (OSError, subprocess.CalledProcessError) as error:
            lines.append(f'{name}\t{getattr(error, "strerror", None) or "refused"}')
    out = open(sys.argv[1], 'w') if len(sys.argv) > 1 else sys.stdout
    out.write('\n'.join(sorted(lines)) + '\n')


main()
