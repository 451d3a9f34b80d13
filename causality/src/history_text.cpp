#include <sangam/causality/errc.hpp>
#include <sangam/causality/history.hpp>

#include <algorithm>

namespace sangam::causality {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(blanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

/// Takes the text up to the first blank.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    const std::string_view word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

/// Cuts `text` at the first `sign` and returns what follows it.
std::optional<std::string_view> cut_at(std::string_view& text, std::string_view sign) {
    const std::size_t at = text.find(sign);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = trimmed(text.substr(at + sign.size()));
    text = trimmed(text.substr(0, at));
    return rest;
}

/// "replicas NAME..."
result<void> read_replicas(history& run, std::string_view names) {
    while (!names.empty()) {
        if (auto added = run.add_replica(take_word(names)); !added) return added.error();
    }
    return {};
}

/// "REPLICA: [<- MESSAGE] [LABEL] [-> MESSAGE] [= STATE]"
result<void> read_event(history& run, std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        return error{errc::not_a_history, "expected REPLICA: EVENT"};
    }
    std::size_t replica = 0;
    while (replica < run.replicas().size() && run.replicas()[replica] != trimmed(line.substr(0, colon))) {
        ++replica;
    }
    if (replica == run.replicas().size()) {
        return error{errc::unknown_replica, "'" + std::string(trimmed(line.substr(0, colon))) + "'"};
    }
    // With a blank at both ends the signs are found wherever they stand.
    const std::string padded = ' ' + std::string(trimmed(line.substr(colon + 1))) + ' ';
    std::string_view rest = padded;
    const auto state = cut_at(rest, " = ");
    std::string with_sign = ' ' + std::string(trimmed(rest)) + ' ';
    std::string_view label = with_sign;
    const auto sent = cut_at(label, " -> ");
    label = trimmed(label);
    std::optional<std::string_view> received;
    if (label == "<-" || label.starts_with("<- ")) {
        label = trimmed(label.substr(2));
        received = take_word(label);
    }
    if (sent && received) {
        return error{errc::not_a_history, "an event that receives and sends: write two"};
    }
    const std::string_view after = state.value_or("");
    const auto recorded = received ? run.receive(replica, *received, label, after)
                          : sent   ? run.send(replica, *sent, label, after)
                                   : run.local(replica, label, after);
    if (!recorded) return recorded.error();
    return {};
}

} // namespace

result<history> parse_history(std::string_view text) {
    history run;
    bool named = false;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        result<void> read;
        if (named) {
            read = read_event(run, line);
        } else if (take_word(line) == "replicas" && !line.empty()) {
            named = true;
            read = read_replicas(run, line);
        } else {
            read = error{errc::not_a_history, "expected replicas NAME..."};
        }
        if (!read) {
            return error{read.error().code, "line " + std::to_string(number) + ": " + read.error().where};
        }
    }
    if (!named) {
        return error{errc::not_a_history, "no line names the replicas"};
    }
    return run;
}

std::string to_text(const history& run) {
    std::string text = "replicas";
    for (const std::string& name : run.replicas()) {
        text += ' ' + name;
    }
    text += '\n';
    for (const history::event& e : run.events()) {
        text += run.replicas()[e.replica] + ':';
        if (e.what == history::kind::receive) {
            text += " <- " + run.messages()[e.message].name;
        }
        if (!e.label.empty()) {
            text += ' ' + e.label;
        }
        if (e.what == history::kind::send) {
            text += " -> " + run.messages()[e.message].name;
        }
        if (!e.state.empty()) {
            text += " = " + e.state;
        }
        text += '\n';
    }
    return text;
}

} // namespace sangam::causality
