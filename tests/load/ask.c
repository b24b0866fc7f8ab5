/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ask.c - asks: connection after connection, at a rate that does not heed the answers, or so many
 * at a time. What became of each is told apart.
 *
 * It shares its processors with what it measures: epoll is told once of each connection, and tells
 * of changes only, so that whatever there is must be taken at once. */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/load/load.h"

#define EVENTS       256
#define ANSWER_BYTES 16384
#define OPEN_MOST    20000
/* Connections begun in one turn, so that answers are read in between. */
#define BEGUN_MOST 64

enum step { CONNECTING, SHAKING, SENDING, READING };

struct question {
	TAILQ_ENTRY(question) in_order; /* By 'began_us'. */
	int fd;
	enum step step;
	bool is_again; /* Its connection has had an answer. */
	SSL *tls;
	uint64_t began_us;
	size_t got;
	char answer[ANSWER_BYTES];
};

struct asking {
	const struct ask_settings *settings;
	struct ask_result *result;
	int epoll;
	uint64_t began_us, end_us;
	unsigned int n_open;
	TAILQ_HEAD(questions, question) open;
	struct questions resting; /* Of connections that have ended: memory for the next ones. */
};

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
	(void)number;
	is_over = 1;
}

static const char *request_text(const struct asking *asking)
{
	return asking->settings->keep ? "GET / HTTP/1.1\r\nHost: load\r\n\r\n"
				      : "GET / HTTP/1.1\r\nHost: load\r\nConnection: close\r\n\r\n";
}

static void end(struct asking *asking, struct question *question)
{
	TAILQ_REMOVE(&asking->open, question, in_order);
	asking->n_open--;
	SSL_free(question->tls);
	close(question->fd);
	TAILQ_INSERT_HEAD(&asking->resting, question, in_order);
}

static struct question *begin(struct asking *asking)
{
	struct question *question = TAILQ_FIRST(&asking->resting);

	if (question)
		TAILQ_REMOVE(&asking->resting, question, in_order);
	else
		question = mem_alloc(sizeof(*question));
	question->step = CONNECTING;
	question->is_again = false;
	question->tls = NULL;
	question->got = 0;
	TAILQ_INSERT_TAIL(&asking->open, question, in_order);
	asking->n_open++;
	return question;
}

static void fail(struct asking *asking, struct question *question, uint64_t *count)
{
	++*count;
	end(asking, question);
}

static void fail_errno(struct asking *asking, struct question *question, int code)
{
	struct ask_result *result = asking->result;

	if (question->step == CONNECTING && code == ECONNREFUSED)
		fail(asking, question, &result->refused);
	else if (code == ECONNRESET || code == EPIPE)
		fail(asking, question, &result->reset);
	else if (code == ETIMEDOUT)
		fail(asking, question, &result->silent);
	else
		fail(asking, question, &result->unreachable);
}

