// What spans schools, asked of a server over gRPC.
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "jalon/region/v1/region_service.pb.h"
#include "services/domain/school_code.h"
#include "services/node/node_testing.h"

namespace jalon::node {
namespace {

using region::v1::ListSchoolsRequest;
using region::v1::ListSchoolsResponse;

class RegionNodeTest : public NodeTest {
 protected:
  client::Reply RegisterIn(uint32_t partition, const std::string& code) {
    school::v1::RegisterSchool command;
    command.set_code(code);
    command.set_name("CFP " + code);
    command.set_partition(partition);
    return As(type::v1::ROLE_REGION_COORDINATOR, "").Command(command, Header());
  }
  // Or some partitions are missing yet.
  void AwaitServing() const {
    while (!IsServing()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  client::Reply List(const ListSchoolsRequest& request, ListSchoolsResponse* response) {
    response->Clear();
    return As(type::v1::ROLE_REGION_COORDINATOR, "").Query(request, response);
  }
};

TEST_F(RegionNodeTest, SchoolsOfAllPartitionsAreListedInPagesAcrossARestart) {
  ASSERT_TRUE(Start());
  AwaitServing();
  ASSERT_TRUE(RegisterIn(2, "CFP-NORD").ok);
  ASSERT_TRUE(RegisterIn(0, "CFP-SUD").ok);
  const client::Reply last = RegisterIn(2, "CFP-EST");
  ASSERT_TRUE(last.ok) << last.error.message;

  ListSchoolsRequest request;
  *request.mutable_header()->mutable_min_position() = last.result.position();
  ListSchoolsResponse response;
  client::Reply reply = List(request, &response);
  ASSERT_TRUE(reply.ok) << reply.error.message;
  ASSERT_EQ(response.schools_size(), 3);
  EXPECT_EQ(response.schools(0).code(), "CFP-SUD");
  EXPECT_EQ(response.schools(0).school_id(), domain::SchoolIdOf("CFP-SUD"));
  EXPECT_EQ(response.schools(0).registered().type(), "SchoolRegistered");
  ASSERT_EQ(response.as_of().partitions_size(), 4);
  EXPECT_EQ(response.as_of().partitions(2).seq(), last.result.position().seq());
  EXPECT_EQ(response.as_of().log_incarnation(), last.result.position().log_incarnation());

  // A token is good at another server of the deployment, such as the next one of this folder.
  std::set<std::string> codes;
  request.mutable_page()->set_page_size(1);
  for (int page = 0; page < 3; ++page) {
    reply = List(request, &response);
    ASSERT_TRUE(reply.ok) << reply.error.message;
    ASSERT_EQ(response.schools_size(), 1);
    codes.insert(response.schools(0).code());
    request.mutable_page()->set_page_token(response.page().next_page_token());
    Restart();
    AwaitServing();
  }
  EXPECT_EQ(codes, (std::set<std::string>{"CFP-EST", "CFP-NORD", "CFP-SUD"}));
  EXPECT_EQ(response.page().next_page_token(), "");
}

TEST_F(RegionNodeTest, ACredentialOfOneSchoolListsNone) {
  ASSERT_TRUE(Start());
  ASSERT_TRUE(RegisterIn(1, "CFP-NORD").ok);
  const Bytes school = domain::SchoolIdOf("CFP-NORD");
  ListSchoolsResponse response;
  for (const auto role :
       {type::v1::ROLE_REGION_COORDINATOR, type::v1::ROLE_WORK_STUDY_COORDINATOR}) {
    const client::Reply reply = As(role, school).Query(ListSchoolsRequest(), &response);
    EXPECT_EQ(reply.error.reason, "ROLE_NOT_ALLOWED");
  }
}

}  // namespace
}  // namespace jalon::node
