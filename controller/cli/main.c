/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <locale.h>

#include "controller/cli/cli.h"

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	return cli_main(argc, argv);
}
