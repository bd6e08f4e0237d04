/* SPDX-License-Identifier: MIT
 * journal.c - see journal.h. The protocol is one datagram an entry (systemd, "Native Journal Protocol").
 * sd_journal_send would wait for a journal that is stuck, and the books with it; here such a line is lost. */
#include "loop/journal.h"

#include "core/log.h"
#include "core/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define ENTRY_SIZE     8192
#define KEY_SIZE       48

static int journal_fd = -1;

/* A newline would begin the next field. */
static void add_value(struct text *entry, const char *value)
{
    for (; *value; value += strcspn(value, "\n") + (value[strcspn(value, "\n")] == '\n')) {
        size_t n = strcspn(value, "\n");

        text_add(entry, value, n);
        if (value[n] == '\n')
            text_add_string(entry, " ");
    }
    text_add_string(entry, "\n");
}

static void add_field(struct text *entry, const struct log_field *field)
{
    char key[KEY_SIZE];
    size_t n = 0;

    for (; field->key[n] && n + 1 < sizeof key; n++) {
        char c = field->key[n];

        key[n] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    key[n] = '\0';
    text_addf(entry, "HOGA_%s=", key);
    if (field->string) {
        add_value(entry, field->string);
        return;
    }
    if (field->is_unsigned)
        text_add_u64(entry, (uint64_t)field->number);
    else
        text_add_i64(entry, field->number);
    text_add_string(entry, "\n");
}

static int on_line(const struct log_line *line)
{
    static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
    char memory[ENTRY_SIZE];
    struct text entry;

    text_init(&entry, memory, sizeof memory);
    text_addf(&entry, "PRIORITY=%d\nSYSLOG_IDENTIFIER=hogad\nHOGA_EVENT=%s\nMESSAGE=", (int)line->level, line->event);
    add_value(&entry, line->text);
    for (size_t i = 0; i < line->n_fields; i++)
        add_field(&entry, &line->fields[i]);
    if (entry.cut)
        return -EMSGSIZE;
    if (sendto(journal_fd, entry.at, entry.used, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address,
               sizeof address) >= 0)
        return 0;
    return errno == EAGAIN ? 0 : -errno;
}

void journal_begin(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    if (journal_fd >= 0 || !stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
        fstat(STDERR_FILENO, &st) < 0 || st.st_dev != device || st.st_ino != inode)
        return;
    journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (journal_fd >= 0)
        log_set_sink(on_line);
}
