/* SPDX-License-Identifier: MIT
 * catalogue.c - see catalogue.h. */
#include "venue/catalogue.h"

#include "core/decimal.h"
#include "venue/field.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* --- values ------------------------------------------------------------------------------------------------------- */

/* A string, or a number's or a word's own letters. Returns: 1, 0 of another kind and skipped, -EBADMSG. */
static int value_text(struct scan *s, struct scan_string *ret)
{
    enum scan_kind kind = scan_peek(s);
    const char *start = s->at;
    int r;

    if (kind == SCAN_STRING) {
        r = scan_string(s, ret);
        return r < 0 ? r : 1;
    }
    r = scan_skip(s);
    if (r < 0)
        return r;
    *ret = (struct scan_string){ start, (size_t)(s->at - start), 0 };
    return kind == SCAN_NUMBER;
}

int catalogue_take_text(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct scan_string string;
    struct text text;
    int r = value_text(s, &string);

    if (r <= 0)
        return r;
    assert(field->size > 0);
    text_init(&text, (char *)to + field->offset, field->size);
    scan_string_add(&string, &text);
    return 0;
}

int catalogue_take_symbol(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct scan_string string;
    int r = value_text(s, &string);

    (void)field;
    if (r > 0 && field_symbol(&string, to->symbol) < 0)
        to->symbol[0] = '\0';
    return r < 0 ? r : 0;
}

/* At or above zero. Returns: 1, 0 it is none that we can hold, -EBADMSG. */
static int value_number(struct scan *s, struct md_decimal *ret)
{
    struct scan before = *s;
    struct scan_number number;

    if (scan_number_or_string(s, &number) < 0) {
        *s = before;
        return scan_skip(s);
    }
    if (!number.fits || number.is_negative)
        return 0;
    ret->decimals = (uint8_t)decimal_minimal(number.mantissa, number.decimals);
    ret->mantissa = number.mantissa / decimal_pow10[number.decimals - ret->decimals];
    ret->is_known = 1;
    return 1;
}

int catalogue_take_number(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct md_decimal value = { 0 };
    int r = value_number(s, &value);

    if (r >= 0)
        memcpy((char *)to + field->offset, &value, sizeof(value));
    return r < 0 ? r : 0;
}

/* A count of decimals. */
static int value_digits(struct scan *s, struct md_decimal *ret)
{
    struct md_decimal value = { 0 };
    int r = value_number(s, &value);

    if (r <= 0 || value.decimals > 0 || value.mantissa > MD_DECIMALS_MAX)
        return r < 0 ? r : 0;
    *ret = (struct md_decimal){ 1, (uint8_t)value.mantissa, 1 };
    return 1;
}

int catalogue_take_digits(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct md_decimal value = { 0 };
    int r = value_digits(s, &value);

    if (r >= 0)
        memcpy((char *)to + field->offset, &value, sizeof(value));
    return r < 0 ? r : 0;
}

static void tick_set(struct md_instrument *to, const struct md_decimal *tick, int is_now)
{
    to->n_ticks = tick->mantissa > 0;
    to->is_tick_now = to->n_ticks && is_now;
    to->ticks[0] = (struct md_tick){ .from = { .is_known = 1 }, .tick = *tick };
}

int catalogue_take_tick(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct md_decimal tick = { 0 };
    int r = value_number(s, &tick);

    (void)field;
    tick_set(to, &tick, 0);
    return r < 0 ? r : 0;
}

int catalogue_take_tick_digits(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct md_decimal tick = { 0 };
    int r = value_digits(s, &tick);

    (void)field;
    tick_set(to, &tick, 0);
    return r < 0 ? r : 0;
}

int catalogue_take_tick_now(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct md_decimal tick = { 0 };
    int r = value_number(s, &tick);

    (void)field;
    tick_set(to, &tick, 1);
    return r < 0 ? r : 0;
}

