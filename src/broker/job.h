/* SPDX-License-Identifier: MIT */
/*
 * A broker's one job: which requests it takes, what their answers must be,
 * and what the master is told.  A server's own words are never passed on,
 * only numbers.
 */
#ifndef BROKER_JOB_H
#define BROKER_JOB_H

struct http;
struct ipc_boot_broker;
struct ipc_brok_job;
struct ipc_channel;

/*
 * Do it and send the answer: BROK_ENDPOINTS, or BROK_PERSON and
 * BROK_TOKENS, or BROK_FAILED.  0, or an error of ipc_send().
 */
int	job_run(const struct ipc_boot_broker *cfg,
	    const struct ipc_brok_job *job, struct http *http,
	    struct ipc_channel *ch);

#endif
