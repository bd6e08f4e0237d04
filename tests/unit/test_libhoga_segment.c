/* SPDX-License-Identifier: MIT
 * libhoga against real segments: opening, looking up, reading, a restarted daemon, a replaced file. */
#include "client/lib/path.h"
#include "hoga_rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static struct rig rig;
static struct hoga *h;
static uint32_t slot;
static hoga_id id;

static void open_live(void)
{
    struct hoga_problem problem;
    cr_assert_eq(rig_open(&rig), 0);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    slot = rig_slot(&rig, "upbit", "KRW-BTC");
    writer_ready(rig.writer, rig_boot_ns());
    rig_publish(&rig, slot, 1000);
    cr_assert_eq(hoga_open(&h, rig.path, &problem), 0, "%s: %s", problem.what, problem.why);
    cr_assert_eq(hoga_find(h, "upbit:KRW-BTC", &id), 0);
}

static void close_all(void)
{
    h = hoga_close(h);
    rig_close(&rig);
}

static void assert_verdict(unsigned state, unsigned reason)
{
    struct hoga_book book;
    cr_assert_eq(hoga_read_top(h, id, 0, &book), 0);
    cr_assert_eq(book.state, state, "state %s", hoga_state_word(book.state));
    cr_assert_eq(book.reason, reason, "reason %s", hoga_reason_word(book.reason));
}

Test(libhoga_segment, a_book_is_read_with_its_levels_and_verdict, .init = open_live, .fini = close_all)
{
    struct hoga_book book, top;
    struct hoga_level bids[3], asks[3];

    writer_connection_heard(rig.writer, 0, rig_boot_ns());
    cr_assert_eq(hoga_read(h, id, 0, &book, bids, asks, 3), 0);

    cr_assert_eq(book.state, HOGA_LIVE);
    cr_assert_eq(book.id, id);
    cr_assert_eq(book.n_bids, RIG_DEPTH - 1);
    cr_assert_eq(book.bid.price, 1000);
    cr_assert_eq(book.ask.price, 1001);
    cr_assert_eq(bids[2].price, 998);
    cr_assert_eq(asks[2].size, 202);
    cr_assert_eq(book.price_decimals, 1);
    cr_assert_eq(book.source, HOGA_SO_SIMULATOR);
    cr_assert_eq(book.proof, HOGA_PR_SNAPSHOT_ONLY);
    cr_assert_eq(book.update, hoga_update(h, id));
    cr_assert_eq(book.epoch, writer_epoch(rig.writer));
    cr_assert_eq(book.since_ns, 11);
    cr_assert(book.changed_age_ns >= 0 && book.changed_age_ns < 60000000000);
    cr_assert(book.heard_age_ns >= 0 && book.heard_age_ns < 60000000000);
    cr_assert_eq(hoga_read_top(h, id, 0, &top), 0);
    cr_assert_eq(top.update, book.update);
    cr_assert_eq(hoga_read(h, id, 0, &book, NULL, NULL, 0), 0);
}

Test(libhoga_segment, a_name_is_found_without_case_and_exactly_first, .init = open_live, .fini = close_all)
{
    uint32_t upper = rig_slot(&rig, "upbit", "KRW-ABC"), lower = rig_slot(&rig, "upbit", "krw-abc");
    hoga_id found = 0, all[8], kept = 77;
    struct hoga_info info;
    char longest[200];

    cr_assert_eq(hoga_find(h, "UPBIT:krw-btc", &found), 0);
    cr_assert_eq(found, id);
    cr_assert_eq(hoga_find(h, "upbit:KRW-ABC", &found), 0);
    cr_assert_eq(lib_id_slot(found), upper);
    cr_assert_eq(hoga_find(h, "Upbit:krw-abc", &found), 0);
    cr_assert_eq(lib_id_slot(found), lower);
    cr_assert_eq(hoga_find(h, "upbit:KRW-BTX", &kept), -ENOENT);
    cr_assert_eq(hoga_find(h, "upbi:KRW-BTC", &kept), -ENOENT);
    cr_assert_eq(hoga_find(h, ":", &kept), -ENOENT);
    cr_assert_eq(hoga_find(h, "KRW-BTC", &kept), -EINVAL);
    memset(longest, 'x', sizeof(longest));
    longest[100] = ':';
    longest[199] = '\0';
    cr_assert_eq(hoga_find(h, longest, &kept), -ENOENT);
    cr_assert_eq(kept, 77);
    cr_assert_eq(hoga_list(h, NULL, 0), 3);
    cr_assert_eq(hoga_list(h, all, 8), 3);
    cr_assert_eq(all[0], id);
    cr_assert_eq(hoga_info(h, all[2], &info), 0);
    cr_assert_str_eq(info.name, "upbit:krw-abc");
    cr_assert_str_eq(info.venue, "upbit");
    cr_assert_eq(info.depth, RIG_DEPTH);
}

