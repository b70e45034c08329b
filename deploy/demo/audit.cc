#include "deploy/demo/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <vector>

#include "deploy/demo/auditor.h"
#include "deploy/demo/exported.h"
#include "eventstore/base/hash.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/school/v1/school_service.pb.h"

namespace jalon::demo {
namespace {

constexpr size_t kReportsMore = 3;
// A receipt that is not signed within a quarter of a second is pending: a busy machine may leave
// one so, and not each of these.
constexpr size_t kTriesMax = 5;
constexpr uint64_t kDaysBack = 90;  // that tutors may still report of

// What the tutor's estimates came to.
struct Reported {
  std::string last;                          // the position of the last one
  std::vector<trail::v1::Receipt> receipts;  // that came with the answers
  std::string refused;                       // why, of one that was
};

class Tutor {
 public:
  explicit Tutor(const Audit& audit) : audit_(audit) {
    std::ranges::copy_if(audit.cohort.students, std::back_inserter(students_),
                         [&](const Student& student) { return student.company == audit.company; });
  }

  // So many estimates, each with a comment: one after the other, so that the last one's receipt is
  // the last entry's.
  Reported Report(size_t estimates) {
    Reported reported;
    for (size_t i = 0; i < estimates; ++i) {
      audit_.crew.Send(
          audit_.school.companies[audit_.company].tutor.client,
          Estimate(students_[next_++ % students_.size()]), [&](const client::Reply& reply) {
            if (!reply.ok) reported.refused = reply.error.reason;
            std::ranges::copy_if(reply.result.receipts(), std::back_inserter(reported.receipts),
                                 [](const auto& receipt) { return !receipt.tlog_proof().empty(); });
          });
      audit_.crew.Wait();
    }
    const type::v1::Position last = audit_.crew.LastPosition(audit_.school.partition);
    reported.last =
        fmt::format("{}:{}:{}", ToHex(last.log_incarnation()), last.partition(), last.seq());
    if (!reported.refused.empty()) {
      audit_.screen.Claim(false, "the tutor's estimate is accepted: " + reported.refused);
    }
    return reported;
  }

 private:
  feedback::v1::ReportFormativeEstimate Estimate(const Student& student) const {
    feedback::v1::ReportFormativeEstimate estimate;
    estimate.set_stay_id(student.stay_id);
    estimate.set_objective(audit_.cohort.plan.objectives.front());
    estimate.set_observed_on(audit_.observed_on);
    estimate.mutable_words()->mutable_clear()->set_word("alone");
    estimate.mutable_words()->mutable_clear()->set_comment("Hired since: we trust this work.");
    return estimate;
  }

  const Audit& audit_;
  std::vector<Student> students_;
  size_t next_ = 0;
};

// The stays are over for longer than the house's 30 days.
void AllowLateReports(const Audit& audit) {
  school::v1::SetPolicy set;
  set.mutable_setting()->set_key("backdating_days");
  set.mutable_setting()->set_number(kDaysBack);
  set.set_effective_on(audit.today_on);
  audit.crew.Send(audit.school.coordinator.client, set);
  audit.crew.Wait();
}

// One comment, in a copy.
void EditOne(const Audit& audit, Auditor& auditor, uint64_t index) {
  std::filesystem::copy(auditor.In("after"), auditor.In("edited"),
                        std::filesystem::copy_options::recursive);
  const bool edited = EditComment(auditor.In("edited"), index);
  audit.screen.Claim(edited, fmt::format("one comment is edited in a copy, {}: that of entry {}, "
                                         "sealed as it is",
                                         auditor.In("edited"), index));
  if (edited) auditor.Verify("edited", kAltered, fmt::format("entry {}", index));
}

}  // namespace

void AuditATrail(const Audit& audit) {
  Auditor auditor({.node = audit.node,
                   .company_id = audit.school.companies[audit.company].id,
                   .token = audit.school.coordinator.client.token(),
                   .folder = audit.folder,
                   .screen = audit.screen});
  audit.screen.Line(fmt::format("jalon verify runs in {}, {}", audit.folder,
                                Jalon::CanBeOffline()
                                    ? "in a network namespace of its own, with nothing in it"
                                    : "with the network: no namespace can be made here"));
  AllowLateReports(audit);
  Tutor tutor(audit);
  if (!auditor.Export("before", tutor.Report(1).last) || !auditor.KeepRoot("root.checkpoint") ||
      !auditor.Verify("before", kValid, "VALID")) {
    return;
  }
  Reported more = tutor.Report(kReportsMore);
  for (size_t tries = 1; more.receipts.empty() && tries < kTriesMax; ++tries) {
    more = tutor.Report(1);
  }
  if (!auditor.Keep("kept.checkpoint", more.last) || !auditor.Export("after", more.last) ||
      !auditor.Verify("after", kValid, "VALID", {"kept.checkpoint"})) {
    return;
  }
  if (more.receipts.empty()) {
    return audit.screen.Claim(false, "a tutor's estimate brings a signed receipt in its answer");
  }
  const trail::v1::Receipt& receipt = more.receipts.back();
  if (!auditor.KeepReceipt("tutor", receipt) ||
      !auditor.Verify("after", kValid, "VALID", {"tutor.tlog-proof"})) {
    return;
  }
  EditOne(audit, auditor, receipt.index());
  auditor.Verify("before", kTruncated, "TRUNCATED", {"kept.checkpoint"});
  auditor.Verify("before", kReceiptMissing, "RECEIPT MISSING", {"tutor.tlog-proof"});
}

}  // namespace jalon::demo
