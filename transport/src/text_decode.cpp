#include <sangam/transport/text_file.hpp>

#include "numbers.hpp"
#include "text_layout.hpp"
#include "zstd_frame.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>
#include <sangam/transport/errc.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace sangam::transport {
namespace {

using namespace text_layout;
using crdt::text_columns;

constexpr std::uint64_t u32_max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

/// Reads columns one behind the other. After the first thing that is wrong it reads zeros, and keeps the
/// error.
class column_reader {
public:
    explicit column_reader(std::string_view bytes) noexcept : bytes_(bytes), numbers_(bytes) {}

    void begin(std::string_view column) noexcept {
        column_ = column;
        entry_ = 0;
    }
    std::uint64_t number() {
        std::uint64_t n = 0;
        if (const auto status = numbers_.next(n); status != numbers::read_status::ok) {
            fail(status == numbers::read_status::ended ? errc::truncated : errc::malformed, "no number");
            return 0;
        }
        ++entry_;
        return n;
    }
    std::uint32_t small(std::uint64_t max = u32_max) { return static_cast<std::uint32_t>(up_to(max)); }
    std::uint64_t up_to(std::uint64_t max) {
        const std::uint64_t n = number();
        if (n <= max) return n;
        fail(errc::invalid_value, std::to_string(n));
        return 0;
    }
    /// A number for each of many entries, one after another, none above `max`. The place stays in a register.
    template <class Entry, class Take>
    void each(std::string_view column, std::vector<Entry>& entries, std::uint64_t max, Take&& take) {
        begin(column);
        numbers::reader from = numbers_;
        for (Entry& entry : entries) {
            const numbers::reader before = from;
            std::uint64_t n = 0;
            if (from.next(n) != numbers::read_status::ok || n > max) {
                from = before;
                break;
            }
            take(entry, n);
            ++entry_;
        }
        if (failed_) return;
        numbers_ = from;
        if (entry_ < entries.size()) up_to(max); // says what is wrong with it
    }
    /// How many entries follow somewhere, each of so many bytes or more: never more than there are bytes.
    std::size_t count(std::string_view column, std::size_t bytes_of_entry) {
        begin(column);
        const std::uint64_t n = number();
        if (n <= remaining() / bytes_of_entry) return static_cast<std::size_t>(n);
        fail(errc::truncated, std::to_string(n) + " entries");
        return 0;
    }
    void fail(errc code, const std::string& what) {
        if (failed_) return;
        failed_ = true;
        problem_ = {code,
                    std::string(column_) + "[" + std::to_string(entry_ > 0 ? entry_ - 1 : 0) + "]: " + what};
        numbers_ = numbers::reader({});
    }
    void fail_at(std::size_t entry, errc code, const std::string& what) {
        entry_ = entry + 1;
        fail(code, what);
    }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] const error& problem() const noexcept { return problem_; }
    [[nodiscard]] std::size_t remaining() const noexcept { return numbers_.remaining(); }
    /// Eight bytes, the lowest first.
    std::uint64_t eight() {
        std::uint64_t bits = 0;
        const std::string_view bytes = take(sizeof bits);
        for (std::size_t n = 0; n < bytes.size(); ++n)
            bits |= std::uint64_t{static_cast<unsigned char>(bytes[n])} << 8 * n;
        ++entry_;
        return bits;
    }
    [[nodiscard]] std::string_view take(std::size_t size) {
        if (size > remaining()) {
            fail(errc::truncated, std::to_string(remaining()) + " bytes of " + std::to_string(size));
            return {};
        }
        const std::string_view taken = bytes_.substr(bytes_.size() - remaining(), size);
        numbers_ = numbers::reader(bytes_.substr(bytes_.size() - remaining() + size));
        return taken;
    }

private:
    std::string_view bytes_;
    numbers::reader numbers_;
    std::string_view column_;
    std::size_t entry_ = 0;
    bool failed_ = false;
    error problem_;
};

class text_decoder {
public:
    explicit text_decoder(std::string_view bytes) noexcept : in_(bytes) {}

