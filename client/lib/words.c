/* SPDX-License-Identifier: MIT
 * The words of shm/verdict.def and shm/counters.def; never translated here. */
#include <hoga/hoga.h>

#include <string.h>

#define WORD(table, number) ((number) < sizeof(table) / sizeof((table)[0]) ? (table)[number] : "?")

const char *hoga_state_word(unsigned state)
{
    static const char *const words[] = {
#define HOGA_STATE_ROW(number, name, word, severity, sentence) [number] = word,
#include "shm/verdict.def"
#undef HOGA_STATE_ROW
    };
    return WORD(words, state);
}

const char *hoga_reason_word(unsigned reason)
{
    static const char *const words[] = {
#define HOGA_REASON_ROW(number, name, word, sentence) [number] = word,
#include "shm/verdict.def"
#undef HOGA_REASON_ROW
    };
    return WORD(words, reason);
}

const char *hoga_reason_sentence(unsigned reason)
{
    static const char *const sentences[] = {
#define HOGA_REASON_ROW(number, name, word, sentence) [number] = sentence,
#include "shm/verdict.def"
#undef HOGA_REASON_ROW
    };
    if (reason >= sizeof(sentences) / sizeof(sentences[0]))
        return "a reason that this version of libhoga does not know";
    return sentences[reason];
}

const char *hoga_source_word(unsigned source)
{
    static const char *const words[] = {
#define HOGA_SOURCE_ROW(number, name, word) [number] = word,
#include "shm/verdict.def"
#undef HOGA_SOURCE_ROW
    };
    return WORD(words, source);
}

const char *hoga_listed_word(unsigned listed)
{
    static const char *const words[] = { "unknown", "trading", "halted", "delisted" };

    return listed < sizeof(words) / sizeof(words[0]) ? words[listed] : words[0];
}

const char *hoga_proof_word(unsigned proof)
{
    static const char *const words[] = {
#define HOGA_PROOF_ROW(number, name, word) [number] = word,
#include "shm/verdict.def"
#undef HOGA_PROOF_ROW
    };
    return WORD(words, proof);
}

const char *hoga_counter_sentence(const char *counter_name)
{
    static const struct {
        const char *name;
        const char *sentence;
    } rows[] = {
#define COUNTER_ROW(symbol, name, unit, sentence) { name, sentence },
#include "shm/counters.def"
#undef COUNTER_ROW
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, counter_name) == 0)
            return rows[i].sentence;
    }
    return "";
}

const char *hoga_version(void)
{
    return HOGA_VERSION;
}
