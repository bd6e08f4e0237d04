/* SPDX-License-Identifier: MIT
 * fuzz_main.c FOLDER... - runs a fuzz target over kept inputs where libFuzzer is not there. */
#include "oracle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int file_run(const char *folder, const char *name)
{
    char path[4096];
    uint8_t *bytes;
    size_t size;
    FILE *in;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    in = fopen(path, "re");
    bytes = malloc(1 << 20);
    if (!in || !bytes)
        return -1;
    size = fread(bytes, 1, 1 << 20, in);
    (void)fclose(in);
    /* A block of the exact size, so that a sanitizer sees a read beyond it. */
    bytes = realloc(bytes, size > 0 ? size : 1);
    if (!bytes)
        return -1;
    (void)LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned n = 0;

    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        struct dirent *entry;

        while (folder && (entry = readdir(folder)) != NULL) {
            if (entry->d_name[0] == '.')
                continue;
            if (file_run(argv[i], entry->d_name) < 0) {
                (void)fprintf(stderr, "%s/%s: cannot be read\n", argv[i], entry->d_name);
                return 1;
            }
            n++;
        }
        if (folder)
            (void)closedir(folder);
    }
    printf("%u inputs\n", n);
    return n > 0 ? 0 : 1;
}