static bool tls_waits(const struct question *question, int ret)
{
	int why = SSL_get_error(question->tls, ret);

	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static void note_answer(struct asking *asking, struct question *question)
{
	struct ask_result *result = asking->result;
	uint64_t took = clock_us() - question->began_us;

	result->answered++;
	result->late += took > LATE_US;
	mem_grow(&result->took_us, &result->room, result->n_took + 1, sizeof(*result->took_us));
	result->took_us[result->n_took++] = (uint32_t)took;
}

/* -1: no page. 0: not the whole of it yet. 1: all. */
static int completeness(struct question *question)
{
	char *body, *length;

	question->answer[question->got] = '\0';
	body = strstr(question->answer, "\r\n\r\n");
	if (!body)
		return question->got == ANSWER_BYTES - 1 ? -1 : 0;
	length = strcasestr(question->answer, "content-length:");
	if (strncmp(question->answer, "HTTP/1.1 200", 12) != 0 || !length || length > body)
		return -1;
	return question->got >=
	       (size_t)(body + 4 - question->answer) + strtoul(length + 15, NULL, 10);
}

static bool is_time_over(const struct asking *asking)
{
	return is_over || (asking->end_us && clock_us() >= asking->end_us);
}

/* A connection that is kept may be ended by the server as long as nothing was answered. */
static void ended(struct asking *asking, struct question *question, bool was_reset)
{
	struct ask_result *result = asking->result;

	if (question->is_again && question->got == 0)
		fail(asking, question, &result->closed);
	else
		fail(asking, question, was_reset ? &result->reset : &result->cut);
}

static void send_some(struct asking *asking, struct question *question)
{
	const char *text = request_text(asking);
	ssize_t n = question->tls ? SSL_write(question->tls, text, (int)strlen(text))
				  : send(question->fd, text, strlen(text), MSG_NOSIGNAL);

	/* It fits into any socket's buffer. */
	if (n == (ssize_t)strlen(text))
		question->step = READING;
	else if (question->tls ? !tls_waits(question, (int)n) : n >= 0 || errno != EAGAIN)
		ended(asking, question, true);
}

static void begin_request(struct asking *asking, struct question *question)
{
	question->step = SENDING;
	question->got = 0;
	asking->result->requests++;
	send_some(asking, question);
}

static void ask_again(struct asking *asking, struct question *question)
{
	TAILQ_REMOVE(&asking->open, question, in_order);
	TAILQ_INSERT_TAIL(&asking->open, question, in_order);
	question->is_again = true;
	question->began_us = clock_us();
	begin_request(asking, question);
}

/* Whether it was all, or never will be. */
static bool take(struct asking *asking, struct question *question)
{
	int complete = completeness(question);

	if (complete == 0)
		return false;
	if (complete < 0) {
		fail(asking, question, &asking->result->wrong);
		return true;
	}
	note_answer(asking, question);
	if (asking->settings->keep && !is_time_over(asking))
		ask_again(asking, question);
	else
		end(asking, question);
	return true;
}

static void stop_reading(struct asking *asking, struct question *question, ssize_t n)
{
	if (question->tls) {
		if (!tls_waits(question, (int)n))
			ended(asking, question, errno == ECONNRESET);
	} else if (n == 0) {
		ended(asking, question, false);
	} else if (errno == ECONNRESET) {
		ended(asking, question, true);
	} else if (errno != EAGAIN) {
		fail_errno(asking, question, errno);
	}
}

static void read_all(struct asking *asking, struct question *question)
{
	for (;;) {
		size_t room = ANSWER_BYTES - 1 - question->got;
		char *at = question->answer + question->got;
		ssize_t n = question->tls ? SSL_read(question->tls, at, (int)room)
					  : recv(question->fd, at, room, 0);

		if (n <= 0) {
			stop_reading(asking, question, n);
			return;
		}
		question->got += (size_t)n;
		if (take(asking, question))
			return;
	}
}

static void shake_hands(struct asking *asking, struct question *question)
{
	int ret = SSL_connect(question->tls);

	if (ret == 1) {
		begin_request(asking, question);
	} else if (!tls_waits(question, ret)) {
		if (SSL_get_error(question->tls, ret) == SSL_ERROR_SYSCALL && errno == ECONNRESET)
			fail(asking, question, &asking->result->reset);
		else
			fail(asking, question, &asking->result->untrusted);
	}
}

static int error_of(const struct question *question)
{
	int code = 0;
	socklen_t length = sizeof(code);

	getsockopt(question->fd, SOL_SOCKET, SO_ERROR, &code, &length);
	return code;
}

static void connected(struct asking *asking, struct question *question)
{
	if (question->tls) {
		question->step = SHAKING;
		shake_hands(asking, question);
	} else {
		begin_request(asking, question);
	}
}

static void step(struct asking *asking, struct question *question, uint32_t events)
{
	int code = events & EPOLLERR ? error_of(question) : 0;

	if (code) {
		if (question->step == CONNECTING || code != ECONNRESET)
			fail_errno(asking, question, code);
		else
			ended(asking, question, true);
		return;
	}
	switch (question->step) {
	case CONNECTING:
		connected(asking, question);
		break;
	case SHAKING:
		shake_hands(asking, question);
		break;
	case SENDING:
		send_some(asking, question);
		break;
	case READING:
		read_all(asking, question);
		break;
	}
}

static int socket_from(const struct asking *asking)
{
	const struct ask_settings *settings = asking->settings;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1, no = 0;
	struct sockaddr_in from = { .sin_family = AF_INET };

	if (fd < 0)
		return fd;
	/* The request is the answer to the handshake: a packet less. */
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &no, sizeof(no));
	if (!settings->source.s_addr)
		return fd;
	from.sin_addr.s_addr = htonl(ntohl(settings->source.s_addr) +
				     (uint32_t)(asking->result->connections % settings->n_sources));
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0)
		return fd;
	close(fd);
	return -1;
}

