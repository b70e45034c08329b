#include "deploy/demo/crew.h"

#include <google/protobuf/message.h>

#include "services/client/request_id.h"

namespace jalon::demo {

struct Crew::Job {
  client::Client who;
  std::unique_ptr<google::protobuf::Message> command;
  type::v1::CommandHeader header;
  Handler handler;
  int tries = 0;
  uint64_t seq = 0;  // where it was acknowledged; 0: not yet
};

namespace {

constexpr int kTriesMax = 20;

// The outcome is unknown, or nothing was done: the same request id may be sent again.
bool MayRetry(const client::Reply& reply) {
  return reply.error.code == Code::kUnavailable || reply.error.code == Code::kDeadlineExceeded ||
         reply.error.code == Code::kResourceExhausted;
}

}  // namespace

void Crew::Send(const client::Client& who, const google::protobuf::Message& command,
                Handler handler) {
  Enter();
  auto job = std::make_shared<Job>(Job{who, nullptr, {}, std::move(handler)});
  job->command.reset(command.New());
  job->command->CopyFrom(command);
  job->header.set_request_id(client::NewRequestId(now_ms_()));
  if (histories_ != nullptr) histories_->Sent(who.token(), job->header.request_id());
  Try(std::move(job));
}

void Crew::Enter() {
  MutexLock lock(mutex_);
  lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return out_ < kInFlight; });
  ++out_;
}

void Crew::Remember() {
  MutexLock lock(mutex_);
  remember_ = true;
}

Crew::Recheck Crew::SendRememberedAgain() {
  Wait();
  std::vector<std::shared_ptr<Job>> jobs;
  {
    MutexLock lock(mutex_);
    remember_ = false;
    jobs.swap(remembered_);
  }
  for (const std::shared_ptr<Job>& job : jobs) {
    Enter();
    job->tries = 0;
    Try(job);
  }
  Wait();
  MutexLock lock(mutex_);
  return {jobs.size(), wrong_};
}

void Crew::Try(std::shared_ptr<Job> job) {
  ++job->tries;
  const Job& out = *job;
  out.who.CommandLater(
      *out.command, out.header,
      [this, job = std::move(job)](const client::Reply& reply) { Answered(job, reply); });
}

void Crew::Answered(std::shared_ptr<Job> job, const client::Reply& reply) {
  if (!reply.ok && MayRetry(reply) && job->tries < kTriesMax) return Try(std::move(job));
  Record(*job, reply);
  MutexLock lock(mutex_);
  --out_;
  changed_.notify_one();
  const type::v1::Position& at = reply.result.position();
  const uint64_t seq = at.seq();
  if (job->seq != 0) {
    if (!reply.ok || seq != job->seq) ++wrong_;
    return;
  }
  ++(reply.ok ? accepted_ : refused_);
  if (reply.ok && seq > last_[at.partition()].seq()) last_[at.partition()] = at;
  if (remember_ && reply.ok) {
    job->seq = seq;
    remembered_.push_back(job);
  }
  if (job->handler) {
    job->handler(reply);
  } else if ((!reply.ok || reply.result.refused_rows_size() > 0) && fault_.empty()) {
    fault_ = job->command->GetDescriptor()->name() + ": " + reply.error.reason + " " +
             reply.error.message;
    for (const auto& row : reply.result.refused_rows()) fault_ += " " + row.ShortDebugString();
  }
}

// What no answer told is no fact of a history.
void Crew::Record(const Job& job, const client::Reply& reply) {
  if (histories_ == nullptr) return;
  if (reply.ok) {
    histories_->Acked(job.who.token(), job.header.request_id(), reply.result.position());
  } else if (!MayRetry(reply)) {
    histories_->Refused(job.who.token(), job.header.request_id(), reply.error.reason);
  }
}

void Crew::Wait() {
  MutexLock lock(mutex_);
  lock.Wait(changed_, [this]() JALON_REQUIRES(mutex_) { return out_ == 0; });
}

void Crew::WaitForAccepted(uint64_t count) {
  MutexLock lock(mutex_);
  lock.Wait(changed_, [&]() JALON_REQUIRES(mutex_) { return accepted_ >= count || out_ == 0; });
}

uint32_t Crew::WhileOut(const std::function<void()>& act) {
  MutexLock lock(mutex_);
  if (out_ > 0) act();
  return out_;
}

type::v1::Position Crew::LastPosition(uint32_t partition) const {
  MutexLock lock(mutex_);
  const auto found = last_.find(partition);
  return found == last_.end() ? type::v1::Position() : found->second;
}

uint64_t Crew::accepted() const {
  MutexLock lock(mutex_);
  return accepted_;
}

uint64_t Crew::refused() const {
  MutexLock lock(mutex_);
  return refused_;
}

std::string Crew::fault() const {
  MutexLock lock(mutex_);
  return fault_;
}

}  // namespace jalon::demo
