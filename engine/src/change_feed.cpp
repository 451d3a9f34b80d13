#include <sangam/engine/change_feed.hpp>

#include <algorithm>
#include <new>

namespace sangam::engine {

std::size_t memory_of(const change& c) {
    std::size_t bytes = sizeof(change) + c.object.name.size() +
                        c.formatted.size() * sizeof(crdt::text_range) +
                        c.patches.size() * sizeof(crdt::text_patch);
    for (const crdt::text_patch& p : c.patches)
        bytes += p.inserted.size();
    for (const std::vector<crdt::map_key>& path : c.paths) {
        bytes += sizeof(path) + path.size() * sizeof(crdt::map_key);
        for (const crdt::map_key& key : path)
            bytes += key.name.size();
    }
    return bytes;
}

std::shared_ptr<listener> change_feed::add(std::string key, change_callback callback) {
    auto who = std::make_shared<listener>();
    who->number = ++last_listener_;
    who->key = std::move(key);
    who->callback = std::move(callback);
    ready_set place;
    place.emplace(0, who->number);
    readers_.emplace(who->number, reader{.who = who, .place = place.extract(place.begin())});
    try {
        keys_[who->key].push_back(who->number);
    } catch (...) {
        readers_.erase(who->number);
        if (const auto of_key = keys_.find(who->key); of_key != keys_.end() && of_key->second.empty()) {
            keys_.erase(of_key);
        }
        throw;
    }
    return who;
}

void change_feed::remove(std::uint64_t number) noexcept {
    const auto found = readers_.find(number);
    if (found == readers_.end()) return;
    drop_queue(found->second);
    const auto of_key = keys_.find(found->second.who->key);
    std::erase(of_key->second, number);
    if (of_key->second.empty()) keys_.erase(of_key);
    readers_.erase(found);
}

std::map<std::uint64_t, change_feed::reader> change_feed::remove_all() noexcept {
    std::map<std::uint64_t, reader> all;
    all.swap(readers_);
    keys_.clear();
    ready_.clear();
    changes_ = bytes_ = 0;
    return all;
}

std::optional<std::uint64_t> change_feed::next_of(const reader& r) {
    if (r.missed) return r.missed->first;
    if (r.queue.empty()) return std::nullopt;
    return r.queue.front().number;
}

void change_feed::push(change&& c) noexcept {
    ++last_change_;
    const auto of_key = keys_.find(c.object.name);
    if (of_key == keys_.end()) return;
    const bool nothing_waited = empty();
    const crdt::object_kind kind = c.object.kind;
    waiting_change waiting{last_change_, nullptr, memory_of(c)};
    try {
        waiting.what = std::make_shared<const change>(std::move(c));
    } catch (const std::bad_alloc&) { // NOLINT(bugprone-empty-catch): `put` makes a missed change of it
    }
    for (const std::uint64_t number : of_key->second)
        put(readers_.at(number), waiting, kind);
    if (changes_ > most_.changes_max || bytes_ > most_.bytes_max) make_room();
    if (nothing_waited && !empty() && on_waiting_) on_waiting_();
}

void change_feed::put(reader& r, const waiting_change& c, crdt::object_kind kind) noexcept {
    if (r.missed) { // what it will read anew has this change in it
        r.missed->second = kind;
        ++given_up_;
        return;
    }
    try {
        if (!c.what) throw std::bad_alloc();
        r.queue.push_back(c);
    } catch (const std::bad_alloc&) {
        const std::uint64_t first = r.queue.empty() ? c.number : r.queue.front().number;
        ++given_up_;
        miss(r, first, kind);
        return;
    }
    if (r.queue.size() == 1) enter(r, c.number);
    r.bytes += c.bytes;
    ++changes_;
    bytes_ += c.bytes;
}

/// What it has not heard, this change included, is gone.
void change_feed::miss(reader& r, std::uint64_t first, crdt::object_kind kind) noexcept {
    given_up_ += r.queue.size();
    drop_queue(r);
    r.missed.emplace(first, kind);
    enter(r, first);
}

void change_feed::enter(reader& r, std::uint64_t change) noexcept {
    r.place.value() = {change, r.who->number};
    ready_.insert(std::move(r.place));
}

void change_feed::leave(reader& r, std::uint64_t change) noexcept {
    r.place = ready_.extract(std::pair(change, r.who->number));
}

void change_feed::pop(reader& r) noexcept {
    const waiting_change& oldest = r.queue.front();
    leave(r, oldest.number);
    r.bytes -= oldest.bytes;
    bytes_ -= oldest.bytes;
    --changes_;
    r.queue.pop_front();
    if (!r.queue.empty()) enter(r, r.queue.front().number);
}

void change_feed::drop_queue(reader& r) noexcept {
    if (const auto next = next_of(r)) leave(r, *next);
    changes_ -= r.queue.size();
    bytes_ -= r.bytes;
    r.queue.clear();
    r.bytes = 0;
}

void change_feed::give_up(reader& r) noexcept {
    miss(r, r.queue.front().number, r.queue.back().what->object.kind);
}

void change_feed::make_room() noexcept {
    const auto give_up_until_half_is_free = [this](reader& r) {
        const bool enough = changes_ <= most_.changes_max / 2 && bytes_ <= most_.bytes_max / 2;
        if (!enough && !r.queue.empty()) give_up(r);
    };
    try {
        std::vector<reader*> longest;
        for (auto& [number, r] : readers_) {
            if (!r.queue.empty()) longest.push_back(&r);
        }
        const bool by_bytes = bytes_ > most_.bytes_max;
        std::ranges::sort(longest, [by_bytes](const reader* a, const reader* b) {
            return by_bytes ? a->bytes > b->bytes : a->queue.size() > b->queue.size();
        });
        for (reader* r : longest)
            give_up_until_half_is_free(*r);
    } catch (const std::bad_alloc&) { // then in the order of their registration
        for (auto& [number, r] : readers_)
            give_up_until_half_is_free(r);
    }
}

std::vector<notice> change_feed::take(std::size_t most, std::size_t bytes) {
    std::vector<notice> taken;
    std::size_t size = 0;
    while (!ready_.empty() && taken.size() < most && size < bytes) {
        reader& r = readers_.at(ready_.begin()->second);
        if (r.missed) {
            auto told = std::make_shared<change>();
            told->object = {r.who->key, r.missed->second};
            told->missed = true;
            taken.push_back({r.who, std::move(told)});
            leave(r, r.missed->first);
            r.missed.reset();
            continue;
        }
        taken.push_back({r.who, r.queue.front().what});
        size += r.queue.front().bytes;
        pop(r);
    }
    return taken;
}

std::size_t change_feed::waiting_for(std::uint64_t number) const {
    const auto found = readers_.find(number);
    return found == readers_.end() ? 0 : found->second.queue.size();
}

void change_feed::forget_oldest(std::uint64_t number, std::size_t count) {
    const auto found = readers_.find(number);
    if (found == readers_.end()) return;
    for (reader& r = found->second; count > 0 && !r.queue.empty(); --count)
        pop(r);
}

} // namespace sangam::engine