    result<text_columns> decode() {
        head();
        using step = void (text_decoder::*)();
        for (const step next :
             {&text_decoder::replicas, &text_decoder::ids, &text_decoder::inserts, &text_decoder::shown,
              &text_decoder::gone, &text_decoder::erased, &text_decoder::restores,
              &text_decoder::transactions, &text_decoder::marks, &text_decoder::text}) {
            if (in_.failed()) break;
            (this->*next)();
        }
        if (in_.failed()) return in_.problem();
        if (in_.remaining() > 0)
            return error{errc::trailing_bytes, std::to_string(in_.remaining()) + " bytes behind the text"};
        if (!columns_.erased.empty() || !columns_.marks.empty()) {
            const auto order = crdt::text_order(columns_);
            if (!order) return order.error();
            const text_ranks ranks(*order);
            if (auto placed = place_erased(ranks); !placed) return placed.error();
            if (auto placed = place_marks(ranks); !placed) return placed.error();
        }
        return std::move(columns_);
    }

private:
    void head() {
        in_.begin("head");
        const std::string_view code = in_.take(1);
        const std::size_t kind = code.empty() ? kinds.npos : kinds.find(code.front());
        if (kind == kinds.npos) return in_.fail(errc::unknown_kind, "the kind");
        columns_.what = kind % 2 == 0 ? text_columns::kind::state : text_columns::kind::history;
        all_replicas_.resize(in_.count("replicas", sizeof(std::uint64_t)));
        replicas_ = in_.small(all_replicas_.size());
        columns_.ids.resize(in_.count("ids", columns_.what == text_columns::kind::state ? 2 : 3));
        columns_.inserts.resize(in_.count("inserts", 2));
        columns_.shown.resize(in_.count("shown", 1));
        in_.begin("base");
        columns_.base = in_.small();
        columns_.gone.resize(in_.count("gone", 2));
        columns_.erased.resize(in_.count("erased", 3));
        columns_.restores.resize(in_.count("restores", 2));
        erases_ = in_.count("restores.erases", 3);
        columns_.transactions.resize(in_.count("transactions", 5));
        text_bytes_ = in_.count("text", 1);
        if (kind < 2) return;
        columns_.marks.resize(in_.count("marks", 7));
        if (columns_.marks.empty()) in_.fail(errc::invalid_value, "none");
        segments_ = in_.count("segments", 2); // nothing has no more
    }

    void replicas() {
        in_.begin("replicas");
        for (causality::replica_id& replica : all_replicas_)
            replica.bits = in_.eight();
        columns_.replicas.assign(all_replicas_.begin(), all_replicas_.begin() + replicas_);
    }

    void ids() {
        if (columns_.what == text_columns::kind::state) return ids_in_order();
        in_.begin("ids.replica");
        for (text_columns::id_run& run : columns_.ids)
            run.replica = replica_of_ids();
        std::vector<std::uint64_t> lamports(columns_.ids.size());
        in_.begin("ids.lamport");
        for (std::uint64_t& lamport : lamports)
            lamport = in_.number();
        in_.begin("ids.length");
        for (text_columns::id_run& run : columns_.ids)
            run.length = in_.small(u32_max - 1) + 1;
        if (in_.failed()) return;
        expected_lamport expected;
        for (std::size_t n = 0; n < lamports.size(); ++n) {
            text_columns::id_run& run = columns_.ids[n];
            run.lamport = numbers::advance(expected.next(), lamports[n]);
            expected.saw(run);
        }
    }

    std::uint32_t replica_of_ids() {
        const std::uint32_t replica = in_.small();
        if (replica >= replicas_) in_.fail(errc::invalid_value, "replica " + std::to_string(replica));
        return replica;
    }

    /// Those of a state. A run that goes on where another ended is of the same replica.
    void ids_in_order() {
        std::vector<text_columns::id_run>& runs = columns_.ids;
        in_.each("ids.lamport", runs, any_number, [](text_columns::id_run& run, std::uint64_t code) {
            run.lamport = code; // for now
        });
        for (std::size_t n = 0; n < runs.size() && n < run_beginnings::looked_back + 2; ++n) {
            if (n < runs[n].lamport + 2 && runs[n].lamport < run_beginnings::looked_back)
                return in_.fail_at(n, errc::invalid_value, "it goes on where nothing ended");
        }
        in_.begin("ids.replica");
        for (std::size_t n = 0; replicas_ > 1 && n < runs.size(); ++n) {
            if (runs[n].lamport >= run_beginnings::looked_back) runs[n].replica = replica_of_ids();
        }
        std::size_t n = 0;
        std::uint64_t end = 1; // of the run before
        in_.each("ids.length", runs, u32_max - 1, [&](text_columns::id_run& run, std::uint64_t length) {
            const std::uint64_t code = run.lamport;
            const bool goes_on = code < run_beginnings::looked_back;
            const text_columns::id_run& from = goes_on ? runs[n - 2 - code] : run;
            const std::uint64_t ended = run_beginnings::end_of(from);
            const std::uint64_t near = numbers::advance(end, code - run_beginnings::looked_back);
            run = {goes_on ? ended : near, static_cast<std::uint32_t>(length) + 1, from.replica};
            end = run_beginnings::end_of(run);
            ++n;
        });
    }

