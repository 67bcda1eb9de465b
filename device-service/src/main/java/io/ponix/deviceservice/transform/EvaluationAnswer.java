package io.ponix.deviceservice.transform;

import io.ponix.proto.transform.v1.EvaluateResponse;
import io.ponix.proto.transform.v1.EvaluationCost;
import io.ponix.proto.transform.v1.EvaluationError;
import io.ponix.proto.transform.v1.EvaluationStage;
import io.ponix.proto.transform.v1.Issue;
import io.ponix.transforms.SourceExcerpt;
import io.ponix.transforms.TransformCompilationException;
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

    EvaluateResponse of(String expression, TransformTrial.Result result) {
        EvaluateResponse.Builder response = EvaluateResponse.newBuilder();
        response.addAllWarnings(issues(expression, result.warnings()));
        result.json().ifPresent(response::setJson);
        result.failure()
                .ifPresent(
                        failure ->
                                response.setError(
                                        EvaluationError.newBuilder()
                                                .setStage(stage(failure.stage()))
                                                .setMessage(failure.message())
                                                .addAllIssues(issues(expression, failure.issues()))
                                                .setPath(failure.path().orElse(""))));
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

    private static EvaluationStage stage(TransformTrial.Stage stage) {
        return switch (stage) {
            case COMPILE -> EvaluationStage.EVALUATION_STAGE_COMPILE;
            case EVALUATE -> EvaluationStage.EVALUATION_STAGE_EVALUATE;
            case OUTPUT -> EvaluationStage.EVALUATION_STAGE_OUTPUT;
        };
    }

    private static List<Issue> issues(
            String expression, List<TransformCompilationException.Issue> issues) {
        return issues.stream()
                .map(
                        issue -> {
                            Issue.Builder message =
                                    Issue.newBuilder()
                                            .setLine(issue.line())
                                            .setColumn(issue.column())
                                            .setMessage(issue.message());
                            SourceExcerpt.of(expression, issue)
                                    .ifPresent(
                                            excerpt ->
                                                    message.setSourceLine(excerpt.line())
                                                            .setCaret(excerpt.caret()));
                            return message.build();
                        })
                .toList();
    }
}
