/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void)
{
	static const char said[] = "out of memory\n";

	if (write(STDERR_FILENO, said, sizeof(said) - 1) < 0)
		abort();
	abort();
}

void *mem_alloc(size_t size)
{
	return mem_array(1, size);
}

/* Large memory that must be zero is given back to the kernel and comes anew, page by page. */
void *mem_room(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *mem_array(size_t n, size_t size)
{
	void *ptr = calloc(n ? n : 1, size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *mem_copy(const void *from, size_t size)
{
	void *ptr = mem_alloc(size);

	if (size)
		memcpy(ptr, from, size);
	return ptr;
}

char *mem_text(const char *text)
{
	return text ? mem_copy(text, strlen(text) + 1) : NULL;
}

char *mem_text_n(const char *text, size_t length)
{
	char *copy = mem_alloc(length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *mem_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vformat(format, args);
	va_end(args);
	return text;
}

char *mem_vformat(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	return text;
}

void mem_grow(void *array, size_t *room, size_t need, size_t size)
{
	void **ptr = array;
	size_t want = *room + *room / 2;
	void *grown;

	if (need <= *room)
		return;
	if (want < need)
		want = need;
	if (want < 8)
		want = 8;
	if (want > SIZE_MAX / size)
		out_of_memory();
	grown = realloc(*ptr, want * size);
	if (!grown)
		out_of_memory();
	*ptr = grown;
	*room = want;
}

void free_ptr(void *ptr_to_ptr)
{
	void **ptr = ptr_to_ptr;

	free(*ptr);
}

void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