Test(libhoga_segment, a_slot_given_away_is_stale_for_the_old_id, .init = open_live, .fini = close_all)
{
    struct hoga_book book = { .update = 77 };
    struct hoga_info info = { .id = 77 };
    hoga_id other;

    writer_slot_free(rig.writer, slot, 1);
    cr_assert_eq(hoga_find(h, "upbit:KRW-BTC", &other), -ENOENT);
    cr_assert_eq(hoga_info(h, id, &info), -ESTALE);
    cr_assert_eq(rig_slot(&rig, "upbit", "KRW-ETH"), slot);
    rig_publish(&rig, slot, 50);

    cr_assert_eq(hoga_read_top(h, id, 0, &book), -ESTALE);
    cr_assert_eq(hoga_read(h, id, 0, &book, NULL, NULL, 0), -ESTALE);
    cr_assert_eq(book.update, 77);
    cr_assert_eq(hoga_info(h, id, &info), -ESTALE);
    cr_assert_eq(info.id, 77);
    cr_assert_eq(hoga_find(h, "upbit:KRW-ETH", &other), 0);
    cr_assert_neq(other, id);
    cr_assert_eq(hoga_read_top(h, other, 0, &book), 0);
    cr_assert_eq(book.bid.price, 50);
    cr_assert_eq(hoga_read_top(h, HOGA_NO_ID, 0, &book), -ESTALE);
    cr_assert_eq(hoga_update(h, HOGA_NO_ID), 0);
    cr_assert_eq(hoga_read_top(h, other | 0xffff, 0, &book), -ESTALE);
}

Test(libhoga_segment, one_store_makes_the_books_of_a_connection_invalid, .init = open_live, .fini = close_all)
{
    assert_verdict(HOGA_LIVE, 0);
    writer_connection_valid_from(rig.writer, 0, 11);
    assert_verdict(HOGA_SYNCING, HOGA_RE_AWAITING_SNAPSHOT);
    rig_connection(&rig, HOGA_ST_DOWN, HOGA_RE_BACK_OFF);
    assert_verdict(HOGA_DOWN, HOGA_RE_BACK_OFF);
    writer_connection_valid_from(rig.writer, 0, 10);
    assert_verdict(HOGA_DOWN, HOGA_RE_BACK_OFF);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    assert_verdict(HOGA_LIVE, 0);
}

Test(libhoga_segment, time_passed_in_decides_about_silence, .init = open_live, .fini = close_all)
{
    struct hoga_book book;
    int64_t now_ns = rig_boot_ns();

    cr_assert_eq(hoga_read_top(h, id, now_ns + 600000000, &book), 0);
    cr_assert_eq(book.reason, HOGA_RE_DAEMON_SILENT);
    cr_assert(book.since_ns > 0);
    cr_assert_eq(book.bid.price, 1000); /* the last verified numbers stay */
    writer_heartbeat(rig.writer, rig_boot_ns());
    cr_assert_eq(hoga_read_top(h, id, now_ns - 300000000, &book), 0); /* an old reading of the clock is read again */
    cr_assert_eq(book.state, HOGA_LIVE);
    writer_heartbeat(rig.writer, rig_boot_ns() + 3600000000000); /* a heartbeat ahead of the clock is not believed */
    cr_assert_eq(hoga_read_top(h, id, 0, &book), 0);
    cr_assert_eq(book.reason, HOGA_RE_DAEMON_SILENT);
}

Test(libhoga_segment, a_restarted_daemon_keeps_map_and_ids, .init = open_live, .fini = close_all)
{
    const uint8_t *base = h->map.base;

    rig.writer = writer_close(rig.writer);
    assert_verdict(HOGA_DOWN, HOGA_RE_DAEMON_STOPPED);
    cr_assert_eq(rig_start(&rig, RIG_DEPTH), 0);
    cr_assert_eq(writer_was_adopted(rig.writer), 1);
    assert_verdict(HOGA_DOWN, HOGA_RE_DAEMON_SILENT);
    writer_ready(rig.writer, rig_boot_ns());
    assert_verdict(HOGA_DOWN, HOGA_RE_DAEMON_RESTARTED);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    rig_publish(&rig, slot, 2000);

    assert_verdict(HOGA_LIVE, 0);
    cr_assert_eq(h->map.base, base);
}

