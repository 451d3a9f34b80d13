#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("g_counter: at every step the value is the sum of all increments that were delivered") {
    specification::check_histories({.objects = {{"visits", g_counter}}}, 250);
}
