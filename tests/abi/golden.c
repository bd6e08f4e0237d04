/* SPDX-License-Identifier: MIT
 * golden.c - prints where every field of the segment's ABI lies. tests/abi/CMakeLists.txt compares it with
 * abi_<major>.txt: a byte that moves while HOGA_ABI_MAJOR stays fails. `golden FILE` compares, `golden` prints. */
#include "shm/hoga_abi.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;

static void line(const char *what, size_t at, size_t size)
{
    (void)fprintf(out, "%s %zu %zu\n", what, at, size);
}

#define SIZE(type)         line(#type, 0, sizeof(struct type))
#define FIELD(type, field) line(#type "." #field, offsetof(struct type, field), sizeof(((struct type *)NULL)->field))
#define NUMBER(name)       line(#name, 0, (size_t)(name))

static void print_header(void)
{
    SIZE(hoga_abi_header);
    FIELD(hoga_abi_header, magic);
    FIELD(hoga_abi_header, abi_major);
    FIELD(hoga_abi_header, abi_minor);
    FIELD(hoga_abi_header, size);
    FIELD(hoga_abi_header, region_offset);
    FIELD(hoga_abi_header, region_count);
    FIELD(hoga_abi_header, books_max);
    FIELD(hoga_abi_header, depth);
    FIELD(hoga_abi_header, copies);
    FIELD(hoga_abi_header, connections_max);
    FIELD(hoga_abi_header, created_ns);
    FIELD(hoga_abi_header, generation_base);
    FIELD(hoga_abi_header, state);
    FIELD(hoga_abi_header, epoch);
    FIELD(hoga_abi_header, heartbeat_boot_ns);
    FIELD(hoga_abi_header, daemon_state);
    FIELD(hoga_abi_header, directory_version);
    FIELD(hoga_abi_header, pid);
    FIELD(hoga_abi_header, source);
    FIELD(hoga_abi_header, blind_ms_max);
    FIELD(hoga_abi_header, wake_word);
    FIELD(hoga_abi_header, daemon_version);
    FIELD(hoga_abi_header, catalogue_version);
    SIZE(hoga_abi_region);
    FIELD(hoga_abi_region, kind);
    FIELD(hoga_abi_region, item_size);
    FIELD(hoga_abi_region, offset);
    FIELD(hoga_abi_region, stride);
    FIELD(hoga_abi_region, count);
    SIZE(hoga_abi_ring);
    FIELD(hoga_abi_ring, newest);
    SIZE(hoga_abi_newest);
    FIELD(hoga_abi_newest, newest);
}

static void print_book(void)
{
    SIZE(hoga_abi_level);
    FIELD(hoga_abi_level, price);
    FIELD(hoga_abi_level, size);
    SIZE(hoga_abi_book_head);
    FIELD(hoga_abi_book_head, seq);
    FIELD(hoga_abi_book_head, state);
    FIELD(hoga_abi_book_head, reason);
    FIELD(hoga_abi_book_head, source);
    FIELD(hoga_abi_book_head, proof);
    FIELD(hoga_abi_book_head, price_decimals);
    FIELD(hoga_abi_book_head, size_decimals);
    FIELD(hoga_abi_book_head, connection);
    FIELD(hoga_abi_book_head, n_bids);
    FIELD(hoga_abi_book_head, n_asks);
    FIELD(hoga_abi_book_head, bid_price);
    FIELD(hoga_abi_book_head, bid_size);
    FIELD(hoga_abi_book_head, ask_price);
    FIELD(hoga_abi_book_head, ask_size);
    FIELD(hoga_abi_book_head, generation);
    FIELD(hoga_abi_book_head, epoch);
    FIELD(hoga_abi_book_head, n_applied);
    FIELD(hoga_abi_book_head, since_ns);
    FIELD(hoga_abi_book_head, venue_ns);
    FIELD(hoga_abi_book_head, recv_ns);
    FIELD(hoga_abi_book_head, publish_ns);
    FIELD(hoga_abi_book_head, changed_boot_ns);
    FIELD(hoga_abi_book_head, connection_update);
}

static void print_extras(void)
{
    SIZE(hoga_abi_trade);
    FIELD(hoga_abi_trade, seq);
    FIELD(hoga_abi_trade, id);
    FIELD(hoga_abi_trade, price);
    FIELD(hoga_abi_trade, size);
    FIELD(hoga_abi_trade, venue_ns);
    FIELD(hoga_abi_trade, recv_ns);
    FIELD(hoga_abi_trade, update);
    FIELD(hoga_abi_trade, generation);
    FIELD(hoga_abi_trade, price_decimals);
    FIELD(hoga_abi_trade, size_decimals);
    FIELD(hoga_abi_trade, side);
    FIELD(hoga_abi_trade, flags);
    SIZE(hoga_abi_day);
    FIELD(hoga_abi_day, seq);
    FIELD(hoga_abi_day, generation);
    FIELD(hoga_abi_day, known);
    FIELD(hoga_abi_day, fact);
    FIELD(hoga_abi_day, decimals);
    FIELD(hoga_abi_day, period);
    FIELD(hoga_abi_day, last_ns);
    FIELD(hoga_abi_day, venue_ns);
    FIELD(hoga_abi_day, recv_ns);
    FIELD(hoga_abi_day, totals_update);
}

