/* SPDX-License-Identifier: MIT
 * What was spent of the venues' budgets outlives the daemon that spent it, and nonsense in its file does not. */
#include "ledger.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECOND 1000000000ll

static char folder[64], segment[96], file[128];

static void begin(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/hoga-ledger.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(segment, sizeof segment, "%s/books", folder);
    (void)snprintf(file, sizeof file, "%s.spent", segment);
}

static void end(void)
{
    (void)unlink(file);
    (void)rmdir(folder);
}

TestSuite(ledger, .init = begin, .fini = end);

Test(ledger, a_daemon_that_was_killed_has_spent_what_it_spent)
{
    int64_t now = 1000 * SECOND;
    struct ledger *l = NULL;
    struct feed_spent *rest;
    struct budget *b;

    for (int life = 0; life < 12; life++, now += SECOND / 10) { /* ten lives a second, and five dials are allowed */
        cr_assert_eq(ledger_open(segment, now, &l), 0);
        b = ledger_dials(l, "venue.example 443");
        b->per_second = 5;
        cr_expect_eq(budget_take(b, now) == 0, life < 5 || life >= 11, "life %d", life);
        if (b->n == (uint64_t)life + 1)
            budget_answered(b, b->n, now);
        rest = ledger_rest(l, "venue https://venue.example");
        cr_expect_eq(rest->n, (uint64_t)life);
        rest->boot_ns[rest->n++ % FEED_SPENT_RING] = now;
        rest->closed_until_boot_ns = now + 60 * SECOND;
        cr_expect_eq(ledger_rest(l, "another")->n, 0);
        l = ledger_free(l);
    }
    cr_assert_eq(access(file, R_OK), 0);
}

Test(ledger, what_makes_no_sense_is_forgotten)
{
    struct ledger *l = NULL;
    FILE *f;

    cr_assert_eq(ledger_open(segment, 1000 * SECOND, &l), 0);
    (void)budget_take(ledger_dials(l, "a"), 1000 * SECOND);
    ledger_rest(l, "a")->closed_until_boot_ns = 1000 * SECOND;
    l = ledger_free(l);
    cr_assert_eq(ledger_open(segment, 500 * SECOND, &l), 0); /* another boot: those moments have not come yet */
    cr_expect_eq(ledger_dials(l, "a")->n, 0);
    l = ledger_free(l);
    f = fopen(file, "w");
    cr_assert_not_null(f);
    for (int i = 0; i < 400000; i++)
        (void)fputc(0xff, f);
    cr_assert_eq(fclose(f), 0);
    cr_assert_eq(ledger_open(segment, 1000 * SECOND, &l), 0);
    cr_expect_eq(ledger_dials(l, "a")->n, 0);
    cr_expect_eq(ledger_rest(l, "a")->n, 0);
    l = ledger_free(l);
}

Test(ledger, rows_are_as_many_as_there_are_and_old_keys_make_room)
{
    struct ledger *l = NULL;
    char key[16];

    for (int life = 0; life < 3; life++) {
        cr_assert_eq(ledger_open(segment, 1000 * SECOND, &l), 0);
        for (int i = 0; i < LEDGER_ROWS; i++) {
            (void)snprintf(key, sizeof key, "%d/%d", life, i);
            cr_assert_not_null(ledger_dials(l, key));
            cr_assert_eq(ledger_dials(l, key), ledger_dials(l, key));
        }
        cr_expect_null(ledger_dials(l, "one more"));
        l = ledger_free(l);
    }
}

Test(ledger, without_its_file_it_works_and_says_so)
{
    struct ledger *l = NULL;

    cr_assert_lt(ledger_open("/nowhere/at/all", SECOND, &l), 0);
    cr_assert_not_null(l);
    cr_expect_eq(budget_take(ledger_dials(l, "a"), SECOND), 0);
    l = ledger_free(l);
}
