/* SPDX-License-Identifier: MIT
 * fuzz_url.c - any text as the URL of a venue: refused, or in parts that can go into a request as they are and are
 * together the same URL again. */
#include "net/url.h"
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void is_sound(const char *text, size_t size)
{
    FUZZ_CHECK(memchr(text, '\0', size) != NULL && text[0] != '\0');
    for (; *text; text++)
        FUZZ_CHECK(*text > ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), together[sizeof(struct url)];
    struct url u, again;

    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    if (url_parse(text, &u) == 0) {
        is_sound(u.host, sizeof u.host);
        is_sound(u.host_header, sizeof u.host_header);
        is_sound(u.path, sizeof u.path);
        FUZZ_CHECK(u.path[0] == '/' && u.port > 0 && !strpbrk(u.host, "/?#@[]"));
        (void)snprintf(together, sizeof together, "%s://%s%s", u.is_tls ? "wss" : "ws", u.host_header, u.path);
        FUZZ_CHECK(url_parse(together, &again) == 0);
        FUZZ_CHECK(strcmp(u.host, again.host) == 0 && strcmp(u.host_header, again.host_header) == 0 &&
                   strcmp(u.path, again.path) == 0 && u.port == again.port && u.is_tls == again.is_tls &&
                   u.is_address == again.is_address);
    }
    free(text);
    return 0;
}