Test(libhoga_segment, a_replaced_file_is_mapped_at_the_next_call_and_old_ids_are_stale, .init = open_live,
     .fini = close_all)
{
    struct hoga_book book;
    struct hoga_daemon daemon;
    hoga_id other = id;

    rig.writer = writer_close(rig.writer);
    assert_verdict(HOGA_DOWN, HOGA_RE_DAEMON_STOPPED);
    cr_assert_eq(rig_start(&rig, RIG_DEPTH + 5), 0);
    cr_assert_eq(writer_was_adopted(rig.writer), 0);
    cr_assert_eq(rig_slot(&rig, "upbit", "KRW-ETH"), slot);
    writer_ready(rig.writer, rig_boot_ns());
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    rig_publish(&rig, slot, 50);
    h->replaced_boot_ns = 0; /* the interval between two looks has passed */

    cr_assert_eq(hoga_read_top(h, id, 0, &book), -ESTALE);
    cr_assert_eq(h->map.depth, RIG_DEPTH + 5);
    cr_assert_eq(hoga_read_top(h, id, 0, &book), -ESTALE); /* and for ever */
    cr_assert_eq(hoga_find(h, "upbit:KRW-BTC", &other), -ENOENT);
    cr_assert_eq(hoga_find(h, "upbit:krw-eth", &other), 0);
    cr_assert_neq(other, id);
    cr_assert_eq(lib_id_slot(other), lib_id_slot(id));
    cr_assert_neq(lib_id_tag(other), lib_id_tag(id));
    cr_assert_eq(hoga_read_top(h, other, 0, &book), 0);
    cr_assert_eq(book.state, HOGA_LIVE);
    cr_assert_eq(hoga_daemon(h, &daemon), 0);
    cr_assert_eq(daemon.depth, RIG_DEPTH + 5);
}

Test(libhoga_segment, a_removed_file_leaves_the_old_map_down, .init = open_live, .fini = close_all)
{
    rig.writer = writer_close(rig.writer);
    cr_assert_eq(unlink(rig.path), 0);
    assert_verdict(HOGA_DOWN, HOGA_RE_DAEMON_STOPPED);
    assert_verdict(HOGA_DOWN, HOGA_RE_DAEMON_STOPPED);
}

/* Every value from 1 to 1000 lies between the edges of the bucket that counts it, and nowhere else. */
static void assert_buckets(void)
{
    uint64_t counts[400] = { 0 }, sum = 0;
    int n = hoga_latency_buckets(h, 0, counts, 400);

    cr_assert(n > 300 && n < 400);
    for (int i = 0; i < n; i++) {
        uint64_t edge_ns = hoga_latency_edge_ns((uint32_t)i);

        sum += counts[i];
        cr_assert(i == 0 || edge_ns > hoga_latency_edge_ns((uint32_t)i - 1));
        cr_assert_eq(sum, edge_ns < 1000 ? edge_ns : 1000, "%d", i);
    }
    cr_assert_eq(hoga_latency_edge_ns((uint32_t)n - 1), UINT64_MAX);
    cr_assert_eq(hoga_latency_buckets(h, 0, counts, 2), n);
    cr_assert_eq(hoga_latency_buckets(h, 1, counts, 400), -ERANGE);
}

