/* SPDX-License-Identifier: MIT */
/*
 * The table of what is tried, and what is to happen in each process.
 * Check-only.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>

#include "probe.h"

#define OK	PROBE_OK
#define KILLED	PROBE_KILLED

#define A(p)	((long)(uintptr_t)(p))
#define CALL(name, nr, w, g, b, ...)					\
	{ name, PROBE_FINAL, w, g, b, nr, { __VA_ARGS__ }, NULL }
#define BOOT(name, nr, w, g, b, ...)					\
	{ name, PROBE_BOOT, w, g, b, nr, { __VA_ARGS__ }, NULL }
#define ALL(name, nr, all, ...)	CALL(name, nr, all, all, all, __VA_ARGS__)
#define ACT(name, w, g, b, act)						\
	{ name, PROBE_FINAL, w, g, b, PROBE_NO_CALL, { 0 }, act }
#define ACT_BOOT(name, w, g, b, act)					\
	{ name, PROBE_BOOT, w, g, b, PROBE_NO_CALL, { 0 }, act }

static char		 passwd[] = "/etc/passwd";
static char		 created[] = "/tmp/jhe-mcp-probe";
static char		 nothing[] = "";
static char		 letter[] = "x";
static char		 scratch[4096];
static int		 one = 1;
static int		 word;
static char		*no_strings[] = { NULL };
static char		 shell[] = "/bin/sh";
static struct rlimit	 limit = { 1, 1 };
static struct sockaddr_in loopback = { .sin_family = AF_INET };
static uint64_t		 how[3];

const struct probe_row probe_rows[] = {
	/* Ways out and in. */
	ALL("socket", SYS_socket, KILLED, AF_INET, SOCK_STREAM, 0),
	ALL("socket (unix)", SYS_socket, KILLED, AF_UNIX, SOCK_STREAM, 0),
	CALL("socketpair", SYS_socketpair, KILLED, KILLED, ENOSYS,
	    AF_UNIX, SOCK_STREAM, 0, A(scratch)),
	CALL("connect", SYS_connect, KILLED, KILLED, EINPROGRESS,
	    PROBE_TCP, A(&loopback), sizeof(loopback)),
	ALL("bind", SYS_bind, KILLED, PROBE_TCP, A(&loopback),
	    sizeof(loopback)),
	ALL("listen", SYS_listen, KILLED, PROBE_TCP, 1),
#ifdef SYS_accept
	ALL("accept", SYS_accept, KILLED, PROBE_TCP, 0, 0),
#endif
	ALL("accept4", SYS_accept4, KILLED, PROBE_TCP, 0, 0, 0),
	ALL("sendto (fast open)", SYS_sendto, EPERM, PROBE_TCP, A(letter), 1,
	    MSG_FASTOPEN | MSG_NOSIGNAL, A(&loopback), sizeof(loopback)),
	ALL("sendto (an address)", SYS_sendto, EPERM, PROBE_TCP, A(letter),
	    1, MSG_NOSIGNAL, A(&loopback), sizeof(loopback)),
	ALL("sendmsg (fast open)", SYS_sendmsg, EPERM, PROBE_TCP, A(scratch),
	    MSG_FASTOPEN | MSG_NOSIGNAL),
	ALL("sendmmsg", SYS_sendmmsg, ENOSYS, PROBE_TCP, A(scratch), 1, 0),
	CALL("setsockopt (ULP)", SYS_setsockopt, ENOSYS, ENOSYS, EPERM,
	    PROBE_TCP, IPPROTO_TCP, TCP_ULP, A(letter), 1),
	CALL("setsockopt (no delay)", SYS_setsockopt, ENOSYS, ENOSYS, OK,
	    PROBE_TCP, IPPROTO_TCP, TCP_NODELAY, A(&one), sizeof(one)),
	ALL("getsockopt (peer)", SYS_getsockopt, EPERM, PROBE_PAIR_A,
	    SOL_SOCKET, SO_PEERCRED, A(scratch), A(scratch + 100)),

	/* Other programs, processes, threads. */
	ALL("execve", SYS_execve, KILLED, A(shell), A(no_strings),
	    A(no_strings)),
	ALL("execveat", SYS_execveat, KILLED, PROBE_MEMORY, A(nothing),
	    A(no_strings), A(no_strings), AT_EMPTY_PATH),
#ifdef SYS_fork
	ALL("fork", SYS_fork, KILLED, 0),
	ALL("vfork", SYS_vfork, KILLED, 0),
