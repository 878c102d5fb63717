/* SPDX-License-Identifier: MIT */
/*
 * Records of logins.  Runs in the master.  Answers come from a broker by
 * way of ipc, whose checks they passed: texts end, counts are in range; what
 * they say is the broker's word and is taken as such.
 */
#include <sys/mman.h>

#include <string.h>

#include "base/err.h"
#include "vault/tokens.h"

struct vault_tokens *
vault_tokens_new(void)
{
	struct vault_tokens	*t;

	t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		return NULL;
	/* RLIMIT_MEMLOCK may forbid the first, an old kernel the others. */
	(void)mlock(t, sizeof(*t));
	(void)madvise(t, sizeof(*t), MADV_DONTDUMP);
	(void)madvise(t, sizeof(*t), MADV_WIPEONFORK);
	return t;
}

void
vault_tokens_clear(struct vault_tokens *t)
{
	explicit_bzero(t, sizeof(*t));
}

void
vault_tokens_free(struct vault_tokens *t)
{
	if (t == NULL)
		return;
	vault_tokens_clear(t);
	munmap(t, sizeof(*t));
}

int64_t
vault_tokens_valid_until(int64_t expires_at_s, int64_t expires_in_s)
{
	int64_t	margin = VAULT_MARGIN_S;

	if (expires_in_s - margin < VAULT_LEAST_S)
		margin = expires_in_s - VAULT_LEAST_S;
	return expires_at_s - margin;
}

enum vault_state
vault_tokens_state(const struct vault_tokens *t, const char *exchange_url,
    const char *client_id, int64_t now_s)
{
	if (t->access_token[0] == '\0' || t->person.person == 0)
		return VAULT_EMPTY;
	if (strcmp(t->exchange_url, exchange_url) != 0)
		return VAULT_OTHER_EXCHANGE;
	if (strcmp(t->client_id, client_id) != 0)
		return VAULT_OTHER_CLIENT;
	if (now_s < t->person.valid_until_s)
		return VAULT_VALID;
	return t->refresh_token[0] != '\0' ? VAULT_EXPIRED : VAULT_ENDED;
}

/* Zero behind the end, too: the record's texts go into messages. */
static int
tokens_copy(char *dst, size_t size, const char *src)
{
	size_t	len = strlen(src);

	if (len >= size)
		return ERR_LIMIT;
	explicit_bzero(dst, size);
	memcpy(dst, src, len);
	return 0;
}

/* What came replaces what was; what did not come stays. */
static int
tokens_merge(char *dst, size_t size, const char *src)
{
	return src[0] == '\0' ? 0 : tokens_copy(dst, size, src);
}

static int
tokens_take(struct vault_tokens *t, const struct ipc_brok_tokens *answer,
    const struct ipc_person *person, int64_t now_s)
{
	int	r = 0;

	r |= tokens_merge(t->access_token, sizeof(t->access_token),
	    answer->access_token);
	r |= tokens_merge(t->refresh_token, sizeof(t->refresh_token),
	    answer->refresh_token);
	r |= tokens_merge(t->id_token, sizeof(t->id_token), answer->id_token);
	r |= tokens_merge(t->scope, sizeof(t->scope), answer->scope);
	if (person != NULL)
		t->person = *person;
	t->expires_in_s = answer->expires_in_s > 0 ? answer->expires_in_s :
	    VAULT_UNSAID_S;
	t->expires_at_s = now_s + t->expires_in_s;
	t->person.valid_until_s = vault_tokens_valid_until(t->expires_at_s,
	    t->expires_in_s);
	return r == 0 ? 0 : ERR_LIMIT;
}

int
vault_tokens_login(struct vault_tokens *t, const char *exchange_url,
    const char *issuer, const char *client_id,
    const struct ipc_brok_tokens *answer, const struct ipc_person *person,
    int64_t now_s)
{
	int	r = 0;

	vault_tokens_clear(t);
	if (answer->access_token[0] == '\0' || person == NULL ||
	    person->person <= 0 || exchange_url[0] == '\0' ||
	    issuer[0] == '\0' || client_id[0] == '\0')
		return ERR_FORMAT;
	r |= tokens_copy(t->exchange_url, sizeof(t->exchange_url),
	    exchange_url);
	r |= tokens_copy(t->issuer, sizeof(t->issuer), issuer);
	r |= tokens_copy(t->client_id, sizeof(t->client_id), client_id);
	r |= tokens_take(t, answer, person, now_s);
	if (r == 0)
		return 0;
	vault_tokens_clear(t);
	return ERR_LIMIT;
}

int
vault_tokens_refresh(struct vault_tokens *t,
    const struct ipc_brok_tokens *answer, const struct ipc_person *person,
    int64_t now_s)
{
	if (t->access_token[0] == '\0' || t->person.person == 0)
		return ERR_STATE;
	if (answer->access_token[0] == '\0' ||
	    (answer->id_token[0] != '\0' && person == NULL))
		return ERR_FORMAT;
	if (person != NULL && person->person != t->person.person)
		return ERR_DENIED;
	/* What an ID token narrowed holds until the next one: no userinfo
	 * widens it. */
	if (person != NULL && answer->id_token[0] == '\0' &&
	    t->person.narrowed)
		person = NULL;
	/* The record has at least the room that the answer's texts have. */
	return tokens_take(t, answer, person, now_s);
}

#define FITS(member)	_Static_assert( \
	sizeof(((struct vault_tokens *)0)->member) >= \
	sizeof(((struct ipc_brok_tokens *)0)->member), \
	"a " #member " of an answer fits into the record")
FITS(access_token);
FITS(refresh_token);
FITS(id_token);
FITS(scope);
