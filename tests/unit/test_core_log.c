/* SPDX-License-Identifier: MIT */
#include "core/log.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int log_end[2];
static char captured[65536];

/* Standard error becomes a pipe for the time of one test; each test is a process of its own. */
static void capture_start(void)
{
    cr_assert_eq(pipe2(log_end, O_CLOEXEC | O_NONBLOCK), 0);
    cr_assert_eq(dup2(log_end[1], STDERR_FILENO), STDERR_FILENO);
}

static const char *capture_read(void)
{
    ssize_t n = read(log_end[0], captured, sizeof captured - 1);

    captured[n > 0 ? n : 0] = '\0';
    return captured;
}

Test(core_log, a_line_is_event_and_fields_with_the_journals_prefix)
{
    capture_start();

    log_warn("book.gap", F_STR("venue", "upbit"), F_U64("expected", UINT64_MAX), F_I64("got", -12));

    cr_assert_str_eq(capture_read(), "<4>book.gap venue=upbit expected=18446744073709551615 got=-12\n");
    log_err("a.b");
    cr_assert_str_eq(capture_read(), "<3>a.b\n");
}

Test(core_log, values_that_could_mislead_are_quoted_and_escaped)
{
    capture_start();

    log_notice("v", F_STR("a", ""), F_STR("b", "x y"), F_STR("c", "q\"\\"), F_STR("d", "k=v"), F_STR("e", NULL));
    cr_assert_str_eq(capture_read(), "<5>v a=\"\" b=\"x y\" c=\"q\\\"\\\\\" d=\"k=v\" e=\"\"\n");

    log_notice("v", F_STR("a", "x\n<3>forged"), F_STR("b", "\x1b[2J"), F_STR("c", "\xc2\x9b"), F_STR("d", "\xff"),
               F_STR("e", "한글"));
    cr_assert_str_eq(capture_read(), "<5>v a=\"x\\x0a<3>forged\" b=\"\\x1b[2J\" c=\"\\xc2\\x9b\" d=\"\\xff\" e=한글\n");
}

Test(core_log, repeats_are_counted_and_said_on_the_next_line_of_the_event)
{
    capture_start();

    for (int i = 0; i < 5; i++)
        log_info("net.down", F_STR("why", "refused"));
    cr_assert_str_eq(capture_read(), "<6>net.down why=refused\n");
    log_info("net.up");
    cr_assert_str_eq(capture_read(), "<6>net.up\n");
    log_info("net.down", F_STR("why", "reset"));
    cr_assert_str_eq(capture_read(), "<6>net.down why=reset repeated=4\n");
}

Test(core_log, a_level_that_is_off_prints_nothing)
{
    capture_start();

    log_debug("quiet");
    cr_assert_str_eq(capture_read(), "");
    cr_assert_not(log_is_enabled(LOG_LEVEL_DEBUG));
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("loud");
    cr_assert_str_eq(capture_read(), "<7>loud\n");
}

Test(core_log, more_lines_than_are_kept_lose_no_count)
{
    const char *at;
    int found = 0;

    capture_start();

    log_info("first");
    log_info("first");
    for (int i = 0; i < 100; i++)
        log_info("many", F_U64("i", i));

    for (at = capture_read(); (at = strstr(at, "first")) != NULL; at++)
        found++;
    cr_assert_eq(found, 2);
    cr_assert_not_null(strstr(captured, "<6>first repeated=1\n"));
}

Test(core_log, a_terminal_gets_no_prefix)
{
    char line[64] = "";
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || !ptsname(master))
        cr_skip_test("no pseudo terminal here");
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        cr_skip_test("no pseudo terminal here");
    cr_assert_eq(dup2(slave, STDERR_FILENO), STDERR_FILENO);

    log_info("seen");

    cr_assert_gt(read(master, line, sizeof line - 1), 0);
    cr_assert_eq(strncmp(line, "seen", 4), 0, "%s", line);
}

Test(core_log, a_long_line_is_cut_and_still_one_line)
{
    static char value[10000];

    capture_start();
    memset(value, 'x', sizeof value - 1);

    log_info("long", F_STR("v", value), F_STR("w", value));

    cr_assert_lt(strlen(capture_read()), 2200);
    cr_assert_eq(strchr(captured, '\n'), captured + strlen(captured) - 1);
}

/* Every line differs, so that none is a repeat: a thousand books that flicker at every message. */
Test(core_log, an_event_has_a_limit_whatever_its_fields_and_the_rest_is_counted)
{
    size_t n = 0;

    cr_assert_eq(pipe2(log_end, O_CLOEXEC | O_NONBLOCK), 0);
    cr_assert_gt(fcntl(log_end[1], F_SETPIPE_SZ, 1 << 20), 0);
    cr_assert_eq(dup2(log_end[1], STDERR_FILENO), STDERR_FILENO);

    for (int i = 0; i < 1000; i++)
        log_notice("book.flickers", F_U64("i", i));
    log_notice("other");

    for (const char *at = capture_read(); (at = strstr(at, "book.flickers")) != NULL; at++)
        n++;
    cr_assert_eq(n, LOG_EVENT_LINES_MAX);
    cr_assert_not_null(strstr(captured, "<5>other\n"));
    log_flush(0);
    cr_assert_str_eq(capture_read(), "", "not before its time");
    log_flush(1);
    cr_assert_str_eq(capture_read(), "<5>book.flickers repeated=744\n");
    log_flush(1);
    cr_assert_str_eq(capture_read(), "", "once");
}

Test(core_log, repeats_that_nothing_follows_are_said_at_the_end)
{
    capture_start();
    for (int i = 0; i < 3; i++)
        log_warn("net.down");
    (void)capture_read();

    log_flush(1);

    cr_assert_str_eq(capture_read(), "<4>net.down repeated=2\n");
}
