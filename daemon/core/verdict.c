/* SPDX-License-Identifier: MIT */
#include "core/verdict.h"

static const char *const state_words[] = {
#define HOGA_STATE_ROW(number, name, word, severity, sentence) [number] = (word),
#include "shm/verdict.def"
#undef HOGA_STATE_ROW
};
static const char *const reason_words[] = {
#define HOGA_REASON_ROW(number, name, word, sentence) [number] = (word),
#include "shm/verdict.def"
#undef HOGA_REASON_ROW
};

/* A number left out of the list leaves a NULL behind; it must not reach a reader. */
static const char *word_at(const char *const *words, unsigned n, unsigned number)
{
    return number < n && words[number] ? words[number] : "?";
}

const char *verdict_state_word(unsigned state)
{
    return word_at(state_words, sizeof(state_words) / sizeof(state_words[0]), state);
}

const char *verdict_reason_word(unsigned reason)
{
    return word_at(reason_words, sizeof(reason_words) / sizeof(reason_words[0]), reason);
}
