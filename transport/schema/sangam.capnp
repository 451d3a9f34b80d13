@0xd8f6a1c37b2e4905;

# The head and the body of a frame. docs/wire-format.md says how they stand in it and what the
# fields mean, and draws Batch.numbers.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("sangam::transport::schema");

struct Head {
  version @0 :UInt16;
  session @1 :UInt64;
  group @2 :UInt64;  # hash of the name
  union {
    hello @3 :Hello;
    heartbeat @4 :Heartbeat;
    stream @5 :Void;
    rangeRequest @6 :Range;
    rangeAnswer @7 :Range;
    refusal @8 :Text;
  }
}

struct Hello {
  replica @0 :UInt64;
  answerWanted @1 :Bool;
  name @2 :Text;
  group @3 :Text;
  clock @4 :Clock;
}

struct Heartbeat {
  number @0 :UInt64;
  base @1 :UInt64;
  acknowledged @2 :UInt64;
  difference @3 :Clock;
}

struct Range {
  origin @0 :UInt64;
  first @1 :UInt64;
  last @2 :UInt64;
  lastPart @3 :Bool;  # of an answer
}

struct Clock {
  replicas @0 :List(UInt64);  # increasing
  lengths @1 :List(UInt64);
}

struct Batch {
  version @0 :UInt16;
  origin @1 :UInt64;
  first @2 :UInt64;
  replicas @3 :List(UInt64);
  numbers @4 :Data;
  content @5 :Data;
}
