#include <sangam/engine/causal_token.hpp>
#include <sangam/engine/errc.hpp>

namespace sangam::engine {

result<causal_token> causal_token::parse(std::string_view text) {
    auto clock = causality::parse_vector_clock(text);
    if (!clock) {
        return error{errc::bad_option,
                     "causal token \"" + std::string(text.substr(0, 80)) + "\" is not id:length,..."};
    }
    return causal_token(std::move(*clock));
}

} // namespace sangam::engine