    void inserts() {
        in_.begin("inserts.length");
        std::uint64_t total = 0;
        for (text_columns::insert_run& run : columns_.inserts) {
            run.length = in_.small(u32_max - 1) + 1;
            total += run.length;
        }
        if (total >= u32_max) in_.fail(errc::too_large, std::to_string(total) + " characters");
        in_.begin("inserts.parent");
        std::uint32_t first = 0;
        for (text_columns::insert_run& run : columns_.inserts) {
            const std::uint32_t code = in_.small(total);
            run.parent = parent_of(code, first, static_cast<std::uint32_t>(total)) - 1;
            first += run.length;
        }
    }

    void shown() {
        std::vector<std::uint32_t> visible((columns_.shown.size() + 1) / 2);
        std::vector<std::uint32_t> erased(columns_.shown.size() / 2);
        const auto take = [](std::uint32_t& length, std::uint64_t n) {
            length = static_cast<std::uint32_t>(n);
        };
        in_.each("shown.visible", visible, u32_max, take);
        in_.each("shown.erased", erased, u32_max, take);
        for (std::size_t n = 0; n < columns_.shown.size(); ++n)
            columns_.shown[n] = (n % 2 == 0 ? visible : erased)[n / 2];
    }

    void gone() {
        in_.begin("gone.first");
        for (text_columns::run& run : columns_.gone)
            run.first = in_.small();
        in_.begin("gone.length");
        std::uint64_t end = 0;
        for (text_columns::run& run : columns_.gone) {
            run.length = in_.small(u32_max - 1) + 1;
            if (run.first + end + run.length > u32_max) in_.fail(errc::too_large, "past any text");
            run.first += static_cast<std::uint32_t>(end);
            end = std::uint64_t{run.first} + run.length;
        }
    }

    void erased() {
        in_.begin("erased.inserted");
        std::uint64_t inserted = columns_.base;
        for (text_columns::erased_run& run : columns_.erased) {
            inserted += in_.number();
            if (inserted == 0 || inserted > u32_max) in_.fail(errc::invalid_value, "of no character");
            run.inserted = static_cast<std::uint32_t>(inserted);
        }
        in_.begin("erased.place");
        places_.resize(columns_.erased.size());
        for (std::uint64_t& place : places_)
            place = in_.number();
        in_.begin("erased.length");
        for (text_columns::erased_run& run : columns_.erased) {
            const std::uint64_t code = in_.number();
            if (code >> 1 >= u32_max) in_.fail(errc::invalid_value, std::to_string(code));
            run.length = static_cast<std::uint32_t>(code >> 1) + 1;
            run.backward = (code & 1) != 0;
        }
    }

    void restores() {
        std::uint64_t end = 0;
        in_.begin("restores.first");
        for (text_columns::restore& r : columns_.restores)
            r.first = in_.small();
        in_.begin("restores.count");
        std::size_t left = erases_;
        for (text_columns::restore& r : columns_.restores) {
            const std::uint64_t size = std::uint64_t{in_.small(u32_max - 1)} + 1;
            if (in_.failed()) return;
            if (size > left) return in_.fail(errc::invalid_value, std::to_string(size) + " erases");
            if (r.first + end + size > u32_max) return in_.fail(errc::too_large, "past any erase");
            r.erases.resize(static_cast<std::size_t>(size));
            left -= r.erases.size();
            r.first += static_cast<std::uint32_t>(end);
            end = r.first + size;
        }
        if (left > 0) return in_.fail(errc::invalid_value, std::to_string(left) + " erases of no restore");
        in_.begin("restores.replica");
        std::vector<std::uint32_t> replicas(erases_);
        for (std::uint32_t& replica : replicas) {
            replica = in_.small();
            if (replica >= all_replicas_.size())
                in_.fail(errc::invalid_value, "replica " + std::to_string(replica));
        }
        in_.begin("restores.sequence");
        for_each_erase([&](crdt::dot_range& range) { range.first.sequence = in_.number(); });
        in_.begin("restores.length");
        for_each_erase([&](crdt::dot_range& range) { range.count = in_.up_to(any_number - 1) + 1; });
        if (in_.failed()) return;
        std::vector<std::uint64_t> expected(all_replicas_.size(), 1);
        for_each_erase([&, n = std::size_t{0}](crdt::dot_range& range) mutable {
            std::uint64_t& sequence = expected[replicas[n]];
            range.first = {all_replicas_[replicas[n]], numbers::advance(sequence, range.first.sequence)};
            sequence = range.first.sequence + range.count;
            ++n;
        });
    }
    template <class Function>
    void for_each_erase(Function&& function) {
        for (text_columns::restore& r : columns_.restores) {
            for (crdt::dot_range& range : r.erases)
                function(range);
        }
    }

