#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("g_set: at every step the members are the elements of all adds") {
    specification::check_histories({.objects = {{"tags", g_set}}}, 60);
}

TEST_CASE("rw_set: at every step a member has an add that saw every remove that counts") {
    specification::check_histories({.objects = {{"tags", rw_set}}}, 250);
    specification::check_histories({.objects = {{"tags", rw_set}}, .transactions_max = 16, .replicas = 6},
                                   120);
}

TEST_CASE("mv_register: at every step the values are those that no later assign or reset saw") {
    specification::check_histories({.objects = {{"title", mv_register}}}, 250);
}

TEST_CASE("ew_flag: at every step enabled iff some enable was not taken back") {
    specification::check_histories({.objects = {{"on", ew_flag}}}, 250);
}

TEST_CASE("dw_flag: at every step enabled iff the last that counts are enables") {
    specification::check_histories({.objects = {{"on", dw_flag}}}, 250);
}

TEST_CASE(
    "bounded_counter: at every step the rights of each replica are what it was given, less what it gave") {
    specification::check_histories({.objects = {{"stock", bounded_counter}}}, 250);
}

TEST_CASE("rga_list: at every step the list is the depth-first walk of its tree, and changes land where they "
          "are put") {
    specification::check_histories({.objects = {{"todo", rga_list}}}, 60);
}

TEST_CASE("sorted_set: at every step the ranking is what counts of each member") {
    specification::check_histories({.objects = {{"scores", sorted_set}}}, 250);
    specification::check_histories(
        {.objects = {{"scores", sorted_set}}, .transactions_max = 16, .replicas = 6}, 120);
}

TEST_CASE("stream: at every step entries, claims and acknowledgements are what the history says") {
    specification::check_histories({.objects = {{"log", stream}}}, 250);
}

TEST_CASE("expiry: at every step the greatest deadline that was not replaced wins") {
    specification::check_histories({.objects = {{"session", expiry}}}, 250);
}
