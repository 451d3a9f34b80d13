// The bytes are, by the first one modulo 2:
//   0  a file of a text, whole;
//   1  columns, so that the checksum and the packing are no barrier: what follows are numbers (one byte, or
//      behind a 255 four), which fill the columns one entry after another as `chosen` says; numbers that are
//      missing are 0. Inserts only in a history; marks only if the first number has bit 1, restores only if
//      it has bit 2.
//
// Oracle: reading never fails other than by saying what is wrong. What is accepted makes a text whose
// invariants hold, whose Lamport numbers leave none out, whose own columns are those that were read, and
// whose file is read as the same again; the text can be read and edited. Reading takes memory in proportion
// to the columns, but for restores: see reading_may_take.

#include <sangam/crdt/rga_text.hpp>
#include <sangam/transport/text_file.hpp>

#include "support/peak_allocation.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace sangam;
using crdt::rga_text;
using crdt::text_columns;

constexpr std::size_t walked_max = 1 << 20; ///< check_invariants looks at every character

void require(bool holds, const std::string& what) {
    if (holds) return;
    std::fprintf(stderr, "text_file: %s\n", what.c_str());
    std::abort();
}

class numbers {
public:
    explicit numbers(std::span<const std::uint8_t> bytes) : left_(bytes) {}
    std::uint32_t next() {
        std::uint32_t number = byte();
        if (number == 255) {
            number = 0;
            for (int i = 0; i < 4; ++i)
                number = number << 8 | byte();
        }
        return number;
    }
    std::uint32_t count() { return next() % 16; }
    [[nodiscard]] std::span<const std::uint8_t> left() const { return left_; }

private:
    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    std::span<const std::uint8_t> left_;
};

crdt::value chosen_content(numbers& in) {
    switch (in.next() % 6) {
    case 0:
        return {};
    case 1:
        return in.next() % 2 == 1;
    case 2:
        return std::int64_t{in.next()} - 100;
    case 3:
        return in.next() / 8.0;
    case 4:
        return std::string(in.next() % 64, 'c');
    default:
        return crdt::bytes(in.next() % 64, std::byte{0xff});
    }
}

text_columns::mark_track chosen_track(numbers& in) {
    text_columns::mark_track track;
    for (std::uint32_t n = in.count(); n > 0; --n)
        track.name += static_cast<char>(in.next());
    for (std::uint32_t n = in.count(); n > 0; --n) {
        text_columns::mark_segment& s = track.segments.emplace_back();
        s.from = {in.next() - 1, static_cast<crdt::text_bias>(in.next())};
        if (in.next() % 2 == 0) s.last = {{in.next()}, {{in.next()}, in.next()}, chosen_content(in)};
    }
    return track;
}

text_columns chosen(std::span<const std::uint8_t> bytes) {
    numbers in(bytes);
    text_columns c;
    const std::uint32_t what = in.next();
    c.what = what % 2 == 0 ? text_columns::kind::state : text_columns::kind::history;
    for (std::uint32_t n = in.count(); n > 0; --n)
        c.replicas.push_back({in.next()});
    for (std::uint32_t n = in.count(); n > 0; --n)
        c.ids.push_back({in.next(), in.next(), in.next()});
    for (std::uint32_t n = c.what == text_columns::kind::history ? in.count() : 0; n > 0; --n)
        c.inserts.push_back({in.next(), in.next() - 1});
    for (std::uint32_t n = in.count(); n > 0; --n)
        c.shown.push_back(in.next());
    c.base = in.next();
    for (std::uint32_t n = in.count(); n > 0; --n)
        c.gone.push_back({in.next(), in.next()});
    for (std::uint32_t n = in.count(); n > 0; --n)
        c.erased.push_back({in.next(), in.next(), in.next(), in.next() % 2 == 1});
    for (std::uint32_t n = what / 4 % 2 == 1 ? in.count() : 0; n > 0; --n) {
        text_columns::restore& r = c.restores.emplace_back();
        r.first = in.next();
        for (std::uint32_t erases = in.count(); erases > 0; --erases)
            r.erases.push_back({{{in.next()}, in.next()}, in.next()});
    }
    for (std::uint32_t n = in.count(); n > 0; --n)
        c.transactions.push_back({{{in.next()}, in.next()}, in.next(), in.next(), in.next()});
    for (std::uint32_t n = what / 2 % 2 == 1 ? in.count() : 0; n > 0; --n)
        c.marks.push_back(chosen_track(in));
    c.text.assign(in.left().begin(), in.left().end());
    return c;
}

