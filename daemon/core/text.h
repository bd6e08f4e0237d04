/* SPDX-License-Identifier: MIT
 * text.h - a bounded text buffer, and the few string questions everybody asks. No allocation: the caller brings the
 * memory. Any thread. */
#ifndef HOGA_TEXT_H
#define HOGA_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Always NUL terminated once initialised; `cut` says that something did not fit. */
struct text {
    char *at;
    size_t size; /* bytes of memory */
    size_t used; /* without the NUL */
    int cut;
};

void text_init(struct text *t, char *memory, size_t size);
void text_add(struct text *t, const char *bytes, size_t n);
void text_add_string(struct text *t, const char *string);
void text_add_u64(struct text *t, uint64_t value);
void text_add_i64(struct text *t, int64_t value);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As the inside of a JSON string (RFC 8259), bytes that are not UTF-8 as U+FFFD. No quotes around it. */
void text_add_json(struct text *t, const char *bytes, size_t n);

/* Bytes of the well-formed UTF-8 character (RFC 3629) that begins at `bytes`; 0 if none does. */
size_t text_utf8_size(const char *bytes, size_t n);

/* Copy a NUL-terminated string. Returns: 0, -ENAMETOOLONG and nothing copied. */
int text_copy(char *to, size_t to_size, const char *from);

#endif
