/* SPDX-License-Identifier: MIT */
/*
 * A worker's share of the configuration.  Runs in jhe-mcp; no untrusted
 * bytes.
 */
#include <string.h>

#include "base/err.h"
#include "cli/worker_boot.h"
#include "compat/compat.h"
#include "conf/conf.h"

static uint32_t
worker_boot_ms(const struct conf *conf, enum conf_key key)
{
	return (uint32_t)conf_int(conf, key) * 1000;
}

bool
worker_boot_offers(const struct conf *conf, const char *tool)
{
	const char	*hidden = conf_string(conf, CONF_HIDE_TOOL);

	return conf_has_word(conf_string(conf, CONF_TOOL_LIST), tool) &&
	    (hidden == NULL || !conf_has_word(hidden, tool));
}

/* The names of tool-list without those of hide-tool; ERR_LIMIT. */
static int
worker_boot_tools(const struct conf *conf, char *names, size_t size)
{
	const char	*list = conf_string(conf, CONF_TOOL_LIST);
	char		 word[64];
	size_t		 n;

	for (; *list != '\0'; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n >= sizeof(word))
			return ERR_LIMIT;
		memcpy(word, list, n);
		word[n] = '\0';
		if (!worker_boot_offers(conf, word))
			continue;
		if ((names[0] != '\0' && strlcat(names, " ", size) >= size) ||
		    strlcat(names, word, size) >= size)
			return ERR_LIMIT;
	}
	return 0;
}

int
worker_boot_fill(struct ipc_boot_worker *boot, const struct conf *conf,
    bool connect)
{
	memset(boot, 0, sizeof(*boot));
	boot->connect = connect;
	boot->connect_timeout_ms = worker_boot_ms(conf, CONF_CONNECT_TIMEOUT);
	boot->statement_timeout_ms =
	    worker_boot_ms(conf, CONF_STATEMENT_TIMEOUT);
	boot->login_timeout_ms = worker_boot_ms(conf, CONF_LOGIN_TIMEOUT);
	boot->identity_fields =
	    (uint32_t)conf_int(conf, CONF_IDENTITY_FIELDS);
	boot->disclosure = (uint32_t)conf_int(conf, CONF_DISCLOSURE);
	boot->minimum_cell = (uint32_t)conf_int(conf, CONF_MINIMUM_CELL);
	boot->consent_gate =
	    conf_int(conf, CONF_CONSENT_GATE) == CONF_CONSENT_GATE_YES;
	boot->line_max = (uint32_t)conf_int(conf, CONF_MAX_LINE);
	strlcpy(boot->default_timezone, conf_string(conf,
	    CONF_DEFAULT_TIMEZONE), sizeof(boot->default_timezone));
	/* Some commands start a worker without an exchange's address. */
	if (conf_string(conf, CONF_EXCHANGE_URL) != NULL &&
	    strlcpy(boot->exchange_url, conf_string(conf, CONF_EXCHANGE_URL),
	    sizeof(boot->exchange_url)) >= sizeof(boot->exchange_url))
		return ERR_LIMIT;
	if (worker_boot_tools(conf, boot->tools, sizeof(boot->tools)) != 0)
		return ERR_LIMIT;
	if (connect && strlcpy(boot->conninfo, conf_string(conf,
	    CONF_DATABASE), sizeof(boot->conninfo)) >=
	    sizeof(boot->conninfo))
		return ERR_LIMIT;
	return 0;
}
