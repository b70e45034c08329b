"""One command of each kind, or several, as a school with `hire`d people might send it next.

Of every field that holds an id at least one command has it set, or has what it lies in.
"""

from school import today

ACTIVITY = "a1"
MODULE = "850-568"
WORDS = {"clear": {"text": "So it is."}}
PROGRAMME = {"code": "5830", "language": "en", "version": "t"}


def commands(school):
    """{path: [(role, command), ...]}; a role is a key of `school.tokens`."""
    made = {}
    for part in (catalogue, company, people, placement, during, after, erasure):
        for path, sent in part(school.ids):
            made["jalon." + path] = sent
    made["jalon.school.v1.SchoolService/RegisterSchool"] = [
        ("REG", {"code": school.code + "-2", "name": "Another one"})]
    return made


def catalogue(ids):
    service = "catalogue.v1.CatalogueService/"
    sequence = {"sequence_id": ids["sequence"]}
    module = {"code": MODULE, "statement": "Brakes", "hours": 120, "units": 8}
    design = {"programme": PROGRAMME, "type": "SEQUENCE_TYPE_DEVELOPMENT", "code": "FREINS",
              "title": "Brakes",
              "targets": [{"module": MODULE, "mode": "DEVELOPMENT_MODE_PARTIAL"}],
              "objectives": [{"code": "o1", "module": MODULE, "wording": "Brake"}],
              "rationale": {"needs": "n", "interest": "i", "capacity": "c"}}
    activity = {"code": ACTIVITY, "wording": "Do it", "objectives": ["o1"],
                "expected_result": "Done", "planned_minutes": 60}
    yield service + "AdoptProgramme", [("COO", {"programme": {
        "ref": {**PROGRAMME, "version": "u"}, "title": "Mechanics",
        "type": "PROGRAMME_TYPE_DEP", "declared_hours": 120, "elements": "ELEMENTS_KNOWN_NONE",
        "modules": [module]}})]
    yield service + "DesignSequence", [("COO", {**sequence, **design})]
    yield service + "DefineActivities", [("COO", {**sequence, "activities": [activity]})]
    yield service + "PublishSequence", [("COO", sequence)]


def company(ids):
    service = "company.v1.CompanyService/"
    here, sequence = {"company_id": ids["company"]}, {"sequence_id": ids["sequence"]}
    bridge = {"kind": "MITIGATION_KIND_LOAN", "owner_id": ids["teacher"], "due_on": today(10)}
    gap = {"kind": "RESOURCE_KIND_HUMAN", "activities": [ACTIVITY], "description": "Nobody.",
           "mitigation": bridge}
    yield service + "RegisterHostCompany", [("COO", {"name": "Garage", "site": "2, rue B"})]
    yield service + "DeclareHostingCapacity", [
        ("COO", {**here, "from_on": today(), "until_on": today(90), "seats": 3})]
    yield service + "AttestCompanyResources", [
        ("TEA", {**here, **sequence, "human": "People", "material": "Things",
                 "means": "ATTESTATION_MEANS_VISIT", "gaps": [gap]})]
    yield service + "ReportResourceGap", [
        ("TEA", {**here, **sequence, "report": gap}),
        ("TEA", {"stay_id": ids["stay"], "report": gap}),
        ("TEA", {**here, "mitigate": {"gap_number": 1, "mitigation": bridge}}),
        ("TEA", {**here, "resolve": {"gap_number": 1}}),
        ("TUT", {**sequence, "report": {**gap, "mitigation": {}}})]


def people(ids):
    identity = {"clear": {"family_name": "Roy", "given_name": "Ada"}}
    yield "school.v1.SchoolService/SetPolicy", [
        ("COO", {"setting": {"key": "makeup_gate", "choice": "PLANNED"},
                 "effective_on": today()})]
    yield "school.v1.AccessService/GrantAccess", [
        ("COO", {"person_id": ids["teacher"], "role": "ROLE_TEACHER",
                 "scope": {"student_ids": [ids["student"]]}}),
        ("COO", {"person_id": ids["teacher"], "identity": identity, "role": "ROLE_TEACHER",
                 "scope": {"student_ids": [ids["student"]]}}),
        ("COO", {"person_id": ids["tutor"], "role": "ROLE_COMPANY_SIGNATORY",
                 "scope": {"company_id": ids["company"]}})]
    yield "school.v1.AccessService/RevokeAccess", [
        ("COO", {"person_id": ids["signatory"], "grant_id": ids["grant"]})]
    enrolled = {"student_id": ids["student"], "programme": PROGRAMME}
    yield "roster.v1.RosterService/EnrolStudents", [
        ("COO", {"rows": [enrolled]}),
        ("COO", {"rows": [{**enrolled, "identity": identity}]})]
    student = {"student_id": ids["student"]}
    yield "roster.v1.RosterService/RecordPriorResult", [
        ("COO", {**student, "origin": "PRIOR_RESULT_ORIGIN_RECOGNITION", "document_ref": "D-1",
                 "results": [{"module": MODULE, "obtained_on": today()}]}),
        ("COO", {**student, "origin": "PRIOR_RESULT_ORIGIN_TRANSFER",
                 "transfer": {"issued": {"note": "no note", "file": ids["student"]}}})]
    yield "roster.v1.RosterService/CloseEnrolment", [
        ("COO", {**student, "end": "ENROLMENT_END_WITHDRAWN", "reason": WORDS})]
    person = {"person_id": ids["student"], "reason": WORDS}
    yield "correction.v1.CorrectionService/RectifyPerson", [
        ("COO", {**person, "identity": {"identity": identity}}),
        ("COO", {**person, "statement": {"about_seq": 1, "words": WORDS}})]


