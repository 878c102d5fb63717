/* SPDX-License-Identifier: MIT */
/*
 * HTTP by libcurl.  Runs in the broker; every byte of an answer is
 * untrusted.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/log.h"
#include "broker/connect.h"
#include "broker/http.h"
#include "compat/compat.h"
#include "ipc/ipc.h"

struct http {
	CURL				*curl;
	struct curl_slist		*headers;
	struct curl_slist		*addresses;
	struct broker_connections	*connections;
	struct buf			*body;
	const char			*bearer;
	int64_t				 date_s;
	int				 master_fd;
	bool				 too_large;
};

/* What a failure of libcurl means; anything else is IPC_BROK_INTERNAL. */
static const struct {
	CURLcode	curl;
	uint32_t	code;
} failures[] = {
	{ CURLE_OPERATION_TIMEDOUT,		IPC_BROK_TIMEOUT },
	{ CURLE_COULDNT_CONNECT,		IPC_BROK_CONNECTION },
	{ CURLE_SEND_ERROR,			IPC_BROK_CONNECTION },
	{ CURLE_RECV_ERROR,			IPC_BROK_CONNECTION },
	{ CURLE_GOT_NOTHING,			IPC_BROK_CONNECTION },
	{ CURLE_PARTIAL_FILE,			IPC_BROK_CONNECTION },
	{ CURLE_SSL_CONNECT_ERROR,		IPC_BROK_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION,	IPC_BROK_TLS },
	{ CURLE_SSL_CACERT_BADFILE,		IPC_BROK_TLS },
	{ CURLE_SSL_CERTPROBLEM,		IPC_BROK_TLS },
	{ CURLE_SSL_CIPHER,			IPC_BROK_TLS },
	{ CURLE_SSL_ISSUER_ERROR,		IPC_BROK_TLS },
	{ CURLE_SSL_SHUTDOWN_FAILED,		IPC_BROK_TLS },
	{ CURLE_UNSUPPORTED_PROTOCOL,		IPC_BROK_FORMAT },
	{ CURLE_WEIRD_SERVER_REPLY,		IPC_BROK_FORMAT },
	{ CURLE_BAD_CONTENT_ENCODING,		IPC_BROK_FORMAT },
	{ CURLE_FILESIZE_EXCEEDED,		IPC_BROK_TOO_LARGE },
};

int
http_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : -1;
}

static curl_socket_t
http_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct http	*h = arg;
	int		 fd = connect_take(h->connections);

	(void)purpose;
#ifdef JHE_NO_SANDBOX
	/* No filter answers libcurl's connect(2) here: let it connect. */
	if (fd != -1) {
		fd_close(&fd);
		fd = socket(addr->family, addr->socktype | SOCK_CLOEXEC,
		    addr->protocol);
	}
#else
	(void)addr;
#endif
	return fd;
}

/*
 * libcurl 7.88 calls connect(2) in spite of this answer, which the filter
 * is ready for; others believe it.
 */
static int
http_keep_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)fd;
	(void)purpose;
#ifdef JHE_NO_SANDBOX
	return CURL_SOCKOPT_OK;
#else
	return CURL_SOCKOPT_ALREADY_CONNECTED;
#endif
}

static size_t
http_take_body(char *data, size_t size, size_t n, void *arg)
{
	struct http	*h = arg;

	/* size is always 1. */
	if (n > HTTP_BODY_MAX - h->body->len) {
		h->too_large = true;
		return 0;
	}
	buf_add(h->body, data, n);
	return buf_error(h->body) == 0 ? size * n : 0;
}

/* Without a master nobody waits for the answer. */
static int
http_look_at_master(void *arg, curl_off_t down_total, curl_off_t down,
    curl_off_t up_total, curl_off_t up)
{
	struct http	*h = arg;
	struct pollfd	 pfd = { .fd = h->master_fd, .events = POLLIN };

	(void)down_total;
	(void)down;
	(void)up_total;
	(void)up;
	return poll(&pfd, 1, 0) > 0;
}

/* So that libcurl asks no resolver; not needed for a numeric host. */
static bool
http_set_address(struct http *h, const struct ipc_boot_broker *cfg)
{
	const char	*open = h->connections->ipv6 ? "[" : "";
	const char	*close = h->connections->ipv6 ? "]" : "";
	struct in6_addr	 numeric;
	char		 entry[512];

	if (inet_pton(AF_INET, cfg->host, &numeric) == 1 ||
	    inet_pton(AF_INET6, cfg->host, &numeric) == 1)
		return true;
	snprintf(entry, sizeof(entry), "%s:%u:%s%s%s", cfg->host, cfg->port,
	    open, h->connections->address, close);
	h->addresses = curl_slist_append(NULL, entry);
	return h->addresses != NULL && curl_easy_setopt(h->curl,
	    CURLOPT_RESOLVE, h->addresses) == CURLE_OK;
}

