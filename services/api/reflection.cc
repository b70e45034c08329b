#include "services/api/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/server_callback.h>

#include <set>
#include <utility>

#include "eventstore/base/mutex.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "services/api/open_streams.h"

namespace jalon::api {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

const DescriptorPool& Pool() { return *DescriptorPool::generated_pool(); }

// The file and all that it imports, each once.
template <typename Response>
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>* added,
             Response* response) {
  if (!added->insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response->mutable_file_descriptor_response()->add_file_descriptor_proto(
      proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), added, response);
}

template <typename Response>
void NotFound(const std::string& what, Response* response) {
  response->mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
  response->mutable_error_response()->set_error_message(what + " is not known to this server");
}

template <typename Response>
void AnswerFile(const FileDescriptor* file, const std::string& asked, Response* response) {
  std::set<const FileDescriptor*> added;
  if (file == nullptr) return NotFound(asked, response);
  AddFile(*file, &added, response);
}

template <typename Response>
void AnswerExtensions(const std::string& type, Response* response) {
  const Descriptor* extended = Pool().FindMessageTypeByName(type);
  if (extended == nullptr) return NotFound(type, response);
  std::vector<const FieldDescriptor*> extensions;
  Pool().FindAllExtensions(extended, &extensions);
  auto& numbers = *response->mutable_all_extension_numbers_response();
  numbers.set_base_type_name(type);
  for (const FieldDescriptor* extension : extensions) {
    numbers.add_extension_number(extension->number());
  }
}

template <typename Response>
const FileDescriptor* FileOfExtension(const Response& asked) {
  const Descriptor* extended = Pool().FindMessageTypeByName(asked.containing_type());
  if (extended == nullptr) return nullptr;
  const auto* extension = Pool().FindExtensionByNumber(extended, asked.extension_number());
  return extension == nullptr ? nullptr : extension->file();
}

template <typename Request, typename Response>
void Answer(const Request& request, const std::vector<std::string>& services, Response* response) {
  response->set_valid_host(request.host());
  *response->mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return AnswerFile(Pool().FindFileByName(request.file_by_filename()),
                        request.file_by_filename(), response);
    case Request::kFileContainingSymbol:
      return AnswerFile(Pool().FindFileContainingSymbol(request.file_containing_symbol()),
                        request.file_containing_symbol(), response);
    case Request::kFileContainingExtension:
      return AnswerFile(FileOfExtension(request.file_containing_extension()),
                        request.file_containing_extension().containing_type(), response);
    case Request::kAllExtensionNumbersOfType:
      return AnswerExtensions(request.all_extension_numbers_of_type(), response);
    case Request::kListServices:
      for (const std::string& name : services) {
        response->mutable_list_services_response()->add_service()->set_name(name);
      }
      return;
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  response->mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
  response->mutable_error_response()->set_error_message("the request asks nothing: set a field");
}

// One stream: a request is read, answered, and then the next is read. It ends when the client does
// or the server: never while an answer is written, and nothing is begun after it.
template <typename Request, typename Response>
class Stream final : public grpc::ServerBidiReactor<Request, Response>, public OpenStream {
 public:
  Stream(const std::vector<std::string>& listed, OpenStreams& open) : listed_(listed), open_(open) {
    this->StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    response_.Clear();
    Answer(request_, listed_, &response_);
    {
      MutexLock lock(mutex_);
      if (finished_) return;
      writing_ = true;
    }
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    bool ending = false;
    {
      MutexLock lock(mutex_);
      writing_ = false;
      ending = ending_ || !ok;
      // From within gRPC's own thread this calls nothing back at once.
      if (!ending) this->StartRead(&request_);
    }
    if (ending) Finish(grpc::Status::OK);
  }
  void OnDone() override { open_.Remove(this); }

  void End() override {
    {
      MutexLock lock(mutex_);
      ending_ = true;
      if (writing_) return;
    }
    Finish({grpc::StatusCode::UNAVAILABLE, "the server ends: ask again later"});
  }

 private:
  void Finish(const grpc::Status& status) {
    {
      MutexLock lock(mutex_);
      if (std::exchange(finished_, true)) return;
    }
    grpc::ServerBidiReactor<Request, Response>::Finish(status);
  }

  const std::vector<std::string>& listed_;
  OpenStreams& open_;
  Request request_;
  Response response_;
  Mutex mutex_;
  bool writing_ JALON_GUARDED_BY(mutex_) = false;
  bool ending_ JALON_GUARDED_BY(mutex_) = false;
  bool finished_ JALON_GUARDED_BY(mutex_) = false;
};

template <typename Api, typename Request, typename Response>
class Version final : public Api::CallbackService {
 public:
  Version(const std::vector<std::string>& listed, OpenStreams& open)
      : listed_(listed), open_(open) {}

  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(
      grpc::CallbackServerContext*) override {
    const auto stream = std::make_shared<Stream<Request, Response>>(listed_, open_);
    open_.Add(stream);
    return stream.get();
  }

 private:
  const std::vector<std::string>& listed_;
  OpenStreams& open_;
};

class BothVersions final : public Reflection {
 public:
  explicit BothVersions(std::vector<std::string> listed) : listed_(std::move(listed)) {}

  std::vector<grpc::Service*> services() override { return {&v1_, &v1alpha_}; }
  void EndStreams() override { open_.EndAll(); }

 private:
  const std::vector<std::string> listed_;
  OpenStreams open_;
  Version<v1::ServerReflection, v1::ServerReflectionRequest, v1::ServerReflectionResponse> v1_{
      listed_, open_};
  Version<v1alpha::ServerReflection, v1alpha::ServerReflectionRequest,
          v1alpha::ServerReflectionResponse>
      v1alpha_{listed_, open_};
};

}  // namespace

std::unique_ptr<Reflection> Reflection::Make(std::vector<std::string> listed) {
  listed.emplace_back(v1::ServerReflection::service_full_name());
  listed.emplace_back(v1alpha::ServerReflection::service_full_name());
  return std::make_unique<BothVersions>(std::move(listed));
}

}  // namespace jalon::api
