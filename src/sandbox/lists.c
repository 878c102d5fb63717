/* SPDX-License-Identifier: MIT */
/*
 * The lists that several processes share.  Each call is here because
 * something named beside it needs it; numbers are Linux's, names those of
 * syscalls(2), including the names that other architectures use for the
 * same thing (mmap2, fcntl64, *_time64, sigreturn ...).
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <stddef.h>

#include "sandbox/sandbox.h"

#define FUTEX_FLAGS	(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
#define OPEN_WRITES	(O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)

#define ROW_FUTEX(name, op, why)					\
	SANDBOX_ALLOW_IF(name, SANDBOX_IS_BUT(1, op, FUTEX_FLAGS), why)
#define ROW_FCNTL(name, command, why)					\
	SANDBOX_ALLOW_IF(name, SANDBOX_IS(1, command), why)
#define ROW_MADVISE(advice, why)					\
	SANDBOX_ALLOW_IF("madvise", SANDBOX_IS(2, advice), why)

/*
 * Every process, after the final filter as well: open descriptors, memory
 * that cannot become code, the time, itself.
 */
const struct sandbox_rule sandbox_list_basic[] = {
	SANDBOX_ALLOW("read", "the descriptors it was given"),
	SANDBOX_ALLOW("readv", "the same"),
	SANDBOX_ALLOW("write", "the same; the log is descriptor 2"),
	SANDBOX_ALLOW("writev", "the same; libc's last words of an abort"),
	SANDBOX_ALLOW("close", "giving a descriptor up"),
	SANDBOX_ALLOW("poll", "the loop; libpq; libcurl"),
	SANDBOX_ALLOW("ppoll", "poll where there is no such call"),
	SANDBOX_ALLOW("ppoll_time64", "poll on 32 bit"),

	SANDBOX_ALLOW("brk", "malloc"),
	SANDBOX_ALLOW_IF("mmap", SANDBOX_WITHOUT(2, PROT_EXEC),
	    "malloc; never code"),
	SANDBOX_ALLOW_IF("mmap2", SANDBOX_WITHOUT(2, PROT_EXEC),
	    "mmap on 32 bit"),
	SANDBOX_ALLOW_IF("mprotect", SANDBOX_WITHOUT(2, PROT_EXEC),
	    "malloc's arenas; never code"),
	SANDBOX_ALLOW("munmap", "free"),
	SANDBOX_ALLOW("mremap", "realloc; keeps the protection"),
	ROW_MADVISE(MADV_DONTNEED, "malloc_trim"),
	ROW_MADVISE(MADV_FREE, "libraries that give memory back"),
	ROW_MADVISE(MADV_DONTDUMP, "buffers of secrets"),
	ROW_MADVISE(MADV_HUGEPAGE, "malloc, by its tunables"),
	ROW_FUTEX("futex", FUTEX_WAIT, "locks and once-only of libraries"),
	ROW_FUTEX("futex", FUTEX_WAKE, "the same"),
	ROW_FUTEX("futex", FUTEX_WAIT_BITSET, "the same"),
	ROW_FUTEX("futex", FUTEX_WAKE_BITSET, "the same"),
	ROW_FUTEX("futex_time64", FUTEX_WAIT, "futex on 32 bit"),
	ROW_FUTEX("futex_time64", FUTEX_WAKE, "the same"),
	ROW_FUTEX("futex_time64", FUTEX_WAIT_BITSET, "the same"),
	ROW_FUTEX("futex_time64", FUTEX_WAKE_BITSET, "the same"),

	ROW_FCNTL("fcntl", F_GETFL, "blocking or not"),
	SANDBOX_ALLOW_IF2("fcntl", SANDBOX_IS(1, F_SETFL),
	    SANDBOX_WITHOUT(2, O_ASYNC), "the same; no signals to owners"),
	ROW_FCNTL("fcntl", F_GETFD, "close-on-exec of received ones"),
	ROW_FCNTL("fcntl", F_SETFD, "the same"),
	ROW_FCNTL("fcntl64", F_GETFL, "fcntl on 32 bit"),
	SANDBOX_ALLOW_IF2("fcntl64", SANDBOX_IS(1, F_SETFL),
	    SANDBOX_WITHOUT(2, O_ASYNC), "the same"),
	ROW_FCNTL("fcntl64", F_GETFD, "the same"),
	ROW_FCNTL("fcntl64", F_SETFD, "the same"),
	SANDBOX_ANSWER("ioctl", EPERM, "stdio asks for a terminal"),
	SANDBOX_ANSWER("prctl", EPERM, "malloc names its memory"),

	SANDBOX_ALLOW("clock_gettime", "time, where the vDSO cannot"),
	SANDBOX_ALLOW("clock_gettime64", "the same on 32 bit"),
	SANDBOX_ALLOW("gettimeofday", "the same"),
	SANDBOX_ALLOW("time", "the same"),
	SANDBOX_ALLOW("clock_nanosleep", "waiting"),
	SANDBOX_ALLOW("clock_nanosleep_time64", "the same on 32 bit"),
	SANDBOX_ALLOW("nanosleep", "the same"),
	SANDBOX_ALLOW("restart_syscall", "waiting on after SIGCONT"),
	SANDBOX_ALLOW("getrandom", "nonces; libcrypto; hash seeds"),
	SANDBOX_ALLOW("sysinfo", "qsort asks how much memory there is"),
	SANDBOX_ALLOW_IF2("prlimit64", SANDBOX_IS(0, 0), SANDBOX_IS(2, 0),
	    "reading one's own limits"),

	SANDBOX_ALLOW("getpid", "log lines; libcrypto; abort"),
	SANDBOX_ALLOW("gettid", "abort"),
	SANDBOX_ALLOW_IF("tgkill", SANDBOX_IS_SELF(0),
	    "abort is to be an abort; nobody else"),
	SANDBOX_ALLOW("rt_sigaction", "abort; libcurl and SIGPIPE"),
	SANDBOX_ALLOW("rt_sigprocmask", "abort"),
	SANDBOX_ALLOW("rt_sigreturn", "the end of a handler"),
	SANDBOX_ALLOW("sigreturn", "the same on 32 bit"),
	SANDBOX_ALLOW("exit", "the end"),
	SANDBOX_ALLOW("exit_group", "the end"),
	SANDBOX_END
};

