#include "eventually.hpp"

#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::test::eventually;

namespace {

/// A copy of a text (ASCII only) that begins with what is there and follows every change.
class mirror {
public:
    mirror(const replica& of, const std::string& key, const std::string& first_insert = {})
        : subscription_(of.on_change(
              key, [this](const sangam::change& c) { follow(c); },
              [&](sangam::transaction& t) {
                  text_ = t.text(key).str();
                  if (!first_insert.empty()) {
                      t.text(key).insert(0, first_insert);
                  }
              })) {}

    [[nodiscard]] std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    void follow(const sangam::change& c) {
        if (c.missed) {
            c.begin_anew([&](sangam::transaction& t) {
                const std::lock_guard lock(mutex_);
                text_ = t.text(c.object.name).str();
            });
            return;
        }
        const std::lock_guard lock(mutex_);
        for (const sangam::text_patch& p : c.patches) {
            if (p.position + p.erased > text_.size()) {
                text_ += " (a patch that does not fit)";
                return;
            }
            text_.replace(p.position, p.erased, p.inserted);
        }
    }

    mutable std::mutex mutex_;
    std::string text_;
    sangam::subscription subscription_;
};

} // namespace

// A listener heard of changes made before it was registered when another one listened to the same key, so
// that a copy begun from the state applied them twice.
TEST_CASE("on_change: a listener hears nothing of what was written before it") {
    std::mutex mutex;
    std::vector<std::uint64_t> heard_early;
    std::vector<std::uint64_t> heard_late;
    std::promise<void> written;
    sangam::subscription late;
    replica r = replica::open({.name = "r"}).value();
    const auto early = r.on_change("n", [&](const sangam::change& c) {
        if (c.transaction.sequence == 1) {
            CHECK(written.get_future().wait_for(10s) == std::future_status::ready);
        }
        if (c.transaction.sequence == 2) { // the third is taken out together with it
            r.counter("n").increment();
            late = r.on_change("n", [&](const sangam::change& later) {
                const std::lock_guard lock(mutex);
                heard_late.push_back(later.transaction.sequence);
            });
            r.counter("n").increment();
        }
        const std::lock_guard lock(mutex);
        heard_early.push_back(c.transaction.sequence);
    });
    r.counter("n").increment();
    r.counter("n").increment();
    r.counter("n").increment();
    written.set_value();
    REQUIRE(eventually([&] {
        const std::lock_guard lock(mutex);
        return heard_early.size() == 5 && !heard_late.empty();
    }));
    const std::lock_guard lock(mutex);
    CHECK(heard_early == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
    CHECK(heard_late == std::vector<std::uint64_t>{5});
}

TEST_CASE("on_change: a copy that is begun in its transaction stays equal while others write") {
    const replica r = replica::open({.name = "r"}).value();
    const auto edit = [&r] {
        const auto text = r.text("t");
        for (int i = 0; i < 2000; ++i) {
            const std::size_t size = text.size();
            if (size > 100) {
                text.erase(size / 3, 7);
            } else {
                text.insert(size / 2, std::string(3, static_cast<char>('a' + i % 26)));
            }
        }
    };
    std::vector<std::unique_ptr<mirror>> mirrors;
    {
        const std::jthread writer(edit);
        for (int i = 0; i < 50; ++i) {
            mirrors.push_back(std::make_unique<mirror>(r, "t", i % 2 == 0 ? "" : "begun"));
        }
    }
    for (const auto& copy : mirrors) {
        REQUIRE(eventually([&] { return copy->text() == r.text("t").str(); }));
    }
}

TEST_CASE("on_change: when the beginning throws, nothing has changed and nobody listens") {
    const replica r = replica::open({.name = "r"}).value();
    bool told = false;
    CHECK_THROWS_AS((void)r.on_change(
                        "n", [&](const sangam::change&) { told = true; },
                        [](sangam::transaction& t) {
                            t.counter("n").increment();
                            throw std::runtime_error("given up");
                        }),
                    std::runtime_error);
    CHECK(r.counter("n").value() == 0);
    std::promise<void> heard;
    const auto listener = r.on_change("n", [&](const sangam::change&) { heard.set_value(); });
    r.counter("n").increment();
    CHECK(heard.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(!told);
}