int catalogue_take_groups(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    int r;

    (void)field;
    to->n_groups = 0;
    if (scan_peek(s) != SCAN_ARRAY)
        return scan_skip(s);
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0) {
        struct md_decimal step = { 0 };

        r = value_number(s, &step);
        if (r > 0 && step.mantissa > 0 && to->n_groups < MD_GROUPS_MAX)
            to->groups[to->n_groups++] = step;
    }
    return r;
}

int catalogue_take_status(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct scan_string string;
    struct text text;
    int r = value_text(s, &string);

    if (r <= 0)
        return r;
    text_init(&text, to->status, sizeof(to->status));
    scan_string_add(&string, &text);
    to->listing = MD_LISTING_UNKNOWN;
    for (const struct catalogue_word *w = field->more; w->word; w++)
        if (field_is(&string, w->word))
            to->listing = w->listing;
    return 0;
}

/* --- warnings ----------------------------------------------------------------------------------------------------- */

static void warning_set(struct md_instrument *to, uint8_t bit, int is_set)
{
    to->has_warnings = 1;
    to->warnings = (uint8_t)(is_set ? to->warnings | bit : to->warnings & ~bit);
}

int catalogue_take_warning(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    enum scan_kind kind = scan_peek(s);
    char first = s->at < s->end ? *s->at : '\0';
    int r = scan_skip(s);

    (void)field;
    if (r == 0 && kind == SCAN_WORD && first != 'n')
        warning_set(to, MD_WARNING_INVESTMENT, first == 't');
    return r;
}

static void caution_add(struct md_instrument *to, const struct scan_string *word)
{
    size_t used = strlen(to->cautions);
    struct text text;

    text_init(&text, to->cautions + used, sizeof(to->cautions) - used);
    if (used > 0)
        text_add_string(&text, " ");
    scan_string_add(word, &text);
    if (text.cut)
        to->cautions[used] = '\0'; /* a word is there whole or not at all; the bit says that there is one */
}

int catalogue_take_cautions(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct scan_string word;
    int r;

    (void)field;
    if (scan_peek(s) != SCAN_OBJECT)
        return scan_skip(s);
    to->cautions[0] = '\0';
    warning_set(to, MD_WARNING_CAUTION, 0);
    r = scan_object_begin(s);
    while (r >= 0 && (r = scan_object_next(s, &word)) > 0) {
        int is_true = scan_peek(s) == SCAN_WORD && *s->at == 't';

        r = scan_skip(s);
        if (r < 0 || !is_true)
            continue;
        warning_set(to, MD_WARNING_CAUTION, 1);
        caution_add(to, &word);
    }
    return r;
}

int catalogue_take_warning_word(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    struct scan_string word;
    int r = value_text(s, &word);

    (void)field;
    if (r <= 0)
        return r;
    to->cautions[0] = '\0';
    warning_set(to, MD_WARNING_INVESTMENT, !field_is(&word, "NONE"));
    if (to->warnings)
        caution_add(to, &word);
    return 0;
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

static const struct catalogue_field *table_find(const struct catalogue_table *table, const struct scan_string *key)
{
    for (uint32_t i = 0; i < table->n; i++)
        if (field_is(key, table->fields[i].key))
            return &table->fields[i];
    return NULL;
}

/* One object by its table. Returns: 0, -EBADMSG. */
static int object_take(struct scan *s, const struct catalogue_table *table, struct md_instrument *to)
{
    struct scan_string key;
    int r = scan_object_begin(s);

    while (r >= 0 && (r = scan_object_next(s, &key)) > 0) {
        const struct catalogue_field *field = table_find(table, &key);

        r = field ? field->take(s, field, to) : scan_skip(s);
    }
    return r;
}

int catalogue_take_object(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    return scan_peek(s) == SCAN_OBJECT ? object_take(s, field->more, to) : scan_skip(s);
}

int catalogue_take_objects(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    int r;

    if (scan_peek(s) != SCAN_ARRAY)
        return scan_skip(s);
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0)
        r = catalogue_take_object(s, field, to);
    return r;
}

/* --- an answer ---------------------------------------------------------------------------------------------------- */

