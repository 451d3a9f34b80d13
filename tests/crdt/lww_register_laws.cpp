#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("lww_register: at every step the value is that of the greatest assign that no later reset saw") {
    specification::check_histories({.objects = {{"title", lww_register}}}, 250);
}

TEST_CASE("lww_register: the law holds with many concurrent assigns at the same time") {
    specification::check_histories(
        {.objects = {{"title", lww_register}}, .transactions_max = 16, .replicas = 6}, 120);
}