/*
 * Sockets that are open already.  MSG_FASTOPEN and an address would make
 * send(2) a connect(2) on a socket whose peer is gone.
 */
const struct sandbox_rule sandbox_list_stream[] = {
	SANDBOX_ALLOW("recvfrom", "recv"),
	SANDBOX_ALLOW_IF2("sendto", SANDBOX_WITHOUT(3, MSG_FASTOPEN),
	    SANDBOX_IS(4, 0), "send; to whom it is connected only"),
	SANDBOX_ALLOW("recvmsg", "messages, with their descriptors"),
	SANDBOX_ALLOW_IF("sendmsg", SANDBOX_WITHOUT(2, MSG_FASTOPEN),
	    "messages, with their descriptors"),
	SANDBOX_ALLOW("shutdown", "the last byte of an answer"),
	SANDBOX_ALLOW_IF2("getsockopt", SANDBOX_IS(1, SOL_SOCKET),
	    SANDBOX_IS(2, SO_ERROR), "why a peer is gone"),
	SANDBOX_END
};

/*
 * While preparing: look into files (no writing), and what is needed to put
 * the rest of the sandbox on.  A thread or a process is refused, not killed:
 * clone3 must answer ENOSYS or glibc does not try clone.
 */
const struct sandbox_rule sandbox_list_boot[] = {
	SANDBOX_ALLOW_IF("open", SANDBOX_WITHOUT(1, OPEN_WRITES),
	    "libraries' configuration, CA, name service; reading only"),
	SANDBOX_ALLOW_IF("openat", SANDBOX_WITHOUT(2, OPEN_WRITES),
	    "the same"),
	SANDBOX_ALLOW("fstat", "the same"),
	SANDBOX_ALLOW("fstat64", "the same"),
	SANDBOX_ALLOW("stat", "the same"),
	SANDBOX_ALLOW("stat64", "the same"),
	SANDBOX_ALLOW("lstat", "the same"),
	SANDBOX_ALLOW("lstat64", "the same"),
	SANDBOX_ALLOW("newfstatat", "the same"),
	SANDBOX_ALLOW("fstatat64", "the same"),
	SANDBOX_ALLOW("statx", "the same"),
	SANDBOX_ALLOW("fstatfs", "the same"),
	SANDBOX_ALLOW("access", "the same"),
	SANDBOX_ALLOW("faccessat", "the same"),
	SANDBOX_ALLOW("faccessat2", "the same"),
	SANDBOX_ALLOW("readlink", "the same"),
	SANDBOX_ALLOW("readlinkat", "the same"),
	SANDBOX_ALLOW("getdents64", "a directory of CA files"),
	SANDBOX_ALLOW("lseek", "stdio"),
	SANDBOX_ALLOW("_llseek", "stdio on 32 bit"),
	SANDBOX_ALLOW("pread64", "the loader of libraries"),
	SANDBOX_ALLOW("mmap", "a name service module is code"),
	SANDBOX_ALLOW("mmap2", "the same on 32 bit"),
	SANDBOX_ALLOW("mprotect", "the same"),
	SANDBOX_ALLOW("getuid", "libpq: whose home; name service"),
	SANDBOX_ALLOW("geteuid", "the same"),
	SANDBOX_ALLOW("getgid", "the same"),
	SANDBOX_ALLOW("getegid", "the same"),
	SANDBOX_ALLOW("getuid32", "the same on 32 bit"),
	SANDBOX_ALLOW("geteuid32", "the same"),
	SANDBOX_ALLOW("getgid32", "the same"),
	SANDBOX_ALLOW("getegid32", "the same"),
	SANDBOX_ALLOW("uname", "getaddrinfo's own host name"),
	SANDBOX_ALLOW("sched_getaffinity", "how many processors"),
	SANDBOX_ALLOW("sched_yield", "locks of libraries"),
	SANDBOX_ANSWER("clone3", ENOSYS, "no threads; glibc then tries clone"),
	SANDBOX_ANSWER("clone", EAGAIN, "no threads, no processes"),

	SANDBOX_ALLOW("capget", "sandbox_enter_final: which one is left"),
	SANDBOX_ALLOW("capset", "sandbox_enter_final: the last one"),
	SANDBOX_ALLOW("fchdir", "sandbox_enter_final: the empty root"),
	SANDBOX_ALLOW("chdir", "the same"),
	SANDBOX_ALLOW("chroot", "the same"),
	SANDBOX_ALLOW("landlock_create_ruleset", "sandbox_enter_final"),
	SANDBOX_ALLOW("landlock_restrict_self", "the same"),
	SANDBOX_ALLOW("seccomp", "the final filter"),
	SANDBOX_END
};