#endif
	ALL("clone", SYS_clone, KILLED, SIGCHLD, 0),
	ALL("clone (thread)", SYS_clone, KILLED,
	    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD),
	ALL("clone3", SYS_clone3, KILLED, A(scratch), 64),
	ACT("clone (by libc's fork)", KILLED, KILLED, KILLED, act_libc_fork),
	/* No name where libc holds signals back: the kernel kills at once. */
	ACT("(libc's system)", KILLED, KILLED, KILLED, act_libc_system),
	ACT("(libc's thread)", KILLED, KILLED, KILLED, act_libc_thread),

	/* Hands on others. */
	ALL("ptrace", SYS_ptrace, KILLED, PTRACE_ATTACH, PROBE_PARENT, 0, 0),
	ALL("ptrace (me)", SYS_ptrace, KILLED, PTRACE_TRACEME, 0, 0, 0),
	ALL("process_vm_readv", SYS_process_vm_readv, KILLED, PROBE_PARENT,
	    0, 0, 0, 0, 0),
	ALL("process_vm_writev", SYS_process_vm_writev, KILLED, PROBE_PARENT,
	    0, 0, 0, 0, 0),
	ALL("kill", SYS_kill, KILLED, PROBE_PARENT, 0),
	ALL("kill (own group)", SYS_kill, KILLED, 0, 0),
	ALL("kill (oneself)", SYS_kill, KILLED, PROBE_SELF, 0),
	ALL("tkill", SYS_tkill, KILLED, PROBE_PARENT, 0),
	ALL("tgkill (other)", SYS_tgkill, EPERM, PROBE_PARENT, PROBE_PARENT,
	    0),
	ALL("tgkill (oneself)", SYS_tgkill, OK, PROBE_SELF, PROBE_SELF, 0),
	ALL("rt_sigqueueinfo", SYS_rt_sigqueueinfo, KILLED, PROBE_PARENT, 0,
	    A(scratch)),
	ALL("pidfd_open", SYS_pidfd_open, KILLED, PROBE_PARENT, 0),
	ALL("pidfd_getfd", SYS_pidfd_getfd, KILLED, PROBE_PAIR_A, 0, 0),
	ALL("prlimit64 (other)", SYS_prlimit64, EPERM, PROBE_PARENT,
	    RLIMIT_NOFILE, 0, A(scratch)),
	ALL("prlimit64 (set)", SYS_prlimit64, EPERM, 0, RLIMIT_NOFILE,
	    A(&limit), 0),
	ALL("prlimit64 (read)", SYS_prlimit64, OK, 0, RLIMIT_NOFILE, 0,
	    A(scratch)),
	ALL("kcmp", SYS_kcmp, KILLED, PROBE_PARENT, PROBE_PARENT, 0, 0, 0),

	/* Files. */
#ifdef SYS_open
	ALL("open", SYS_open, EACCES, A(passwd), O_RDONLY),
	ALL("creat", SYS_creat, EACCES, A(created), 0600),
	ALL("stat", SYS_stat, EACCES, A(passwd), A(scratch)),
	ALL("access", SYS_access, EACCES, A(passwd), 0),
	ALL("unlink", SYS_unlink, ENOSYS, A(created)),
	ALL("mkdir", SYS_mkdir, ENOSYS, A(created), 0700),
