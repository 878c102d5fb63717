/* SPDX-License-Identifier: MIT */
/*
 * Cleaning of free text.  Runs in the worker.  Everything here is untrusted:
 * names, descriptions and labels that anybody may have typed, with the aim
 * that a model takes them for instructions or for a server's own lines.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tools/text.h"

#define TEXT_ELLIPSIS	"\xe2\x80\xa6"
/* Bytes of an ordinary word, on average. */
#define TEXT_WORD_MAX	20

struct text_range {
	uint32_t	first;
	uint32_t	last;
};

/* Never shown: they hide, reorder or smuggle. */
static const struct text_range	text_removed[] = {
	{ 0x0000, 0x0008 },		/* control; white space is below */
	{ 0x000e, 0x001f },
	{ 0x007f, 0x0084 },
	{ 0x0086, 0x009f },
	{ 0x00ad, 0x00ad },		/* soft hyphen */
	{ 0x061c, 0x061c },		/* Arabic letter mark */
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200b },		/* zero-width space */
	{ 0x200e, 0x200f },		/* direction marks */
	{ 0x202a, 0x202e },		/* embeddings and overrides */
	{ 0x2060, 0x206f },		/* invisible operators, isolates */
	{ 0xfe00, 0xfe0f },		/* variation selectors */
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },		/* interlinear annotation */
	{ 0xe0000, 0xe007f },		/* tags */
	{ 0xe0100, 0xe01ef }		/* more variation selectors */
};

static const struct text_range	text_space[] = {
	{ 0x0009, 0x000d },
	{ 0x0020, 0x0020 },
	{ 0x0085, 0x0085 },
	{ 0x00a0, 0x00a0 },
	{ 0x1680, 0x1680 },
	{ 0x2000, 0x200a },
	{ 0x2028, 0x2029 },
	{ 0x202f, 0x202f },
	{ 0x205f, 0x205f },
	{ 0x3000, 0x3000 }
};

static bool
text_in(const struct text_range *ranges, size_t n, uint32_t cp)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	}
	return false;
}

void
text_clean(struct buf *out, const char *s, size_t len, size_t max_characters)
{
	size_t		i = 0, n, shown = 0, mark = out->len;
	uint32_t	cp;
	bool		space = false;

	while (i < len) {
		n = utf8_decode(s + i, len - i, &cp);
		if (n == 0) {
			i++;
			continue;
		}
		i += n;
		if (text_in(text_space, sizeof(text_space) /
		    sizeof(text_space[0]), cp)) {
			space = shown > 0;
			continue;
		}
		if (text_in(text_removed, sizeof(text_removed) /
		    sizeof(text_removed[0]), cp))
			continue;
		if (shown + (space ? 2 : 1) > max_characters) {
			buf_truncate(out, mark);
			buf_adds(out, TEXT_ELLIPSIS);
			return;
		}
		if (space)
			buf_addc(out, ' ');
		buf_add(out, s + i - n, n);
		shown += space ? 2 : 1;
		/* An ellipsis needs room if another character follows. */
		if (shown < max_characters)
			mark = out->len;
		space = false;
	}
}

bool
text_is_plain(const char *s, size_t len, size_t max_words)
{
	struct buf	clean;
	size_t		i, words = 1;
	bool		plain;

	for (i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x80 && !isalnum((unsigned char)s[i])
		    && strchr(" .,'-&()@+_:/|#%", s[i]) == NULL)
			return false;
		if (s[i] == ' ')
			words++;
	}
	if (words > max_words || len > max_words * TEXT_WORD_MAX)
		return false;
	buf_init(&clean, len + 1);
	text_clean(&clean, s, len, len);
	plain = buf_error(&clean) == 0 && clean.len == len;
	buf_free(&clean);
	return plain;
}

size_t
text_characters(const char *s, size_t len)
{
	size_t	i, n = 0;

	for (i = 0; i < len; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			n++;
	}
	return n;
}
