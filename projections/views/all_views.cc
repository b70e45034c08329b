#include "projections/views/all_views.h"

#include <google/protobuf/descriptor.h>

#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "projections/views/attitudes.h"
#include "projections/views/companies.h"
#include "projections/views/erasures.h"
#include "projections/views/grants.h"
#include "projections/views/make_ups.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/stays.h"
#include "projections/views/student_progress.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

// The types of the registry that a school's partition may hold.
EventTypes KnownTypes() {
  EventTypes known;
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const auto& options = registry->field(i)->message_type()->options();
    if (options.GetExtension(option::v1::event).system()) continue;
    known.set(static_cast<size_t>(registry->field(i)->number()));
  }
  return known;
}

std::vector<std::unique_ptr<const View>> Make() {
  std::vector<std::unique_ptr<const View>> views;
  views.push_back(MakeStudentProgress());
  views.push_back(MakeSchoolCatalogue());
  views.push_back(MakeCompanies());
  views.push_back(MakeStays());
  views.push_back(MakeMakeUps());
  views.push_back(MakeAttitudes());
  views.push_back(MakeGrants());
  views.push_back(MakeTrails());
  views.push_back(MakeErasures());
  return views;
}

}  // namespace

std::unique_ptr<const ViewSet> MakeAllViews() {
  return std::make_unique<const ViewSet>(Make(), KnownTypes());
}

std::unique_ptr<const ViewSet> MakeOneView(std::string_view name) {
  auto views = Make();
  std::erase_if(views, [&](const auto& view) { return view->Name() != name; });
  return std::make_unique<const ViewSet>(std::move(views), KnownTypes());
}

}  // namespace jalon::projections
