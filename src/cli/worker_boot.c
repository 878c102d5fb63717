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
	boot->line_max = (uint32_t)conf_int(conf, CONF_MAX_LINE);
	strlcpy(boot->default_timezone, conf_string(conf,
	    CONF_DEFAULT_TIMEZONE), sizeof(boot->default_timezone));
	if (connect && strlcpy(boot->conninfo, conf_string(conf,
	    CONF_DATABASE), sizeof(boot->conninfo)) >=
	    sizeof(boot->conninfo))
		return ERR_LIMIT;
	return 0;
}
