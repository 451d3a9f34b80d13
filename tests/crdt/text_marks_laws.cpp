#include "specification/laws.hpp"

using namespace sangam;
using enum crdt::object_kind;

// The users of tests/specification mark a third of what they do to a text.

TEST_CASE("text_marks: at every step a character has the marks of the greatest writes that cover it") {
    specification::check_histories({.objects = {{"notes", rga_text}}}, 200);
}

TEST_CASE("text_marks: the law holds with many who mark at once") {
    specification::check_histories({.objects = {{"notes", rga_text}}, .transactions_max = 50, .replicas = 6},
                                   12);
}
