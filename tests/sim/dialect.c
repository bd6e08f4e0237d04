/* SPDX-License-Identifier: MIT */
#include "dialect.h"

#include <string.h>

#define VENUE_ROW(name, file) extern const struct dialect dialect_##name;
#include "venue/venues.def"
#undef VENUE_ROW

static const struct dialect *const dialects[] = {
#define VENUE_ROW(name, file) &dialect_##name,
#include "venue/venues.def"
#undef VENUE_ROW
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
