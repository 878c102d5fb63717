/* SPDX-License-Identifier: MIT */
/*
 * Likeness of words, by the number of letters to be changed, added or left
 * out.  Runs in jhe-mcp; the text is its user's.
 */
#include <string.h>

#include "cli/nearest.h"

#define NEAREST_MAX	48	/* bytes of a word that is looked at */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
distance(const char *a, const char *b)
{
	size_t	row[NEAREST_MAX + 1], i, k, above, left, na = strlen(a),
		nb = strlen(b);

	for (k = 0; k <= nb; k++)
		row[k] = k;
	for (i = 1; i <= na; i++) {
		above = row[0];
		row[0] = i;
		for (k = 1; k <= nb; k++) {
			left = above + (a[i - 1] != b[k - 1]);
			above = row[k];
			row[k] = least(left, least(above, row[k - 1]) + 1);
		}
	}
	return row[nb];
}

void
nearest_begin(struct nearest *n, const char *text)
{
	n->text = text;
	n->found = NULL;
	/* Half of it may be wrong. */
	n->best = strlen(text) / 2 + 1;
}

void
nearest_try(struct nearest *n, const char *word)
{
	size_t	d;

	if (strlen(n->text) > NEAREST_MAX || strlen(word) > NEAREST_MAX)
		return;
	/* The beginning of a word is meant as the word. */
	d = n->text[0] != '\0' &&
	    strncmp(word, n->text, strlen(n->text)) == 0 ? 0 :
	    distance(n->text, word);
	if (d < n->best) {
		n->best = d;
		n->found = word;
	}
}

const char *
nearest_found(const struct nearest *n)
{
	return n->found;
}