Test(libhoga_segment, daemon_connections_counters_and_latencies_are_told, .init = open_live, .fini = close_all)
{
    struct hoga_daemon daemon;
    struct hoga_connection connection = { .n_books = 77 };
    struct hoga_counter counter;
    struct hoga_latency latency;

    writer_counter_add(rig.writer, 0, 42);
    writer_histogram_name(rig.writer, 0, "upbit", "decode");
    for (uint64_t ns = 1; ns <= 1000; ns++)
        writer_histogram_record(rig.writer, 0, ns);
    writer_blind_ms_set(rig.writer, 31000);

    cr_assert_eq(hoga_daemon(h, &daemon), 0);
    cr_assert_str_eq(daemon.version, "1.2.3");
    cr_assert_str_eq(daemon.path, rig.path);
    cr_assert_eq(daemon.is_alive, 1);
    cr_assert_eq(daemon.is_stopped, 0);
    cr_assert_eq(daemon.n_books, 1);
    cr_assert_eq(daemon.n_connections, 1);
    cr_assert_eq(daemon.blind_ms_max, 31000);
    cr_assert(daemon.heartbeat_age_ns >= 0);
    cr_assert_eq(hoga_connection(h, 0, &connection), 0);
    cr_assert_str_eq(connection.venue, "upbit");
    cr_assert_eq(connection.state, HOGA_LIVE);
    cr_assert_eq(hoga_connection(h, 1, &connection), -ERANGE);
    cr_assert_eq(hoga_connection(h, 4000000000u, &connection), -ERANGE);
    cr_assert_eq(hoga_counter(h, 0, &counter), 0);
    cr_assert_eq(counter.value, 42);
    cr_assert_str_eq(counter.name, "frames");
    cr_assert_eq(hoga_counter(h, 1, &counter), -ERANGE);
    cr_assert_eq(hoga_latency(h, 0, &latency), 0);
    cr_assert_eq(latency.count, 1000);
    cr_assert(latency.p50_ns >= 500 && latency.p50_ns < 563);
    cr_assert(latency.p99_ns >= 990 && latency.p99_ns <= 1000);
    cr_assert_eq(latency.max_ns, 1000);
    cr_assert_eq(hoga_latency(h, 1, &latency), -ERANGE);
    assert_buckets();
    writer_heartbeat(rig.writer, 1);
    cr_assert_eq(hoga_connection(h, 0, &connection), 0);
    cr_assert_eq(connection.reason, HOGA_RE_DAEMON_SILENT);
}

static void assert_refused(const char *path, int error, const char *why, const char *remedy)
{
    struct hoga *none = NULL;
    struct hoga_problem problem;
    int r = hoga_open(&none, path, &problem);
    cr_assert_eq(r, error, "%s: %d", path, r);
    cr_assert_eq(problem.error, error);
    cr_assert_null(none);
    cr_assert_str_eq(problem.what, path);
    cr_assert(strstr(problem.why, why) != NULL, "%s", problem.why);
    cr_assert(strstr(problem.remedy, remedy) != NULL, "%s", problem.remedy);
}

Test(libhoga_segment, what_cannot_be_opened_is_refused_in_words, .init = open_live, .fini = close_all)
{
    char path[160];
    struct hoga *none = NULL;

    (void)snprintf(path, sizeof(path), "%s/none/books", rig.folder);
    assert_refused(path, -ENOENT, "no segment there", "start hogad");
    assert_refused(rig.folder, -EACCES, "not a regular file", "hogad's file");
    (void)snprintf(path, sizeof(path), "%s/junk", rig.folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    for (int i = 0; i < 1024; i++)
        cr_assert_eq(write(fd, "nonsense", 8), 8);
    (void)close(fd);
    assert_refused(path, -EBADMSG, "damaged", "restart hogad");
    cr_assert_eq(truncate(path, 0), 0);
    assert_refused(path, -EBADMSG, "damaged", "restart hogad");
    (void)unlink(path);
    cr_assert_eq(hoga_open(&none, path, NULL), -ENOENT);
    cr_assert_null(hoga_close(NULL));
}

static void path_of(char *ret, size_t size, const char *end)
{
    (void)snprintf(ret, size, "%s%s", rig.folder, end);
}

Test(libhoga_segment, the_path_rule_names_every_path_it_tried, .init = open_live, .fini = close_all)
{
    struct lib_candidates c;
    struct segment_map map;
    struct hoga_problem problem;
    char user[160], system[160], found[SEGMENT_PATH_SIZE];

    (void)setenv("HOGA_SEGMENT", "/nowhere/a", 1);
    lib_path_candidates("/nowhere/b", LIB_SYSTEM_PATH, &c);
    cr_assert(c.n == 1 && strcmp(c.at[0].path, "/nowhere/b") == 0);
    lib_path_candidates(NULL, LIB_SYSTEM_PATH, &c);
    cr_assert(c.n == 1 && strcmp(c.at[0].path, "/nowhere/a") == 0);
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), -ENOENT);
    cr_assert(strstr(problem.why, "HOGA_SEGMENT") != NULL, "%s", problem.why);
    (void)unsetenv("HOGA_SEGMENT");

    (void)setenv("XDG_RUNTIME_DIR", rig.folder, 1);
    path_of(user, sizeof(user), "/hoga/main/books");
    path_of(system, sizeof(system), "/books"); /* stands for the system's */
    lib_path_candidates(NULL, system, &c);
    cr_assert_eq(c.n, 3);
    cr_assert_str_eq(c.at[0].path, user);
    cr_assert_str_eq(c.at[2].path, user);
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), 0);
    cr_assert_str_eq(found, system);
    segment_unmap(&map);
    lib_path_candidates(NULL, "/nowhere/c", &c);
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), -ENOENT);
    cr_assert(strstr(problem.why, "/nowhere/c: no segment there") != NULL, "%s", problem.why);
    cr_assert_str_eq(problem.what, user);
}

