/* SPDX-License-Identifier: MIT
 * record_file.h - the files of one venue's recording: compressed, rotated, the oldest removed. Used by the recorder's
 * own thread. Knows no events, only lines. */
#ifndef HOGA_RECORD_FILE_H
#define HOGA_RECORD_FILE_H

#include <stddef.h>
#include <stdint.h>

struct record_file;

/* Makes directory/venue where it is missing. No file is made before the first line.
 * Owns:    *ret; record_file_close (takes NULL, returns NULL) ends the file.
 * Returns: 0, -ENAMETOOLONG, -ENOMEM, or what the directory's errno says. */
int record_file_open(const char *directory, const char *venue, uint64_t file_size_max, uint64_t total_size_max,
                     struct record_file **ret);
struct record_file *record_file_close(struct record_file *f);
/* Returns: 0 or the error of the disk; then the file is of no more use. */
int record_file_line(struct record_file *f, const char *line, size_t size, int64_t now_ns);
/* What was written so far becomes a whole compressed frame on the disk, so that a killed daemon loses only what comes
 * after. Rotates a file that has grown enough. */
int record_file_flush(struct record_file *f);

#endif
