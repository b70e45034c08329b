#include "services/api/reflection.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "jalon/school/v1/school_service.pb.h"
#include "services/api/server.h"

namespace jalon::api {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

struct V1 {
  using Api = v1::ServerReflection;
  using Request = v1::ServerReflectionRequest;
  using Response = v1::ServerReflectionResponse;
};
struct V1Alpha {
  using Api = v1alpha::ServerReflection;
  using Request = v1alpha::ServerReflectionRequest;
  using Response = v1alpha::ServerReflectionResponse;
};

// A server of one service, asked on one stream.
template <typename Version>
class ReflectionTest : public ::testing::Test {
 protected:
  using Request = typename Version::Request;
  using Response = typename Version::Response;

  void SetUp() override {
    school::v1::RegisterSchoolRequest::descriptor();  // keeps the file in the program
    auto server = Server::Start(
        {.listen = "127.0.0.1:0"},
        {{"/jalon.school.v1.SchoolService/RegisterSchool",
          [](grpc::CallbackServerContext* context, const grpc::ByteBuffer*, grpc::ByteBuffer*) {
            grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
            reactor->Finish(grpc::Status::OK);
            return reactor;
          }}});
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    stub_ = Version::Api::NewStub(server_->InProcessChannel());
    stream_ = stub_->ServerReflectionInfo(&context_);
  }
  void TearDown() override {
    EXPECT_TRUE(stream_->WritesDone());
    EXPECT_TRUE(stream_->Finish().ok());
  }

  Response Ask(const Request& request) {
    Response response;
    EXPECT_TRUE(stream_->Write(request) && stream_->Read(&response));
    EXPECT_EQ(response.original_request().SerializeAsString(), request.SerializeAsString());
    return response;
  }

  static std::vector<std::string> FilesIn(const Response& response) {
    std::vector<std::string> names;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  std::unique_ptr<Server> server_;
  std::unique_ptr<typename Version::Api::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
};

using Versions = ::testing::Types<V1, V1Alpha>;
TYPED_TEST_SUITE(ReflectionTest, Versions);

TYPED_TEST(ReflectionTest, ListsWhatIsServed) {
  typename TestFixture::Request request;
  request.set_list_services("");
  const auto response = this->Ask(request);
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"jalon.school.v1.SchoolService", "grpc.health.v1.Health",
                                      "grpc.reflection.v1.ServerReflection",
                                      "grpc.reflection.v1alpha.ServerReflection"}));
}

TYPED_TEST(ReflectionTest, GivesAFileWithAllThatItImportsOnce) {
  const std::string file = "jalon/school/v1/school_service.proto";
  typename TestFixture::Request by_name, by_symbol;
  by_name.set_file_by_filename(file);
  by_symbol.set_file_containing_symbol("jalon.school.v1.SchoolService");
  auto names = TestFixture::FilesIn(this->Ask(by_name));
  EXPECT_EQ(names, TestFixture::FilesIn(this->Ask(by_symbol)));
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), file);
  EXPECT_NE(std::ranges::find(names, "jalon/type/v1/header.proto"), names.end());
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TYPED_TEST(ReflectionTest, FindsExtensions) {
  typename TestFixture::Request all, one;
  all.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  const auto response = this->Ask(all);
  const auto& numbers = response.all_extension_numbers_response();
  ASSERT_GT(numbers.extension_number_size(), 0);
  one.mutable_file_containing_extension()->set_containing_type("google.protobuf.MethodOptions");
  one.mutable_file_containing_extension()->set_extension_number(numbers.extension_number(0));
  EXPECT_FALSE(TestFixture::FilesIn(this->Ask(one)).empty());
}

TYPED_TEST(ReflectionTest, SaysWhatItDoesNotKnow) {
  typename TestFixture::Request file, nothing;
  file.set_file_by_filename("no/such.proto");
  EXPECT_EQ(this->Ask(file).error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(this->Ask(nothing).error_response().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace jalon::api
