/* SPDX-License-Identifier: MIT
 * main.c - hogad's words on the command line. */
#include "hogad.h"
#include "replay.h"

#include <getopt.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define _(text)      gettext(text)
#define EXIT_PROBLEM 1
#define EXIT_USAGE   2

enum word {
    WORD_SEGMENT = 256,
    WORD_CHECK_CONFIG,
    WORD_PRINT_CONFIG,
    WORD_RECORD,
    WORD_REPLAY,
    WORD_VENUE,
    WORD_SPEED,
    WORD_TRACE,
    WORD_HELP,
    WORD_VERSION,
};

static const struct option words[] = {
    { "config", required_argument, NULL, 'c' },
    { "segment", required_argument, NULL, WORD_SEGMENT },
    { "check-config", no_argument, NULL, WORD_CHECK_CONFIG },
    { "print-config", no_argument, NULL, WORD_PRINT_CONFIG },
    { "record", required_argument, NULL, WORD_RECORD },
    { "replay", required_argument, NULL, WORD_REPLAY },
    { "venue", required_argument, NULL, WORD_VENUE },
    { "speed", required_argument, NULL, WORD_SPEED },
    { "trace", no_argument, NULL, WORD_TRACE },
    { "depth", required_argument, NULL, 'd' },
    { "help", no_argument, NULL, WORD_HELP },
    { "version", no_argument, NULL, WORD_VERSION },
    { NULL, 0, NULL, 0 },
};

struct invocation {
    struct hogad_options daemon;
    struct replay_options replay;
    int does_check, does_print, has_replay_word, has_speed, has_depth;
    const char *at; /* the argument that is being read */
};

static void help(void)
{
    (void)fputs(
        _("usage: hogad [-c FILE] [--segment PATH] [--record DIR]\n"
          "       hogad [-c FILE] --check-config | --print-config\n"
          "       hogad --replay FILE [--venue NAME] [--speed max|N] [--trace] [--depth N] [--segment PATH]\n"
          "\n"
          "hogad keeps live order books of exchanges in shared memory, where `hoga` and other programs read them.\n"
          "\n"
          "  -c, --config FILE   configuration; else ~/.config/hoga/hoga.conf (not root), /etc/hoga/hoga.conf,\n"
          "                      else Upbit with KRW-BTC, KRW-ETH and KRW-XRP\n"
          "      --segment PATH  the segment's file; else $HOGA_SEGMENT, $RUNTIME_DIRECTORY/books, the user's own\n"
          "      --record DIR    write what arrives as captures under DIR\n"
          "      --check-config  say whether the configuration is fine, and end\n"
          "      --print-config  print the configuration as it is understood, and end\n"
          "      --replay FILE   feed a capture (.jsonl, .jsonl.zst, -) instead of the network\n"
          "      --venue NAME    its exchange; else the name of the folder that holds FILE\n"
          "      --speed max|N   as fast as it goes (the default), or N times as recorded\n"
          "      --trace         print a JSON line for every book message\n"
          "  -d, --depth N       levels a side in the trace and the segment (30)\n"
          "      --help, --version\n"
          "\n"
          "SIGTERM and SIGINT end it, SIGHUP reads the configuration again. hogad(8), hoga.conf(5)\n"),
        stdout);
}

static int usage(const char *what, const char *why)
{
    hogad_complain(what, why, _("see hogad --help"));
    return EXIT_USAGE;
}

static int take_depth(struct invocation *in, const char *text)
{
    char *end;
    unsigned long depth = strtoul(text, &end, 10);

    if (text[0] < '1' || text[0] > '9' || *end || depth > 1000)
        return usage("--depth", _("must be a number from 1 to 1000"));
    in->replay.depth = (uint32_t)depth;
    in->has_depth = 1;
    return 0;
}

/* 0 go on, else the exit code plus one, so that an early `0` can be told from "go on". */
static int take_word(struct invocation *in, int word)
{
    switch (word) {
    case 'c':
        in->daemon.config_file = optarg;
        return 0;
    case 'd':
        return take_depth(in, optarg) ? EXIT_USAGE + 1 : 0;
    case WORD_SEGMENT:
        in->daemon.segment = optarg;
        in->replay.segment = optarg;
        return 0;
    case WORD_CHECK_CONFIG:
        in->does_check = 1;
        return 0;
    case WORD_PRINT_CONFIG:
        in->does_print = 1;
        return 0;
    case WORD_RECORD:
        in->daemon.record = optarg;
        return 0;
    case WORD_REPLAY:
        in->replay.path = optarg;
        return 0;
    case WORD_VENUE:
        in->replay.venue = optarg;
        in->has_replay_word = 1;
        return 0;
    case WORD_SPEED:
        in->has_speed = 1;
        if (replay_speed_parse(optarg, &in->replay.speed_permille) == 0)
            return 0;
        return usage("--speed", _("must be max or a positive number")) + 1;
    case WORD_TRACE:
        in->replay.is_trace = 1;
        in->has_replay_word = 1;
        return 0;
    case WORD_HELP:
        help();
        return EXIT_SUCCESS + 1;
    case WORD_VERSION:
        (void)printf("hogad %s\n", HOGA_VERSION);
        return EXIT_SUCCESS + 1;
    case ':':
        return usage(in->at, _("needs a value")) + 1;
    default:
        return usage(in->at, _("unknown option")) + 1;
    }
}

static int config_only(const struct invocation *in)
{
    struct config *c;

    if (hogad_config(in->daemon.config_file, &c) < 0)
        return EXIT_PROBLEM;
    if (in->does_print) {
        config_print(c, stdout);
    } else {
        uint32_t n = 0;

        for (uint32_t i = 0; i < c->n_venues; i++)
            n += c->venues[i].n_symbols;
        (void)printf(_("%s: fine: %u markets of %u venues\n"), c->file[0] ? c->file : _("no file, the defaults"), n,
                     c->n_venues);
    }
    (void)config_free(c);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *folder = getenv("HOGA_LOCALEDIR");
    struct invocation in = { 0 };
    int word, r;

    (void)setlocale(LC_MESSAGES, "");
    (void)setlocale(LC_CTYPE, "");
    (void)bindtextdomain("hoga", folder && folder[0] ? folder : HOGA_LOCALEDIR);
    (void)textdomain("hoga");
    opterr = 0; /* we say it in our own form */
    while (in.at = argv[optind], (word = getopt_long(argc, argv, ":c:d:", words, NULL)) != -1) {
        r = take_word(&in, word);
        if (r > 0)
            return r - 1;
    }
    if (optind < argc)
        return usage(argv[optind], _("hogad takes options only"));
    if (in.replay.path) {
        if (in.daemon.record || in.daemon.config_file || in.does_check || in.does_print)
            return usage("--replay", _("does not go with --record, -c, --check-config or --print-config"));
        return replay_run(&in.replay);
    }
    if (in.has_replay_word || in.has_speed || in.has_depth)
        return usage("--venue, --speed, --trace, --depth", _("go with --replay only"));
    if (in.does_check || in.does_print)
        return config_only(&in);
    return hogad_run(&in.daemon);
}