/* Only what may stand in a query as it is, or is written with % already: the venue's bytes become part of a URL. */
static int cursor_take(struct catalogue_scan *cs)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%";
    struct scan_string string;
    int r = value_text(&cs->s, &string);

    cs->cursor[0] = '\0';
    if (r <= 0)
        return r;
    if (string.size >= sizeof(cs->cursor) || string.has_escape)
        return -EBADMSG; /* without the next page the list would not be whole */
    memcpy(cs->cursor, string.at, string.size);
    cs->cursor[string.size] = '\0';
    return strspn(cs->cursor, allowed) == string.size ? 0 : -EBADMSG;
}

/* The members of the object that we are in, up to `key`. Returns: 1 at its value, 0 there is none, -EBADMSG. */
static int object_walk(struct catalogue_scan *cs, const char *key)
{
    struct scan_string found;
    int r;

    while ((r = scan_object_next(&cs->s, &found)) > 0) {
        if (key && field_is(&found, key))
            return 1;
        r = cs->part->cursor && field_is(&found, cs->part->cursor) ? cursor_take(cs) : scan_skip(&cs->s);
        if (r < 0)
            return r;
    }
    return r;
}

int catalogue_begin(struct catalogue_scan *cs, const struct catalogue_part *part, const char *bytes, size_t size)
{
    int r;

    *cs = (struct catalogue_scan){ .part = part };
    r = scan_begin(&cs->s, bytes, size);
    while (r == 0 && cs->depth < CATALOGUE_LIST_DEPTH && part->list[cs->depth]) {
        if (scan_peek(&cs->s) != SCAN_OBJECT)
            return -EBADMSG;
        r = scan_object_begin(&cs->s);
        if (r == 0)
            r = object_walk(cs, part->list[cs->depth++]);
        if (r == 0)
            return -EBADMSG; /* the list is not there: an error that came with status 200 */
        r = r < 0 ? r : 0;
    }
    if (r < 0)
        return r;
    if (scan_peek(&cs->s) != (part->is_keyed ? SCAN_OBJECT : SCAN_ARRAY))
        return -EBADMSG;
    return part->is_keyed ? scan_object_begin(&cs->s) : scan_array_begin(&cs->s);
}

/* To the next row. Returns: 1, 0 there is none, -EBADMSG. */
static int row_next(struct catalogue_scan *cs)
{
    struct scan_string key;

    return cs->part->is_keyed ? scan_object_next(&cs->s, &key) : scan_array_next(&cs->s);
}

/* Behind the list: the rest of each object around it, and nothing more. */
static int answer_end(struct catalogue_scan *cs)
{
    for (; cs->depth > 0; cs->depth--) {
        int r = object_walk(cs, NULL);

        if (r < 0)
            return r;
    }
    return scan_finish(&cs->s);
}

int catalogue_next(struct catalogue_scan *cs, struct md_instrument *ret)
{
    const struct catalogue_part *part = cs->part;
    int r;

    while ((r = row_next(cs)) > 0) {
        memset(ret, 0, sizeof(*ret));
        if (scan_peek(&cs->s) != SCAN_OBJECT)
            return -EBADMSG;
        r = object_take(&cs->s, &part->row, ret);
        if (r < 0)
            return r;
        if (part->finish)
            part->finish(ret);
        if (ret->symbol[0] != '\0')
            return 1;
        cs->n_skipped++;
    }
    return r < 0 ? r : answer_end(cs);
}

int catalogue_path(struct text *text, const struct catalogue_part *part, const char *const *symbols, uint32_t n,
                   const char *cursor, uint32_t *ret_n)
{
    uint32_t taken = 0;

    text_add_string(text, part->path);
    if (cursor[0] != '\0') {
        text_add_string(text, part->cursor_query);
        text_add_string(text, cursor);
    }
    for (; part->names_symbols && taken < n && taken < part->symbols_max; taken++) {
        if (text->used + strlen(symbols[taken]) + 2 > text->size)
            break;
        text_add_string(text, taken > 0 ? "," : "");
        text_add_string(text, symbols[taken]);
    }
    if (text->cut || (part->names_symbols && taken == 0))
        return -ENOBUFS;
    *ret_n = taken;
    return 0;
}