static void connect_one(struct asking *asking)
{
	const struct ask_settings *settings = asking->settings;
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	struct question *question;
	int fd;

	if (asking->n_open >= OPEN_MOST || (fd = socket_from(asking)) < 0) {
		asking->result->unsent++;
		return;
	}
	question = begin(asking);
	question->fd = fd;
	question->began_us = clock_us();
	event.data.ptr = question;
	asking->result->connections++;
	if (settings->tls) {
		question->tls = SSL_new(settings->tls);
		SSL_set_fd(question->tls, fd);
	}
	if (connect(fd, (const struct sockaddr *)&settings->to, sizeof(settings->to)) < 0 &&
	    errno != EINPROGRESS)
		fail_errno(asking, question, errno);
	else
		epoll_ctl(asking->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* What is due by now is begun; how long until the next one, in milliseconds. */
static int begin_due(struct asking *asking)
{
	const struct ask_settings *settings = asking->settings;
	uint64_t due, begun = asking->result->connections + asking->result->unsent;
	unsigned int n = 0;

	if (is_time_over(asking))
		return 100;
	if (settings->rate) {
		due = (clock_us() - asking->began_us) * settings->rate / 1000000;
		for (; begun < due && n < BEGUN_MOST; begun++, n++)
			connect_one(asking);
		return begun < due ? 0 : 1;
	}
	while (asking->n_open < settings->parallel && n++ < BEGUN_MOST)
		connect_one(asking);
	return asking->n_open < settings->parallel ? 0 : 100;
}

static void give_up_old(struct asking *asking)
{
	uint64_t now = clock_us();
	struct question *oldest;

	while ((oldest = TAILQ_FIRST(&asking->open)) && now - oldest->began_us > PATIENCE_US)
		fail(asking, oldest, &asking->result->silent);
}

int ask(const struct ask_settings *settings, struct ask_result *result)
{
	struct asking asking = { .settings = settings, .result = result };
	struct epoll_event events[EVENTS];
	struct question *question;

	*result = (struct ask_result){ 0 };
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL. */
	TAILQ_INIT(&asking.open);
	TAILQ_INIT(&asking.resting);
	asking.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (asking.epoll < 0)
		return -errno;
	asking.began_us = clock_us();
	if (settings->seconds > 0)
		asking.end_us = asking.began_us + (uint64_t)(settings->seconds * 1e6);
	while (!is_time_over(&asking) || asking.n_open) {
		int wait_ms = begin_due(&asking);
		int n = epoll_wait(asking.epoll, events, EVENTS, wait_ms);

		for (int i = 0; i < n; i++)
			step(&asking, events[i].data.ptr, events[i].events);
		give_up_old(&asking);
		if (!is_time_over(&asking))
			result->seconds = (double)(clock_us() - asking.began_us) / 1e6;
	}
	close(asking.epoll);
	while ((question = TAILQ_FIRST(&asking.resting))) {
		TAILQ_REMOVE(&asking.resting, question, in_order);
		free(question);
	}
	return 0;
}
