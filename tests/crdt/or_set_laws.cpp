#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("or_set: at every step the members are the elements of adds that no later remove or clear saw") {
    specification::check_histories({.objects = {{"tags", or_set}}}, 250);
}

TEST_CASE("or_set: the law holds with many concurrent adds of the same elements") {
    specification::check_histories({.objects = {{"tags", or_set}}, .transactions_max = 16, .replicas = 6},
                                   120);
}
