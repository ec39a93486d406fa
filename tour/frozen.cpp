// SPDX-License-Identifier: MIT
#include "frozen.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>
#include <string_view>

namespace tour {
namespace {

struct Compilation {
    process::Outcome outcome;
    std::string said;
};

/// Compiles the statement for pages with this write permission, without output.
Compilation compile(std::string_view permission) {
    const std::string source = fmt::format(
        "#include <memory_pages/pages.hpp>\n"
        "using namespace memory_pages;\n"
        "void change(Pages<AllowRead, {}, DenyExec>& text) {{ {} }}\n",
        permission, Ruling::statement);
    process::Child compiler(TOUR_COMPILER,
                            {"-std=c++23", "-fsyntax-only", fmt::format("-I{}", TOUR_INCLUDE),
                             fmt::format("-I{}", TOUR_GENERATED_INCLUDE), "-x", "c++", "-"},
                            source, process::Child::Errors::capture);
    std::string said;
    while (compiler.read(said, std::chrono::seconds(60))) {
    }
    return {compiler.wait(), said};
}

/// The first message with a place in the source: "<stdin>:3:77: error: ...".
std::string essence(const std::string& said) {
    constexpr std::string_view place = "<stdin>:3:";
    std::istringstream lines(said);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(place)) {
            return line.substr(line.find(": ") + 2);
        }
    }
    return said;
}

}  // namespace

process::Outcome read_apart(const std::uint8_t* address) {
    return process::run_apart([=] { (void)*const_cast<const volatile std::uint8_t*>(address); });
}

process::Outcome write_apart(std::uint8_t* address) {
    return process::run_apart([=] { *const_cast<volatile std::uint8_t*>(address) = 'x'; });
}

Ruling ask_compiler() {
    Ruling ruling{.compiler = TOUR_COMPILER};
    std::error_code none;
    ruling.is_here = std::filesystem::exists(ruling.compiler, none);
    if (ruling.is_here) {
        ruling.allows_write = compile("AllowWrite").outcome.succeeded();
        const Compilation denied = compile("DenyWrite");
        ruling.allows_deny = denied.outcome.succeeded();
        ruling.complaint = essence(denied.said);
    }
    return ruling;
}

}  // namespace tour
