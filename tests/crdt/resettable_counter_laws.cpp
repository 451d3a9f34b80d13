#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE(
    "resettable_counter: at every step the value is the sum of the increments that no later reset saw") {
    specification::check_histories({.objects = {{"score", resettable_counter}}}, 250);
}
