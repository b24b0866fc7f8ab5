/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/document/manual.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/field_value.h"
#include "lib/base/text.h"

/* Plain text for troff: no escapes, no line that begins as a request. */
static void add_plain(struct text *text, const char *plain)
{
	for (const char *at = plain; *at; at++) {
		bool begins = at == plain || at[-1] == '\n';

		if (begins && (*at == '.' || *at == '\''))
			text_add(text, "\\&");
		if (*at == '\\')
			text_add(text, "\\e");
		else if (*at == '-')
			text_add(text, "\\-");
		else
			text_add_n(text, at, 1);
	}
}

static void add_choices(struct text *text, const struct field *field)
{
	for (size_t i = 0; field->choices[i]; i++) {
		const char *between = ", ";

		if (i == 0)
			between = "";
		else if (!field->choices[i + 1])
			between = " or ";
		text_add(text, between);
		add_plain(text, field->choices[i]);
	}
}

static void add_type(struct text *text, const struct field *field)
{
	struct field element;

	switch (field->type) {
	case FIELD_TEXT:
		text_add(text, field->secret ? "text, secret" : "text");
		break;
	case FIELD_UUID:
		text_add(text, "uuid");
		break;
	case FIELD_REFERENCE:
		text_format(text, "uuid of one of \\fI%s\\fR", field->target);
		break;
	case FIELD_BOOL:
		text_add(text, "true or false");
		break;
	case FIELD_NUMBER:
		text_format(text, "%lld to %lld", (long long)field->min, (long long)field->max);
		break;
	case FIELD_IP:
		text_add(text, "address");
		break;
	case FIELD_PREFIX:
		text_add(text, "address/length");
		break;
	case FIELD_MAC:
		text_add(text, "MAC address");
		break;
	case FIELD_PORTS:
		text_add(text, field->max == 1 ? "port" : "port or range of ports");
		break;
	case FIELD_CHOICE:
		add_choices(text, field);
		break;
	case FIELD_BASE64:
		text_add(text, "base64");
		break;
	case FIELD_RECORD:
		text_add(text, "object");
		break;
	case FIELD_LIST:
		element = field_element(field);
		text_add(text, "list: ");
		add_type(text, &element);
		break;
	}
	if (field->unit)
		text_format(text, " %s", field->unit);
}

/* What it is when it is left out; the sentences say it where it is no value. */
static void add_fallback(struct text *text, const struct field *field)
{
	if (field->required) {
		text_add(text, "; required");
		return;
	}
	if (field->type == FIELD_BOOL)
		text_format(text, "; %s", field->fallback ? "true" : "false");
	if (field->type == FIELD_NUMBER && field->fallback >= field->min &&
	    (field->fallback || field->min < 0))
		text_format(text, "; %lld", (long long)field->fallback);
	if (field->type == FIELD_CHOICE && field->fallback >= 0) {
		text_add(text, "; ");
		add_plain(text, field->choices[field->fallback]);
	}
}

static void add_fields(struct text *text, const struct field *fields)
{
	for (const struct field *field = fields; field->name; field++) {
		text_format(text, ".TP\n\\fB%s\\fR (", field->name);
		add_type(text, field);
		add_fallback(text, field);
		text_add(text, ")\n");
		add_plain(text, field->doc ? field->doc : "");
		text_add(text, "\n");
		if (!field->fields)
			continue;
		text_add(text, ".RS\n");
		add_fields(text, field->fields);
		text_add(text, ".RE\n");
	}
}

static void add_heading(struct text *text, const struct manual *manual)
{
	text_add(text, ".\\\" Written from the tables of the document; do not edit.\n.TH ");
	for (const char *at = manual->name; *at; at++)
		text_format(text, "%s%c", *at == '-' ? "\\" : "", toupper((unsigned char)*at));
	text_add(text, " 5\n.SH NAME\n");
	add_plain(text, manual->name);
	text_format(text, " \\- %s\n.SH DESCRIPTION\n%s", manual->summary, manual->about);
}

char *manual_text(const struct manual *manual, const struct document_type *type)
{
	struct text text = TEXT_NONE;

	add_heading(&text, manual);
	text_add(&text, ".SH SECTIONS\n.TP\n\\fBrevision\\fR (integer, 0 or more)\n"
			"Which state this is; the program gives it back and does not look at it "
			"otherwise.\n");
	for (const struct section_type *section = type->sections; section->name; section++) {
		text_format(&text, ".SS %s (%s)\n", section->name,
			    section->single ? "one object" : "list");
		add_plain(&text, section->doc ? section->doc : "");
		text_add(&text, "\n");
		add_fields(&text, section->fields);
	}
	text_add(&text, ".SH EXAMPLE\n.nf\n");
	add_plain(&text, manual->example);
	text_format(&text, "\n.fi\n.SH SEE ALSO\n%s\n", manual->see);
	return text_take(&text);
}
