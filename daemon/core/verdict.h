/* SPDX-License-Identifier: MIT
 * verdict.h - the words a book or a connection is judged with, for the daemon's side. The list itself is data and
 * stands once, in shm/verdict.def, because its numbers are in the segment (daemon/decisions.md, "one word list"). */
#ifndef HOGA_VERDICT_H
#define HOGA_VERDICT_H

#include <stdint.h>

enum state {
#define HOGA_STATE_ROW(number, name, word, severity, sentence) STATE_##name = number,
#include "shm/verdict.def"
#undef HOGA_STATE_ROW
    STATE_COUNT
};
enum reason {
#define HOGA_REASON_ROW(number, name, word, sentence) REASON_##name = number,
#include "shm/verdict.def"
#undef HOGA_REASON_ROW
    REASON_COUNT
};
enum source {
#define HOGA_SOURCE_ROW(number, name, word) SOURCE_##name = number,
#include "shm/verdict.def"
#undef HOGA_SOURCE_ROW
};
enum proof {
#define HOGA_PROOF_ROW(number, name, word) PROOF_##name = number,
#include "shm/verdict.def"
#undef HOGA_PROOF_ROW
};

/* The word ("awaiting-snapshot"), never NULL; "?" for a number that is none. */
const char *verdict_state_word(unsigned state);
const char *verdict_reason_word(unsigned reason);

#endif
