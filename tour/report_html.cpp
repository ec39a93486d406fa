// SPDX-License-Identifier: MIT
#include "report_html.hpp"

#include "chart_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace tour {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --page: #fcfcfb; --ink: #1c1e21; --soft: #5c6066;
        --line: #dfe0e3; --pages: #1d5fd1; --vector: #b8480c; --bad: #b3261e; --good: #1a7340;
        --panel: #f2f2f0; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15171a; --ink: #e6e7e9; --soft: #9ba0a8; --line: #34383e; --pages: #74a9ff;
          --vector: #ff9d5c; --bad: #ff8a80; --good: #6fd195; --panel: #1e2126; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--page);
       color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; }
p { margin: .5rem 0; max-width: 44rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
table { border-collapse: collapse; margin: .75rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem 0; border-bottom: 1px solid var(--line); text-align: left; }
th { font-weight: 600; } td + td, th + th { padding-left: 2rem; }
.number { text-align: right; } td.worse { font-weight: 700; }
.inner { padding-left: 1.25rem; }
th.pages { color: var(--pages); } th.vector { color: var(--vector); }
pre { margin: .75rem 0; padding: .75rem 1rem; white-space: pre-wrap; border-radius: 6px;
      background: var(--panel); font: 13px/1.5 ui-monospace, monospace; }
ul { margin: .5rem 0; padding: 0; list-style: none; }
li { padding-left: 1.8rem; text-indent: -1.8rem; }
li span { display: inline-block; min-width: 1.6rem; text-indent: 0; font-weight: 600; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 40rem; margin: 1rem 0; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .tick { fill: var(--soft); } svg .label { font-weight: 600; }
svg .grid { stroke: var(--line); } svg .axis { stroke: var(--soft); }
svg .text-line { stroke: var(--soft); stroke-dasharray: 2 4; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .curve.pages { stroke: var(--pages); } svg .curve.vector { stroke: var(--vector); }
svg text.pages, svg .dot.pages, svg .bar.pages { fill: var(--pages); }
svg text.vector, svg .dot.vector, svg .bar.vector { fill: var(--vector); }
svg text.bar-text { fill: var(--page); }
)";

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) {
        switch (c) {
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '&':
                html += "&amp;";
                break;
            default:
                html += c;
        }
    }
    return html;
}

class Page {
public:
    explicit Page(const Story& story) : story_(story) {
        add("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<title>memory_pages: a tour</title>\n<style>{}</style>\n<body>\n",
            style);
        add_head();
        add_chart();
        add_comparison();
        add_frozen();
        add_code();
        add_words();
        add_checks();
        add("</body>\n</html>\n");
    }

    [[nodiscard]] std::string take() && { return std::move(html_); }

private:
    template <class... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(html_), format, std::forward<Args>(args)...);
    }

    void add_head() {
        const auto failed = std::ranges::count(story_.checks, false, &Check::held);
        add("<h1>memory_pages: a tour</h1>\n<p>{}: {}</p>\n", escaped(story_.file),
            escaped(describe_text(story_)));
        if (failed == 0) {
            add("<p class=\"verdict good\">All {} checks held.</p>\n", story_.checks.size());
        } else {
            add("<p class=\"verdict bad\">{} of {} checks failed.</p>\n", failed,
                story_.checks.size());
        }
    }

    void add_chart() {
        add("<h2>Resident memory while indexing {} words</h2>\n"
            "<p>Two processes do the same work, compiled from the same template: one keeps the "
            "index in a <code>PagedVec</code>, the other in a <code>std::vector</code>. Nothing "
            "is reserved beforehand. A growing vector holds the old and the new array while it "
            "copies; a <code>PagedVec</code> is given more pages. Each then empties its index, "
            "gives the memory back and fills it again. Time is by the clock on the wall.</p>\n<div "
            "class=\"scroll\">{}</div>\n",
            grouped(story_.words), draw_chart(story_.paged_vec, story_.std_vector));
    }

    void add_comparison() {
        add("<h2>The figures</h2>\n<div class=\"scroll\"><table>\n<tr><th></th>"
            "<th class=\"number pages\">PagedVec</th>"
            "<th class=\"number vector\">std::vector</th></tr>\n");
        for (const Row& row : story_.rows) {
            const bool is_inner = row.what.starts_with(' ');
            add("<tr><td{}>{}</td><td class=\"number{}\">{}</td><td "
                "class=\"number\">{}</td></tr>\n",
                is_inner ? " class=\"inner\"" : "", escaped(row.what),
                row.is_worse() ? " worse" : "", row.text_of(row.paged_vec),
                row.text_of(row.std_vector));
        }
        add("</table></div>\n<p>{}</p>\n"
            "<p class=\"soft\">{}</p>\n",
            escaped(where_pages_lose(story_.rows)), about_figures);
    }

    void add_frozen() {
        add("<h2>Frozen by <code>deny_write</code></h2>\n"
            "<p>A write through a raw pointer, tried apart: <b>{}</b>.</p>\n",
            escaped(story_.writer.succeeded() ? "it went through" : story_.writer.killer));
        if (story_.ruling.is_here) {
            add("<p>The same write without one, as {} sees it:</p>\n<pre>{}\n{}</pre>\n",
                escaped(story_.ruling.compiler), Ruling::statement,
                escaped(story_.ruling.complaint));
        }
    }

    void add_code() {
        add("<h2>The hash function, assembled while the tour ran</h2>\n<pre>");
        std::size_t at = 0;
        for (const Instruction& instruction : story_.code) {
            add("{:#04x}  {:<30}  {}\n", at, hex(instruction), escaped(instruction.text));
            at += instruction.bytes.size();
        }
        add("</pre>\n<p>All words took {}; the same function in C++ took {}.</p>\n",
            duration(story_.machine_code_seconds), duration(story_.cpp_seconds));
    }

    void add_words() {
        add("<h2>The most frequent of {} different words</h2>\n<table>\n",
            grouped(story_.paged_vec.figures.distinct));
        for (const Side::Word& word : story_.paged_vec.most_frequent) {
            add("<tr><td>{}</td><td class=\"number\">{}</td></tr>\n", escaped(word.text),
                grouped(word.count));
        }
        add("</table>\n");
    }

    void add_checks() {
        add("<h2>What was checked</h2>\n<ul>\n");
        for (const Check& check : story_.checks) {
            add("<li><span class=\"{}\">{}</span> {}</li>\n", check.held ? "good" : "bad",
                check.held ? "ok" : "FAILED", escaped(check.what));
        }
        add("</ul>\n");
    }

    const Story& story_;
    std::string html_;
};

}  // namespace

std::string describe_text(const Story& story) {
    const std::string use = story.copies > 1 ? fmt::format("{} times over: ", grouped(story.copies))
                            : story.text_size < story.file_size ? "of which the first "
                                                                : "as pages: ";
    const std::string kind =
        story.facts.not_utf8_at
            ? fmt::format("not UTF-8 from byte {} on", grouped(*story.facts.not_utf8_at))
            : "UTF-8";
    return fmt::format("{} bytes, {}{} bytes in {} lines, {}, FNV-1a {:016x}",
                       grouped(story.file_size), use, grouped(story.text_size),
                       grouped(story.facts.lines), kind, story.checksum);
}

std::string hex(const Instruction& instruction) {
    return fmt::format("{:02x}", fmt::join(instruction.bytes, " "));
}

std::string make_page(const Story& story) { return Page(story).take(); }

}  // namespace tour
