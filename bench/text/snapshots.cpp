#include "snapshots.hpp"

#include "replays.hpp"

#include <sangam/crdt/text_columns.hpp>
#include <sangam/transport/text_file.hpp>

#include <algorithm>
#include <string>

namespace bench {
namespace {

using sangam::crdt::rga_text;
using sangam::crdt::text_columns;
using sangam::transport::text_compression;

struct variant {
    std::string_view name;
    text_columns::kind kind;
    text_compression compression;
};
constexpr variant all_variants[] = {
    {"state, none", text_columns::kind::state, text_compression::none},
    {"state, fast", text_columns::kind::state, text_compression::fast},
    {"state, small", text_columns::kind::state, text_compression::small},
    {"history, none", text_columns::kind::history, text_compression::none},
    {"history, fast", text_columns::kind::history, text_compression::fast},
    {"history, small", text_columns::kind::history, text_compression::small},
};

/// A sequential history is typed, a concurrent one comes from others.
rga_text text_of(const workload& recorded) {
    if (!recorded.concurrent) return typed_text(recorded.edits);
    rga_text text;
    for (const prepared_operation& operation : recorded.operations)
        text.apply(operation.what, operation.context);
    return text;
}

void add(report& out, const workload& recorded, std::string_view bench, const variant& v,
         const std::vector<timed>& measured, const std::string& bytes) {
    figure made{std::string(bench),
                recorded.name + ", " + std::string(v.name),
                {},
                recorded.right,
                "the text that was loaded is compared with the one that was saved"};
    made.right = made.right && std::ranges::all_of(measured, &timed::right);
    out.add(made.with("ms", measured[1].ns / 1e6)
                .with("gap_ms", measured[0].ns / 1e6)
                .with(ratio_to_gap_buffer, measured[1].ns / measured[0].ns)
                .with(file_bytes, static_cast<double>(bytes.size())));
}

} // namespace

void measure_save(const workload& recorded, const settings& how, report& out) {
    const rga_text text = text_of(recorded);
    for (const variant& v : all_variants) {
        const std::string expected = encode_text(text.columns(v.kind), v.compression);
        std::string bytes;
        const contender save = [&] {
            const double ns = time_of([&] { bytes = encode_text(text.columns(v.kind), v.compression); });
            return timed{ns, bytes == expected};
        };
        const auto measured = medians(how.runs, {[&] { return replay_in_gap_buffer(recorded); }, save});
        add(out, recorded, "text_save", v, measured, bytes);
    }
}

void measure_load(const workload& recorded, const settings& how, report& out) {
    const rga_text text = text_of(recorded);
    for (const variant& v : all_variants) {
        const std::string bytes = encode_text(text.columns(v.kind), v.compression);
        const contender load = [&] {
            rga_text loaded;
            std::string shown;
            const double ns = time_of([&] {
                loaded = rga_text::from_columns(sangam::transport::decode_text(bytes).value()).value();
                shown = loaded.str();
            });
            return timed{ns, shown == recorded.final_text};
        };
        const auto measured = medians(how.runs, {[&] { return replay_in_gap_buffer(recorded); }, load});
        const bool equal =
            rga_text::from_columns(sangam::transport::decode_text(bytes).value()).value() == text;
        auto judged = measured;
        judged[1].right = judged[1].right && equal;
        add(out, recorded, "text_load", v, judged, bytes);
    }
}

} // namespace bench
