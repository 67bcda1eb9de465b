package io.ponix.deviceservice.intake;

import com.google.protobuf.ByteString;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.intake.IntakeTrial;
import io.ponix.intake.Uplink;
import io.ponix.proto.intake.v1.EvaluateResponse;
import io.ponix.proto.intake.v1.NoReading;
import io.ponix.proto.intake.v1.Uplinks;
import io.ponix.proto.transform.v1.EvaluationCost;
import io.ponix.proto.transform.v1.EvaluationError;
import io.ponix.proto.transform.v1.EvaluationStage;
import io.ponix.proto.transform.v1.Issue;
import io.ponix.transforms.SourceExcerpt;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformLimits;
import java.util.List;

/** What a trial found, as a response. */
final class IntakeAnswer {

    private final TransformLimits limits;

    /** Answers for trials with the given limits. */
    IntakeAnswer(TransformLimits limits) {
        this.limits = limits;
    }

    /**
     * Returns the response.
     *
     * @param expression the one that was tried
     * @param organizationId whose uplinks are no error; empty for anyone's
     */
    EvaluateResponse of(String expression, IntakeTrial.Result result, String organizationId) {
        EvaluateResponse.Builder response =
                EvaluateResponse.newBuilder().addAllWarnings(issues(expression, result.warnings()));
        if (result.failure().isPresent()) {
            response.setError(error(expression, result.failure().get()));
        } else if (result.uplinks().isEmpty()) {
            response.setNoReading(NoReading.getDefaultInstance());
        } else if (result.uplinks().stream()
                .flatMap(uplink -> uplink.organizationId().stream())
                .anyMatch(id -> !organizationId.isEmpty() && !id.equals(organizationId))) {
            response.setError(
                    EvaluationError.newBuilder()
                            .setStage(EvaluationStage.EVALUATION_STAGE_OUTPUT)
                            .setMessage(
                                    "the message names another organization than the gateway's, "
                                            + organizationId));
        } else {
            Uplinks.Builder uplinks = Uplinks.newBuilder();
            result.uplinks().forEach(uplink -> uplinks.addUplinks(uplink(uplink)));
            response.setUplinks(uplinks);
        }
        if (result.failure()
                .map(failure -> failure.stage() != IntakeTrial.Stage.COMPILE)
                .orElse(true)) {
            response.setCost(
                    EvaluationCost.newBuilder()
                            .setFunctionWork(result.functionWork())
                            .setFunctionWorkLimit(limits.functionWork()));
        }
        return response.build();
    }

    private static EvaluationError error(String expression, IntakeTrial.Failure failure) {
        return EvaluationError.newBuilder()
                .setStage(
                        switch (failure.stage()) {
                            case COMPILE -> EvaluationStage.EVALUATION_STAGE_COMPILE;
                            case EVALUATE -> EvaluationStage.EVALUATION_STAGE_EVALUATE;
                            case OUTPUT -> EvaluationStage.EVALUATION_STAGE_OUTPUT;
                        })
                .setMessage(failure.message())
                .addAllIssues(issues(expression, failure.issues()))
                .setPath(failure.path().orElse(""))
                .build();
    }

    private static io.ponix.proto.intake.v1.Uplink uplink(Uplink uplink) {
        io.ponix.proto.intake.v1.Uplink.Builder message =
                io.ponix.proto.intake.v1.Uplink.newBuilder()
                        .setPayload(ByteString.copyFrom(uplink.payload()))
                        .setFPort(uplink.fPort())
                        .setOccurredAt(ProtoTimestamps.of(uplink.occurredAt()))
                        .putAllAttributes(uplink.attributes());
        uplink.organizationId().ifPresent(message::setOrganizationId);
        uplink.deviceId().ifPresent(message::setDeviceId);
        uplink.externalId().ifPresent(message::setExternalId);
        uplink.messageId().ifPresent(message::setMessageId);
        return message.build();
    }

    private static List<Issue> issues(
            String expression, List<TransformCompilationException.Issue> issues) {
        return issues.stream()
                .map(
                        each -> {
                            Issue.Builder issue =
                                    Issue.newBuilder()
                                            .setLine(each.line())
                                            .setColumn(each.column())
                                            .setMessage(each.message());
                            SourceExcerpt.of(expression, each)
                                    .ifPresent(
                                            excerpt ->
                                                    issue.setSourceLine(excerpt.line())
                                                            .setCaret(excerpt.caret()));
                            return issue.build();
                        })
                .toList();
    }
}