    void transactions() {
        std::vector<std::uint32_t> replicas(columns_.transactions.size());
        in_.begin("transactions.replica");
        for (std::uint32_t& replica : replicas) {
            replica = in_.small();
            if (replica >= all_replicas_.size())
                in_.fail(errc::invalid_value, "replica " + std::to_string(replica));
        }
        in_.begin("transactions.sequence");
        for (text_columns::transaction_run& run : columns_.transactions)
            run.first.sequence = in_.number();
        in_.begin("transactions.step");
        for (text_columns::transaction_run& run : columns_.transactions)
            run.step = in_.number();
        in_.begin("transactions.stride");
        for (text_columns::transaction_run& run : columns_.transactions)
            run.stride = in_.small();
        in_.begin("transactions.count");
        for (text_columns::transaction_run& run : columns_.transactions)
            run.count = in_.small(u32_max - 1) + 1;
        if (in_.failed()) return;
        expected_transaction expected(all_replicas_.size(), columns_.base);
        for (std::size_t n = 0; n < replicas.size(); ++n) {
            text_columns::transaction_run& run = columns_.transactions[n];
            run.first.replica = all_replicas_[replicas[n]];
            run.first.sequence = numbers::advance(expected.sequence(replicas[n]), run.first.sequence);
            run.step += expected.step();
            expected.saw(run, replicas[n]);
        }
    }

    void marks() {
        in_.begin("marks.name.length");
        std::vector<std::size_t> sizes(columns_.marks.size());
        for (std::size_t& size : sizes)
            size = in_.small(crdt::limits::name_bytes_max);
        in_.begin("marks.name");
        for (std::size_t n = 0; n < sizes.size(); ++n)
            columns_.marks[n].name = in_.take(sizes[n]);
        in_.begin("marks.segments");
        std::size_t left = segments_;
        for (text_columns::mark_track& track : columns_.marks) {
            const std::uint64_t size = std::uint64_t{in_.small(u32_max - 1)} + 1;
            if (in_.failed()) return;
            if (size > left) return in_.fail(errc::invalid_value, std::to_string(size) + " segments");
            track.segments.resize(static_cast<std::size_t>(size));
            left -= track.segments.size();
        }
        if (left > 0) return in_.fail(errc::invalid_value, std::to_string(left) + " segments of no name");
        in_.begin("marks.place");
        mark_places_.resize(segments_);
        for (std::uint64_t& place : mark_places_)
            place = in_.number();
        mark_writes();
    }

    void mark_writes() {
        struct written {
            text_columns::mark_write* write = nullptr;
            std::uint32_t replica = 0;
            std::uint64_t code = content::null;
        };
        std::vector<written> all;
        in_.begin("marks.replica");
        for (text_columns::mark_track& track : columns_.marks) {
            for (text_columns::mark_segment& s : track.segments) {
                const std::uint32_t replica = in_.small();
                if (replica > all_replicas_.size())
                    in_.fail(errc::invalid_value, "replica " + std::to_string(replica));
                if (replica > 0) all.push_back({&s.last, replica - 1});
            }
        }
        in_.begin("marks.time");
        for (const written& w : all)
            w.write->time.bits = in_.number();
        in_.begin("marks.sequence");
        for (const written& w : all)
            w.write->id.sequence = in_.number();
        in_.begin("marks.kind");
        for (written& w : all)
            w.code = in_.number();
        if (in_.failed()) return;
        in_.begin("marks.content");
        expected_write expected(all_replicas_.size());
        for (const written& w : all) {
            w.write->id.replica = all_replicas_[w.replica];
            w.write->time.bits = numbers::advance(expected.time(), w.write->time.bits);
            w.write->id.sequence = numbers::advance(expected.sequence(w.replica), w.write->id.sequence);
            w.write->content = read_content(w.code);
            expected.saw(*w.write, w.replica);
        }
    }

