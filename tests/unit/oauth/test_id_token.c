/* SPDX-License-Identifier: MIT */
/* Whole ID tokens, good and forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "oauth/id_token.h"
#include "oauth/jwt.h"
#include "signer.h"

#define NOW	1800000000
#define HEAD	"{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"k\"}"
/* Claims, where each may be said otherwise. */
#define ISS	"\"iss\":\"https://x/o\","
#define AUD	"\"aud\":\"client\","
#define EXP	"\"exp\":1800000600,"
#define IAT	"\"iat\":1800000000,"
#define NONCE	"\"nonce\":\"nnn\","
#define SUB	"\"sub\":\"10001\""
#define GOOD	ISS AUD EXP IAT NONCE SUB

static struct signer		*signer, *stranger;
static struct jwt_keys		 keys;
static struct id_token_claims	 claims;
static int64_t			 person;

static enum id_token_fault
verify(const char *header, const char *payload, const char *nonce)
{
	const struct id_token_expected	want = {
		.issuer = "https://x/o",
		.client_id = "client",
		.nonce = nonce,
		/* The example of OIDC Core, appendix A.3. */
		.access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
		.now_s = NOW,
	};
	enum id_token_fault		fault;
	struct buf			token;

	buf_init(&token, 4 * ID_TOKEN_MAX);
	signer_make_token(signer, header, payload, &token);
	fault = id_token_verify(token.data, token.len, &keys, &want, &claims,
	    &person);
	buf_free(&token);
	assert_true((fault == ID_TOKEN_OK) == (person != 0));
	return fault;
}

