#include <sangam/crdt/mv_register.hpp>

#include <algorithm>

namespace sangam::crdt {

void mv_register::apply(const operation& op, const operation_context& context) {
    if (const assign_op* const assign = std::get_if<assign_op>(&op)) {
        writes_.assign(assign->content, assign->observed, context);
    } else {
        writes_.reset(std::get<reset_op>(op).observed);
    }
}

std::vector<crdt::value> mv_register::values() const {
    std::vector<crdt::value> contents;
    contents.reserve(writes().size());
    for (const register_write& write : writes()) {
        contents.push_back(write.content);
    }
    std::ranges::sort(contents);
    return contents;
}

} // namespace sangam::crdt
