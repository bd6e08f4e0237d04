# SPDX-License-Identifier: MIT
"""A small tree that documents all it has, and ways to break it, for test_tidy.py."""
import os

SPDX_C = '/* SPDX-License-Identifier: MIT */\n'
SPDX_M = '.\\" SPDX-License-Identifier: MIT\n'
EVENTS = (SPDX_C + '#include <stdint.h>\n\nvoid f(int x)\n{\n    log_warn("toy.lost", F_STR("venue", g(x)), '
          'F_U64("code", x));\n    log_notice("toy.open");\n    LOG_EVENT_(x ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "toy.state");\n}\n')
HOGAD_PAGE = (SPDX_M + '.Sh DESCRIPTION\n.It Fl Fl segment Ar path\n.Sh LOG EVENTS\n.It Li toy.lost Ar venue code\n'
              '.It Li toy.open\n.It Li toy.state\n.Sh CONTROL\n.It Em verb Ta Em socket\n.It play Ta both\n.Sh COUNTERS\n.It Li frames\n.Sh LATENCIES\n.It Li delay\n.Sh ENVIRONMENT\n.It Ev TOY , HOME\n')
HOGA_PAGE = (SPDX_M + '.Sh SYNOPSIS\n.Nm\n.Cm ls\n.Op Ar x\n.Nm\n.Cm help\n.Sh DESCRIPTION\n.Ss Verbs\n.It Cm ls\n.It Cm help\n'
             '.Ss Options of every verb\n.It Fl j , Fl -json\n.Ss Options of one verb\n.It Cm ls Fl a , Fl -all\n.Ss Keys of toy\n'
             '.It Ic q\n.Sh VERDICT\n.Ss States\n.It Li live\n.Ss Reasons\n.It Li lost\n.Ss Sources\n.It Li exchange\n'
             '.Ss Proofs\n.It Li none\n.Sh METRICS\n.It Li hoga_up\n')
LIB_PAGE = (SPDX_M + '.Sh SYNOPSIS\n.Fn hoga_toy "int x"\n.Sh DESCRIPTION\n.Fn hoga_toy\nplays.\n.Sh RETURN VALUES\n'
            '.It Fn hoga_toy\n')
CONF_PAGE = SPDX_M + '.Sh DESCRIPTION\n.Ss Daemon section\n.It Ic depth No = Ar n\n.Ss Venue sections\n.It Ic symbols\n'
SIM_PAGE = (SPDX_M + '.Nm\n.Sh SYNOPSIS\n.Fl -help\n.Sh DESCRIPTION\n.It Fl -venue Ar x\n.Sh FAULTS\n.It Cm drop\n.Sh CONTROL\n'
            '.It Li {"op":"quit"}\n')
ROWS = SPDX_C + 'static const struct row %s[] = {\n%s\n};\n'
GOOD = {
    'daemon/net/toy.c': EVENTS,
    'daemon/venue_toy.c': SPDX_C + 'void f(void)\n{\n    writer_histogram_name(w, 0, name, "delay");\n    getenv("TOY");\n}\n',
    'daemon/loop/config_words.c': ROWS % ('words', '    { "depth", 1, 0, take_depth },\n    { "symbols", 0, 1, take_symbols },'),
    'daemon/main.c': ROWS % ('words', '    { "segment", 1, 0, 256 },'),
    'daemon/hogad_control.c': ROWS % ('verbs', '    { "play", 1, on_play },'),
    'daemon/man/hogad.8': HOGAD_PAGE,
    'daemon/man/hoga.conf.5': CONF_PAGE,
    'shm/counters.def': SPDX_C + 'COUNTER_ROW(FRAMES, "frames", "frames", "messages")\n',
    'shm/verdict.def': SPDX_C + 'HOGA_STATE_ROW(2, LIVE, "live", 0, "it is")\nHOGA_REASON_ROW(0, NONE, "", "")\n'
                                'HOGA_REASON_ROW(1, LOST, "lost", "it is")\nHOGA_SOURCE_ROW(1, EXCHANGE, "exchange")\n'
                                'HOGA_PROOF_ROW(0, NONE, "none")\n',
    'client/cli/main.c': ROWS % ('verbs', '    { "ls", "[GLOB...]", 0, -1, "a", verb_ls, N_("books"), N_("all "\n'
                                          '                                                             "of them") },'),
    'client/cli/options.c': SPDX_C + '#define EVERYWHERE "j"\n\nstatic const struct option_row option_rows[] = {\n'
                                     '    { "json", \'j\', true, NULL, N_("x") },\n    { "all", \'a\', true, NULL, N_("x") },\n};\n',
    'client/cli/metrics.def': SPDX_C + 'METRIC_ROW(UP, "hoga_up", "gauge")\n',
    'client/tui/toy.c': ROWS % ('keys', '    { "q", N_("leave") },'),
    'client/lib/hoga.map': SPDX_C + 'HOGA_0 {\nglobal:\n    hoga_toy;\nlocal:\n    *;\n};\n',
    'client/include/hoga/hoga.h': SPDX_C + 'int hoga_toy(int x); /* not hoga_other(void); */\n',
    'client/man/hoga.1': HOGA_PAGE,
    'client/man/libhoga.3': LIB_PAGE,
    'tests/sim/options.c': ROWS % ('option_rows', '    { "venue", 1 },\n    { "help", 0 },'),
    'tests/sim/fault_act.c': ROWS % ('acts', '    { "drop", ARG_NONE, 0, act_drop },'),
    'tests/sim/control_ops.c': ROWS % ('ops', '    { "quit", op_quit },'),
    'tests/sim/hoga-sim.1': SIM_PAGE,
}