/* While preparing: resolve a name, connect. */
const struct sandbox_rule sandbox_list_network[] = {
	SANDBOX_ALLOW_IF("socket", SANDBOX_IS(0, AF_UNIX),
	    "a local database; name service"),
	SANDBOX_ALLOW_IF("socket", SANDBOX_IS(0, AF_INET),
	    "the connection; DNS"),
	SANDBOX_ALLOW_IF("socket", SANDBOX_IS(0, AF_INET6), "the same"),
	SANDBOX_ALLOW_IF2("socket", SANDBOX_IS(0, AF_NETLINK),
	    SANDBOX_IS(2, NETLINK_ROUTE), "getaddrinfo: which addresses"),
	SANDBOX_ALLOW("connect", "the connection; DNS"),
	SANDBOX_ALLOW("bind", "getaddrinfo's netlink socket"),
	SANDBOX_ALLOW("getsockname", "the same; libpq"),
	SANDBOX_ALLOW("getpeername", "libpq; libcurl"),
	SANDBOX_ALLOW("getsockopt", "how the connection went"),
	SANDBOX_ALLOW("setsockopt", "TCP_NODELAY, SO_KEEPALIVE ..."),
	SANDBOX_ALLOW("sendto", "netlink; DNS; libpq"),
	SANDBOX_ALLOW("sendmsg", "the same"),
	SANDBOX_ALLOW("sendmmsg", "DNS: A and AAAA at once"),
	SANDBOX_ALLOW("recvfrom", "netlink; DNS; libpq"),
	SANDBOX_ALLOW("recvmsg", "the same"),
	SANDBOX_ALLOW_IF("ioctl", SANDBOX_IS(1, FIONREAD),
	    "DNS: how long the answer is"),
	SANDBOX_END
};