/// Decision 13, looked at character by character.
void require_numbers(const text_columns& c) {
    std::vector<std::uint64_t> numbers;
    for (const text_columns::id_run& run : c.ids) {
        for (std::uint64_t n = 0; n < run.length; ++n)
            numbers.push_back(run.lamport + n);
    }
    const std::size_t base = c.what == text_columns::kind::state ? numbers.size() : c.base;
    std::uint64_t greatest = 0;
    for (std::size_t n = 0; n < numbers.size(); ++n) {
        require(numbers[n] <= (n < base ? base : greatest + 1), "a Lamport number that leaps");
        greatest = std::max(greatest, numbers[n]);
    }
    for (std::size_t first = 0; const text_columns::insert_run& run : c.inserts) {
        require(first < base || run.parent == text_columns::no_parent || numbers[run.parent] < numbers[first],
                "a parent with no lesser Lamport number");
        first += run.length;
    }
}

/// How much the columns hold. What marks hold is counted by their segments alone: contents are copied once.
std::size_t memory_of(const text_columns& c) {
    std::size_t bytes = c.replicas.size() * 8 + c.ids.size() * 16 + c.inserts.size() * 8 +
                        c.shown.size() * 4 + c.gone.size() * 8 + c.erased.size() * 16 +
                        c.transactions.size() * 32 + c.text.size();
    for (const text_columns::restore& r : c.restores)
        bytes += 32 + r.erases.size() * sizeof(crdt::dot_range);
    for (const text_columns::mark_track& track : c.marks) {
        bytes += 64 + track.name.size();
        for (const text_columns::mark_segment& segment : track.segments)
            bytes += sizeof(segment) + segment.last.content.content_bytes();
    }
    return bytes;
}

/// What reading columns may hold at once, the columns themselves left out: in proportion to them, and for the
/// characters that they number. A restore names erases by a range of characters and one of transactions, so
/// that each of its parts may find a piece of every run of erases.
std::size_t reading_may_take(const text_columns& c) {
    std::size_t characters = 0;
    for (const text_columns::id_run& run : c.ids)
        characters += run.length;
    std::size_t named = 0;
    for (const text_columns::restore& r : c.restores)
        named += r.erases.size();
    return (std::size_t{64} << 10) + 64 * memory_of(c) + characters / 32 +
           128 * named * (c.erased.size() + c.transactions.size());
}

void check(const text_columns& columns) {
    test::start_peak();
    auto made = rga_text::from_columns(columns);
    require(test::peak() <= reading_may_take(columns), "reading took too much memory");
    if (!made) {
        require(!made.error().where.empty(), "an error without a place");
        return;
    }
    rga_text& text = *made;
    require(text.columns(columns.what) == columns, "the columns of the text are others");
    for (const auto compression : {transport::text_compression::none, transport::text_compression::fast}) {
        const auto again = transport::decode_text(transport::encode_text(columns, compression));
        require(again.has_value() && *again == columns, "what was encoded is decoded as something else");
    }
    const std::size_t size = text.size();
    if (text.size_with_tombstones() > walked_max) return;
    require(text.check_invariants().empty(), text.check_invariants());
    require_numbers(columns);
    const rga_text::log_position since = text.applied();
    const crdt::operation_context context{{{42}, std::uint64_t{1} << 40}, {}};
    text.local_insert(size / 2, "\u00e9", context); // whatever the numbers are, there is a next one
    text.local_erase(0, 1, context);
    if (size > 0) {
        text.apply(text.mark(size / 2, 1, "a", 7, crdt::mark_growth::both), context);
        require(!text.formatted().empty(), "a text that is not in runs");
    }
    require(text.size() == size && text.check_invariants().empty(), text.check_invariants());
    require(!text.operations_since(since).empty(), "an edit that was not logged");
    const auto edited = rga_text::from_columns(text.columns(columns.what));
    require(edited.has_value(), edited ? "" : "an edited text is not loaded: " + edited.error().message());
    require(*edited == text, "an edited text is loaded as another");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::span<const std::uint8_t> bytes(data + 1, size - 1);
    if (data[0] % 2 == 1) {
        check(chosen(bytes));
        return 0;
    }
    const std::string file(bytes.begin(), bytes.end());
    const auto columns = transport::decode_text(file);
    if (columns) {
        check(*columns);
    } else {
        require(!columns.error().where.empty(), "an error without a place");
    }
    return 0;
}
