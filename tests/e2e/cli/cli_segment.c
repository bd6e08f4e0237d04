/* SPDX-License-Identifier: MIT
 * cli_segment PATH SOURCE: a segment whose books a test script sets, one command a line on standard input, each
 * answered with "ok". It keeps the heartbeat going until it is told to be mute, to stop, or its input ends.
 *     book SYMBOL STATE REASON PRICE_DECIMALS SIZE_DECIMALS BIDS ASKS   BIDS, ASKS: "price:size,..." mantissas or "-"
 *     trade SYMBOL ID PRICE SIZE SIDE FLAGS | day SYMBOL LAST CHANGE TOTALS   mantissas, see on_trade and on_day
 *     free SYMBOL | link STATE REASON | count N | took NS | mute | unmute | stop */
#include "shm/trade.h"
#include "shm/writer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 30

static struct writer *segment;
static uint64_t n_updates;
static uint8_t source;

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static uint16_t levels_parse(char *text, struct hoga_abi_level *ret)
{
    uint16_t n = 0;
    char *rest = text;

    if (strcmp(text, "-") == 0)
        return 0;
    for (char *item; n < DEPTH && (item = strsep(&rest, ",")); n++) {
        char *size = strchr(item, ':');

        ret[n].price = strtoll(item, NULL, 10);
        ret[n].size = size ? strtoll(size + 1, NULL, 10) : 0;
    }
    return n;
}

static void on_book(char **words)
{
    struct hoga_abi_level bids[DEPTH] = { { 0 } }, asks[DEPTH] = { { 0 } };
    int64_t wall_ns = now_ns(CLOCK_REALTIME);
    uint32_t slot;
    struct hoga_abi_book_head head = {
        .state = (uint8_t)atoi(words[2]),
        .reason = (uint8_t)atoi(words[3]),
        .proof = HOGA_PR_SEQUENCE,
        .source = source,
        .price_decimals = (uint8_t)atoi(words[4]),
        .size_decimals = (uint8_t)atoi(words[5]),
        .n_bids = levels_parse(words[6], bids),
        .n_asks = levels_parse(words[7], asks),
        .since_ns = wall_ns,
        .venue_ns = wall_ns,
        .recv_ns = wall_ns,
        .publish_ns = wall_ns,
        .changed_boot_ns = now_ns(CLOCK_BOOTTIME),
        .connection_update = n_updates + 1,
        .n_applied = n_updates + 1,
    };

    n_updates++;
    if (writer_slot_get(segment, "upbit", words[1], wall_ns, &slot) == 0)
        writer_book_publish(segment, slot, &head, bids, asks);
}

static void on_free(const char *symbol)
{
    uint32_t slot;

    if (writer_slot_get(segment, "upbit", symbol, now_ns(CLOCK_REALTIME), &slot) == 0)
        writer_slot_free(segment, slot, now_ns(CLOCK_REALTIME));
}

/* trade SYMBOL ID PRICE SIZE SIDE FLAGS: mantissas of 2 and 8 decimals. */
static void on_trade(char **words)
{
    struct hoga_abi_trade trade = { .id = strtoull(words[2], NULL, 10),
                                    .price = strtoll(words[3], NULL, 10),
                                    .size = strtoll(words[4], NULL, 10),
                                    .venue_ns = 1730336862047000000,
                                    .recv_ns = now_ns(CLOCK_REALTIME),
                                    .price_decimals = 2,
                                    .size_decimals = 8,
                                    .side = (uint8_t)atoi(words[5]),
                                    .flags = (uint8_t)atoi(words[6]) };
    uint32_t slot;

    if (writer_slot_get(segment, "upbit", words[1], now_ns(CLOCK_REALTIME), &slot) == 0)
        writer_trade_publish(segment, slot, &trade);
}