/* A library looking for a file gets a plain no and goes on without. */
const struct sandbox_rule sandbox_list_refused[] = {
	SANDBOX_ANSWER("open", EACCES, "no file, no device"),
	SANDBOX_ANSWER("openat", EACCES, "the same"),
	SANDBOX_ANSWER("openat2", EACCES, "the same"),
	SANDBOX_ANSWER("creat", EACCES, "the same"),
	SANDBOX_ANSWER("stat", EACCES, "nor whether there is one"),
	SANDBOX_ANSWER("stat64", EACCES, "the same"),
	SANDBOX_ANSWER("lstat", EACCES, "the same"),
	SANDBOX_ANSWER("lstat64", EACCES, "the same"),
	SANDBOX_ANSWER("newfstatat", EACCES, "the same"),
	SANDBOX_ANSWER("fstatat64", EACCES, "the same"),
	SANDBOX_ANSWER("statx", EACCES, "the same"),
	SANDBOX_ANSWER("access", EACCES, "the same"),
	SANDBOX_ANSWER("faccessat", EACCES, "the same"),
	SANDBOX_ANSWER("faccessat2", EACCES, "the same"),
	SANDBOX_ANSWER("readlink", EACCES, "the same"),
	SANDBOX_ANSWER("readlinkat", EACCES, "the same"),
	SANDBOX_END
};

/*
 * Nothing in this program or its libraries calls these after the final
 * filter: whoever does is an intruder, and the process ends.
 */
