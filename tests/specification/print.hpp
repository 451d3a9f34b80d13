#pragma once

#include "specification/meaning.hpp"

#include <sangam/crdt/utf8.hpp>

#include <type_traits>

/// What a failing history is shown as.
namespace sangam::specification {

[[nodiscard]] inline std::string to_string(const crdt::text_id& id) {
    return std::to_string(id.lamport) + "@" + causality::to_string(id.replica).substr(12);
}

[[nodiscard]] inline std::string to_string(const crdt::map_key& key) {
    return key.name + ":" + crdt::to_string(key.kind);
}

[[nodiscard]] inline std::string to_string(const std::u32string& text) {
    std::string utf8;
    for (const char32_t scalar : text) {
        crdt::utf8::append(utf8, scalar);
    }
    return "\"" + utf8 + "\"";
}

[[nodiscard]] inline std::string to_string(const crdt::stream::entry_name& name) {
    return std::to_string(name.number) + "@" + causality::to_string(name.origin).substr(12);
}

/// The entries, then for each group what is pending and what is new.
[[nodiscard]] inline std::string to_string(const stream_meaning& m) {
    std::string shown = "entries";
    for (const crdt::stream::entry& e : m.entries) {
        shown += " " + to_string(e.name());
    }
    for (const auto& [group, pending] : m.pending) {
        shown += "; " + group + " pending";
        for (const crdt::stream::pending_entry& p : pending) {
            shown += " " + to_string(p.name) + ":" + p.consumer;
        }
        shown += ", new";
        for (const crdt::stream::entry_name& name : m.fresh.at(group)) {
            shown += " " + to_string(name);
        }
    }
    return shown;
}

[[nodiscard]] inline std::string to_string(const std::vector<crdt::stream::entry_name>& names) {
    std::string shown;
    for (const crdt::stream::entry_name& name : names) {
        shown += " " + to_string(name);
    }
    return shown;
}

/// "{"a" "b"}", "7", "{name:lww_register = "Asha"}"; a text as its characters with their ids, erased ones in
/// parentheses.
[[nodiscard]] inline std::string to_string(const meaning& m) {
    const auto show = []<class Content>(const Content& content) -> std::string {
        if constexpr (std::is_integral_v<Content>) {
            return std::to_string(content);
        } else if constexpr (std::is_same_v<Content, meaning::rights>) {
            std::string shown = std::to_string(content.first) + " of";
            for (const auto& [replica, amount] : content.second) {
                shown += " " + causality::to_string(replica) + ":" + std::to_string(amount);
            }
            return shown;
        } else if constexpr (std::is_same_v<Content, meaning::ending>) {
            return content.first
                       ? std::to_string(*content.first) + " by " + causality::to_string(*content.second)
                       : "none";
        } else if constexpr (std::is_same_v<Content, stream_meaning>) {
            return to_string(content);
        } else if constexpr (std::is_same_v<Content, crdt::value>) {
            return crdt::to_string(content);
        } else {
            std::string shown;
            for (const auto& part : content) {
                shown += shown.empty() ? "" : " ";
                if constexpr (std::is_same_v<Content, meaning::elements>) {
                    shown += crdt::to_string(part);
                } else if constexpr (std::is_same_v<Content, ranking>) {
                    shown += crdt::to_string(part.member) + ":" + std::to_string(part.score);
                } else if constexpr (std::is_same_v<Content, list_elements>) {
                    const std::string one = crdt::to_string(part.content) + to_string(part.id);
                    shown += part.visible ? one : "(" + one + ")";
                } else if constexpr (std::is_same_v<Content, meaning::members>) {
                    shown += to_string(part.key) + " = " + to_string(part.value);
                } else {
                    std::string one =
                        (part.visible ? to_string(std::u32string(1, part.scalar)) : std::string()) +
                        to_string(part.id);
                    for (const crdt::text_mark& m : part.marks) {
                        one += "[" + m.name + " " + crdt::to_string(m.content) + "]";
                    }
                    shown += part.visible ? one : "(" + one + ")";
                }
            }
            return "{" + shown + "}";
        }
    };
    return std::visit(show, m.content) + (m.empty ? " (empty)" : "");
}

[[nodiscard]] inline std::string to_string(const action& what) {
    const auto show = []<class Action>(const Action& a) -> std::string {
        if constexpr (std::is_same_v<Action, grow> || std::is_same_v<Action, increment>) {
            return "increment " + std::to_string(a.amount);
        } else if constexpr (std::is_same_v<Action, add>) {
            return "add " + crdt::to_string(a.element);
        } else if constexpr (std::is_same_v<Action, remove>) {
            return "remove " + crdt::to_string(a.element);
        } else if constexpr (std::is_same_v<Action, assign>) {
            return "assign " + crdt::to_string(a.content);
        } else if constexpr (std::is_same_v<Action, insert>) {
            return "insert " + to_string(a.text) + " after " + (a.after ? to_string(*a.after) : "the start");
        } else if constexpr (std::is_same_v<Action, erase>) {
            std::string shown = "erase";
            for (const crdt::text_id& id : a.elements) {
                shown += " " + to_string(id);
            }
            return shown;
        } else if constexpr (std::is_same_v<Action, restore>) {
            std::string shown = "restore";
            for (const crdt::text_id& id : a.elements) {
                shown += " " + to_string(id);
            }
            shown += " from";
            for (const causality::dot& erase : a.erases) {
                shown += " " + causality::to_string(erase);
            }
            return shown;
        } else if constexpr (std::is_same_v<Action, mark>) {
            const auto edge = [](bool grows, const std::optional<crdt::text_id>& neighbour) {
                return !grows ? std::string() : neighbour ? "<" + to_string(*neighbour) + ">" : "<>";
            };
            return "mark " + a.name + " " + crdt::to_string(a.content) + " of " +
                   edge(a.grows_before, a.left) + to_string(a.first) + ".." + to_string(a.last) +
                   edge(a.grows_after, a.right);
        } else if constexpr (std::is_same_v<Action, insert_values>) {
            std::string shown = "insert";
            for (const crdt::value& v : a.values) {
                shown += " " + crdt::to_string(v);
            }
            return shown + " after " + (a.after ? to_string(*a.after) : "the start");
        } else if constexpr (std::is_same_v<Action, enable>) {
            return "enable";
        } else if constexpr (std::is_same_v<Action, disable>) {
            return "disable";
        } else if constexpr (std::is_same_v<Action, give>) {
            return "give " + std::to_string(a.amount);
        } else if constexpr (std::is_same_v<Action, take>) {
            return "take " + std::to_string(a.amount);
        } else if constexpr (std::is_same_v<Action, transfer>) {
            return "transfer " + std::to_string(a.amount) + " to " + causality::to_string(a.to);
        } else if constexpr (std::is_same_v<Action, score>) {
            return "assign " + crdt::to_string(a.member) + " the score " + std::to_string(a.base);
        } else if constexpr (std::is_same_v<Action, raise>) {
            return "raise " + crdt::to_string(a.member) + " by " + std::to_string(a.amount);
        } else if constexpr (std::is_same_v<Action, append>) {
            return "append " + std::to_string(a.fields.size()) + " fields";
        } else if constexpr (std::is_same_v<Action, trim>) {
            return "trim " + causality::to_string(a.up_to);
        } else if constexpr (std::is_same_v<Action, claim>) {
            return "claim in " + a.group + " for " + a.consumer + to_string(a.entries);
        } else if constexpr (std::is_same_v<Action, acknowledge>) {
            return "acknowledge in " + a.group + to_string(a.entries);
        } else if constexpr (std::is_same_v<Action, expire>) {
            return "expire at " + std::to_string(a.deadline_ms);
        } else if constexpr (std::is_same_v<Action, remove_key>) {
            return "remove key " + to_string(a.key);
        } else {
            return "reset";
        }
    };
    return std::visit(show, what);
}

/// "0000000000000002:1 at 3 saw 0000000000000001:2: s:or_set add "a"; s:or_set reset".
[[nodiscard]] inline std::string to_string(const event& e) {
    std::string shown = causality::to_string(e.id) + " at " + std::to_string(e.time.bits) + " saw " +
                        causality::to_string(e.seen) + ":";
    for (const step& s : e.steps) {
        shown += " " + to_string(s.object);
        for (const crdt::map_key& key : s.path) {
            shown += "/" + to_string(key);
        }
        shown += " " + to_string(s.what) + ";";
    }
    return shown;
}

} // namespace sangam::specification
