#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("or_map: at every step a key means what its type means over the updates that no later remove saw") {
    specification::check_histories({.objects = {{"user", or_map}}}, 60);
}
