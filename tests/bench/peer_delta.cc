// SPDX-License-Identifier: MIT
// See peer_delta.h. Keys are asked for by name; where the wire has them in the order asked, nothing is read twice.
#include "peer_delta.h"

#include <simdjson.h>
#include <string.h>

using namespace simdjson;

static_assert(PEER_DELTA_PADDING >= SIMDJSON_PADDING, "the bench pads its frames for simdjson");

namespace
{

ondemand::parser parser;

void symbol_set(std::string_view symbol, peer_delta *ret)
{
    if (symbol.size() >= sizeof(ret->symbol))
        throw simdjson_error(CAPACITY);
    memcpy(ret->symbol, symbol.data(), symbol.size());
    ret->symbol[symbol.size()] = 0;
}

double *level_add(peer_delta *ret)
{
    if (ret->n == PEER_DELTA_LEVELS_MAX)
        throw simdjson_error(CAPACITY);
    return ret->level[ret->n++];
}

// [["price","size",...],...]; with `has_side` a word comes first.
void rows_read(ondemand::array rows, peer_delta *ret, bool has_side = false)
{
    for (ondemand::array row : rows) {
        double *level = level_add(ret);
        int i = has_side ? -1 : 0;
        for (ondemand::value cell : row) {
            if (i == 0 || i == 1)
                level[i] = cell.get_double_in_string();
            i++;
        }
    }
}

// A number that only some of a venue's messages have.
void number_if_there(ondemand::object &object, const char *key, peer_delta *ret)
{
    int64_t value;
    if (object[key].get_int64().get(value) == SUCCESS)
        ret->sequence += value;
}

// Times are taken as text; nobody is asked to make a number of them.
void time_text(std::string_view text, peer_delta *ret)
{
    ret->time = text.size();
}

void binance(ondemand::object book, peer_delta *ret)
{
    ret->time = book.find_field("E").get_int64();
    symbol_set(book.find_field("s"), ret);
    ret->sequence = book.find_field("U").get_int64();
    ret->sequence += book.find_field("u").get_int64();
    ondemand::object &numbers = book;
    if (ret->has_previous)
        number_if_there(numbers, "pu", ret);
    rows_read(book.find_field("b"), ret);
    rows_read(book.find_field("a"), ret);
}

void okx(ondemand::document &doc, peer_delta *ret)
{
    ondemand::object message = doc.get_object(), arg = message["arg"];
    symbol_set(arg["instId"], ret);
    ondemand::array data = message["data"];
    for (ondemand::object book : data) {
        rows_read(book["asks"], ret);
        rows_read(book["bids"], ret);
        ret->time = book["ts"].get_int64_in_string();
        if (ret->has_previous) {
            number_if_there(book, "prevSeqId", ret);
            number_if_there(book, "seqId", ret);
        }
    }
}

void bybit(ondemand::document &doc, peer_delta *ret)
{
    ret->time = doc["ts"].get_int64();
    ondemand::object book = doc["data"];
    symbol_set(book["s"], ret);
    rows_read(book["b"], ret);
    rows_read(book["a"], ret);
    ret->sequence = book["u"].get_int64();
}

void gateio(ondemand::document &doc, peer_delta *ret)
{
    ondemand::object book = doc["result"];
    ret->time = book["t"].get_int64();
    symbol_set(book["s"], ret);
    ret->sequence = book["U"].get_int64();
    ret->sequence += book["u"].get_int64();
    rows_read(book["b"], ret);
    rows_read(book["a"], ret);
}

void objects_read(ondemand::array rows, const char *price, const char *size, peer_delta *ret)
{
    for (ondemand::object row : rows) {
        double *level = level_add(ret);
        level[0] = row[price].get_double();
        level[1] = row[size].get_double();
    }
}

void kraken(ondemand::document &doc, peer_delta *ret)
{
    ondemand::array data = doc["data"];
    for (ondemand::object book : data) {
        symbol_set(book["symbol"], ret);
        objects_read(book["bids"], "price", "qty", ret);
        objects_read(book["asks"], "price", "qty", ret);
        ret->sequence = book["checksum"].get_int64();
        time_text(book["timestamp"], ret);
    }
}

void coinbase_adv(ondemand::document &doc, peer_delta *ret)
{
    time_text(doc["timestamp"], ret);
    ret->sequence = doc["sequence_num"].get_int64();
    ondemand::array events = doc["events"];
    for (ondemand::object event : events) {
        symbol_set(event["product_id"], ret);
        ondemand::array rows = event["updates"];
        for (ondemand::object row : rows) {
            std::string_view side = row["side"];
            double *level = level_add(ret);
            level[0] = row["price_level"].get_double_in_string();
            level[1] = row["new_quantity"].get_double_in_string();
            ret->time += side == "bid";
        }
    }
}

void bithumb(ondemand::object book, peer_delta *ret)
{
    symbol_set(book.find_field("code"), ret);
    double total = book.find_field("total_ask_size").get_double();
    total += book.find_field("total_bid_size").get_double();
    for (ondemand::object unit : book.find_field("orderbook_units").get_array()) {
        double *ask = level_add(ret), *bid = level_add(ret);
        ask[0] = unit.find_field("ask_price").get_double();
        bid[0] = unit.find_field("bid_price").get_double();
        ask[1] = unit.find_field("ask_size").get_double();
        bid[1] = unit.find_field("bid_size").get_double();
    }
    ret->time = book.find_field("timestamp").get_int64();
    ret->sequence = total > 0;
}

void quoted_objects_read(ondemand::array rows, peer_delta *ret)
{
    for (ondemand::object row : rows) {
        double *level = level_add(ret);
        level[0] = row.find_field("price").get_double_in_string();
        level[1] = row.find_field("qty").get_double_in_string();
    }
}

void coinone(ondemand::object book, peer_delta *ret)
{
    std::string_view quote = book.find_field("quote_currency");
    symbol_set(book.find_field("target_currency"), ret);
    ret->time = book.find_field("timestamp").get_int64();
    ret->sequence = book.find_field("id").get_int64_in_string() + quote.size();
    quoted_objects_read(book.find_field("asks"), ret);
    quoted_objects_read(book.find_field("bids"), ret);
}

void korbit(ondemand::object message, peer_delta *ret)
{
    symbol_set(message.find_field("symbol"), ret);
    ondemand::object book = message.find_field("data");
    ret->time = book.find_field("timestamp").get_int64();
    quoted_objects_read(book.find_field("asks"), ret);
    quoted_objects_read(book.find_field("bids"), ret);
}

void read(peer_shape shape, ondemand::document &doc, peer_delta *ret)
{
    ondemand::object data;

    switch (shape) {
    case PEER_BINANCE:
        if (doc["data"].get_object().get(data) == SUCCESS)
            return binance(data, ret);
        doc.rewind();
        return binance(doc.get_object(), ret);
    case PEER_OKX:
        return okx(doc, ret);
    case PEER_BYBIT:
        return bybit(doc, ret);
    case PEER_GATEIO:
        return gateio(doc, ret);
    case PEER_KRAKEN:
        return kraken(doc, ret);
    case PEER_COINBASE:
        symbol_set(doc["product_id"], ret);
        rows_read(doc["changes"], ret, true);
        return time_text(doc["time"], ret);
    case PEER_COINBASE_ADV:
        return coinbase_adv(doc, ret);
    case PEER_BITHUMB:
        return bithumb(doc.get_object(), ret);
    case PEER_COINONE:
        return coinone(doc["data"].get_object(), ret);
    case PEER_KORBIT:
        return korbit(doc.get_object(), ret);
    case PEER_SHAPES:
        break;
    }
    throw simdjson_error(INCORRECT_TYPE);
}

} // namespace

int peer_simdjson_delta(enum peer_shape shape, const char *bytes, size_t size, int has_previous, struct peer_delta *ret)
{
    ret->n = 0;
    ret->has_previous = has_previous;
    ret->time = ret->sequence = 0;
    try {
        ondemand::document doc = parser.iterate(padded_string_view(bytes, size, size + PEER_DELTA_PADDING));
        read(shape, doc, ret);
        return 0;
    } catch (const simdjson_error &) {
        return -1;
    }
}
