/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "controller/cli/cli.h"

/* Keys and chains of certificates. */
#define SECRET_MAX 131072

static int read_all(int fd, char *text, bool line)
{
	size_t length = 0;
	ssize_t n;

	while (length < SECRET_MAX && (n = read(fd, text + length, SECRET_MAX - length)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		length += (size_t)n;
		if (line && memchr(text, '\n', length))
			break;
	}
	if (length == SECRET_MAX)
		return -EFBIG;
	if (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return strlen(text) == length ? 0 : -EILSEQ;
}

/* Nobody looks over the shoulder. */
static int read_terminal(char *text, const char *what)
{
	struct termios before, quiet;
	int done;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return -errno;
	fprintf(stderr, "%s: ", what);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	done = read_all(STDIN_FILENO, text, true);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return done;
}

static int read_file(const char *path, char *text)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_all(fd, text, false);
}

char *secret_read(const char *from, const char *what)
{
	char *text = mem_alloc(SECRET_MAX + 1);
	int done;

	if (*from == '@')
		done = read_file(from + 1, text);
	else if (strcmp(from, "-") != 0)
		done = -EINVAL;
	else if (isatty(STDIN_FILENO))
		done = read_terminal(text, what);
	else
		done = read_all(STDIN_FILENO, text, false);
	if (done == 0)
		return text;
	if (done == -EINVAL)
		cli_refuse("%s: a password is given as @FILE, or as - for standard input", what);
	else
		cli_refuse("%s: %s", *from == '@' ? from + 1 : "standard input", strerror(-done));
	secret_free(&text);
	return NULL;
}

void secret_free(char **secret)
{
	if (*secret)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}
