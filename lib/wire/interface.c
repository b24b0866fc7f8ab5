/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/interface.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Types may hold types; a text that nests deeper than this was not written by anyone. */
#define DEPTH_MAX 32

/* A name, where in the text it stands. */
struct word {
	const char *start;
	size_t length;
	size_t line;
};

struct words {
	struct word *items;
	size_t n, room;
};

struct reader {
	const char *at;
	size_t line;
	unsigned int depth;
	struct words members, named; /* Declared; types that were spoken of. */
	struct err *err;
};

static int read_type(struct reader *reader);

static int refuse(struct reader *reader, const char *expected)
{
	err_set(reader->err, -EINVAL, "line %zu: %s is expected", reader->line, expected);
	return -EINVAL;
}

static void skip_space(struct reader *reader)
{
	for (;; reader->at++) {
		if (*reader->at == '#')
			while (*reader->at && *reader->at != '\n')
				reader->at++;
		if (*reader->at == '\n')
			reader->line++;
		if (!*reader->at || !isspace((unsigned char)*reader->at))
			return;
	}
}

static bool accept(struct reader *reader, const char *mark)
{
	size_t length = strlen(mark);

	skip_space(reader);
	if (strncmp(reader->at, mark, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static int expect(struct reader *reader, const char *mark)
{
	return accept(reader, mark) ? 0 : refuse(reader, mark);
}

/* A run of letters, digits and what 'more' holds. */
static struct word read_word(struct reader *reader, const char *more)
{
	struct word word;

	skip_space(reader);
	word = (struct word){ reader->at, 0, reader->line };
	while (isalnum((unsigned char)*reader->at) || (*reader->at && strchr(more, *reader->at)))
		reader->at++;
	word.length = (size_t)(reader->at - word.start);
	return word;
}

static bool is_word(const struct word *word, const char *text)
{
	return word->length == strlen(text) && strncmp(word->start, text, word->length) == 0;
}

static bool same_word(const struct word *a, const struct word *b)
{
	return a->length == b->length && strncmp(a->start, b->start, a->length) == 0;
}

static void words_add(struct words *words, const struct word *word)
{
	mem_grow(&words->items, &words->room, words->n + 1, sizeof(*words->items));
	words->items[words->n++] = *word;
}

static bool words_have(const struct words *words, const struct word *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (same_word(&words->items[i], word))
			return true;
	return false;
}

static int read_field_name(struct reader *reader, struct word *ret)
{
	struct word word = read_word(reader, "_");

	if (!word.length || !isalpha((unsigned char)word.start[0]) ||
	    word.start[word.length - 1] == '_' || memmem(word.start, word.length, "__", 2))
		return refuse(reader, "a field's name");
	*ret = word;
	return 0;
}

/* "(a: int, b: string)", or where it is allowed "(one, two)"; the bracket is read already. */
static int read_list(struct reader *reader, bool enum_allowed)
{
	bool is_enum = false, first = true;
	struct word name;

	if (accept(reader, ")"))
		return 0;
	do {
		if (read_field_name(reader, &name) < 0)
			return -EINVAL;
		if (first) {
			skip_space(reader);
			is_enum = enum_allowed && *reader->at != ':';
			first = false;
		}
		if (!is_enum && (expect(reader, ":") < 0 || read_type(reader) < 0))
			return -EINVAL;
	} while (accept(reader, ","));
	return expect(reader, ")");
}

static int read_fields(struct reader *reader, bool enum_allowed)
{
	int ret;

	if (expect(reader, "(") < 0)
		return -EINVAL;
	if (reader->depth == DEPTH_MAX)
		return refuse(reader, "less nesting");
	reader->depth++;
	ret = read_list(reader, enum_allowed);
	reader->depth--;
	return ret;
}

static int read_plain_type(struct reader *reader)
{
	static const char *const basic[] = { "bool", "int", "float", "string", "object" };
	struct word word;

	skip_space(reader);
	if (*reader->at == '(')
		return read_fields(reader, true);
	word = read_word(reader, "");
	for (size_t i = 0; i < ARRAY_SIZE(basic); i++)
		if (is_word(&word, basic[i]))
			return 0;
	if (!word.length || !isupper((unsigned char)word.start[0]))
		return refuse(reader, "a type");
	words_add(&reader->named, &word);
	return 0;
}

static int read_type(struct reader *reader)
{
	bool maybe = false;

	for (;;) {
		if (accept(reader, "?")) {
			if (maybe)
				return refuse(reader, "one ?");
			maybe = true;
		} else if (accept(reader, "[]") || accept(reader, "[string]")) {
			maybe = false;
		} else {
			return read_plain_type(reader);
		}
	}
}

static int read_member_name(struct reader *reader, struct word *ret)
{
	struct word word = read_word(reader, "");

	if (!word.length || !isupper((unsigned char)word.start[0]))
		return refuse(reader, "a member's name, which begins with a capital letter");
	if (words_have(&reader->members, &word))
		return refuse(reader, "a name that is not declared already");
	words_add(&reader->members, &word);
	*ret = word;
	return 0;
}

static int read_member(struct reader *reader, wire_member_fn *found, void *data)
{
	struct word keyword = read_word(reader, ""), name;
	enum wire_member member;
	int ret;

	if (is_word(&keyword, "type"))
		member = WIRE_MEMBER_TYPE;
	else if (is_word(&keyword, "method"))
		member = WIRE_MEMBER_METHOD;
	else if (is_word(&keyword, "error"))
		member = WIRE_MEMBER_ERROR;
	else
		return refuse(reader, "type, method or error");
	if (read_member_name(reader, &name) < 0)
		return -EINVAL;
	ret = read_fields(reader, member == WIRE_MEMBER_TYPE);
	if (ret == 0 && member == WIRE_MEMBER_METHOD)
		ret = expect(reader, "->") < 0 ? -EINVAL : read_fields(reader, false);
	if (ret == 0 && found) {
		AUTO(free_ptr) char *text = mem_text_n(name.start, name.length);

		found(member, text, data);
	}
	return ret;
}

/* "io.weft.VRouter": parts of letters, digits and inner hyphens; two at least. */
static bool is_interface_name(const struct word *word)
{
	const char *end = word->start + word->length;
	size_t parts = 1;

	if (!word->length || !isalpha((unsigned char)word->start[0]) || word->length > 255)
		return false;
	for (const char *at = word->start; at < end; at++) {
		bool bounded = at > word->start && at + 1 < end && isalnum((unsigned char)at[-1]) &&
			       isalnum((unsigned char)at[1]);

		if (*at == '.' && !bounded)
			return false;
		if (*at == '-' && (at + 1 == end || at[-1] == '.' || at[1] == '.'))
			return false;
		parts += *at == '.';
	}
	return parts > 1;
}

static int read_interface(struct reader *reader, char **name, wire_member_fn *found, void *data)
{
	struct word keyword = read_word(reader, ""), called;

	if (!is_word(&keyword, "interface"))
		return refuse(reader, "interface NAME");
	called = read_word(reader, ".-");
	if (!is_interface_name(&called))
		return refuse(reader, "the interface's name");
	for (skip_space(reader); *reader->at; skip_space(reader))
		if (read_member(reader, found, data) < 0)
			return -EINVAL;
	for (size_t i = 0; i < reader->named.n; i++) {
		const struct word *type = &reader->named.items[i];

		if (!words_have(&reader->members, type))
			return err_set(reader->err, -EINVAL, "line %zu: %.*s is not declared",
				       type->line, (int)type->length, type->start);
	}
	if (name)
		*name = mem_text_n(called.start, called.length);
	return 0;
}

int wire_interface_read(const char *text, char **name, wire_member_fn *found, void *data,
			struct err *err)
{
	struct reader reader = { .at = text, .line = 1, .err = err };
	int ret = read_interface(&reader, name, found, data);

	free(reader.members.items);
	free(reader.named.items);
	return ret;
}
