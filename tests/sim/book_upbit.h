/* SPDX-License-Identifier: MIT
 * book_upbit.h - Upbit's book message: a part of that dialect, in a file of its own for its length. Pure, one thread.
 */
#ifndef SIM_BOOK_UPBIT_H
#define SIM_BOOK_UPBIT_H

#include "dialect.h"

/* session.form. */
enum upbit_form {
    UPBIT_DEFAULT,
    UPBIT_SIMPLE,
    UPBIT_JSON_LIST,
    UPBIT_SIMPLE_LIST,
};

/* As dialect.encode. */
void book_upbit(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                const struct frame *f, struct pen *io_text);

#endif