    crdt::value read_content(std::uint64_t code) {
        switch (code) {
        case content::null:
            return {};
        case content::no:
            return false;
        case content::yes:
            return true;
        case content::integer:
            return numbers::unzigzag(in_.number());
        case content::real: {
            const auto real = std::bit_cast<double>(in_.eight());
            if (!std::isnan(real)) return real;
            in_.fail(errc::invalid_value, "not a number");
            return {};
        }
        default:
            break;
        }
        const std::uint64_t size = (code - content::text) / 2;
        if (size > crdt::limits::value_bytes_max) {
            in_.fail(errc::too_large, "a content of " + std::to_string(size) + " bytes");
            return {};
        }
        const std::string_view held = in_.take(static_cast<std::size_t>(size));
        if (code % 2 != content::text % 2) return std::as_bytes(std::span(held));
        if (!crdt::utf8::find_invalid(held)) return held;
        in_.fail(errc::invalid_text, "not UTF-8");
        return {};
    }

    void text() {
        in_.begin("text");
        columns_.text = in_.take(text_bytes_);
    }

    /// When all characters are there, the ranks say which of them were erased.
    result<void> place_erased(const text_ranks& ranks) {
        expected_erase expected(columns_.base);
        for (std::size_t n = 0; n < places_.size(); ++n) {
            text_columns::erased_run& run = columns_.erased[n];
            const std::uint32_t beside = expected.beside(run.inserted);
            const std::uint64_t rank =
                beside < ranks.total() ? numbers::advance(ranks.rank_of(beside), places_[n]) : ranks.total();
            if (rank >= ranks.total())
                return error{errc::invalid_value, "erased.place[" + std::to_string(n) + "]: past the end"};
            const std::uint32_t begin = ranks.number_at(static_cast<std::uint32_t>(rank));
            if (run.backward ? begin < run.length - 1 : run.length > ranks.total() - begin)
                return error{errc::invalid_value, "erased.length[" + std::to_string(n) + "]: past the end"};
            run.first = run.backward ? begin - (run.length - 1) : begin;
            expected.saw(run);
        }
        return {};
    }

    result<void> place_marks(const text_ranks& ranks) {
        std::size_t n = 0;
        for (text_columns::mark_track& track : columns_.marks) {
            std::uint64_t least = 0;
            for (text_columns::mark_segment& s : track.segments) {
                const std::uint64_t last = 2 * std::uint64_t{ranks.total()};
                if (least > last || mark_places_[n] > last - least)
                    return error{errc::invalid_value, "marks.place[" + std::to_string(n) + "]: past the end"};
                const std::uint64_t place = least + mark_places_[n++];
                s.from = anchor_at(place, ranks);
                least = place + 1;
            }
        }
        return {};
    }

    column_reader in_;
    text_columns columns_;
    std::vector<causality::replica_id> all_replicas_;
    std::vector<std::uint64_t> places_;      ///< of the erased
    std::vector<std::uint64_t> mark_places_; ///< of all segments
    std::uint32_t replicas_ = 0;
    std::size_t text_bytes_ = 0;
    std::size_t segments_ = 0;
    std::size_t erases_ = 0; ///< ranges of transactions that restores name
};

} // namespace

result<text_columns> decode_text(std::string_view bytes) {
    if (bytes.size() <= magic.size())
        return error{errc::truncated, "head: " + std::to_string(bytes.size()) + " bytes"};
    if (!bytes.starts_with(magic)) return error{errc::malformed, "head: not a text"};
    if (bytes[magic.size()] != version)
        return error{errc::unknown_version,
                     "head: version " + std::to_string(static_cast<unsigned char>(bytes[magic.size()]))};
    const std::string_view rest = bytes.substr(magic.size() + 1);
    column_reader in(rest);
    in.begin("size");
    const std::uint64_t size = in.number();
    if (in.failed()) return in.problem();
    const auto content = unpack_frame(rest.substr(rest.size() - in.remaining()), size);
    if (!content) return content.error();
    return text_decoder(content->view()).decode();
}

} // namespace sangam::transport
