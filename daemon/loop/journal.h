/* SPDX-License-Identifier: MIT
 * journal.h - log lines as journal entries with their fields, where standard error is the journal. The loop's thread.
 */
#ifndef HOGA_JOURNAL_H
#define HOGA_JOURNAL_H

/* From here on each line is an entry: MESSAGE the line, HOGA_EVENT its name, HOGA_KEY each of its fields. Does nothing
 * where standard error is something else (JOURNAL_STREAM of systemd.exec(5)). */
void journal_begin(void);

#endif
