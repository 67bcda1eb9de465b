package io.ponix.deviceservice.gateway;

import com.google.rpc.BadRequest;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.intake.IntakeCompiler;
import io.ponix.intake.IntakePreset;
import io.ponix.transforms.TransformCompilationException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The condition under which it is stored what messages of a gateway mean: a bridge can read them.
 */
public final class GatewayIntake {

    private final IntakeCompiler compiler;

    GatewayIntake(IntakeCompiler compiler) {
        this.compiler = compiler;
    }

    /**
     * Makes sure that there is such a preset, or that none is named.
     *
     * @throws RequestException INVALID_ARGUMENT with the names there are
     */
    public static void requirePreset(String name) {
        if (name.isEmpty() || IntakePreset.named(name).isPresent()) {
            return;
        }
        String message =
                "Gateway intake preset must be one of "
                        + Arrays.stream(IntakePreset.values())
                                .map(IntakePreset::presetName)
                                .collect(Collectors.joining(", "))
                        + ", or left out";
        throw RequestException.invalidArgument("intake_preset", message);
    }

    /**
     * Makes sure that the expression compiles and may give an uplink, or that it is empty.
     *
     * @throws RequestException INVALID_ARGUMENT with line, column and message of every mistake
     */
    void requireExpression(String expression) {
        if (expression.isEmpty()) {
            return;
        }
        Optional<TransformCompilationException> neverAnUplink;
        try {
            neverAnUplink = compiler.neverAnUplink(expression);
        } catch (TransformCompilationException e) {
            throw refused("Intake expression does not compile:\n", e);
        }
        if (neverAnUplink.isPresent()) {
            throw refused(
                    "Intake expression gives no uplink, whatever the message:\n",
                    neverAnUplink.get());
        }
    }

    private static RequestException refused(String what, TransformCompilationException e) {
        BadRequest.Builder details = BadRequest.newBuilder();
        for (TransformCompilationException.Issue issue : e.issues()) {
            details.addFieldViolations(
                    BadRequest.FieldViolation.newBuilder()
                            .setField("intake_expression")
                            .setDescription(
                                    issue.line() + ":" + issue.column() + " " + issue.message()));
        }
        return RequestException.invalidArgument(what + e.getMessage(), details.build());
    }
}
