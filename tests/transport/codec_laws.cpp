#include "random_batch.hpp"

#include <sangam/transport/errc.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace sangam;
using namespace sangam::test;

namespace {

/// What every answer to any bytes must be: a batch that is written and read again as itself, or an error with
/// the place where it is.
void check_any(std::string_view bytes) {
    const auto decoded = transport::decode_batch(bytes);
    if (!decoded) {
        CHECK(decoded.error().where.starts_with("batch"));
        return;
    }
    const auto again = transport::decode_batch(transport::encode_batch(*decoded));
    REQUIRE_MESSAGE(again.has_value(), again.error().message());
    CHECK(*again == *decoded);
}

void check_any_head(std::string_view bytes, std::string_view group) {
    const auto decoded = transport::decode_head(bytes, group);
    if (!decoded) {
        CHECK(decoded.error().where.starts_with("head"));
        return;
    }
    const auto again = transport::decode_head(transport::encode_head(*decoded), group);
    REQUIRE_MESSAGE(again.has_value(), again.error().message());
    CHECK(*again == *decoded);
}

/// Calls `check` with every one-bit change of `bytes`.
template <class Check>
void for_each_flip(std::string bytes, Check&& check) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        CAPTURE(bit);
        const auto mask = static_cast<char>(1 << bit % 8);
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
        check(std::string_view(bytes));
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    }
}

} // namespace

TEST_CASE("batch codec: decode is the inverse of encode, whatever the batch") {
    for_each_seed(400, [](std::mt19937_64& rng) {
        const transport::batch b = batch_maker(rng).batch();
        const std::string bytes = transport::encode_batch(b);
        const auto decoded = transport::decode_batch(bytes);
        REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
        CHECK(*decoded == b);
        CHECK(transport::encode_batch(*decoded) == bytes);
    });
}

TEST_CASE("head codec: decode is the inverse of encode, whatever the head") {
    for_each_seed(400, [](std::mt19937_64& rng) {
        const transport::head h = batch_maker(rng).head();
        const auto decoded = transport::decode_head(transport::encode_head(h), h.group);
        REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
        CHECK(*decoded == h);
    });
}

TEST_CASE("codec: no beginning of a batch or head is one") {
    for (const transport::batch& b : {everything(), keystrokes(3, 100)}) {
        const std::string bytes = transport::encode_batch(b);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            // A copy of just this size, so that the address sanitizer sees a read past its end.
            const std::vector<char> prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK(!transport::decode_batch({prefix.data(), prefix.size()}).has_value());
        }
    }
    for (const transport::head& h : heads()) {
        const std::string bytes = transport::encode_head(h);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const std::vector<char> prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK(!transport::decode_head({prefix.data(), prefix.size()}, h.group).has_value());
        }
    }
}

TEST_CASE("codec: any one bit changed gives an error or something that is itself valid") {
    for_each_flip(transport::encode_batch(everything()), check_any);
    for_each_flip(transport::encode_batch(keystrokes(3, 100)), check_any);
    for (const transport::head& h : heads()) {
        for_each_flip(transport::encode_head(h),
                      [&](std::string_view bytes) { check_any_head(bytes, h.group); });
    }
}

TEST_CASE("codec: bytes cut, doubled and mixed give an error or something that is itself valid") {
    for_each_seed(200, [](std::mt19937_64& rng) {
        std::string bytes = transport::encode_batch(batch_maker(rng).batch());
        const std::string other = transport::encode_batch(batch_maker(rng).batch());
        for (int change = 0; change < 8; ++change) {
            const std::size_t at = draw(rng, bytes.size() + 1);
            switch (draw(rng, 4)) {
            case 0:
                bytes.resize(at);
                break;
            case 1:
                bytes.insert(at, other.substr(draw(rng, other.size()), draw(rng, 40)));
                break;
            case 2:
                bytes.erase(at, draw(rng, 10));
                break;
            default:
                bytes.insert(at, 1, static_cast<char>(rng()));
                break;
            }
            check_any(bytes);
            check_any_head(bytes, "default");
        }
    });
}
