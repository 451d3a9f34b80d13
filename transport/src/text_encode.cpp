#include <sangam/transport/text_file.hpp>

#include "numbers.hpp"
#include "text_layout.hpp"
#include "zstd_frame.hpp"

#include <array>
#include <bit>
#include <map>
#include <optional>

namespace sangam::transport {
namespace {

using namespace text_layout;
using causality::replica_id;
using crdt::text_columns;
using numbers::put;

/// All replicas, those with characters first.
class replica_table {
public:
    explicit replica_table(const text_columns& columns) : all_(columns.replicas) {
        for (std::uint32_t n = 0; n < all_.size(); ++n)
            places_.emplace(all_[n], n);
        for (const text_columns::transaction_run& run : columns.transactions)
            add(run.first.replica);
        for (const text_columns::restore& r : columns.restores) {
            for (const crdt::dot_range& range : r.erases)
                add(range.first.replica);
        }
        for (const text_columns::mark_track& track : columns.marks) {
            for (const text_columns::mark_segment& s : track.segments) {
                if (s.last != text_columns::mark_write()) add(s.last.id.replica);
            }
        }
    }
    [[nodiscard]] const std::vector<replica_id>& all() const noexcept { return all_; }
    [[nodiscard]] std::uint32_t place_of(replica_id replica) const { return places_.find(replica)->second; }

private:
    void add(replica_id replica) {
        const auto place = static_cast<std::uint32_t>(all_.size());
        if (places_.try_emplace(replica, place).second) all_.push_back(replica);
    }

    std::vector<replica_id> all_;
    std::map<replica_id, std::uint32_t> places_;
};

class text_encoder {
public:
    explicit text_encoder(const text_columns& columns) : columns_(columns), replicas_(columns) {
        for (const text_columns::insert_run& run : columns.inserts)
            total_ += run.length;
        if (!columns.erased.empty() || !columns.marks.empty())
            ranks_.emplace(crdt::text_order(columns).value());
    }

    std::string encode(text_compression compression) {
        const std::array parts{head(), replicas(), ids(),      inserts(),      shown(),
                               gone(), erased(),   restores(), transactions(), marks()};
        std::vector<std::string_view> all;
        std::size_t size = columns_.text.size();
        for (const std::vector<std::string>& part : parts) {
            for (const std::string& column : part) {
                all.push_back(column);
                size += column.size();
            }
        }
        all.push_back(columns_.text);
        std::string bytes(magic);
        bytes.push_back(version);
        put(bytes, size);
        append_frame(bytes, all, level_of(compression));
        return bytes;
    }

private:
    using part = std::vector<std::string>;

    static int level_of(text_compression compression) noexcept {
        switch (compression) {
        case text_compression::none:
            return storing_level();
        case text_compression::fast:
            return 3;
        case text_compression::small:
            break;
        }
        return 19;
    }

    [[nodiscard]] part head() const {
        std::string column;
        column.push_back(kind_code(columns_.what, !columns_.marks.empty()));
        std::size_t named = 0;
        for (const text_columns::restore& r : columns_.restores)
            named += r.erases.size();
        for (const std::size_t count :
             {replicas_.all().size(), columns_.replicas.size(), columns_.ids.size(), columns_.inserts.size(),
              columns_.shown.size(), std::size_t{columns_.base}, columns_.gone.size(), columns_.erased.size(),
              columns_.restores.size(), named, columns_.transactions.size(), columns_.text.size()})
            put(column, count);
        if (columns_.marks.empty()) return {column};
        std::size_t segments = 0;
        for (const text_columns::mark_track& track : columns_.marks)
            segments += track.segments.size();
        put(column, columns_.marks.size());
        put(column, segments);
        return {column};
    }

    [[nodiscard]] part replicas() const {
        std::string column;
        for (const replica_id replica : replicas_.all())
            put_eight(column, replica.bits);
        return {column};
    }

    [[nodiscard]] part ids() const {
        part p(3);
        if (columns_.what == text_columns::kind::state) {
            run_beginnings beginnings(columns_.ids);
            for (std::size_t n = 0; n < columns_.ids.size(); ++n) {
                const text_columns::id_run& run = columns_.ids[n];
                const std::uint64_t back = beginnings.find(n);
                if (back < run_beginnings::looked_back) {
                    put(p[0], back);
                } else {
                    put(p[0], back + numbers::difference(run.lamport, beginnings.end_before(n)));
                    if (columns_.replicas.size() > 1) put(p[1], run.replica);
                }
                put(p[2], run.length - 1);
                beginnings.saw(n);
            }
            return p;
        }
        expected_lamport expected;
        for (const text_columns::id_run& run : columns_.ids) {
            put(p[0], run.replica);
            put(p[1], numbers::difference(run.lamport, expected.next()));
            put(p[2], run.length - 1);
            expected.saw(run);
        }
        return p;
    }

    [[nodiscard]] part inserts() const {
        part p(2);
        std::uint32_t first = 0;
        for (const text_columns::insert_run& run : columns_.inserts) {
            put(p[0], run.length - 1);
            put(p[1], parent_code(first, run.parent + 1, total_));
            first += run.length;
        }
        return p;
    }

