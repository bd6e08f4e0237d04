/* SPDX-License-Identifier: MIT */
#include "dialect.h"

#include <string.h>

extern const struct dialect dialect_upbit;
extern const struct dialect dialect_recorded;

static const struct dialect *const dialects[] = {
    &dialect_upbit,
    &dialect_recorded,
};

const struct dialect *dialect_at(size_t i)
{
    return i < sizeof(dialects) / sizeof(dialects[0]) ? dialects[i] : NULL;
}

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (strcmp(dialects[i]->name, name) == 0)
            return dialects[i];
    }
    return NULL;
}
