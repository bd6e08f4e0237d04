/* SPDX-License-Identifier: MIT
 * The control sockets under clients that are hasty, slow, hostile or many: each costs what the limits say and no more,
 * and the next one is served. Both sides live in this process; the loop turns only when a test lets it. */
#include "core/clock.h"
#include "loop/control.h"
#include "loop/loop.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TURN_MS   5
#define BIG_SIZE  100000
#define ANSWER_MS 5000

static struct rig {
    struct loop *loop;
    struct control *control;
    char folder[64], path[CONTROL_PATH_SIZE];
    unsigned n_handled, n_gone;
} rig;

static int on_echo(void *context, struct control_call *call)
{
    struct rig *r = context;

    r->n_handled++;
    call->is_holding = control_string(call, "hold") != NULL;
    (void)cJSON_AddStringToObject(call->answer, "text", control_string(call, "text") ? "yes" : "no");
    return 0;
}

static int on_big(void *context, struct control_call *call)
{
    char *text = malloc(BIG_SIZE + 1);

    ((struct rig *)context)->n_handled++;
    cr_assert(text);
    memset(text, 'x', BIG_SIZE);
    text[BIG_SIZE] = '\0';
    (void)cJSON_AddStringToObject(call->answer, "text", text);
    free(text);
    return 0;
}

static int on_descriptor(void *context, struct control_call *call)
{
    (void)context;
    call->fd = eventfd(7, EFD_CLOEXEC | EFD_NONBLOCK);
    return 0;
}

static void on_gone(void *context, uint64_t client)
{
    (void)client;
    ((struct rig *)context)->n_gone++;
}

static const struct control_verb verbs[] = {
    { "echo", 0, on_echo }, { "big", 0, on_big }, { "descriptor", 0, on_descriptor }, { "order", 1, on_echo }
};

static int64_t idle_ms, stuck_ms;

static void begin_at(const char *tail)
{
    struct rlimit limit = { 0, 0 };
    struct control_options options = { .verbs = verbs,
                                       .n_verbs = sizeof verbs / sizeof verbs[0],
                                       .context = &rig,
                                       .gone = on_gone,
                                       .path = rig.path,
                                       .ask_mode = 0660,
                                       .idle_ms = idle_ms,
                                       .stuck_ms = stuck_ms };
    char problem[CONTROL_ERROR_SIZE];

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    (void)snprintf(rig.folder, sizeof rig.folder, "/tmp/hoga-control.XXXXXX");
    cr_assert(mkdtemp(rig.folder));
    (void)snprintf(rig.path, sizeof rig.path, "%s/%s", rig.folder, tail);
    cr_assert_eq(loop_new(&rig.loop), 0);
    options.loop = rig.loop;
    cr_assert_eq(control_new(&options, &rig.control, problem), 0);
    cr_assert_str_eq(problem, "");
}

static void begin(void)
{
    begin_at("books");
}

static void end(void)
{
    rig.control = control_free(rig.control);
    rig.loop = loop_free(rig.loop);
    cr_expect_eq(rmdir(rig.folder), 0, "the sockets are left behind");
}

