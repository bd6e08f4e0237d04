/* SPDX-License-Identifier: MIT */
#include "venue/venue.h"

#include <string.h>

#define VENUE_ROW(name, file, tried) extern const struct venue venue_##name;
#include "venue/venues.def"
#undef VENUE_ROW

static const struct venue *const venues[] = {
#define VENUE_ROW(name, file, tried) &venue_##name,
#include "venue/venues.def"
#undef VENUE_ROW
};

const struct venue *venue_at(unsigned i)
{
    return i < sizeof(venues) / sizeof(venues[0]) ? venues[i] : NULL;
}

const struct venue *venue_find(const char *name)
{
    const struct venue *venue;

    for (unsigned i = 0; (venue = venue_at(i)) != NULL; i++)
        if (strcmp(venue->name, name) == 0)
            return venue;
    return NULL;
}
