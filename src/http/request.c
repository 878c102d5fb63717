/* SPDX-License-Identifier: MIT */
/*
 * Request heads.  Runs in the processes that face a network; every byte is
 * a stranger's.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/num.h"
#include "http/request.h"

#define VERSION_LEN	8	/* of "HTTP/1.1" */

static int
refuse(struct http_request *r, int status)
{
	r->status = status;
	return status == 414 || status == 431 ? ERR_LIMIT : ERR_FORMAT;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 9110 §5.6.2 */
static bool
is_token(char c)
{
	return is_alnum(c) || (c != '\0' &&
	    strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* RFC 3986 §3.3 and §3.4, but for the % of an encoded byte. */
static bool
is_target(char c)
{
	return is_alnum(c) || (c != '\0' &&
	    strchr("-._~!$&'()*+,;=:@/?", c) != NULL);
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t
token_len(const char *s, size_t len)
{
	size_t	n;

	for (n = 0; n < len && is_token(s[n]); n++)
		continue;
	return n;
}

void
http_request_init(struct http_request *r)
{
	memset(r, 0, sizeof(*r));
}

/* RFC 9112 §2.3 */
static int
take_version(struct http_request *r, const char *s)
{
	if (memcmp(s, "HTTP/", 5) != 0 || !is_digit(s[5]) || s[6] != '.' ||
	    !is_digit(s[7]))
		return refuse(r, 400);
	if (s[5] != '1' || s[7] > '1')
		return refuse(r, 505);
	r->minor = (unsigned int)(s[7] - '0');
	return 0;
}

/* RFC 9112 §3.2.1: origin-form, the only one of a server's own client. */
static int
take_target(struct http_request *r, const char *data, size_t at, size_t len)
{
	const char	*s = data + at, *mark;
	size_t		 i;

	if (len == 0 || s[0] != '/')
		return refuse(r, 400);
	for (i = 0; i < len; i++) {
		if (is_target(s[i]))
			continue;
		if (s[i] != '%' || len - i < 3 || !is_hex(s[i + 1]) ||
		    !is_hex(s[i + 2]))
			return refuse(r, 400);
		i += 2;
	}
	mark = memchr(s, '?', len);
	r->path.at = at;
	r->path.len = mark == NULL ? len : (size_t)(mark - s);
	r->query.at = mark == NULL ? at + len : at + r->path.len + 1;
	r->query.len = at + len - r->query.at;
	return 0;
}

/* RFC 9112 §3: one space between the parts, none elsewhere. */
static int
take_request_line(struct http_request *r, const char *data, size_t at,
    size_t len)
{
	const char	*s = data + at;
	size_t		 method = token_len(s, len);
	int		 e;

	if (method == 0 || len - method < VERSION_LEN + 2 ||
	    s[method] != ' ' || s[len - VERSION_LEN - 1] != ' ')
		return refuse(r, 400);
	e = take_version(r, s + len - VERSION_LEN);
	if (e != 0)
		return e;
	r->method.at = at;
	r->method.len = method;
	r->step = HTTP_STEP_FIELDS;
	return take_target(r, data, at + method + 1,
	    len - method - VERSION_LEN - 2);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 9112 §5; a line that begins with a space is obs-fold, §5.2. */
static int
take_field(struct http_request *r, const char *data, size_t at, size_t len)
{
	struct http_field	*f;
	size_t			 name = token_len(data + at, len);
	size_t			 begin = at + name + 1, end = at + len;

	if (name == 0 || name == len || data[at + name] != ':')
		return refuse(r, 400);
	if (r->nfields == HTTP_FIELDS_MAX)
		return refuse(r, 431);
	while (begin < end && is_blank(data[begin]))
		begin++;
	while (begin < end && is_blank(data[end - 1]))
		end--;
	f = &r->fields[r->nfields++];
	f->name.at = at;
	f->name.len = name;
	f->value.at = begin;
	f->value.len = end - begin;
	return ERR_AGAIN;
}

/* RFC 9112 §6: whether a body follows must be beyond doubt. */
static int
check_framing(struct http_request *r, const char *data)
{
	struct http_span	length, coding;
	int64_t			n = 0;
	int			has_length, has_coding;

	has_length = http_request_field(r, data, "content-length", &length);
	has_coding = http_request_field(r, data, "transfer-encoding",
	    &coding);
	if (has_length == ERR_DUPLICATE || has_coding == ERR_DUPLICATE)
		return refuse(r, 400);
	if (has_coding == 0) {
		if (has_length == 0 || r->minor == 0)
			return refuse(r, 400);
		if (coding.len != 7 ||
		    strncasecmp(data + coding.at, "chunked", 7) != 0)
			return refuse(r, 501);
	}
	if (has_length == 0 && num_parse(data + length.at, length.len, 0,
	    INT64_MAX, &n) != 0)
		return refuse(r, 400);
	/* num_parse() takes "-0", HTTP does not. */
	if (has_length == 0 && !is_digit(data[length.at]))
		return refuse(r, 400);
	r->has_body = has_coding == 0 || n > 0;
	return 0;
}

static int
take_end(struct http_request *r, const char *data)
{
	struct http_span	host;
	int			e;

	/* RFC 9112 §3.2 */
	e = http_request_field(r, data, "host", &host);
	if (e == ERR_DUPLICATE || (e == ERR_NOT_FOUND && r->minor > 0))
		return refuse(r, 400);
	e = check_framing(r, data);
	if (e == 0)
		r->step = HTTP_STEP_DONE;
	return e;
}

static int
take_line(struct http_request *r, const char *data, size_t at, size_t len)
{
	int	e;

	if (r->step == HTTP_STEP_FIELDS)
		return len == 0 ? take_end(r, data) :
		    take_field(r, data, at, len);
	/* RFC 9112 §2.2: one empty line before the request is forgiven. */
	if (len == 0 && at == 0)
		return ERR_AGAIN;
	e = take_request_line(r, data, at, len);
	return e == 0 ? ERR_AGAIN : e;
}

/* Lines end with CR LF; neither stands alone, nor any other control. */
static bool
is_well_placed(const struct http_request *r, const char *data, char c)
{
	bool	after_cr = r->scanned > r->line &&
	    data[r->scanned - 1] == '\r';

	if (after_cr || c == '\n')
		return after_cr && c == '\n';
	return c == '\r' || c == '\t' || ((unsigned char)c >= ' ' &&
	    c != 0x7f);
}

int
http_request_parse(struct http_request *r, const char *data, size_t len)
{
	size_t	at;
	int	e;

	if (r->status != 0)
		return refuse(r, r->status);
	while (r->step != HTTP_STEP_DONE && r->scanned < len) {
		if (r->step == HTTP_STEP_REQUEST_LINE &&
		    r->scanned - r->line >= HTTP_LINE_MAX)
			return refuse(r, 414);
		if (r->scanned >= HTTP_HEAD_MAX)
			return refuse(r, 431);
		if (!is_well_placed(r, data, data[r->scanned]))
			return refuse(r, 400);
		if (data[r->scanned++] != '\n')
			continue;
		at = r->line;
		r->line = r->scanned;
		e = take_line(r, data, at, r->scanned - at - 2);
		if (e != 0 && e != ERR_AGAIN)
			return e;
	}
	r->head_len = r->line;
	return r->step == HTTP_STEP_DONE ? 0 : ERR_AGAIN;
}

int
http_request_field(const struct http_request *r, const char *data,
    const char *name, struct http_span *value)
{
	const struct http_field	*f;
	size_t			 i, len = strlen(name);
	bool			 found = false;

	for (i = 0; i < r->nfields; i++) {
		f = &r->fields[i];
		if (f->name.len != len ||
		    strncasecmp(data + f->name.at, name, len) != 0)
			continue;
		if (found)
			return ERR_DUPLICATE;
		found = true;
		*value = f->value;
	}
	return found ? 0 : ERR_NOT_FOUND;
}

bool
http_span_is(const struct http_span *span, const char *data, const char *text)
{
	return strlen(text) == span->len &&
	    memcmp(data + span->at, text, span->len) == 0;
}