static void print_extra_numbers(void)
{
    NUMBER(HOGA_REGION_DAY);
    NUMBER(HOGA_REGION_NEWEST);
    NUMBER(HOGA_DAY_COPIES);
    NUMBER(HOGA_TRADE_OWNER);
    NUMBER(HOGA_TRADE_AFTER_GAP);
    NUMBER(HOGA_SI_UNKNOWN);
    NUMBER(HOGA_SI_BUY);
    NUMBER(HOGA_SI_SELL);
    NUMBER(HOGA_PE_UNKNOWN);
    NUMBER(HOGA_PE_DAY);
    NUMBER(HOGA_PE_24_HOURS);
    NUMBER(HOGA_FACT_LAST);
    NUMBER(HOGA_FACT_PREVIOUS_CLOSE);
    NUMBER(HOGA_FACT_CHANGE);
    NUMBER(HOGA_FACT_OPEN);
    NUMBER(HOGA_FACT_HIGH);
    NUMBER(HOGA_FACT_LOW);
    NUMBER(HOGA_FACT_VOLUME);
    NUMBER(HOGA_FACT_VALUE);
    NUMBER(HOGA_FACT_BID_TOTAL);
    NUMBER(HOGA_FACT_ASK_TOTAL);
}

static void print_rows(void)
{
    SIZE(hoga_abi_directory_entry);
    FIELD(hoga_abi_directory_entry, seq);
    FIELD(hoga_abi_directory_entry, generation);
    FIELD(hoga_abi_directory_entry, used);
    FIELD(hoga_abi_directory_entry, venue);
    FIELD(hoga_abi_directory_entry, symbol);
    FIELD(hoga_abi_directory_entry, since_ns);
    SIZE(hoga_abi_connection_entry);
    FIELD(hoga_abi_connection_entry, seq);
    FIELD(hoga_abi_connection_entry, venue);
    FIELD(hoga_abi_connection_entry, used);
    FIELD(hoga_abi_connection_entry, state);
    FIELD(hoga_abi_connection_entry, reason);
    FIELD(hoga_abi_connection_entry, source);
    FIELD(hoga_abi_connection_entry, n_books);
    FIELD(hoga_abi_connection_entry, since_ns);
    FIELD(hoga_abi_connection_entry, round_trip_ns);
    FIELD(hoga_abi_connection_entry, n_connects);
    FIELD(hoga_abi_connection_entry, blind_ms_max);
    FIELD(hoga_abi_connection_entry, http_status);
    FIELD(hoga_abi_connection_entry, next_dial_ns);
    SIZE(hoga_abi_connection_live);
    FIELD(hoga_abi_connection_live, valid_from);
    FIELD(hoga_abi_connection_live, heard_boot_ns);
    SIZE(hoga_abi_counter);
    FIELD(hoga_abi_counter, name);
    FIELD(hoga_abi_counter, unit);
    FIELD(hoga_abi_counter, value);
    SIZE(hoga_abi_histogram);
    FIELD(hoga_abi_histogram, venue);
    FIELD(hoga_abi_histogram, name);
    FIELD(hoga_abi_histogram, count);
    FIELD(hoga_abi_histogram, sum_ns);
    FIELD(hoga_abi_histogram, max_ns);
    FIELD(hoga_abi_histogram, bucket);
    SIZE(hoga_abi_tick);
    FIELD(hoga_abi_tick, from);
    FIELD(hoga_abi_tick, tick);
    SIZE(hoga_abi_catalogue_entry);
    FIELD(hoga_abi_catalogue_entry, seq);
    FIELD(hoga_abi_catalogue_entry, used);
    FIELD(hoga_abi_catalogue_entry, listing);
    FIELD(hoga_abi_catalogue_entry, warnings);
    FIELD(hoga_abi_catalogue_entry, known);
    FIELD(hoga_abi_catalogue_entry, n_ticks);
    FIELD(hoga_abi_catalogue_entry, tick_decimals);
    FIELD(hoga_abi_catalogue_entry, n_groups);
    FIELD(hoga_abi_catalogue_entry, group_decimals);
    FIELD(hoga_abi_catalogue_entry, lot_decimals);
    FIELD(hoga_abi_catalogue_entry, size_min_decimals);
    FIELD(hoga_abi_catalogue_entry, value_min_decimals);
    FIELD(hoga_abi_catalogue_entry, lot);
    FIELD(hoga_abi_catalogue_entry, size_min);
    FIELD(hoga_abi_catalogue_entry, value_min);
    FIELD(hoga_abi_catalogue_entry, fetched_ns);
    FIELD(hoga_abi_catalogue_entry, venue);
    FIELD(hoga_abi_catalogue_entry, symbol);
    FIELD(hoga_abi_catalogue_entry, base);
    FIELD(hoga_abi_catalogue_entry, quote);
    FIELD(hoga_abi_catalogue_entry, status);
    FIELD(hoga_abi_catalogue_entry, name_korean);
    FIELD(hoga_abi_catalogue_entry, name_english);
    FIELD(hoga_abi_catalogue_entry, cautions);
    FIELD(hoga_abi_catalogue_entry, ticks);
    FIELD(hoga_abi_catalogue_entry, groups);
    print_extras();
    SIZE(hoga_abi_wake);
    FIELD(hoga_abi_wake, sleepers);
}