/* As libhoga does: a long path by way of its folder, which here is the working directory. */
static int client_new(const char *socket_name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    cr_assert(fd >= 0);
    cr_assert_eq(chdir(rig.folder), 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%.80s.%s", strrchr(rig.path, '/') + 1, socket_name);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    cr_assert_eq(errno, EAGAIN);
    (void)close(fd);
    return -1;
}

static void say(int fd, const char *text)
{
    cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Turn until a line, or the end of the connection (""), has come. */
static const char *hear(int fd)
{
    static char line[BIG_SIZE + 4096];
    int64_t end_ns = clock_boot_ns() + ANSWER_MS * 1000000ll;
    size_t n = 0;

    while (clock_boot_ns() < end_ns) {
        ssize_t got = recv(fd, line + n, 1, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN))
            return "";
        if (got < 0)
            loop_turn(rig.loop, TURN_MS);
        else if (line[n++] == '\n') {
            line[n - 1] = '\0';
            return line;
        }
    }
    cr_assert_fail("no answer within %d ms", ANSWER_MS);
    return "";
}

static void turn(int64_t ms)
{
    int64_t end_ns = clock_boot_ns() + ms * 1000000;

    while (clock_boot_ns() < end_ns)
        loop_turn(rig.loop, TURN_MS);
}

static int is_served(void)
{
    int fd = client_new("ask");
    int r;

    cr_assert(fd >= 0);
    say(fd, "{\"verb\":\"echo\",\"text\":\"x\"}\n");
    r = strcmp(hear(fd), "{\"ok\":true,\"text\":\"yes\"}") == 0;
    (void)close(fd);
    turn(20);
    return r;
}

TestSuite(control, .init = begin, .fini = end);

Test(control, halves_of_a_line_are_put_together_and_two_lines_are_two_requests)
{
    int fd = client_new("ask");

    say(fd, "{\"verb\":\"ec");
    turn(20);
    cr_assert_eq(rig.n_handled, 0);
    say(fd, "ho\",\"id\":\"a\"}\n{\"verb\":\"echo\",\"id\":\"b\"}\n");
    cr_assert_str_eq(hear(fd), "{\"ok\":true,\"text\":\"no\",\"id\":\"a\"}");
    cr_assert_str_eq(hear(fd), "{\"ok\":true,\"text\":\"no\",\"id\":\"b\"}");
    (void)close(fd);
    turn(20);
    cr_assert_eq(rig.n_gone, 1);
}

Test(control, what_was_asked_before_the_end_is_answered)
{
    int fd = client_new("ask");

    say(fd, "{\"verb\":\"echo\"}\n{\"verb\":\"echo\"}\n{\"verb\":\"ec");
    cr_assert_eq(shutdown(fd, SHUT_WR), 0);
    cr_assert_str_eq(hear(fd), "{\"ok\":true,\"text\":\"no\"}");
    cr_assert_str_eq(hear(fd), "{\"ok\":true,\"text\":\"no\"}");
    cr_assert_str_eq(hear(fd), "");
}

Test(control, what_is_no_request_is_refused_in_words)
{
    static const char *const wrong[] = { "\n",
                                         "x\n",
                                         "{\n",
                                         "[]\n",
                                         "{}\n",
                                         "{\"verb\":\"none\"}\n",
                                         "{\"verb\":7}\n",
                                         "{\"verb\":\"echo\"} {}\n",
                                         "{\"verb\":\"echo\",\"id\":{}}\n",
                                         "{\"verb\":\"order\"}\n" };
    int fd = client_new("ask"), order;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *answer;

        say(fd, wrong[i]);
        answer = hear(fd);
        cr_assert_eq(strncmp(answer, "{\"ok\":false,\"errno\":\"E", 22), 0, "%s: %s", wrong[i], answer);
        cr_assert(strstr(answer, ": "), "%s", answer);
    }
    cr_assert_eq(rig.n_handled, 0);
    order = client_new("admin");
    say(order, "{\"verb\":\"order\"}\n");
    cr_assert_str_eq(hear(order), "{\"ok\":true,\"text\":\"no\"}");
    (void)close(order);
    (void)close(fd);
}

Test(control, a_line_of_a_megabyte_ends_its_client_and_no_other)
{
    char *line = calloc(1, 1 << 20);
    int fd = client_new("ask");

    cr_assert(line);
    memset(line, '{', 1 << 20);
    (void)send(fd, line, 1 << 20, MSG_NOSIGNAL);
    cr_assert(strstr(hear(fd), "EMSGSIZE"));
    cr_assert_str_eq(hear(fd), "");
    cr_assert(is_served());
    free(line);
    (void)close(fd);
}

Test(control, who_does_not_read_is_not_read_and_holds_nobody_up)
{
    int fd = client_new("ask");

    for (int i = 0; i < 50; i++)
        say(fd, "{\"verb\":\"big\"}\n");
    turn(200);
    cr_assert_lt(rig.n_handled, 8, "%u answers of 100 KB wait for a client that reads none", rig.n_handled);
    cr_assert(is_served());
    cr_assert_geq(strlen(hear(fd)), BIG_SIZE);
    cr_assert_geq(strlen(hear(fd)), BIG_SIZE);
    (void)close(fd);
}

Test(control, a_flood_is_taken_at_its_rate)
{
    int fd = client_new("ask"), again = 0;
    int64_t begun_ns = clock_boot_ns(), took_ms;

    for (int i = 0; i < 2000 && again < 100; i++) {
        if (send(fd, "{\"verb\":\"echo\"}\n", 16, MSG_NOSIGNAL) < 0)
            again++;
        if (i % 50 == 0)
            loop_turn(rig.loop, 0);
    }
    turn(300);
    took_ms = (clock_boot_ns() - begun_ns) / 1000000 + 1;
    cr_assert_geq(rig.n_handled, CONTROL_LINES_BURST);
    cr_assert_leq(rig.n_handled, CONTROL_LINES_BURST + took_ms * CONTROL_LINES_PER_SECOND / 1000 + 1);
    cr_assert(is_served());
    (void)close(fd);
}

