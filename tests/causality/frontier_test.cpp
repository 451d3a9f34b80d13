#include <sangam/causality/frontier.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace sangam::causality;

namespace {

constexpr replica_id ana{1};
constexpr replica_id bob{2};
constexpr replica_id cleo{3};

std::vector<dot> dots_of(const frontier& f) {
    return {f.dots().begin(), f.dots().end()};
}

} // namespace

TEST_CASE("frontier: a replica that works alone has one dot in it, its last") {
    frontier f;
    f.deliver({ana, 1}, {});
    f.deliver({ana, 2}, {});
    CHECK(dots_of(f) == std::vector<dot>{{ana, 2}});
    CHECK(f.dependencies_for(ana).empty());
}

TEST_CASE("frontier: concurrent dots stand beside each other, in order") {
    frontier f;
    f.deliver({cleo, 1}, {});
    f.deliver({ana, 1}, {});
    f.deliver({bob, 1}, {});
    CHECK(dots_of(f) == std::vector<dot>{{ana, 1}, {bob, 1}, {cleo, 1}});
}

TEST_CASE("frontier: a dot replaces those that it depends on and no others") {
    frontier f;
    f.deliver({ana, 1}, {});
    f.deliver({bob, 1}, {});
    const std::vector<dot> seen_by_cleo{{ana, 1}};
    f.deliver({cleo, 1}, seen_by_cleo);
    CHECK(dots_of(f) == std::vector<dot>{{bob, 1}, {cleo, 1}});
}

TEST_CASE("frontier: a dot that depends on everything stands alone") {
    frontier f;
    f.deliver({ana, 1}, {});
    f.deliver({bob, 1}, {});
    const std::vector<dot> seen = f.dependencies_for(cleo);
    f.deliver({cleo, 1}, seen);
    CHECK(dots_of(f) == std::vector<dot>{{cleo, 1}});
}

TEST_CASE("frontier: a message names all of it but its own origin's dot") {
    frontier f;
    f.deliver({ana, 1}, {});
    f.deliver({bob, 1}, {});
    CHECK(f.dependencies_for(ana) == std::vector<dot>{{bob, 1}});
    CHECK(f.dependencies_for(bob) == std::vector<dot>{{ana, 1}});
    CHECK(f.dependencies_for(cleo) == std::vector<dot>{{ana, 1}, {bob, 1}});
}

TEST_CASE("frontier: a dependency that is not maximal any more changes nothing") {
    frontier f;
    f.deliver({ana, 1}, {});
    f.deliver({ana, 2}, {});
    const std::vector<dot> old{{ana, 1}};
    f.deliver({bob, 1}, old);
    CHECK(dots_of(f) == std::vector<dot>{{ana, 2}, {bob, 1}});
}
