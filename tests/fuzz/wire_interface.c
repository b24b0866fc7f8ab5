/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as an interface's definition. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/wire/interface.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(free_ptr) char *text = mem_text_n((const char *)data, size);
	AUTO(free_ptr) char *name = NULL;
	struct err err = ERR_NONE;

	wire_interface_read(text, &name, NULL, NULL, &err);
	err_clear(&err);
	return 0;
}