const struct sandbox_rule sandbox_list_killed[] = {
	SANDBOX_KILL("socket", "no new way out"),
	SANDBOX_KILL("socketpair", "no new way out"),
	SANDBOX_KILL("connect", "no new way out"),
	SANDBOX_KILL("bind", "no new way in"),
	SANDBOX_KILL("listen", "no new way in"),
	SANDBOX_KILL("accept", "the master accepts"),
	SANDBOX_KILL("accept4", "the master accepts"),

	SANDBOX_KILL("execve", "no other program"),
	SANDBOX_KILL("execveat", "no other program"),
	SANDBOX_KILL("fork", "no other process"),
	SANDBOX_KILL("vfork", "no other process"),
	SANDBOX_KILL("clone", "no other process or thread"),
	SANDBOX_KILL("clone3", "no other process or thread"),

	SANDBOX_KILL("ptrace", "no hand on others"),
	SANDBOX_KILL("process_vm_readv", "no hand on others"),
	SANDBOX_KILL("process_vm_writev", "no hand on others"),
	SANDBOX_KILL("process_madvise", "no hand on others"),
	SANDBOX_KILL("process_mrelease", "no hand on others"),
	SANDBOX_KILL("kcmp", "no hand on others"),
	SANDBOX_KILL("kill", "no signal to others"),
	SANDBOX_KILL("tkill", "no signal to others"),
	SANDBOX_KILL("rt_sigqueueinfo", "no signal to others"),
	SANDBOX_KILL("rt_tgsigqueueinfo", "no signal to others"),
	SANDBOX_KILL("pidfd_open", "no signal to others"),
	SANDBOX_KILL("pidfd_send_signal", "no signal to others"),
	SANDBOX_KILL("pidfd_getfd", "no descriptor of others"),

	SANDBOX_KILL("bpf", "the kernel's large doors"),
	SANDBOX_KILL("io_uring_setup", "calls that no filter sees"),
	SANDBOX_KILL("io_uring_enter", "the same"),
	SANDBOX_KILL("io_uring_register", "the same"),
	SANDBOX_KILL("perf_event_open", "the kernel's large doors"),
	SANDBOX_KILL("userfaultfd", "an exploit's tool"),
	SANDBOX_KILL("add_key", "the kernel's keys"),
	SANDBOX_KILL("request_key", "the kernel's keys"),
	SANDBOX_KILL("keyctl", "the kernel's keys"),
	SANDBOX_KILL("personality", "an exploit's tool"),
	SANDBOX_KILL("modify_ldt", "an exploit's tool"),
	SANDBOX_KILL("iopl", "devices"),
	SANDBOX_KILL("ioperm", "devices"),

	SANDBOX_KILL("mount", "file systems"),
	SANDBOX_KILL("umount", "file systems"),
	SANDBOX_KILL("umount2", "file systems"),
	SANDBOX_KILL("pivot_root", "file systems"),
	SANDBOX_KILL("chroot", "the root is chosen"),
	SANDBOX_KILL("fsopen", "file systems"),
	SANDBOX_KILL("fsconfig", "file systems"),
	SANDBOX_KILL("fsmount", "file systems"),
	SANDBOX_KILL("fspick", "file systems"),
	SANDBOX_KILL("move_mount", "file systems"),
	SANDBOX_KILL("open_tree", "file systems"),
	SANDBOX_KILL("mount_setattr", "file systems"),
	SANDBOX_KILL("name_to_handle_at", "files without names"),
	SANDBOX_KILL("open_by_handle_at", "files without names"),
	SANDBOX_KILL("fanotify_init", "files of others"),
	SANDBOX_KILL("quotactl", "file systems"),
	SANDBOX_KILL("swapon", "the machine"),
	SANDBOX_KILL("swapoff", "the machine"),
	SANDBOX_KILL("unshare", "no new namespaces"),
	SANDBOX_KILL("setns", "no other namespaces"),

	SANDBOX_KILL("setuid", "nobody else"),
	SANDBOX_KILL("setgid", "nobody else"),
	SANDBOX_KILL("setreuid", "nobody else"),
	SANDBOX_KILL("setregid", "nobody else"),
	SANDBOX_KILL("setresuid", "nobody else"),
	SANDBOX_KILL("setresgid", "nobody else"),
	SANDBOX_KILL("setgroups", "nobody else"),
	SANDBOX_KILL("setfsuid", "nobody else"),
	SANDBOX_KILL("setfsgid", "nobody else"),
	SANDBOX_KILL("capset", "nothing more"),
	SANDBOX_KILL("seccomp", "the filter is final"),

	SANDBOX_KILL("init_module", "the machine"),
	SANDBOX_KILL("finit_module", "the machine"),
	SANDBOX_KILL("delete_module", "the machine"),
	SANDBOX_KILL("kexec_load", "the machine"),
	SANDBOX_KILL("kexec_file_load", "the machine"),
	SANDBOX_KILL("reboot", "the machine"),
	SANDBOX_KILL("acct", "the machine"),
	SANDBOX_KILL("syslog", "the machine"),
	SANDBOX_KILL("settimeofday", "the machine's clock"),
	SANDBOX_KILL("clock_settime", "the machine's clock"),
	SANDBOX_KILL("adjtimex", "the machine's clock"),
	SANDBOX_KILL("clock_adjtime", "the machine's clock"),
	SANDBOX_KILL("sethostname", "the machine's name"),
	SANDBOX_KILL("setdomainname", "the machine's name"),
	SANDBOX_END
};