def changed(path, old, new):
    assert old in GOOD[path], (path, old)
    return ('documented', path, GOOD[path].replace(old, new))


BAD = [
    changed('daemon/net/toy.c', '"toy.open"', '"toy.made"'),
    changed('daemon/net/toy.c', 'F_U64("code", x)', 'F_U64("status", x)'),
    changed('daemon/net/toy.c', '"toy.open"', 'name'),
    changed('daemon/net/toy.c', '"toy.state"', '"toy.changed"'),
    changed('daemon/net/toy.c', '    log_notice("toy.open");\n', ''),
    changed('daemon/man/hogad.8', '.It Li toy.open\n', ''),
    changed('daemon/man/hogad.8', '.It Li frames\n', '.It Li frames\n.It Li frames_lost\n'),
    changed('daemon/man/hogad.8', '.It Li delay\n', ''),
    changed('daemon/man/hogad.8', 'TOY , ', ''),
    changed('daemon/man/hogad.8', '.It play Ta both\n', ''),
    changed('daemon/hogad_control.c', '"play"', '"stop"'),
    changed('daemon/man/hogad.8', '.It Fl Fl segment Ar path\n', '.It Fl Fl segments Ar path\n'),
    changed('daemon/man/hoga.conf.5', '.It Ic symbols\n', ''),
    changed('daemon/man/hoga.conf.5', '.It Ic depth No = Ar n\n', '.It Ic depth No = Ar n\n.It Ic width No = Ar n\n'),
    changed('client/man/hoga.1', '.It Li lost\n', '.It Li lost\n.It Li found\n'),
    changed('client/man/hoga.1', '.It Li none\n', ''),
    changed('client/man/hoga.1', '.Nm\n.Cm ls\n', ''),
    changed('client/man/hoga.1', '.It Cm ls\n', '.It Cm ls\n.It Cm lost\n'),
    changed('client/man/hoga.1', ', Fl -all', ', Fl -alle'),
    changed('client/man/hoga.1', ', Fl -json', ''),
    changed('client/man/hoga.1', '.It Ic q\n', '.It Ic x\n'),
    changed('client/man/hoga.1', '.It Li hoga_up\n', ''),
    changed('client/man/libhoga.3', 'SYNOPSIS\n.Fn hoga_toy "int x"\n', 'SYNOPSIS\n'),
    changed('client/man/libhoga.3', '.It Fn hoga_toy\n', '.It Fn hoga_toy , Fn hoga_other\n'),
    changed('client/lib/hoga.map', 'hoga_toy;\n', 'hoga_toy;\n    hoga_other;\n'),
    changed('client/include/hoga/hoga.h', 'int hoga_toy(int x);', ''),
    changed('client/cli/main.c', '"ls", "[GLOB...]"', '"list", "[GLOB...]"'),
    changed('tests/sim/hoga-sim.1', '.It Cm drop\n', ''),
    changed('tests/sim/hoga-sim.1', '"quit"', '"end"'),
    changed('tests/sim/options.c', '"venue"', '"venues"'),
]

# rule translated: a sentence, its Korean, and the real script that finds sentences.
PO_HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
PO_GOOD = {
    'client/po/POTFILES': '# SPDX-License-Identifier: MIT\nclient/cli/toy.c\n',
    'client/po/ko.po': '# SPDX-License-Identifier: MIT\n' + PO_HEAD + 'msgid "a toy"\nmsgstr "장난감"\n',
    'client/cli/toy.c': SPDX_C + 'static const char *const toy = N_("a toy");\n',
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'client', 'po', 'update-po'),
          encoding='utf-8') as script:
    PO_GOOD['client/po/update-po'] = script.read()
BAD += [
    ('translated', 'client/po/ko.po', '# SPDX-License-Identifier: MIT\n' + PO_HEAD + 'msgid "a toy"\nmsgstr ""\n'),
    ('translated', 'client/po/ko.po', PO_GOOD['client/po/ko.po'] + '\nmsgid "gone"\nmsgstr "없음"\n'),
    ('translated', 'client/cli/toy.c', SPDX_C + 'static const char *const toy = N_("another");\n'),
]
