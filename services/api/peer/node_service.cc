#include "services/api/peer/node_service.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "jalon/event/v1/system_events.pb.h"
#include "jalon/node/v1/node_service.grpc.pb.h"
#include "services/api/call.h"
#include "services/api/own_command.h"
#include "services/api/peer/forwarded.h"
#include "services/api/registration.h"
#include "services/domain/context.h"
#include "services/domain/model/keys.h"

namespace jalon::api {
namespace {

using eventstore::Outcome;
using google::protobuf::Message;
using node::v1::ForwardRequest;
using node::v1::ForwardResponse;

// The command as it was parsed, with the memory it lies in.
struct Parsed {
  google::protobuf::Arena arena;
  Message* request = nullptr;
};

std::unexpected<Error> Malformed(const char* what) {
  return Fail(
      Code::kInvalidArgument, "MALFORMED",
      std::string("a forwarded command has ") + what + "; see that all nodes run the same version");
}

std::unexpected<Error> Newer() {
  return Fail(Code::kUnavailable, "NOT_SERVING",
              "the command was taken by a newer version than the one that decides for its school: "
              "try again once all nodes are upgraded");
}

// At any depth.
bool HasUnknownFields(const Message& message) {
  const auto& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUnknownFields(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (HasUnknownFields(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

// What the door makes of each has these sizes: rows and tables are named by them.
bool HasItsSizes(const ForwardRequest& forward) {
  return forward.school_id().size() == domain::kSchoolIdBytes &&
         forward.body_mac().size() == std::tuple_size_v<Hash>;
}

class Service final : public node::v1::NodeService::CallbackService {
 public:
  explicit Service(NodeServiceParts parts) : parts_(std::move(parts)) {
    for (const auto& command : parts_.methods.commands) by_path_[command->path] = command.get();
  }

  grpc::ServerUnaryReactor* MakeReceipts(grpc::CallbackServerContext* context,
                                         const node::v1::MakeReceiptsRequest* asked,
                                         node::v1::MakeReceiptsResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const SignerAnswers* signer = SignerFor(*context, reactor);
    if (signer == nullptr) return reactor;
    if (asked->position().partition() >= parts_.placement.PartitionCount()) {
      reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT, "no partition of schools"});
      return reactor;
    }
    signer->receipts(asked->position(), [reactor, response](Receipts::Made made) {
      for (trail::v1::Receipt& receipt : made) *response->add_receipts() = std::move(receipt);
      reactor->Finish(grpc::Status::OK);
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* AnswerQuery(grpc::CallbackServerContext* context,
                                        const node::v1::AnswerQueryRequest* asked,
                                        node::v1::AnswerQueryResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const SignerAnswers* signer = SignerFor(*context, reactor);
    if (signer == nullptr) return reactor;
    const auto left = std::chrono::duration_cast<Micros>(context->deadline().time_since_epoch()) -
                      parts_.clock.Wall();
    signer->query(*asked, std::min<Micros>(left, kDeadlineMax),
                  [reactor, response](const grpc::Status& status, const std::string& answer) {
                    response->set_response(answer);
                    reactor->Finish(status);
                  });
    return reactor;
  }

  grpc::ServerUnaryReactor* Forward(grpc::CallbackServerContext* context,
                                    const ForwardRequest* forward,
                                    ForwardResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (!parts_.is_node(*context)) {
      reactor->Finish({grpc::StatusCode::PERMISSION_DENIED,
                       "only a node of the deployment may forward commands"});
      return reactor;
    }
    auto submission = SubmissionOf(*forward);
    if (submission) {
      submission->done = [reactor, response](const Outcome& outcome) {
        *response = EncodeOutcome(outcome);
        reactor->Finish(grpc::Status::OK);
      };
      const auto submitted =
          parts_.local.Submit(Partition{forward->partition()}, std::move(*submission));
      if (submitted) return reactor;
      submission = std::unexpected(submitted.error());
    }
    Outcome failed;
    failed.error = submission.error();
    *response = EncodeOutcome(failed);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  // Null: the call was finished, since it is no node's, or nothing is signed here yet.
  const SignerAnswers* SignerFor(const grpc::CallbackServerContext& context,
                                 grpc::ServerUnaryReactor* reactor) const {
    const SignerAnswers* signer = parts_.signer.load();
    if (!parts_.is_node(context)) {
      reactor->Finish({grpc::StatusCode::PERMISSION_DENIED,
                       "only a node of the deployment may ask for what is signed"});
      return nullptr;
    }
    if (signer == nullptr) {
      reactor->Finish({grpc::StatusCode::UNAVAILABLE, "nothing is signed here yet: ask again"});
    }
    return signer;
  }
  Result<eventstore::Submission> SubmissionOf(const ForwardRequest& forward) const;
  Result<eventstore::Submission> OwnSubmissionOf(const ForwardRequest& forward,
                                                 std::unique_ptr<Message> wanted) const;
  Result<void> CheckPlace(const domain::Request& request, Partition partition) const;

  const NodeServiceParts parts_;
  std::map<std::string, const CommandSpec*, std::less<>> by_path_;
};

// A school's commands go where it is kept; its registration also to the system partition first, and
// then where that has placed it, which may be known here a moment later.
Result<void> Service::CheckPlace(const domain::Request& request, Partition partition) const {
  if (IsRegistration(request)) {
    const bool there = partition == parts_.placement.System() ||
                       partition.value < parts_.placement.PartitionCount();
    return there ? Result<void>() : Malformed("no partition");
  }
  if (partition == parts_.placement.PartitionOf(request.school_id)) return {};
  return Fail(Code::kUnavailable, kPlacedElsewhere,
              "the school is kept in another partition, as far as is known here");
}

// Of the node itself, by its certificate: no token goes with it.
Result<eventstore::Submission> Service::OwnSubmissionOf(const ForwardRequest& forward,
                                                        std::unique_ptr<Message> wanted) const {
  if (Partition{forward.partition()} != parts_.placement.System() || forward.request_id().empty()) {
    return Malformed("no place or no id");
  }
  if (!wanted->ParseFromString(forward.request())) return Malformed("no request");
  if (HasUnknownFields(*wanted)) return Newer();
  if (const auto* claim = dynamic_cast<const event::v1::SignerClaimed*>(wanted.get());
      claim != nullptr && claim->replaces_lost_key()) {
    return Fail(Code::kFailedPrecondition, "SIGNER_KEY_LOST",
                "a key that replaces a lost one is taken from no other node, whose certificate is "
                "no operator's word: start the node that has it alone first, with all roles, and "
                "the others once it signs");
  }
  return api::SubmissionOf(
      OwnCommand{.wanted = std::move(wanted), .request_id = forward.request_id(), .until = {}});
}

// What is decided is verified here again: who calls, whether the role may, and the school.
Result<eventstore::Submission> Service::SubmissionOf(const ForwardRequest& forward) const {
  if (auto own = NewOwnCommand(forward.method())) return OwnSubmissionOf(forward, std::move(own));
  const auto found = by_path_.find(forward.method());
  if (found == by_path_.end()) return Malformed("a method that is not known here");
  const CommandSpec& spec = *found->second;
  JALON_ASSIGN_OR_RETURN(const token::ClaimsPtr claims, parts_.tokens.Find(forward.token()));
  const domain::Principal& principal = claims->principal;
  if (!spec.Allows(principal.role)) {
    return Fail(Code::kPermissionDenied, "ROLE_NOT_ALLOWED", "the role may not send this command");
  }
  if (!principal.school_id.empty() && principal.school_id != forward.school_id()) {
    return Fail(Code::kNotFound, "NOT_FOUND", "the credential is for another school");
  }
  if (!HasItsSizes(forward)) return Malformed("an id or a digest of another size");
  auto parsed = std::make_shared<Parsed>();
  parsed->request = spec.request->New(&parsed->arena);
  if (!parsed->request->ParseFromString(forward.request())) return Malformed("no request");
  // A newer node may know more: what it took in must not be decided without it.
  if (HasUnknownFields(*parsed->request)) return Newer();
  const auto* reflection = parsed->request->GetReflection();
  auto request = std::make_unique<domain::Request>();
  request->command = &reflection->GetMessage(*parsed->request, spec.command);
  request->header = static_cast<const type::v1::CommandHeader*>(
      &reflection->GetMessage(*parsed->request, spec.header));
  request->request = std::shared_ptr<const Message>(parsed, parsed->request);
  request->principal = principal;
  request->school_id = forward.school_id();
  request->seen = {{forward.seen().minors_without_guardian().begin(),
                    forward.seen().minors_without_guardian().end()},
                   forward.seen().estimate_word()};
  request->id_seed = forward.id_seed();
  request->method = forward.method();
  const domain::Request& whole = *request;
  JALON_RETURN_IF_ERROR(CheckPlace(whole, Partition{forward.partition()}));
  return eventstore::Submission{.tenant = forward.school_id(),
                                .request_id = whole.header->request_id(),
                                .body_mac = forward.body_mac(),
                                .actor = domain::ActorOf(whole),
                                .trace = forward.trace(),
                                .command = std::move(request),
                                .done = {}};
}

}  // namespace

std::unique_ptr<grpc::Service> MakeNodeService(NodeServiceParts parts) {
  return std::make_unique<Service>(std::move(parts));
}

}  // namespace jalon::api