/* day SYMBOL LAST CHANGE ASK_TOTAL: mantissas of 1, 1 and 8 decimals; the rest is not known. */
static void on_day(char **words)
{
    struct hoga_abi_day day = { .known = 1u << HOGA_FACT_LAST | 1u << HOGA_FACT_CHANGE | 1u << HOGA_FACT_BID_TOTAL |
                                         1u << HOGA_FACT_ASK_TOTAL,
                                .period = HOGA_PE_24_HOURS };
    uint32_t slot;

    day.fact[HOGA_FACT_LAST] = strtoll(words[2], NULL, 10);
    day.fact[HOGA_FACT_CHANGE] = strtoll(words[3], NULL, 10);
    day.fact[HOGA_FACT_ASK_TOTAL] = day.fact[HOGA_FACT_BID_TOTAL] = strtoll(words[4], NULL, 10);
    day.decimals[HOGA_FACT_LAST] = day.decimals[HOGA_FACT_CHANGE] = 1;
    day.decimals[HOGA_FACT_ASK_TOTAL] = day.decimals[HOGA_FACT_BID_TOTAL] = 8;
    if (writer_slot_get(segment, "upbit", words[1], now_ns(CLOCK_REALTIME), &slot) == 0)
        writer_day_publish(segment, slot, &day);
}

static void on_link(int state, int reason)
{
    struct hoga_abi_connection_entry entry = {
        .venue = "upbit",
        .used = 1,
        .state = (uint8_t)state,
        .reason = (uint8_t)reason,
        .source = source,
        .n_books = 1,
        .since_ns = now_ns(CLOCK_REALTIME),
        .n_connects = 2,
        .blind_ms_max = 25000,
    };

    writer_connection_publish(segment, 0, &entry);
    writer_connection_valid_from(segment, 0, 1);
}

/* Returns 1 to go on, 0 to end. */
static int on_line(char *line, int *io_is_mute)
{
    char *words[9] = { NULL }, *rest = line;
    int n = 0;

    for (char *word; n < 8 && (word = strsep(&rest, " \n"));)
        if (word[0])
            words[n++] = word;
    if (n == 8 && strcmp(words[0], "book") == 0)
        on_book(words);
    else if (n == 2 && strcmp(words[0], "free") == 0)
        on_free(words[1]);
    else if (n == 7 && strcmp(words[0], "trade") == 0)
        on_trade(words);
    else if (n == 5 && strcmp(words[0], "day") == 0)
        on_day(words);
    else if (n == 3 && strcmp(words[0], "link") == 0)
        on_link(atoi(words[1]), atoi(words[2]));
    else if (n == 2 && strcmp(words[0], "count") == 0)
        writer_counter_add(segment, 0, strtoull(words[1], NULL, 10));
    else if (n == 2 && strcmp(words[0], "took") == 0)
        writer_histogram_record(segment, 0, strtoull(words[1], NULL, 10));
    else if (n == 1 && strcmp(words[0], "mute") == 0)
        *io_is_mute = 1;
    else if (n == 1 && strcmp(words[0], "unmute") == 0)
        *io_is_mute = 0;
    else if (n == 1 && strcmp(words[0], "stop") == 0)
        return 0;
    else
        return 0;
    (void)writer_wake(segment);
    puts("ok");
    (void)fflush(stdout);
    return 1;
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "frames" }, *const units[] = { "frames" };
    struct writer_options options = {
        .layout = { .books_max = 16,
                    .depth = DEPTH,
                    .connections_max = 4,
                    .counters_max = 1,
                    .histograms_max = 2,
                    .trades = 16,
                    .has_day = 1 },
        .daemon_version = HOGA_VERSION,
        .mode = 0640,
        .counter_names = names,
        .counter_units = units,
    };
    struct segment_problem problem;
    char line[4096];
    int is_mute = 0;

    if (argc != 3)
        return 2;
    options.path = argv[1];
    options.source = source = (uint8_t)atoi(argv[2]);
    if (writer_open(&options, &segment, &problem) < 0)
        return 1;
    writer_histogram_name(segment, 0, "upbit", "decode");
    writer_histogram_record(segment, 0, 1500);
    writer_counter_add(segment, 0, 9007199254740993);
    on_link(HOGA_ST_LIVE, HOGA_RE_NONE);
    writer_ready(segment, now_ns(CLOCK_BOOTTIME));
    puts("ok");
    (void)fflush(stdout);
    (void)setvbuf(stdin, NULL, _IONBF, 0); /* poll must see what fgets has not taken */
    for (;;) {
        struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

        if (!is_mute) {
            writer_heartbeat(segment, now_ns(CLOCK_BOOTTIME));
            writer_connection_heard(segment, 0, now_ns(CLOCK_BOOTTIME));
        }
        if (poll(&in, 1, 50) > 0 && (!fgets(line, sizeof line, stdin) || !on_line(line, &is_mute)))
            break;
    }
    segment = writer_close(segment);
    return 0;
}
