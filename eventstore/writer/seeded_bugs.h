// Bugs that the simulation must notice (tests/simulation): a rig that finds nothing proves nothing
// unless it would have found these. They exist only in the library jalon_writer_seeded, which only
// that test links; elsewhere Seeded is a constant and the compiler drops what it guards.
#pragma once

namespace jalon::eventstore {

enum class SeededBug {
  kNone,
  kAnswerOnHandOver,  // an acceptance is answered once the log was handed its record
  kAnswerOnDelivery,  // ... once its bytes are in the log, whether or not they count
  kRefuseAtOnce,      // a refusal is not held
  kNoEpochId,         // who wrote a record of this epoch is not looked at
  kNoDedupe,          // a repeat is decided anew
  kCheckpointApart,   // the checkpoint is stored before the rows it stands for
  kReplaySkipsOne,    // a start reads on one entry too far
  kAnyClaimIsMine,    // whoever claims, this writer takes itself for the owner
};

#ifdef JALON_SEEDED_BUGS
inline thread_local SeededBug seeded_bug = SeededBug::kNone;
inline bool Seeded(SeededBug bug) { return seeded_bug == bug; }
#else
constexpr bool Seeded(SeededBug) { return false; }
#endif

}  // namespace jalon::eventstore
