/* SPDX-License-Identifier: MIT
 * ws_tx.c - what waits to leave: Close first, then the answer to a ping, our own ping, then messages in order. One
 * frame for each time lws says that the connection is writable; lws masks, keeps what the kernel does not take, and
 * asks again. */
#include "core/clock.h"
#include "net/ws_internal.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

int ws_tx_init(struct ws_tx *tx)
{
    tx->queue = malloc(WS_TX_QUEUE_SIZE);
    tx->scratch = malloc(LWS_PRE + WS_TX_SIZE_MAX);
    return tx->queue && tx->scratch ? 0 : -ENOMEM;
}

void ws_tx_done(struct ws_tx *tx)
{
    free(tx->queue);
    free(tx->scratch);
    memset(tx, 0, sizeof *tx);
}

void ws_tx_want(struct ws *w)
{
    if (w->wsi)
        (void)lws_callback_on_writable(w->wsi);
}

int ws_send(struct ws *w, const char *bytes, size_t size)
{
    struct ws_tx *tx = &w->tx;
    uint32_t n = (uint32_t)size;

    if (size > WS_TX_SIZE_MAX)
        return -EMSGSIZE;
    if (w->phase != WS_PHASE_OPEN)
        return -ENOTCONN;
    if (WS_TX_QUEUE_SIZE - tx->end < sizeof n + size) {
        memmove(tx->queue, tx->queue + tx->head, tx->end - tx->head);
        tx->end -= tx->head;
        tx->head = 0;
    }
    if (WS_TX_QUEUE_SIZE - tx->end < sizeof n + size)
        return -ENOBUFS;
    memcpy(tx->queue + tx->end, &n, sizeof n);
    memcpy(tx->queue + tx->end + sizeof n, bytes, size);
    tx->end += sizeof n + size;
    ws_tx_want(w);
    return 0;
}

int ws_ping(struct ws *w)
{
    if (w->phase != WS_PHASE_OPEN)
        return -ENOTCONN;
    w->tx.is_ping_due = 1;
    ws_tx_want(w);
    return 0;
}

static int write_frame(struct ws *w, const void *bytes, size_t size, enum lws_write_protocol kind)
{
    if (size > 0)
        memcpy(w->tx.scratch + LWS_PRE, bytes, size);
    return lws_write(w->wsi, w->tx.scratch + LWS_PRE, size, kind) < 0 ? -1 : 0;
}

/* lws sends the Close frame itself and reads on for the answer, with its own reader, which must be let loose again for
 * that: nothing it finds is handed over any more. The socket goes when the answer is there, or when `closed` is told.
 */
static int write_close(struct ws *w)
{
    w->tx.is_close_due = 0;
    w->source.reads_freely = 1;
    (void)lws_rx_flow_control(w->wsi, 1);
    lws_close_reason(w->wsi, (enum lws_close_status)w->tx.close_code, NULL, 0);
    return -1;
}

static int write_message(struct ws *w)
{
    struct ws_tx *tx = &w->tx;
    const char *bytes;
    uint32_t n;

    memcpy(&n, tx->queue + tx->head, sizeof n);
    bytes = (const char *)tx->queue + tx->head + sizeof n;
    tx->head += sizeof n + n;
    if (write_frame(w, bytes, n, LWS_WRITE_TEXT) < 0)
        return -1;
    w->handler->sent(w->context, bytes, n);
    return 0;
}

static int write_next(struct ws *w)
{
    struct ws_tx *tx = &w->tx;

    if (tx->is_close_due)
        return write_close(w);
    if (tx->is_pong_due) {
        tx->is_pong_due = 0;
        return write_frame(w, tx->pong, tx->pong_size, LWS_WRITE_PONG);
    }
    if (tx->is_ping_due) {
        tx->is_ping_due = 0;
        tx->ping_boot_ns = clock_boot_ns();
        return write_frame(w, &tx->ping_boot_ns, sizeof tx->ping_boot_ns, LWS_WRITE_PING);
    }
    return tx->head < tx->end ? write_message(w) : 0;
}

int ws_tx_write(struct ws *w)
{
    int r;

    if (w->phase == WS_PHASE_OVER)
        return 0;
    ws_hold(w);
    r = write_next(w);
    if (r == 0 && w->phase != WS_PHASE_OVER &&
        (w->tx.is_close_due || w->tx.is_pong_due || w->tx.is_ping_due || w->tx.head < w->tx.end))
        ws_tx_want(w);
    ws_release(w);
    return r;
}
