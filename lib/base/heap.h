/* SPDX-License-Identifier: GPL-2.0-or-later */
/* heap.h - where a daemon's memory comes from.
 *
 * Reading or writing a document makes a JSON tree ten times its size, which goes again at once. In
 * one heap the objects that stay would lie scattered over its pages and hold them all; JSON has
 * a heap of its own, whose pages go back. */
#ifndef WEFT_BASE_HEAP_H
#define WEFT_BASE_HEAP_H

/* To be called before anything has used jansson. */
void heap_begin(void);

/* Gives freed pages back: after something large, when there is a moment. */
void heap_trim(void);

#endif
