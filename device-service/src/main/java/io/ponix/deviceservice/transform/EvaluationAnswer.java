package io.ponix.deviceservice.transform;

import com.google.protobuf.Timestamp;
import io.ponix.proto.transform.v1.ContractPart;
import io.ponix.proto.transform.v1.EvaluateResponse;
import io.ponix.proto.transform.v1.EvaluatedRow;
import io.ponix.proto.transform.v1.EvaluationCost;
import io.ponix.proto.transform.v1.EvaluationError;
import io.ponix.proto.transform.v1.EvaluationStage;
import io.ponix.proto.transform.v1.Issue;
import io.ponix.proto.transform.v1.NoMatch;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.SourceExcerpt;
import io.ponix.transforms.TransformLimits;
import io.ponix.transforms.TransformTrial;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a trial found, as a response. */
final class EvaluationAnswer {

    private final TransformLimits limits;

    /** Answers for trials with the given limits. */
    EvaluationAnswer(TransformLimits limits) {
        this.limits = limits;
    }

    /**
     * Returns the response.
     *
     * @param alone whether a transform was tried, not contracts
     */
    EvaluateResponse of(TransformTrial.Result result, boolean alone) {
        EvaluateResponse.Builder response = EvaluateResponse.newBuilder();
        if (result.failure().isPresent()) {
            response.setError(error(result.failure().get(), result.json().orElse("")));
        } else if (result.json().isPresent()) {
            response.setJson(result.json().get());
            result.rows().forEach(row -> response.addRows(row(row)));
        } else {
            response.setNoMatch(NoMatch.getDefaultInstance());
        }
        if (!alone) {
            result.contract().ifPresent(response::setMatchedContract);
        }
        response.addAllWarnings(issues(result.warnings()));
        response.addAllRowWarnings(result.rowWarnings());
        response.setUsesPrevious(result.usesPrevious());
        boolean evaluated =
                result.failure()
                        .map(failure -> failure.stage() != TransformTrial.Stage.COMPILE)
                        .orElse(true);
        if (evaluated) {
            response.setCost(
                    EvaluationCost.newBuilder()
                            .setFunctionWork(result.functionWork())
                            .setFunctionWorkLimit(limits.functionWork())
                            .setOutputBytes(
                                    result.json()
                                            .map(json -> json.getBytes(StandardCharsets.UTF_8))
                                            .map(json -> json.length)
                                            .orElse(0))
                            .setOutputBytesLimit(limits.outputBytes()));
        }
        return response.build();
    }

    private static EvaluatedRow row(TransformTrial.Row row) {
        EvaluatedRow.Builder message = EvaluatedRow.newBuilder().setJson(row.json());
        row.occurredAt()
                .ifPresent(
                        time ->
                                message.setOccurredAt(
                                        Timestamp.newBuilder()
                                                .setSeconds(time.getEpochSecond())
                                                .setNanos(time.getNano())));
        return message.build();
    }

    private static EvaluationError error(TransformTrial.Failure failure, String refused) {
        EvaluationError.Builder error =
                EvaluationError.newBuilder()
                        .setStage(stage(failure.stage()))
                        .setMessage(failure.message())
                        .addAllIssues(issues(failure.findings()))
                        .setPath(failure.path().orElse(""))
                        .setRefusedJson(refused);
        failure.contract().ifPresent(error::setContract);
        return error.build();
    }

    private static EvaluationStage stage(TransformTrial.Stage stage) {
        return switch (stage) {
            case COMPILE -> EvaluationStage.EVALUATION_STAGE_COMPILE;
            case EVALUATE -> EvaluationStage.EVALUATION_STAGE_EVALUATE;
            case OUTPUT -> EvaluationStage.EVALUATION_STAGE_OUTPUT;
            case SCHEMA -> EvaluationStage.EVALUATION_STAGE_SCHEMA;
        };
    }

    private static ContractPart part(PayloadContract.Part part) {
        return switch (part) {
            case MATCH_EXPRESSION -> ContractPart.CONTRACT_PART_MATCH_EXPRESSION;
            case TRANSFORM_EXPRESSION -> ContractPart.CONTRACT_PART_TRANSFORM_EXPRESSION;
            case JSON_SCHEMA -> ContractPart.CONTRACT_PART_JSON_SCHEMA;
        };
    }

    private static List<Issue> issues(List<TransformTrial.Finding> findings) {
        return findings.stream()
                .map(
                        finding -> {
                            Issue.Builder issue =
                                    Issue.newBuilder()
                                            .setLine(finding.issue().line())
                                            .setColumn(finding.issue().column())
                                            .setMessage(finding.issue().message())
                                            .setContract(finding.contract())
                                            .setPart(part(finding.part()));
                            SourceExcerpt.of(finding.expression(), finding.issue())
                                    .ifPresent(
                                            excerpt ->
                                                    issue.setSourceLine(excerpt.line())
                                                            .setCaret(excerpt.caret()));
                            return issue.build();
                        })
                .toList();
    }
}
