#pragma once

/// All that an application needs. `sangam::replica` is the way in.

#include <sangam/engine/replica.hpp>

namespace sangam {

using causality::dot;
using causality::replica_id;
using causality::vector_clock;
using crdt::object_kind;
using crdt::text_bias;
using crdt::text_cursor;
using crdt::text_patch;
using crdt::value;
using engine::causal_token;
using engine::change;
using engine::counter_handle;
using engine::g_counter_handle;
using engine::map_handle;
using engine::object_handle;
using engine::peer_status;
using engine::register_handle;
using engine::replica;
using engine::replica_options;
using engine::replica_status;
using engine::set_handle;
using engine::subscription;
using engine::text_handle;
using engine::transaction;
using engine::transaction_options;

} // namespace sangam