Test(control, a_thousand_clients_are_as_many_as_it_takes)
{
    struct control_counts counts;
    static int fds[1000];
    unsigned n_refused = 0;
    int order;

    for (unsigned i = 0; i < 1000; i++) {
        fds[i] = client_new("ask");
        if (i % 10 == 0)
            loop_turn(rig.loop, 0);
    }
    for (int i = 0; i < 100; i++) { /* they are taken at 100 a second, after the first 200 */
        turn(100);
        control_counts(rig.control, &counts);
        cr_assert_leq(counts.n_clients[CONTROL_ASK], CONTROL_ASK_CLIENTS_MAX);
        if (counts.n_refused > 0)
            break;
    }
    cr_assert_eq(counts.n_clients[CONTROL_ASK], CONTROL_ASK_CLIENTS_MAX);
    for (unsigned i = 0; i < 1000; i++) {
        char text[200] = "";

        if (fds[i] >= 0 && recv(fds[i], text, sizeof text - 1, 0) > 0)
            n_refused += strstr(text, "ask: as many clients as it takes") != NULL;
    }
    cr_assert_gt(n_refused, 0);
    order = client_new("admin"); /* the operators' socket is not filled by readers */
    say(order, "{\"verb\":\"order\"}\n");
    cr_assert_str_eq(hear(order), "{\"ok\":true,\"text\":\"no\"}");
    for (unsigned i = 0; i < 1000; i++) {
        if (fds[i] >= 0)
            (void)close(fds[i]);
    }
    (void)close(order);
    turn(100);
    control_counts(rig.control, &counts);
    cr_assert_eq(counts.n_clients[CONTROL_ADMIN], 0);
}

Test(control, a_descriptor_goes_with_its_answer)
{
    char line[256], rights[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
    struct iovec bytes = { .iov_base = line, .iov_len = sizeof line };
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = rights, .msg_controllen = sizeof rights
    };
    int fd = client_new("ask"), passed;
    uint64_t value = 0;

    say(fd, "{\"verb\":\"descriptor\"}\n");
    turn(50);
    cr_assert_gt(recvmsg(fd, &message, MSG_CMSG_CLOEXEC), 0);
    cr_assert(CMSG_FIRSTHDR(&message) && CMSG_FIRSTHDR(&message)->cmsg_type == SCM_RIGHTS);
    memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof passed);
    cr_assert_eq(read(passed, &value, sizeof value), (ssize_t)sizeof value);
    cr_assert_eq(value, 7);
    (void)close(passed);
    (void)close(fd);
}

Test(control, sockets_have_their_modes_and_one_that_a_dead_daemon_left_is_replaced)
{
    char path[CONTROL_PATH_SIZE + 8];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s.ask", rig.path);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0660);
    (void)snprintf(path, sizeof path, "%s.admin", rig.path);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
    rig.control = control_free(rig.control);
    cr_assert_eq(mknod(path, S_IFSOCK | 0666, 0), 0);
    rig.loop = loop_free(rig.loop);
    {
        struct control_options options = { .verbs = verbs, .n_verbs = 1, .context = &rig, .path = rig.path };
        char problem[CONTROL_ERROR_SIZE];

        cr_assert_eq(loop_new(&rig.loop), 0);
        options.loop = rig.loop;
        cr_assert_eq(control_new(&options, &rig.control, problem), 0);
        cr_assert_str_eq(problem, "");
    }
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
}

Test(control_path, one_longer_than_an_address_is_listened_on_too, .fini = end)
{
    char tail[128];

    memset(tail, 'x', sizeof tail);
    tail[80] = '\0'; /* with its folder more than 108 bytes, and the name alone fewer */
    begin_at(tail);
    cr_assert_gt(strlen(rig.path) + 6, sizeof((struct sockaddr_un *)0)->sun_path);
    cr_assert(is_served());
}

static void begin_hasty(void)
{
    idle_ms = stuck_ms = 300;
    begin();
}

Test(control_time, who_says_nothing_goes_unless_it_holds_something, .init = begin_hasty, .fini = end)
{
    int idle = client_new("ask"), holder = client_new("ask");

    say(holder, "{\"verb\":\"echo\",\"hold\":\"x\"}\n");
    cr_assert_str_eq(hear(holder), "{\"ok\":true,\"text\":\"no\"}");
    cr_assert_str_eq(hear(idle), "");
    turn(600);
    say(holder, "{\"verb\":\"echo\"}\n");
    cr_assert_str_eq(hear(holder), "{\"ok\":true,\"text\":\"no\"}");
    cr_assert_str_eq(hear(holder), "", "it holds nothing any more");
    cr_assert_eq(rig.n_gone, 2);
    (void)close(idle);
    (void)close(holder);
}

Test(control_time, who_takes_nothing_of_its_answer_goes_though_it_holds_something, .init = begin_hasty, .fini = end)
{
    int fd = client_new("ask");

    say(fd, "{\"verb\":\"echo\",\"hold\":\"x\"}\n");
    for (int i = 0; i < 10; i++)
        say(fd, "{\"verb\":\"big\"}\n");
    for (int i = 0; i < 100 && rig.n_gone == 0; i++)
        turn(50);
    cr_assert_eq(rig.n_gone, 1);
    cr_assert_geq(rig.n_handled, 2);
    (void)close(fd);
}