def placement(ids):
    service = "placement.v1.PlacementService/"
    student, planned = {"student_id": ids["student"]}, [{"stay_id": ids["planned stay"]}]
    yield service + "AssignSequence", [
        ("COO", {"sequence_id": ids["sequence"],
                 "rows": [{**student, "release_modules": [MODULE], "release_reason": WORDS}]})]
    yield service + "ScheduleStays", [
        ("COO", {"rows": [{**student, "sequence_id": ids["sequence"],
                           "company_id": ids["company"], "starts_on": today(70),
                           "ends_on": today(90)}]})]
    yield service + "AcceptTrainingPlan", [
        (role, {"answer": "PLAN_ANSWER_ACCEPTED", "rows": [{**planned[0], "plan_version": 1}]})
        for role in ("SIG", "COO")]
    yield service + "AssignTutor", [("COO", {"tutor_id": ids["tutor"], "rows": planned})]
    yield service + "AssignSchoolSupervisor", [
        ("COO", {"supervisor_id": ids["teacher"], "rows": planned})]
    terms = {"clear": {"accompaniment": "Beside", "supervision": "Daily"}}
    yield service + "AgreeSupervision", [
        ("TEA", {"rhythm": {"kind": "CONTACT_KIND_VISIT", "count": 1, "period_days": 14},
                 "rows": [{**planned[0], "terms": terms}]})]
    yield service + "RecordPreparation", [
        ("TEA", {"held_on": today(), "topics": ["PREPARATION_TOPIC_SAFETY"], "rows": planned})]


def during(ids):
    stay = {"stay_id": ids["stay"]}
    yield "stay.v1.StayService/StartStay", [
        ("COO", {"stay_id": ids["planned stay"], "started_on": today(),
                 "deviation_reason": WORDS})]
    yield "stay.v1.StayService/LogHours", [
        (role, {**stay, "days": [{"worked_on": today(), "minutes": 60}]})
        for role in ("TEA", "TUT")]
    yield "stay.v1.StayService/GrantAdditionalHours", [
        ("COO", {**stay, "minutes": 60, "activities": [ACTIVITY], "reason": WORDS})]
    yield "stay.v1.StayService/EndStay", [
        ("TEA", {**stay, "ended_on": today(), "kind": "STAY_END_KIND_EARLY",
                 "cause": "STAY_END_CAUSE_OTHER", "presume_not_performed": True,
                 "remarks": WORDS})]
    done = {"activity": ACTIVITY, "outcome": "OUTCOME_KIND_COMPLETED", "performed_on": today(),
            "remarks": WORDS}
    feedback = "feedback.v1.FeedbackService/"
    yield feedback + "RecordActivityOutcomes", [
        (role, {**stay, "outcomes": [done]}) for role in ("TEA", "TUT")]
    yield feedback + "ReportFormativeEstimate", [
        (role, {**stay, "objective": "o1", "observed_on": today(),
                "words": {"clear": {"word": "alone"}}}) for role in ("TUT", "COO")]
    yield feedback + "SubmitTutorReport", [
        (role, {**stay, "kind": "TUTOR_REPORT_KIND_INTERIM", "words": WORDS})
        for role in ("TUT", "COO")]
    yield feedback + "ObserveAttitude", [
        ("TEA", {**stay, "observed_on": today(), "words": WORDS})]


def after(ids):
    service, make_up = "followup.v1.FollowUpService/", {"stay_id": ids["stay"],
                                                        "activity": ACTIVITY}
    yield service + "PlanMakeUp", [
        ("TEA", {"owner_id": ids["teacher"], "place": "PLACE_SCHOOL", "due_on": today(30),
                 "rows": [make_up]})]
    yield service + "CompleteMakeUp", [
        ("TEA", {"done_at_school": {"done_on": today()}, "rows": [make_up]}),
        ("TEA", {"achieved_otherwise": {"achieved_on": today(), "evidence_ref": "D-1"},
                 "rows": [{**make_up, "reason": WORDS}]})]
    yield service + "RecordFollowUp", [
        ("TEA", {"stay_id": ids["stay"], "observation_numbers": [1], "place": "PLACE_SCHOOL",
                 "held_on": today(), "words": WORDS})]
    basis = {"kind": "BASIS_KIND_STAY_ACTIVITY", **make_up}
    yield "evaluation.v1.EvaluationService/RecordSummativeEvaluation", [
        ("TEA", {"student_id": ids["student"], "module": MODULE, "sat_from_on": today(),
                 "sat_to_on": today(), "criteria": {"programme": PROGRAMME, "module": MODULE},
                 "basis": [basis], "result": "EVALUATION_RESULT_SUCCESS", "evaluator_id":
                 ids["teacher"], "remarks": WORDS})]


def erasure(ids):
    service, person = "privacy.v1.ErasureService/", {"person_id": ids["student"]}
    yield service + "SetLegalHold", [
        ("COO", {**person, "hold": True, "basis": "LEGAL_HOLD_BASIS_INQUIRY"})]
    yield service + "RequestErasure", [("COO", person)]
    yield service + "DestroyPersonKey", [("COO", person)]
