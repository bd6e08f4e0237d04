/* SPDX-License-Identifier: MIT
 * doc.h - the JSON that scripts read (hoga.schema.json): prices, sizes, ids, update numbers and wall-clock times are
 * strings, since readers of JSON keep 53 bits; counts and ages are numbers; what is not known is null. One thread. */
#ifndef HOGA_CLI_DOC_H
#define HOGA_CLI_DOC_H

#include "view.h"

#include <cjson/cJSON.h>

/* Once, before anything else of cJSON: a document is whole, or the program ends in words. */
void doc_begin(void);
/* {"schema":1}; with "daemon" if c->h is open. */
cJSON *doc_new(const struct cli *c);
/* A book with the view's rungs. */
cJSON *doc_book(const struct view *v);
cJSON *doc_connection(struct hoga_connection *connection);
/* What a venue lists of an instrument; unknown is null. */
cJSON *doc_instrument(const struct hoga_instrument *instrument, bool is_subscribed);
/* Whole numbers of 64 bits, without cJSON's way through a double. */
void doc_add_count(cJSON *object, const char *name, uint64_t value);
void doc_add_age(cJSON *object, const char *name, int64_t age_ns);         /* below 0: null */
void doc_add_wall(cJSON *object, const char *name, int64_t wall_ns);       /* 0: null */
void doc_add_number_text(cJSON *object, const char *name, uint64_t value); /* as a string */
/* A decimal as a string; null unless is_there. */
void doc_add_decimal(cJSON *object, const char *name, bool is_there, int64_t mantissa, unsigned decimals);
/* Prints on one line, frees the document. Returns as cli_flush(). */
int doc_print(cJSON *document);

#endif