static void print_numbers(void)
{
    NUMBER(HOGA_ABI_MAGIC);
    NUMBER(HOGA_ABI_MAJOR);
    NUMBER(HOGA_REGION_DIRECTORY);
    NUMBER(HOGA_REGION_BOOK);
    NUMBER(HOGA_REGION_CONNECTION);
    NUMBER(HOGA_REGION_COUNTER);
    NUMBER(HOGA_REGION_HISTOGRAM);
    NUMBER(HOGA_REGION_TRADE);
    NUMBER(HOGA_REGION_CATALOGUE);
    NUMBER(HOGA_REGION_UPDATE_RING);
    NUMBER(HOGA_SEGMENT_BUILDING);
    NUMBER(HOGA_SEGMENT_READY);
    NUMBER(HOGA_SEGMENT_RETIRED);
    NUMBER(HOGA_DAEMON_STARTING);
    NUMBER(HOGA_DAEMON_RUNNING);
    NUMBER(HOGA_DAEMON_STOPPED);
    NUMBER(HOGA_CONNECTION_NONE);
    NUMBER(HOGA_HISTOGRAM_BUCKETS);
    NUMBER(HOGA_CATALOGUE_COPIES);
    print_extra_numbers();
    NUMBER(HOGA_LISTING_UNKNOWN);
    NUMBER(HOGA_LISTING_TRADING);
    NUMBER(HOGA_LISTING_HALTED);
    NUMBER(HOGA_LISTING_DELISTED);
    NUMBER(HOGA_KNOWN_WARNINGS);
    NUMBER(HOGA_KNOWN_LOT);
    NUMBER(HOGA_KNOWN_SIZE_MIN);
    NUMBER(HOGA_KNOWN_VALUE_MIN);
    NUMBER(HOGA_KNOWN_TICK_NOW);
    NUMBER(HOGA_WARNING_INVESTMENT);
    NUMBER(HOGA_WARNING_CAUTION);
#define HOGA_STATE_ROW(number, name, word, severity, sentence) line("state " word, 0, number);
#define HOGA_REASON_ROW(number, name, word, sentence)          line("reason " word, 0, number);
#define HOGA_SOURCE_ROW(number, name, word)                    line("source " word, 0, number);
#define HOGA_PROOF_ROW(number, name, word)                     line("proof " word, 0, number);
#include "shm/verdict.def"
}

/* Every line of the golden file must still be there; new lines may follow (spare words put to use, new reasons). */
static int compare(const char *text, const char *golden_path)
{
    FILE *golden = fopen(golden_path, "r");
    char want[256];
    int n_failed = 0, n_lines = 0;

    if (golden == NULL) {
        perror(golden_path);
        return 1;
    }
    while (fgets(want, sizeof want, golden) != NULL) {
        const char *at = strstr(text, want);

        n_lines++;
        if (at != NULL && (at == text || at[-1] == '\n'))
            continue;
        (void)printf("moved, while the ABI's major stays: %s", want);
        n_failed++;
    }
    (void)fclose(golden);
    return n_failed > 0 || n_lines < 100;
}

int main(int argc, char **argv)
{
    char *text = NULL;
    size_t size = 0;
    int r = 0;

    out = open_memstream(&text, &size);
    if (out == NULL)
        return 2;
    print_header();
    print_book();
    print_rows();
    print_numbers();
    (void)fclose(out);
    if (argc > 1)
        r = compare(text, argv[1]);
    else
        (void)fputs(text, stdout);
    free(text);
    return r;
}
