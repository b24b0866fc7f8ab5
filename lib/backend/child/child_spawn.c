/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void reset_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction ignored = { .sa_handler = SIG_IGN };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &plain, NULL);
	/* A reload that is asked for between exec and the program's own handler must not end it;
	 * the program is still to read its files then. */
	sigaction(SIGHUP, &ignored, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What is missing from the bounding set is not gained by exec, not even by root. */
static void limit_capabilities(uint64_t capabilities)
{
	for (unsigned long number = 0; number < 64; number++)
		if (!(capabilities & UINT64_C(1) << number))
			prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
	if (capabilities != CHILD_CAPABILITIES_ALL)
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* In the new process. */
static void __attribute__((__noreturn__))
become(const char *const *argv, const char *variable, int output, int gate)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C";
	char *environment[] = { path, lang, (char *)variable, NULL };
	int null = open("/dev/null", O_RDONLY), why;
	char go;

	reset_signals();
	setsid();
	umask(077);
	/* The gate becomes 3, so that everything above it can go. */
	if (null < 0 || chdir("/") < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0)
		_exit(127);
	if (gate != 3 && dup2(gate, 3) < 0)
		_exit(127);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	close_range(4, ~0U, 0);

	if (read(3, &go, 1) != 1)
		_exit(127);
	execve(argv[0], (char *const *)argv, environment);
	why = errno;
	if (write(3, &why, sizeof(why)) < 0)
		_exit(126);
	_exit(127);
}

/* 'fd' or a copy of it above 3, which become() does not overwrite. */
static int above(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);

	close(fd);
	return copy;
}

pid_t child_spawn(const char *const *argv, const char *variable, int output, uint64_t capabilities,
		  int *gate, struct err *err)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, -errno, "socketpair");
	ends[0] = above(ends[0]);
	ends[1] = above(ends[1]);
	pid = fork();
	if (pid == 0) {
		/* Ours of the two must not stay open here, or the gate would never be seen
		 * closing. */
		close(ends[0]);
		limit_capabilities(capabilities);
		become(argv, variable, fcntl(output, F_DUPFD_CLOEXEC, 10), ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		pid = err_errno(err, -errno, "fork");
		close(ends[0]);
		return pid;
	}
	*gate = ends[0];
	return pid;
}

int child_spawn_go(int gate, struct err *err)
{
	AUTO(close_fd) int fd = gate;
	int why = 0;
	ssize_t length;

	if (send(fd, "", 1, MSG_NOSIGNAL) != 1)
		return err_errno(err, -errno, "exec");
	/* Ends at once: exec closes the other end, or its failure comes. */
	do {
		length = read(fd, &why, sizeof(why));
	} while (length < 0 && errno == EINTR);
	if (length == (ssize_t)sizeof(why))
		return err_errno(err, -why, "exec");
	return 0;
}
