#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("pn_counter: at every step the value is the sum of all increments that were delivered") {
    specification::check_histories({.objects = {{"balance", pn_counter}}}, 250);
}