#endif
	ALL("openat", SYS_openat, EACCES, AT_FDCWD, A(passwd), O_RDONLY),
	ALL("openat (a directory)", SYS_openat, EACCES, PROBE_DIRECTORY,
	    A(passwd + 1), O_RDONLY),
	ALL("openat2", SYS_openat2, EACCES, AT_FDCWD, A(passwd), A(how),
	    sizeof(how)),
	ALL("newfstatat", SYS_newfstatat, EACCES, AT_FDCWD, A(passwd),
	    A(scratch), 0),
	ALL("statx", SYS_statx, EACCES, AT_FDCWD, A(passwd), 0, 0,
	    A(scratch)),
	ALL("truncate", SYS_truncate, ENOSYS, A(created), 0),
	ALL("renameat2", SYS_renameat2, ENOSYS, AT_FDCWD, A(passwd),
	    AT_FDCWD, A(created), 0),
	ALL("getdents64", SYS_getdents64, ENOSYS, PROBE_DIRECTORY,
	    A(scratch), sizeof(scratch)),
	ALL("fchdir", SYS_fchdir, ENOSYS, PROBE_DIRECTORY),
	ALL("open_by_handle_at", SYS_open_by_handle_at, KILLED,
	    PROBE_DIRECTORY, A(scratch), 0),
	ALL("inotify_init1", SYS_inotify_init1, ENOSYS, 0),

	/* Descriptors. */
	ALL("fcntl (F_SETOWN)", SYS_fcntl, EPERM, PROBE_PAIR_A, F_SETOWN,
	    PROBE_PARENT),
	ALL("fcntl (F_SETOWN_EX)", SYS_fcntl, EPERM, PROBE_PAIR_A,
	    F_SETOWN_EX, A(scratch)),
	ALL("fcntl (F_SETSIG)", SYS_fcntl, EPERM, PROBE_PAIR_A, F_SETSIG,
	    SIGKILL),
	ALL("fcntl (O_ASYNC)", SYS_fcntl, EPERM, PROBE_PAIR_A, F_SETFL,
	    O_ASYNC | O_RDWR),
	ALL("fcntl (F_NOTIFY)", SYS_fcntl, EPERM, PROBE_DIRECTORY, F_NOTIFY,
	    1),
	ALL("fcntl (F_SETPIPE_SZ)", SYS_fcntl, EPERM, PROBE_RESULT,
	    F_SETPIPE_SZ, 1 << 20),
	ALL("fcntl (F_GETFL)", SYS_fcntl, OK, PROBE_PAIR_A, F_GETFL),
	ALL("fcntl (O_NONBLOCK)", SYS_fcntl, OK, PROBE_PAIR_A, F_SETFL,
	    O_NONBLOCK | O_RDWR),
	ALL("fcntl (F_SETFD)", SYS_fcntl, OK, PROBE_PAIR_A, F_SETFD, 1),
	ALL("ioctl (TIOCSTI)", SYS_ioctl, EPERM, 2, TIOCSTI, A(letter)),
	ALL("ioctl (FIOASYNC)", SYS_ioctl, EPERM, PROBE_PAIR_A, FIOASYNC,
	    A(&one)),
	ALL("ioctl (SIOCSPGRP)", SYS_ioctl, EPERM, PROBE_PAIR_A, SIOCSPGRP,
	    A(&one)),
	ALL("dup", SYS_dup, ENOSYS, 2),
	ALL("eventfd2", SYS_eventfd2, ENOSYS, 0, 0),
	ALL("pipe2", SYS_pipe2, ENOSYS, A(scratch), 0),
	ALL("splice", SYS_splice, ENOSYS, PROBE_PAIR_A, 0, PROBE_RESULT, 0,
	    1, 0),

	/* Code. */
	ALL("mmap (code)", SYS_mmap, EPERM, 0, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	ALL("mmap (code of a file)", SYS_mmap, EPERM, 0, 4096,
	    PROT_READ | PROT_EXEC, MAP_PRIVATE, PROBE_MEMORY, 0),
	ALL("mmap (data)", SYS_mmap, OK, 0, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	ALL("mprotect (code)", SYS_mprotect, EPERM, A(scratch), 0,
	    PROT_READ | PROT_EXEC),
	ALL("pkey_mprotect", SYS_pkey_mprotect, ENOSYS, A(scratch), 0,
	    PROT_READ | PROT_EXEC, -1),
	ALL("madvise (remove)", SYS_madvise, EPERM, A(scratch), 0,
	    MADV_REMOVE),
	ALL("shmget", SYS_shmget, ENOSYS, 0, 4096, 0600),
	CALL("memfd_create", SYS_memfd_create, OK, ENOSYS, ENOSYS,
	    A(letter), MFD_CLOEXEC | MFD_ALLOW_SEALING),
	CALL("memfd_create (huge pages)", SYS_memfd_create, EPERM, ENOSYS,
	    ENOSYS, A(letter), MFD_HUGETLB),
	ALL("personality", SYS_personality, KILLED, 0xffffffff),

	/* The kernel's large doors. */
	ALL("io_uring_setup", SYS_io_uring_setup, KILLED, 1, A(scratch)),
	ALL("io_uring_enter", SYS_io_uring_enter, KILLED, PROBE_PAIR_A, 0, 0,
	    0, 0, 0),
	ALL("bpf", SYS_bpf, KILLED, 0, A(scratch), 0),
	ALL("perf_event_open", SYS_perf_event_open, KILLED, A(scratch), 0,
	    -1, -1, 0),
	ALL("userfaultfd", SYS_userfaultfd, KILLED, 0),
	ALL("keyctl", SYS_keyctl, KILLED, 0, 0, 0),
	ALL("add_key", SYS_add_key, KILLED, A(letter), A(letter), 0, 0, 0),
	ALL("futex (lock PI)", SYS_futex, EPERM, A(&word), FUTEX_LOCK_PI, 0),
	ALL("futex (requeue)", SYS_futex, EPERM, A(&word),
	    FUTEX_CMP_REQUEUE_PI, 1, 1, A(&one), 0),
	ALL("futex (wake)", SYS_futex, OK, A(&word), FUTEX_WAKE_PRIVATE, 1),

	/* Privileges and the machine. */
	ALL("mount", SYS_mount, KILLED, 0, A(created), 0, 0, 0),
	ALL("umount2", SYS_umount2, KILLED, A(created), 0),
	ALL("pivot_root", SYS_pivot_root, KILLED, A(created), A(created)),
	ALL("unshare", SYS_unshare, KILLED, CLONE_NEWUSER),
	ALL("setns", SYS_setns, KILLED, PROBE_PAIR_A, 0),
	ALL("chroot", SYS_chroot, KILLED, A(created)),
	ALL("setuid", SYS_setuid, KILLED, 0),
	ALL("setresuid", SYS_setresuid, KILLED, 0, 0, 0),
	ALL("setgroups", SYS_setgroups, KILLED, 0, 0),
	ALL("capset", SYS_capset, KILLED, A(scratch), A(scratch)),
	ALL("prctl (dumpable)", SYS_prctl, EPERM, PR_SET_DUMPABLE, 1, 0, 0,
	    0),
	ALL("prctl (ptracer)", SYS_prctl, EPERM, PR_SET_PTRACER, -1, 0, 0,
	    0),
	ALL("seccomp", SYS_seccomp, KILLED, 1, 0, A(scratch)),
	ALL("landlock_create_ruleset", 444, ENOSYS, 0, 0, 1),
	ALL("reboot", SYS_reboot, KILLED, 0, 0, 0, 0),
	ALL("init_module", SYS_init_module, KILLED, A(scratch), 0, A(letter)),
	ALL("finit_module", SYS_finit_module, KILLED, PROBE_MEMORY,
	    A(nothing), 0),
	ALL("kexec_load", SYS_kexec_load, KILLED, 0, 0, 0, 0),
	ALL("clock_settime", SYS_clock_settime, KILLED, 0, A(scratch)),
	ALL("a number of the future", 9999, ENOSYS, 0),
#ifdef __x86_64__
	ACT("(x32)", KILLED, KILLED, KILLED, act_x32),
	ACT("(ia32)", KILLED, KILLED, KILLED, act_ia32),
#endif

	/* What must go on working. */
	ACT("malloc", OK, OK, OK, act_malloc),
	ACT("malloc (too much)", ENOMEM, ENOMEM, ENOMEM, act_malloc_limit),
	ACT("poll", OK, OK, OK, act_poll),
	ACT("send and receive", OK, OK, OK, act_pipe),
	ACT("getrandom", OK, OK, OK, act_random),
	ACT("abort", PROBE_ABORTED, PROBE_ABORTED, PROBE_ABORTED, act_abort),
	ACT("log", OK, OK, OK, act_log),
	ACT("qsort", OK, OK, OK, act_sort),
	ACT("nanosleep", OK, OK, OK, act_sleep),
	ACT("nonblock", OK, OK, OK, act_nonblock),
	ACT("stdio", OK, OK, OK, act_stdio),
	ACT("memory file", OK, ENOSYS, ENOSYS, act_memory_file),

	/* While preparing. */
	BOOT("execve", SYS_execve, KILLED, KILLED, KILLED, A(shell),
	    A(no_strings), A(no_strings)),
	BOOT("ptrace", SYS_ptrace, KILLED, KILLED, KILLED, PTRACE_ATTACH,
	    PROBE_PARENT, 0, 0),
	BOOT("kill", SYS_kill, KILLED, KILLED, KILLED, PROBE_PARENT, 0),
	BOOT("socket", SYS_socket, OK, KILLED, OK, AF_INET, SOCK_STREAM, 0),
	BOOT("socket (packet)", SYS_socket, ENOSYS, KILLED, ENOSYS, AF_PACKET,
	    SOCK_RAW, 0),
	BOOT("listen", SYS_listen, KILLED, KILLED, KILLED, PROBE_TCP, 1),
	BOOT("openat (read)", SYS_openat, OK, OK, OK, AT_FDCWD, A(passwd),
	    O_RDONLY),
	BOOT("openat (create)", SYS_openat, ENOSYS, ENOSYS, ENOSYS, AT_FDCWD,
	    A(created), O_WRONLY | O_CREAT, 0600),
	BOOT("bpf", SYS_bpf, KILLED, KILLED, KILLED, 0, A(scratch), 0),
	BOOT("io_uring_setup", SYS_io_uring_setup, KILLED, KILLED, KILLED, 1,
	    A(scratch)),
	BOOT("setuid", SYS_setuid, KILLED, KILLED, KILLED, 0),
	ACT_BOOT("libc's fork", EAGAIN, EAGAIN, EAGAIN, act_libc_fork),
	ACT_BOOT("libc's thread", EAGAIN, EAGAIN, EAGAIN, act_libc_thread),
	ACT_BOOT("malloc", OK, OK, OK, act_malloc),
};

const size_t probe_rows_count = sizeof(probe_rows) / sizeof(probe_rows[0]);