    [[nodiscard]] part shown() const {
        part p(2); // what is visible and what is erased is not of one length
        for (std::size_t n = 0; n < columns_.shown.size(); ++n)
            put(p[n % 2], columns_.shown[n]);
        return p;
    }

    [[nodiscard]] part gone() const {
        part p(2);
        std::uint32_t end = 0;
        for (const text_columns::run& run : columns_.gone) {
            put(p[0], run.first - end);
            put(p[1], run.length - 1);
            end = run.first + run.length;
        }
        return p;
    }

    [[nodiscard]] part erased() const {
        part p(3);
        if (columns_.erased.empty()) return p;
        expected_erase expected(columns_.base);
        for (const text_columns::erased_run& run : columns_.erased) {
            const std::uint32_t begin = run.backward ? run.first + run.length - 1 : run.first;
            put(p[0], run.inserted - expected.inserted());
            put(p[1],
                numbers::difference(ranks_->rank_of(begin), ranks_->rank_of(expected.beside(run.inserted))));
            put(p[2], std::uint64_t{run.length - 1} << 1 | (run.backward ? 1U : 0U));
            expected.saw(run);
        }
        return p;
    }

    [[nodiscard]] part restores() const {
        part p(5);
        std::uint32_t end = 0;
        std::vector<std::uint64_t> sequence(replicas_.all().size(), 1);
        for (const text_columns::restore& r : columns_.restores) {
            put(p[0], r.first - end);
            put(p[1], r.erases.size() - 1);
            end = r.first + static_cast<std::uint32_t>(r.erases.size());
            for (const crdt::dot_range& range : r.erases) {
                const std::uint32_t replica = replicas_.place_of(range.first.replica);
                put(p[2], replica);
                put(p[3], numbers::difference(range.first.sequence, sequence[replica]));
                put(p[4], range.count - 1);
                sequence[replica] = range.first.sequence + range.count;
            }
        }
        return p;
    }

    [[nodiscard]] part transactions() const {
        part p(5);
        expected_transaction expected(replicas_.all().size(), columns_.base);
        for (const text_columns::transaction_run& run : columns_.transactions) {
            const std::uint32_t replica = replicas_.place_of(run.first.replica);
            put(p[0], replica);
            put(p[1], numbers::difference(run.first.sequence, expected.sequence(replica)));
            put(p[2], run.step - expected.step());
            put(p[3], run.stride);
            put(p[4], run.count - 1);
            expected.saw(run, replica);
        }
        return p;
    }

    [[nodiscard]] part marks() const {
        part p(9);
        expected_write expected(replicas_.all().size());
        for (const text_columns::mark_track& track : columns_.marks) {
            put(p[0], track.name.size());
            p[1] += track.name;
            put(p[2], track.segments.size() - 1);
            std::uint64_t least = 0;
            for (const text_columns::mark_segment& s : track.segments) {
                const std::uint64_t place = place_of(s.from, *ranks_);
                put(p[3], place - least);
                least = place + 1;
                if (s.last == text_columns::mark_write()) {
                    put(p[4], 0);
                    continue;
                }
                const std::uint32_t replica = replicas_.place_of(s.last.id.replica);
                put(p[4], replica + 1);
                put(p[5], numbers::difference(s.last.time.bits, expected.time()));
                put(p[6], numbers::difference(s.last.id.sequence, expected.sequence(replica)));
                put_content(s.last.content, p[7], p[8]);
                expected.saw(s.last, replica);
            }
        }
        return p;
    }

    static void put_content(const crdt::value& v, std::string& codes, std::string& contents) {
        if (const bool* const truth = v.as_bool()) {
            put(codes, *truth ? content::yes : content::no);
        } else if (const std::int64_t* const integer = v.as_integer()) {
            put(codes, content::integer);
            put(contents, numbers::zigzag(*integer));
        } else if (const double* const real = v.as_real()) {
            put(codes, content::real);
            put_eight(contents, std::bit_cast<std::uint64_t>(*real));
        } else if (const auto text = v.as_text()) {
            put(codes, content::text + 2 * std::uint64_t{text->size()});
            contents += *text;
        } else if (const auto raw = v.as_bytes()) {
            put(codes, content::bytes + 2 * std::uint64_t{raw->size()});
            contents.append(reinterpret_cast<const char*>(raw->data()), raw->size());
        } else {
            put(codes, content::null);
        }
    }

    /// The lowest byte first.
    static void put_eight(std::string& column, std::uint64_t bits) {
        for (unsigned shift = 0; shift < 64; shift += 8)
            column.push_back(static_cast<char>(bits >> shift));
    }

    const text_columns& columns_;
    replica_table replicas_;
    std::optional<text_ranks> ranks_; ///< where the erased and the marks are
    std::uint32_t total_ = 0;
};

} // namespace

std::string encode_text(const text_columns& columns, text_compression compression) {
    return text_encoder(columns).encode(compression);
}

} // namespace sangam::transport
