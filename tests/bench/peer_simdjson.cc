// SPDX-License-Identifier: MIT
// See peer_simdjson.h. Keys are asked for in the order of the wire, which is the fastest way simdjson has.
#include "peer_simdjson.h"

#include <simdjson.h>
#include <string.h>

using namespace simdjson;

static_assert(PEER_PADDING >= SIMDJSON_PADDING, "the bench pads its frames for simdjson");

namespace
{

struct words {
    const char *type, *code, *time, *units, *ask_price, *bid_price, *ask_size, *bid_size;
};
const words spelling[2] = {
    { "type", "code", "timestamp", "orderbook_units", "ask_price", "bid_price", "ask_size", "bid_size" },
    { "ty", "cd", "tms", "obu", "ap", "bp", "as", "bs" },
};

ondemand::parser parser;

void read(ondemand::document &doc, const words &w, peer_book *ret)
{
    ondemand::object book = doc.get_object();
    std::string_view type = book.find_field(w.type), code = book.find_field(w.code);
    if (type != "orderbook" || code.size() >= sizeof(ret->code))
        throw simdjson_error(INCORRECT_TYPE);
    memcpy(ret->code, code.data(), code.size());
    ret->code[code.size()] = 0;
    ret->timestamp = book.find_field(w.time).get_int64();
    ret->n = 0;
    for (ondemand::object unit : book.find_field(w.units).get_array()) {
        if (ret->n == PEER_LEVELS_MAX)
            throw simdjson_error(CAPACITY);
        ret->ask[ret->n][0] = unit.find_field(w.ask_price).get_double();
        ret->bid[ret->n][0] = unit.find_field(w.bid_price).get_double();
        ret->ask[ret->n][1] = unit.find_field(w.ask_size).get_double();
        ret->bid[ret->n][1] = unit.find_field(w.bid_size).get_double();
        ret->n++;
    }
}

} // namespace

int peer_simdjson_read(const char *bytes, size_t size, size_t capacity, int is_simple, struct peer_book *ret)
{
    try {
        ondemand::document doc = parser.iterate(padded_string_view(bytes, size, capacity));
        read(doc, spelling[is_simple ? 1 : 0], ret);
        return 0;
    } catch (const simdjson_error &) {
        return -1;
    }
}
