#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

TEST_CASE("object: at every step a text is the depth-first walk of its tree, and local changes land where "
          "they are put") {
    specification::check_histories({.objects = {{"notes", rga_text}}}, 40);
}

TEST_CASE("object: the law of texts holds in long histories") {
    specification::check_histories({.objects = {{"notes", rga_text}}, .transactions_max = 80, .replicas = 4},
                                   3);
}

TEST_CASE("object: objects of all kinds under one name keep their meaning when transactions span them") {
    std::vector<crdt::object_key> objects;
    for (const crdt::object_kind kind : crdt::all_kinds) {
        objects.push_back({"x", kind});
    }
    specification::check_histories({.objects = objects}, 200);
}