static bool
http_set_numbers(CURL *c)
{
	static const struct {
		CURLoption	option;
		long		value;
	} rows[] = {
		{ CURLOPT_DISALLOW_USERNAME_IN_URL,	1 },
		{ CURLOPT_DNS_CACHE_TIMEOUT,		-1 },
		{ CURLOPT_FOLLOWLOCATION,		0 },
		/* libcurl 7.88 looks at its socket again after so long. */
		{ CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS,	1 },
		{ CURLOPT_HTTP09_ALLOWED,		0 },
		{ CURLOPT_HTTP_VERSION,	CURL_HTTP_VERSION_1_1 },
		{ CURLOPT_NETRC,			CURL_NETRC_IGNORED },
		{ CURLOPT_NOPROGRESS,			0 },
		{ CURLOPT_NOSIGNAL,			1 },
		{ CURLOPT_PATH_AS_IS,			1 },
		{ CURLOPT_SSLVERSION,	CURL_SSLVERSION_TLSv1_2 },
		{ CURLOPT_SSL_ENABLE_ALPN,		0 },
		{ CURLOPT_SSL_VERIFYHOST,		2 },
		{ CURLOPT_SSL_VERIFYPEER,		1 },
	};
	size_t	i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (curl_easy_setopt(c, rows[i].option, rows[i].value) !=
		    CURLE_OK)
			return false;
	return true;
}

static bool
http_set_calls(struct http *h)
{
	CURL	*c = h->curl;

	return curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION,
	    http_open_socket) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION,
	    http_keep_socket) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION,
	    http_take_body) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, h) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION,
	    http_look_at_master) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_XFERINFODATA, h) == CURLE_OK;
}

static bool
http_set_texts(struct http *h, const struct ipc_boot_broker *cfg,
    const struct buf *ca)
{
	struct curl_blob	 blob = {
		.data = ca->data,
		.len = ca->len,
		.flags = CURL_BLOB_NOCOPY,
	};
	long			 timeout_ms = (long)cfg->request_timeout_ms;
	CURL			*c = h->curl;

	if (curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout_ms) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
	    timeout_ms) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	    cfg->tls ? "https" : "http") != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_USERAGENT,
	    PACKAGE_NAME "/" PACKAGE_VERSION) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers) != CURLE_OK)
		return false;
	if (!cfg->tls)
		return true;
	/* The blob alone: files are out of reach behind the filter. */
	return curl_easy_setopt(c, CURLOPT_CAINFO, NULL) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob) == CURLE_OK;
}

struct http *
http_new(const struct ipc_boot_broker *cfg,
    struct broker_connections *connections, const struct buf *ca,
    int master_fd)
{
	struct http	*h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->connections = connections;
	h->master_fd = master_fd;
	h->headers = curl_slist_append(NULL, "Accept: application/json");
	h->curl = curl_easy_init();
	if (h->headers == NULL || h->curl == NULL ||
	    !http_set_address(h, cfg) || !http_set_numbers(h->curl) ||
	    !http_set_calls(h) || !http_set_texts(h, cfg, ca)) {
		http_free(h);
		return NULL;
	}
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	curl_slist_free_all(h->headers);
	curl_slist_free_all(h->addresses);
	free(h);
}

static uint32_t
http_failure(const struct http *h, CURLcode error)
{
	size_t	i;

	if (h->too_large)
		return IPC_BROK_TOO_LARGE;
	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].curl == error)
			return failures[i].code;
	return IPC_BROK_INTERNAL;
}

void
http_set_bearer(struct http *h, const char *token)
{
	h->bearer = token;
}

int64_t
http_date_s(const struct http *h)
{
	return h->date_s;
}

static void
http_note_date(struct http *h)
{
	struct curl_header	*date;
	time_t			 t;

	if (curl_easy_header(h->curl, "Date", 0, CURLH_HEADER, -1, &date) !=
	    CURLHE_OK)
		return;
	t = curl_getdate(date->value, NULL);
	h->date_s = t > 0 ? (int64_t)t : 0;
}

/* libcurl wipes neither, but the process ends with its one job. */
static CURLcode
http_authorize(struct http *h)
{
	CURLcode	r;

	r = curl_easy_setopt(h->curl, CURLOPT_HTTPAUTH,
	    h->bearer != NULL ? CURLAUTH_BEARER : CURLAUTH_BASIC);
	return r != CURLE_OK ? r : curl_easy_setopt(h->curl,
	    CURLOPT_XOAUTH2_BEARER, h->bearer);
}

uint32_t
http_request(struct http *h, const char *url, const struct buf *form,
    struct buf *body, uint32_t *status)
{
	CURL		*c = h->curl;
	CURLcode	 r;
	long		 n = 0;

	*status = 0;
	h->body = body;
	h->too_large = false;
	h->date_s = 0;
	r = http_authorize(h);
	if (r == CURLE_OK)
		r = curl_easy_setopt(c, CURLOPT_URL, url);
	if (r == CURLE_OK && form == NULL)
		r = curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	if (r == CURLE_OK && form != NULL)
		r = curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE,
		    (long)form->len);
	if (r == CURLE_OK && form != NULL)
		r = curl_easy_setopt(c, CURLOPT_POSTFIELDS,
		    buf_string(form));
	if (r == CURLE_OK)
		r = curl_easy_perform(c);
	if (r == CURLE_OK)
		r = curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &n);
	if (r != CURLE_OK) {
		log_info("request to the exchange: %s", curl_easy_strerror(r));
		return http_failure(h, r);
	}
	*status = n < 0 || n > 999 ? 999 : (uint32_t)n;
	http_note_date(h);
	return 0;
}
