// SPDX-License-Identifier: MIT
#include "chart_svg.hpp"

#include "comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tour {
namespace {

constexpr double left = 88;
constexpr double right = 880;
constexpr double top = 40;
constexpr double bottom = 320;
constexpr double bar_height = 22;
constexpr double bar_step = 30;
constexpr double height = bottom + 44 + 2 * bar_step;

/// The smallest of 1, 2, 5, 10, 20, ... that divides `length` into at most `parts` parts.
double round_step(double length, double parts) {
    const double least = std::max(length / parts, 1e-9);
    const double power = std::pow(10, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= least) {
            return factor * power;
        }
    }
    return 10 * power;
}

class Chart {
public:
    Chart(const Side& paged_vec, const Side& std_vector)
        : seconds_(std::max({paged_vec.seconds, std_vector.seconds, 1e-3})),
          most_(1.12 * std::max({in_megabytes(paged_vec.figures.peak_resident),
                                 in_megabytes(std_vector.figures.peak_resident), 1.0})) {
        add("<svg viewBox=\"0 0 900 {}\" role=\"img\" aria-label=\"Resident memory of both "
            "sides over time\">\n",
            height);
        draw_axes();
        draw_text_line(paged_vec);
        draw_key(paged_vec, "pages", left);
        draw_key(std_vector, "vector", left + 220);
        draw_curve(std_vector, "vector");
        draw_curve(paged_vec, "pages");
        draw_phases(paged_vec, "pages", bottom + 40);
        draw_phases(std_vector, "vector", bottom + 40 + bar_step);
        add("</svg>\n");
    }

    [[nodiscard]] std::string take() && { return std::move(svg_); }

private:
    static double in_megabytes(std::uint64_t bytes) {
        return static_cast<double>(bytes) / (1 << 20);
    }

    template <class... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(svg_), format, std::forward<Args>(args)...);
    }

    [[nodiscard]] double x(double seconds) const {
        return left + (right - left) * std::min(seconds / seconds_, 1.0);
    }
    [[nodiscard]] double y(double megabytes) const {
        return bottom - (bottom - top) * megabytes / most_;
    }

    void draw_axes() {
        const double step = round_step(most_, 6);
        for (int i = 0; i * step < most_; ++i) {
            const double value = i * step;
            add("<line class=\"{}\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
                "<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                i == 0 ? "axis" : "grid", left, right, y(value), y(value), left - 8, y(value) + 4,
                grouped(static_cast<std::uint64_t>(value)));
        }
        add("<text class=\"tick\" x=\"{}\" y=\"30\" text-anchor=\"end\">MB</text>\n", left - 8);
        const double tick = round_step(seconds_, 9);
        for (int i = 0; i * tick <= seconds_; ++i) {
            add("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.3g} "
                "s</text>\n",
                x(i * tick), bottom + 18, i * tick);
        }
    }

    void draw_text_line(const Side& side) {
        const double at = y(in_megabytes(side.figures.text_resident));
        add("<line class=\"text-line\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
            "<text class=\"tick\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"middle\">"
            "the text alone</text>\n",
            left, right, at, at, (left + right) / 2, at - 5);
    }

    void draw_key(const Side& side, const char* style, double at) {
        add("<circle class=\"{} dot\" cx=\"{}\" cy=\"10\" r=\"5\"/>"
            "<text class=\"{} label\" x=\"{}\" y=\"14\">{}: peak {}</text>\n",
            style, at + 5, style, at + 16, side.name(), megabytes(side.figures.peak_resident));
    }

    void draw_curve(const Side& side, const char* style) {
        add("<polyline class=\"curve {}\" points=\"", style);
        for (const Side::Sample& sample : side.samples) {
            add("{:.1f},{:.1f} ", x(sample.at), y(in_megabytes(sample.resident)));
        }
        add("\"><title>{}</title></polyline>\n", side.name());
        if (!side.samples.empty()) {
            // The system's recorded peak, at the time of the highest sample.
            const auto highest =
                std::ranges::max_element(side.samples, {}, &Side::Sample::resident);
            add("<circle class=\"{} dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", style,
                x(highest->at), y(in_megabytes(side.figures.peak_resident)));
        }
    }

    void draw_phases(const Side& side, const char* style, double at) {
        add("<text class=\"{} label\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", style,
            left - 8, at + 15, side.name());
        for (std::size_t i = 0; i < side.phases.size(); ++i) {
            const Side::Phase& phase = side.phases[i];
            const double end = i + 1 < side.phases.size() ? side.phases[i + 1].begin : side.seconds;
            const double width = x(end) - x(phase.begin);
            add("<rect class=\"{} bar\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" "
                "rx=\"3\"><title>{}: {}</title></rect>\n",
                style, x(phase.begin), at, std::max(width - 2, 1.0), bar_height, phase.name,
                duration(end - phase.begin));
            if (width > 8 + 7 * static_cast<double>(phase.name.size())) {
                add("<text class=\"bar-text\" x=\"{:.1f}\" y=\"{}\">{}</text>\n",
                    x(phase.begin) + 5, at + 15, phase.name);
            }
        }
    }

    double seconds_;
    double most_;
    std::string svg_;
};

}  // namespace

std::string draw_chart(const Side& paged_vec, const Side& std_vector) {
    return Chart(paged_vec, std_vector).take();
}

}  // namespace tour
