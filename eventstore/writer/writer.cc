#include "eventstore/writer/writer.h"

#include <utility>

#include "eventstore/writer/impl.h"

namespace jalon::eventstore {

Writer::Writer(WriterOptions options, Log& log, StateStore& store, const Application& application,
               const Clock& clock, std::function<uint64_t()> random)
    : impl_(std::make_unique<Impl>(std::move(options), log, store, application, clock,
                                   std::move(random))) {}
Writer::~Writer() = default;

Result<void> Writer::Submit(Submission submission) { return impl_->Submit(std::move(submission)); }
void Writer::OnWork(std::function<void()> wake) { impl_->OnWork(std::move(wake)); }
bool Writer::Step() { return impl_->Step(); }
WriterStatus Writer::Status() const { return impl_->Status(); }
WriterStatus::Phase Writer::Phase() const { return impl_->phase(); }
Epoch Writer::LastEpoch() const { return impl_->epoch(); }
void Writer::Want(bool wanted) { impl_->Want(wanted); }
void Writer::Drain() { impl_->Drain(); }
bool Writer::Drained() const { return impl_->Drained(); }

}  // namespace jalon::eventstore