Test(libhoga_segment, a_refusal_names_the_group_and_the_failure_that_tells_most)
{
    struct lib_candidates c = { .n = 3,
                                .at = { { .path = "/run/user/1/hoga/main/books", .said_by = "", .error = -ENOENT },
                                        { .path = "/run/hoga/main/books", .said_by = "", .error = -EACCES },
                                        { .path = "/dev/shm/hoga-1/main/books", .said_by = "", .error = -EPERM } } };
    char long_path[2 * SEGMENT_PATH_SIZE] = "";
    struct hoga_problem problem;
    struct segment_map map;
    char found[SEGMENT_PATH_SIZE];

    (void)setenv("USER", "trader", 1);
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), -EACCES);
    cr_assert_str_eq(problem.what, "/run/hoga/main/books");
    cr_assert_str_eq(problem.remedy, "sudo usermod -aG hoga trader, then log in again");
    cr_assert(strncmp(problem.why, "permission denied; also tried /run/user/1", 41) == 0, "%s", problem.why);
    cr_assert(strstr(problem.why, "anybody could have made it") != NULL, "%s", problem.why);
    (void)setenv("USER", "x; rm -rf /", 1); /* somebody will paste it */
    (void)snprintf(c.at[1].path, sizeof(c.at[1].path), "/elsewhere/books");
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), -EACCES);
    cr_assert(strstr(problem.remedy, "ask its owner") != NULL, "%s", problem.remedy);
    cr_assert(strstr(problem.remedy, "usermod -aG hoga USER,") != NULL, "%s", problem.remedy);
    c.n = 1;
    c.at[0].error = -ELOOP;
    c.at[0].said_by = "HOGA_SEGMENT";
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), -ELOOP);
    cr_assert_str_eq(problem.why, "Too many levels of symbolic links (named by HOGA_SEGMENT)");
    memset(long_path, 'x', sizeof(long_path) - 1);
    lib_path_candidates(long_path, LIB_SYSTEM_PATH, &c);
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), -ENAMETOOLONG);
    cr_assert_str_eq(problem.why, "the path is too long");
}

Test(libhoga_segment, the_users_own_daemon_comes_first_while_it_lives, .init = open_live, .fini = close_all)
{
    struct lib_candidates c;
    struct segment_map map;
    struct hoga_problem problem;
    char folder[160], inner[160], user[160], found[SEGMENT_PATH_SIZE], system[160];

    (void)unsetenv("HOGA_SEGMENT");
    (void)setenv("XDG_RUNTIME_DIR", rig.folder, 1);
    path_of(folder, sizeof(folder), "/hoga");
    path_of(inner, sizeof(inner), "/hoga/main");
    path_of(user, sizeof(user), "/hoga/main/books");
    path_of(system, sizeof(system), "/system");
    cr_assert_eq(mkdir(folder, 0700), 0);
    cr_assert_eq(mkdir(inner, 0700), 0);
    cr_assert_eq(link(rig.path, user), 0);
    lib_path_candidates(NULL, rig.path, &c);

    cr_assert_eq(lib_path_open(&c, &map, found, &problem), 0);
    cr_assert_str_eq(found, user);
    segment_unmap(&map);
    writer_heartbeat(rig.writer, 1); /* silent now: the system's comes first, the user's own is the last resort */
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), 0);
    cr_assert_str_eq(found, rig.path);
    segment_unmap(&map);
    lib_path_candidates(NULL, system, &c);
    cr_assert_eq(lib_path_open(&c, &map, found, &problem), 0);
    cr_assert_str_eq(found, user);
    segment_unmap(&map);
    (void)unlink(user);
    (void)rmdir(inner);
    (void)rmdir(folder);
}
