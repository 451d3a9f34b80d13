#include "curve_figures.hpp"

namespace bench {

void add_curve(report& out, std::size_t runs, std::string_view bench, const std::string& of,
               std::string_view checked_by, const std::vector<point>& points) {
    const std::vector<timed> measured = curve(runs, points);
    double first = 0;
    for (std::size_t i = 0; i < measured.size(); ++i) {
        const double of_a_step = measured[i].ns / static_cast<double>(points[i].steps);
        if (i == 0) first = of_a_step;
        out.add(figure{std::string(bench), of, {}, measured[i].right, std::string(checked_by)}
                    .with(size, static_cast<double>(points[i].n))
                    .with(ns_per_edit, of_a_step)
                    .with(growth, of_a_step / first));
    }
    if (measured.size() < points.size()) {
        out.say(std::string(bench) + ", " + of + ": left out from n = " +
                std::to_string(points[measured.size()].n) + " on, it would take too long");
    }
}

} // namespace bench