static int
set_up(void **state)
{
	(void)state;
	signer = signer_new(2048);
	stranger = signer_new(2048);
	keys.nkeys = 1;
	signer_key(signer, "k", &keys.key[0]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	signer_free(signer);
	signer_free(stranger);
	return 0;
}

static void
test_good(void **state)
{
	(void)state;
	assert_int_equal(verify(HEAD, "{" GOOD "}", "nnn"), ID_TOKEN_OK);
	assert_int_equal(person, 10001);
	assert_false(claims.has_studies);
	assert_string_equal(claims.email, "");
	assert_int_equal(verify(HEAD, "{" GOOD ",\"user_id\":10001,"
	    "\"user_type\":\"practitioner\",\"email\":\"a@b.example\","
	    "\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\","
	    "\"jhe_permissions\":{\"studies\":[30001,30002],"
	    "\"organizations\":[{\"id\":1,\"name\":\"a\"}]}}", "nnn"),
	    ID_TOKEN_OK);
	assert_string_equal(claims.user_type, "practitioner");
	assert_string_equal(claims.email, "a@b.example");
	assert_true(claims.has_studies);
	assert_int_equal(claims.nstudies, 2);
	assert_int_equal(claims.studies[1], 30002);
	/* A refresh has no nonce to compare. */
	assert_int_equal(verify(HEAD, "{" ISS AUD EXP IAT SUB "}", NULL),
	    ID_TOKEN_OK);
	assert_int_equal(verify(HEAD, "{" ISS AUD EXP IAT NONCE
	    "\"sub\":\"9223372036854775807\"}", "nnn"), ID_TOKEN_OK);
	assert_int_equal(person, INT64_MAX);
}

static void
test_header(void **state)
{
	static const struct {
		const char		*header;
		enum id_token_fault	 fault;
	} rows[] = {
		{ "{\"alg\":\"RS256\"}", ID_TOKEN_OK },
		{ "{\"alg\":\"none\",\"kid\":\"k\"}", ID_TOKEN_ALGORITHM },
		{ "{\"alg\":\"HS256\",\"kid\":\"k\"}", ID_TOKEN_ALGORITHM },
		{ "{\"alg\":\"RS512\",\"kid\":\"k\"}", ID_TOKEN_ALGORITHM },
		{ "{\"alg\":\"RS256\",\"kid\":\"k\",\"crit\":[]}",
		    ID_TOKEN_ALGORITHM },
		{ "{\"alg\":\"RS256\",\"kid\":\"other\"}", ID_TOKEN_KEY },
		{ "{\"alg\":\"RS256\",\"kid\":7}", ID_TOKEN_MALFORMED },
		{ "{\"alg\":\"RS256\",\"alg\":\"RS256\"}",
		    ID_TOKEN_MALFORMED },
		{ "{}", ID_TOKEN_MALFORMED },
		{ "[]", ID_TOKEN_MALFORMED },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (verify(rows[i].header, "{" GOOD "}", "nnn") !=
		    rows[i].fault)
			fail_msg("header %s", rows[i].header);
}

/* The public key as an HMAC secret, and a stranger's signature. */
static void
test_other_signatures(void **state)
{
	const struct id_token_expected	want = {
		.issuer = "https://x/o", .client_id = "client",
		.nonce = "nnn", .now_s = NOW,
	};
	struct buf			token;

	(void)state;
	buf_init(&token, 65536);
	signer_make_hmac_token(signer, "{\"alg\":\"HS256\",\"kid\":\"k\"}",
	    "{" GOOD "}", &token);
	assert_int_equal(id_token_verify(token.data, token.len, &keys, &want,
	    &claims, &person), ID_TOKEN_ALGORITHM);
	buf_reset(&token);
	signer_make_hmac_token(signer, HEAD, "{" GOOD "}", &token);
	assert_int_equal(id_token_verify(token.data, token.len, &keys, &want,
	    &claims, &person), ID_TOKEN_SIGNATURE);
	buf_reset(&token);
	signer_make_token(stranger, HEAD, "{" GOOD "}", &token);
	assert_int_equal(id_token_verify(token.data, token.len, &keys, &want,
	    &claims, &person), ID_TOKEN_SIGNATURE);
	assert_int_equal(claims.exp_s, 0);
	buf_free(&token);
}

static void
test_claims(void **state)
{
	static const struct {
		const char		*payload;
		enum id_token_fault	 fault;
	} rows[] = {
		{ ISS AUD EXP IAT SUB, ID_TOKEN_NONCE },
		{ ISS AUD EXP IAT "\"nonce\":\"n\"," SUB, ID_TOKEN_NONCE },
		{ ISS AUD EXP IAT "\"nonce\":1," SUB, ID_TOKEN_MALFORMED },
		{ "\"iss\":\"https://x/o/\"," AUD EXP IAT NONCE SUB,
		    ID_TOKEN_ISSUER },
		{ AUD EXP IAT NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS "\"aud\":\"Client\"," EXP IAT NONCE SUB,
		    ID_TOKEN_AUDIENCE },
		{ ISS "\"aud\":[\"client\"]," EXP IAT NONCE SUB,
		    ID_TOKEN_OK },
		{ ISS "\"aud\":[\"a\",\"client\"]," EXP IAT NONCE SUB,
		    ID_TOKEN_AUDIENCE },
		{ ISS "\"aud\":[\"a\",\"client\"],\"azp\":\"client\"," EXP
		    IAT NONCE SUB, ID_TOKEN_OK },
		{ ISS "\"aud\":[\"a\",\"client\"],\"azp\":\"a\"," EXP IAT
		    NONCE SUB, ID_TOKEN_AUDIENCE },
		{ ISS "\"aud\":[]," EXP IAT NONCE SUB, ID_TOKEN_AUDIENCE },
		{ ISS "\"aud\":{}," EXP IAT NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS "\"aud\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
		    "\"8\",\"9\"]," EXP IAT NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS AUD "\"exp\":1799999941," "\"iat\":1799990000,"
		    NONCE SUB, ID_TOKEN_OK },
		{ ISS AUD "\"exp\":1799999940," "\"iat\":1799990000,"
		    NONCE SUB, ID_TOKEN_TIME },
		{ ISS AUD "\"exp\":\"1800000600\"," IAT NONCE SUB,
		    ID_TOKEN_MALFORMED },
		{ ISS AUD "\"exp\":1.8e9," IAT NONCE SUB,
		    ID_TOKEN_MALFORMED },
		{ ISS AUD "\"exp\":99999999999999999999," IAT NONCE SUB,
		    ID_TOKEN_MALFORMED },
		{ ISS AUD "\"exp\":true," IAT NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS AUD "\"exp\":0," IAT NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS AUD IAT NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS AUD EXP NONCE SUB, ID_TOKEN_MALFORMED },
		{ ISS AUD EXP "\"iat\":1800000061," NONCE SUB,
		    ID_TOKEN_TIME },
		{ ISS AUD EXP "\"iat\":1800000060," NONCE SUB, ID_TOKEN_OK },
		{ ISS AUD EXP IAT "\"nbf\":1800000061," NONCE SUB,
		    ID_TOKEN_TIME },
		{ GOOD ",\"at_hash\":\"AAAAAAAAAAAAAAAAAAAAAA\"",
		    ID_TOKEN_ACCESS_HASH },
		{ GOOD ",\"user_id\":10002", ID_TOKEN_SUBJECT },
		{ GOOD ",\"user_id\":10001.0", ID_TOKEN_MALFORMED },
		{ GOOD "," SUB, ID_TOKEN_MALFORMED },
		{ GOOD ",\"jhe_permissions\":{\"studies\":{}}",
		    ID_TOKEN_MALFORMED },
		{ GOOD ",\"jhe_permissions\":{\"studies\":[-1]}",
		    ID_TOKEN_MALFORMED },
		{ GOOD ",\"jhe_permissions\":7", ID_TOKEN_MALFORMED },
	};
	char	payload[1024];
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(payload, sizeof(payload), "{%s}", rows[i].payload);
		if (verify(HEAD, payload, "nnn") != rows[i].fault)
			fail_msg("claims %s", payload);
	}
}

static void
test_subjects(void **state)
{
	static const char *const	bad[] = {
		"\"\"", "\"0\"", "\"-1\"", "\"+1\"", "\"01\"", "\" 1\"",
		"\"1 \"", "\"1.0\"", "\"1e3\"", "\"0x1\"", "\"manager\"",
		"\"9223372036854775808\"", "\"99999999999999999999999999\"",
		"\"\xd9\xa1\"",
	};
	char				payload[512];
	size_t				i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(payload, sizeof(payload),
		    "{" ISS AUD EXP IAT NONCE "\"sub\":%s}", bad[i]);
		if (verify(HEAD, payload, "nnn") != ID_TOKEN_SUBJECT)
			fail_msg("sub %s", bad[i]);
	}
	assert_int_equal(verify(HEAD, "{" ISS AUD EXP IAT NONCE
	    "\"sub\":10001}", "nnn"), ID_TOKEN_MALFORMED);
}

