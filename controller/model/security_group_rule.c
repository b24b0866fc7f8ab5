/* SPDX-License-Identifier: GPL-2.0-or-later */
/* security_group_rule: traffic that a group lets through. */
#include "controller/model/parts.h"

static const char *const directions[] = { "ingress", "egress", NULL };
static const char *const protocols[] = { "all", "tcp", "udp", "icmp", NULL };

#define AT(member) offsetof(struct security_group_rule, member)

/* What is let through. */
#define RULE_FIELDS                                                                                \
	{ "direction",                                                                             \
	  FIELD_CHOICE,                                                                            \
	  AT(direction),                                                                           \
	  .required = true,                                                                        \
	  .choices = directions,                                                                   \
	  .immutable = true,                                                                       \
	  .doc = "Into the guest, or out of it." },                                                \
		{ "protocol",                                                                      \
		  FIELD_CHOICE,                                                                    \
		  AT(protocol),                                                                    \
		  .required = true,                                                                \
		  .choices = protocols,                                                            \
		  .immutable = true,                                                               \
		  .doc = "Of the traffic." },                                                      \
		{ "start_port",      FIELD_NUMBER,                                                 \
		  AT(start_port),    .min = -1,                                                    \
		  .max = 65535,      .fallback = RULE_PORT_NONE,                                   \
		  .immutable = true, .doc = "Of tcp and udp: the first port; of icmp -1." },       \
		{ "end_port",        FIELD_NUMBER,                                                 \
		  AT(end_port),      .min = -1,                                                    \
		  .max = 65535,      .fallback = RULE_PORT_NONE,                                   \
		  .immutable = true, .doc = "Of tcp and udp: the last port; of icmp -1." },        \
		{ "cidr", FIELD_PREFIX, AT(cidr), .immutable = true,                               \
		  .doc = "Only these on the other side; with source_group those that are both." }, \
	{                                                                                          \
		"source_group", FIELD_REFERENCE, AT(source_group),                                 \
			.target = "security_group", .immutable = true, .at_end = FIELD_FOLLOWS,    \
			.doc = "Only members of that group on the other side."                     \
	}

const struct field given_rule_fields[] = {
	RULE_FIELDS,
	{ 0 },
};

static const struct field security_group_rule_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "security_group", FIELD_REFERENCE, AT(security_group), .required = true,
	  .target = "security_group", .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	RULE_FIELDS,
	{ 0 },
};

static int check_no_ports(const struct security_group_rule *rule, struct err *err)
{
	if (rule->start_port != RULE_PORT_NONE)
		return model_wrong(err, "start_port", "there are no ports with all");
	if (rule->end_port != RULE_PORT_NONE)
		return model_wrong(err, "end_port", "there are no ports with all");
	return 0;
}

static int check_port(int64_t port, const char *field, struct err *err)
{
	if (port == RULE_PORT_NONE)
		return model_wrong(err, field, "is required for tcp and udp");
	if (port < 1)
		return model_wrong(err, field, "%lld is outside 1-65535", (long long)port);
	return 0;
}

static int check_ports(const struct security_group_rule *rule, struct err *err)
{
	if (check_port(rule->start_port, "start_port", err) < 0 ||
	    check_port(rule->end_port, "end_port", err) < 0)
		return err->code;
	if (rule->end_port < rule->start_port)
		return model_wrong(err, "end_port", "%lld is before %lld",
				   (long long)rule->end_port, (long long)rule->start_port);
	return 0;
}

static int complete_icmp(struct security_group_rule *rule, struct err *err)
{
	if (rule->start_port == RULE_PORT_NONE)
		rule->start_port = -1;
	if (rule->end_port == RULE_PORT_NONE)
		rule->end_port = -1;
	if (rule->start_port != -1)
		return model_wrong(err, "start_port", "is -1 for icmp");
	if (rule->end_port != -1)
		return model_wrong(err, "end_port", "is -1 for icmp");
	return 0;
}

static int complete(const struct model_change *change, struct err *err)
{
	struct security_group_rule *rule = change->is;

	switch ((enum rule_protocol)rule->protocol) {
	case RULE_ALL:
		return check_no_ports(rule, err);
	case RULE_TCP:
	case RULE_UDP:
		return check_ports(rule, err);
	case RULE_ICMP:
		return complete_icmp(rule, err);
	}
	return 0;
}

const struct model_type security_group_rule_type = {
	.table = { "security_group_rule", security_group_rule_fields,
		   sizeof(struct security_group_rule), NULL, .part_of = "security_group" },
	.doc = "Traffic that a group lets through.",
	.complete = complete,
};
