#pragma once

/// All that an application needs. `sangam::replica` is the way in.

#include <sangam/engine/replica.hpp>

namespace sangam {

using causality::dot;
using causality::replica_id;
using causality::vector_clock;
using crdt::formatted_run;
using crdt::mark_growth;
using crdt::object_kind;
using crdt::stream_field;
using crdt::stream_id;
using crdt::text_bias;
using crdt::text_cursor;
using crdt::text_history;
using crdt::text_mark;
using crdt::text_patch;
using crdt::text_range;
using crdt::value;
using engine::bounded_counter_handle;
using engine::causal_token;
using engine::change;
using engine::conflict;
using engine::counter_handle;
using engine::expiry_handle;
using engine::flag_handle;
using engine::g_counter_handle;
using engine::g_set_handle;
using engine::list_handle;
using engine::log_callback;
using engine::log_event;
using engine::log_level;
using engine::map_handle;
using engine::merge_function;
using engine::mv_register_handle;
using engine::object_handle;
using engine::peer_status;
using engine::register_handle;
using engine::replica;
using engine::replica_options;
using engine::replica_status;
using engine::resettable_counter_handle;
using engine::set_handle;
using engine::sorted_set_handle;
using engine::stream_handle;
using engine::subscription;
using engine::text_handle;
using engine::text_undo_stack;
using engine::transaction;
using engine::transaction_options;

} // namespace sangam