static enum id_token_fault
verify_studies(unsigned int n)
{
	enum id_token_fault	fault;
	struct buf		payload;
	unsigned int		i;

	buf_init(&payload, ID_TOKEN_MAX);
	buf_adds(&payload, "{" GOOD ",\"jhe_permissions\":{\"studies\":[");
	for (i = 1; i <= n; i++)
		buf_addf(&payload, "%s%u", i > 1 ? "," : "", i);
	buf_adds(&payload, "]}}");
	fault = verify(HEAD, buf_string(&payload), "nnn");
	buf_free(&payload);
	return fault;
}

static void
test_studies(void **state)
{
	(void)state;
	assert_int_equal(verify_studies(0), ID_TOKEN_OK);
	assert_true(claims.has_studies);
	assert_int_equal(claims.nstudies, 0);
	assert_int_equal(verify_studies(ID_TOKEN_STUDIES_MAX), ID_TOKEN_OK);
	assert_int_equal(claims.nstudies, ID_TOKEN_STUDIES_MAX);
	assert_int_equal(claims.studies[4095], 4096);
	assert_int_equal(verify_studies(ID_TOKEN_STUDIES_MAX + 1),
	    ID_TOKEN_STUDIES);
}

/* Nothing fails open when the caller forgot what to expect. */
static void
test_nothing_expected(void **state)
{
	struct id_token_expected	want = { .now_s = NOW };

	(void)state;
	memset(&claims, 0, sizeof(claims));
	assert_int_equal(id_token_check(&claims, &want, &person),
	    ID_TOKEN_ISSUER);
	want.issuer = "";
	assert_int_equal(id_token_check(&claims, &want, &person),
	    ID_TOKEN_ISSUER);
	want.issuer = "i";
	strcpy(claims.iss, "i");
	want.client_id = "";
	claims.naud = 1;
	assert_int_equal(id_token_check(&claims, &want, &person),
	    ID_TOKEN_AUDIENCE);
}

/* Every prefix of a good token, and every byte changed. */
static void
test_cut_and_changed(void **state)
{
	const struct id_token_expected	want = {
		.issuer = "https://x/o", .client_id = "client",
		.nonce = "nnn", .now_s = NOW,
	};
	struct buf			token;
	char				*copy;
	size_t				 n;

	(void)state;
	buf_init(&token, 65536);
	signer_make_token(signer, HEAD, "{" GOOD "}", &token);
	assert_int_equal(id_token_verify(token.data, token.len, &keys, &want,
	    &claims, &person), ID_TOKEN_OK);
	for (n = 0; n < token.len; n++) {
		copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, token.data, n);
		assert_int_not_equal(id_token_verify(copy, n, &keys, &want,
		    &claims, &person), ID_TOKEN_OK);
		free(copy);
		token.data[n] ^= 1;
		assert_int_not_equal(id_token_verify(token.data, token.len,
		    &keys, &want, &claims, &person), ID_TOKEN_OK);
		token.data[n] ^= 1;
	}
	buf_free(&token);
}

static void
test_texts(void **state)
{
	unsigned int	i;

	(void)state;
	for (i = 0; i < ID_TOKEN_FAULT_COUNT; i++)
		assert_true(strlen(id_token_fault_text(i)) > 0);
	assert_string_equal(id_token_fault_text(999), "unknown fault");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_other_signatures),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_studies),
		cmocka_unit_test(test_nothing_expected),
		cmocka_unit_test(test_cut_and_changed),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
