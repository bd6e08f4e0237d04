/* SPDX-License-Identifier: MIT
 * The configuration: the shipped file, many markets, every rule that refuses. */
#include "core/log.h"
#include "loop/config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char file[96];
static const char *const venues[] = { "upbit", "kraken" };

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/hoga-config-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/hoga.conf", folder);
}

static void remove_folder(void)
{
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(config, .init = make_folder, .fini = remove_folder);

static void write_file(const char *name, const char *text)
{
    char path[160];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    cr_assert_not_null(f);
    (void)fputs(text, f);
    (void)fclose(f);
}

static int load(struct config **ret, struct config_problem *ret_problem)
{
    struct config_search search = { .file = file, .venues = venues, .n_venues = 2 };

    return config_load(&search, ret, ret_problem);
}

static struct config *load_text(const char *text)
{
    struct config_problem problem = { "" };
    struct config *c = NULL;

    write_file("hoga.conf", text);
    cr_assert_eq(load(&c, &problem), 0, "%s", problem.text);
    return c;
}

/* What is refused, and with which words after the folder's name. */
static void refused(const char *text, const char *words)
{
    struct config_problem problem = { "" };
    struct config *c = NULL;

    write_file("hoga.conf", text);
    cr_expect_eq(load(&c, &problem), -EINVAL, "%s", text);
    cr_expect_null(c);
    cr_expect_not_null(strstr(problem.text, words), "got \"%s\", wanted \"%s\"", problem.text, words);
}

/* From where this file was compiled: two folders up, then conf/. */
static FILE *shipped_file(void)
{
    char path[512];
    const char *here = strstr(__FILE__, "tests/unit/"), *top = getenv("HOGA_TOP"); /* ccache makes __FILE__ relative */

    if (top)
        (void)snprintf(path, sizeof path, "%s/conf/hoga.conf", top);
    else
        (void)snprintf(path, sizeof path, "%.*sconf/hoga.conf", here ? (int)(here - __FILE__) : 0, __FILE__);
    return fopen(path, "r");
}

Test(config, the_shipped_file_says_the_defaults)
{
    static char text[16384], with_all[16384];
    struct config_problem problem = { "" };
    struct config_search search = { .venues = venues, .n_venues = 2 };
    struct config *c = NULL;
    size_t n, at = 0;
    FILE *f = shipped_file();

    cr_assert_not_null(f);
    n = fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    text[n] = '\0';

    c = load_text(text);
    cr_expect_eq(c->n_venues, 1);
    cr_expect_eq(c->venues[0].n_symbols, 3);
    cr_expect_eq(c->books_max, 1024);
    c = config_free(c);

    /* Each directive that is commented out is one we know, and its value is good. */
    for (size_t i = 0; i < n; i++) {
        if (text[i] != ';' || (i > 0 && text[i - 1] != '\n'))
            with_all[at++] = text[i];
    }
    with_all[at] = '\0';
    c = load_text(with_all);
    cr_expect_eq(c->books_max, 1024);
    cr_expect_eq(c->depth, 30);
    cr_expect_eq(c->segment_mode, 0640);
    cr_expect_eq(c->log_level, LOG_LEVEL_NOTICE);
    cr_expect_str_eq(c->resolv_conf, "/etc/resolv.conf");
    cr_expect_eq(c->venues[0].depth, 0);
    cr_expect_eq(c->venues[0].levels_max, 500);
    cr_expect_neq(c->venues[0].url[0], '\0');
    c = config_free(c);

    search.file = "/nonexistent/hoga.conf";
    cr_expect_eq(config_load(&search, &c, &problem), -ENOENT);
    cr_expect_str_eq(problem.text, "/nonexistent/hoga.conf: No such file or directory");
}

Test(config, three_hundred_markets_over_repeated_lines_and_drop_ins)
{
    static char text[16384], path[160];
    size_t at = (size_t)snprintf(text, sizeof text, "[upbit]\n");
    struct config *c, *again;
    FILE *printed;

    for (int i = 0; i < 300; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s KRW-M%03d%s", i % 10 ? "" : "symbols =", i,
                               i % 10 == 9 ? "\n" : ",");
    c = load_text(text);
    cr_expect_eq(c->venues[0].n_symbols, 300);
    cr_expect_str_eq(c->venues[0].symbols[299], "KRW-M299");
    c = config_free(c);

    (void)snprintf(path, sizeof path, "%s/hoga.conf.d", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    write_file("hoga.conf.d/20.conf", "[daemon]\ndepth = 15\n");
    write_file("hoga.conf.d/10.conf", "[daemon]\ndepth = 5\n[upbit]\nsymbols = KRW-M000 BTC-ETH ; again and new\n");
    write_file("hoga.conf.d/30.conf.off", "nonsense\n");
    c = load_text(text);
    cr_expect_eq(c->venues[0].n_symbols, 301);
    cr_expect_str_eq(c->venues[0].symbols[0], "KRW-M000");
    cr_expect_str_eq(c->venues[0].symbols[300], "BTC-ETH");
    cr_expect_eq(c->depth, 15);

    /* What --print-config says loads to the same. */
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    printed = fopen(file, "w");
    config_print(c, printed);
    (void)fclose(printed);
    struct config_problem problem = { "" };
    cr_assert_eq(load(&again, &problem), 0, "%s", problem.text);
    cr_expect_eq(again->venues[0].n_symbols, 301);
    cr_expect_eq(again->depth, 15);
    for (uint32_t i = 0; i < 301; i++)
        cr_expect_str_eq(again->venues[0].symbols[i], c->venues[0].symbols[i]);
    c = config_free(c);
    again = config_free(again);
}

Test(config, what_is_wrong_is_refused_with_place_and_remedy)
{
    char line[512] = "[upbit]\nsymbols = A\n";

    refused("[upbit]\nsymbols = A\nsymbol = B\n", "hoga.conf:3: symbol: unknown word in [upbit]");
    refused("[upbyt]\nsymbols = A\n", "hoga.conf:2: [upbyt]: unknown section: known are [daemon], [upbit], [kraken]");
    refused("symbols = A\n", "hoga.conf:1: a word before any section");
    refused("[daemon]\ndepth = 5\ndepth = 6\n[upbit]\nsymbols = A\n", "hoga.conf:3: depth: given twice");
    refused("[daemon]\ndepth = 0\n", "hoga.conf:2: depth: \"0\": must be a number from 1 to 1000");
    refused("[daemon]\nbooks_max = 1e3\n", "books_max: \"1e3\": must be a number");
    refused("[daemon]\nsegment_mode = 0666\n", "segment_mode");
    refused("[daemon]\nlog_level = loud\n", "must be err, warn, notice, info or debug");
    refused("[daemon]\nproxy = proxy.example:3128\n", "numeric address");
    refused("[daemon]\nresolv_conf = resolv.conf\n", "absolute path");
    refused("[upbit]\nurl = https://x/\n", "must begin with ws://");
    refused("[daemon]\ntrades = 48\n", "trades: \"48\": must be 0 (none) or a power of two from 16 to 4096");
    refused("[daemon]\ntrades = 8\n", "trades: \"8\": must be 0");
    refused("[daemon]\ntrades = 8192\n", "trades: \"8192\": must be 0");
    refused("[upbit]\ntrades = 16\n", "trades: \"16\": must be yes or no");
    refused("[upbit]\nday = ja\n", "day: \"ja\": must be yes or no");
    refused("[daemon]\ncatalogue_s = 604801\n", "catalogue_s: \"604801\": must be a number of seconds from 0");
    refused("[upbit]\nsymbols = KRW-BTC # no\n", "names or patterns separated by");
    refused("[upbit]\ndepth = 5\n", "no symbols");
    refused("[daemon]\ndepth = 5\n", "no venue");
    refused("", "no venue");
    refused("[daemon]\nbooks_max = 2\n[upbit]\nsymbols = A B C\n", "3 markets, but books_max is 2: raise books_max");
    refused("[upbit]\nsymbols = A\nnonsense\n", "hoga.conf:3: not understood");
    refused("[upbit\nsymbols = A\n", "hoga.conf:1: ");

    memset(line + strlen(line), 'x', CONFIG_LINE_SIZE_MAX + 1); /* one byte too long, in the third line */
    refused(line, "hoga.conf:3: line of 189 bytes: at most 188: break it");
}
