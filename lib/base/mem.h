/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mem.h - one owner, one way out: cleanup attributes and allocation that cannot fail.
 *
 * Memory that cannot be had ends the process: it starts again, reads its document and the kernel,
 * and converges. Sizes that come from outside are limited where they come in. */
#ifndef WEFT_BASE_MEM_H
#define WEFT_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Runs 'fn' on the address of the variable at the end of its scope. */
#define AUTO(fn) __attribute__((__cleanup__(fn)))

/* Moves ownership out of 'ptr', which is NULL afterwards. */
#define STEAL(ptr)                               \
	(__extension__({                         \
		__typeof__(ptr) stolen_ = (ptr); \
		(ptr) = NULL;                    \
		stolen_;                         \
	}))

#define PRINTF(format, first) __attribute__((__format__(__printf__, format, first)))
#define ARRAY_SIZE(array)     (sizeof(array) / sizeof((array)[0]))

#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* As the C library's, but they never return NULL. */
void *mem_alloc(size_t size); /* Zeroed. */
void *mem_room(size_t size);  /* Not zeroed: for what is read into. */
void *mem_array(size_t n, size_t size);
void *mem_copy(const void *from, size_t size);
char *mem_text(const char *text); /* NULL gives NULL. */
char *mem_text_n(const char *text, size_t length);
char *mem_format(const char *format, ...) PRINTF(1, 2);
char *mem_vformat(const char *format, va_list args) PRINTF(1, 0);

/* Makes room in '*array', which holds '*room' elements of 'size' bytes, for 'need' of them; grows
 * by half at least. */
void mem_grow(void *array, size_t *room, size_t need, size_t size);

/* For AUTO(): frees what a pointer points to, closes a file descriptor if it is not negative. */
void free_ptr(void *ptr_to_ptr);
void close_fd(const int *fd);

#endif
