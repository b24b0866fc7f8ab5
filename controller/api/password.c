/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/api/password.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* More wait for seconds: whoever comes then had better try again. */
#define WAITING_MAX 64

struct queue {
	struct password_job *first, **last;
};

struct password_worker {
	pthread_t thread;
	bool runs;
	int ready; /* An eventfd: something is in 'finished'. */
	struct event *event;

	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct queue waiting, finished;
	size_t n; /* Waiting. */
	bool stop;
};

static void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void queue_add(struct queue *queue, struct password_job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
}

static struct password_job *queue_take(struct queue *queue)
{
	struct password_job *job = queue->first;

	if (job)
		queue->first = job->next;
	if (!queue->first)
		queue->last = &queue->first;
	return job;
}

static void work(struct password_job *job)
{
	size_t length = strlen(job->password);

	if (job->hash) {
		job->verified = crypto_pwhash_str_verify(job->hash, job->password, length) == 0;
	} else {
		job->hash = mem_alloc(crypto_pwhash_STRBYTES);
		if (crypto_pwhash_str(job->hash, job->password, length,
				      crypto_pwhash_OPSLIMIT_INTERACTIVE,
				      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
			abort(); /* No memory. */
	}
	sodium_memzero(job->password, length);
}

static void *run(void *data)
{
	static const uint64_t one = 1;
	struct password_worker *worker = data;
	struct password_job *job;

	pthread_mutex_lock(&worker->mutex);
	while (!worker->stop) {
		job = queue_take(&worker->waiting);
		if (!job) {
			pthread_cond_wait(&worker->wake, &worker->mutex);
			continue;
		}
		worker->n--;
		pthread_mutex_unlock(&worker->mutex);
		work(job);
		pthread_mutex_lock(&worker->mutex);
		queue_add(&worker->finished, job);
		/* Its counter is far from full: this cannot fail. */
		if (write(worker->ready, &one, sizeof(one)) != sizeof(one))
			abort();
	}
	pthread_mutex_unlock(&worker->mutex);
	return NULL;
}

static void on_ready(evutil_socket_t fd, short what, void *data)
{
	struct password_worker *worker = data;
	struct password_job *job;
	uint64_t n;

	(void)what;
	if (read((int)fd, &n, sizeof(n)) < 0)
		return;
	for (;;) {
		pthread_mutex_lock(&worker->mutex);
		job = queue_take(&worker->finished);
		pthread_mutex_unlock(&worker->mutex);
		if (!job)
			return;
		job->done(job->data);
	}
}

/* Signals are the loop's. */
static int start(struct password_worker *worker, struct err *err)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&worker->thread, NULL, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return err_errno(err, -failed, "a thread for passwords");
	worker->runs = true;
	return 0;
}

int password_worker_new(struct event_base *base, struct password_worker **ret, struct err *err)
{
	struct password_worker *worker = mem_alloc(sizeof(*worker));

	queue_init(&worker->waiting);
	queue_init(&worker->finished);
	pthread_mutex_init(&worker->mutex, NULL);
	pthread_cond_init(&worker->wake, NULL);
	worker->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sodium_init() < 0)
		err_set(err, -EIO, "libsodium cannot be used");
	else if (worker->ready < 0)
		err_errno(err, -errno, "an eventfd");
	else if (start(worker, err) == 0)
		worker->event =
			event_new(base, worker->ready, EV_READ | EV_PERSIST, on_ready, worker);
	if (worker->event && event_add(worker->event, NULL) == 0) {
		*ret = worker;
		return 0;
	}
	password_worker_free(worker);
	return err->code ? err->code : err_set(err, -ENOMEM, "the event loop takes no more");
}

void password_worker_free(struct password_worker *worker)
{
	if (!worker)
		return;
	if (worker->runs) {
		pthread_mutex_lock(&worker->mutex);
		worker->stop = true;
		pthread_cond_signal(&worker->wake);
		pthread_mutex_unlock(&worker->mutex);
		pthread_join(worker->thread, NULL);
	}
	if (worker->event)
		event_free(worker->event);
	close_fd(&worker->ready);
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->mutex);
	free(worker);
}

int password_submit(struct password_worker *worker, struct password_job *job, struct err *err)
{
	int ret = 0;

	pthread_mutex_lock(&worker->mutex);
	if (worker->n >= WAITING_MAX) {
		ret = -EBUSY;
	} else {
		worker->n++;
		queue_add(&worker->waiting, job);
		pthread_cond_signal(&worker->wake);
	}
	pthread_mutex_unlock(&worker->mutex);
	return ret < 0 ? err_set(err, ret, "too many logins at once") : 0;
}

void password_job_clear(struct password_job *job)
{
	if (job->password)
		sodium_memzero(job->password, strlen(job->password));
	free(job->password);
	free(job->hash);
	*job = (struct password_job){ 0 };
}

/* Of the usual cost, with salt and hash of zeroes. */
const char *password_nobody(void)
{
	return "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
	       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}
