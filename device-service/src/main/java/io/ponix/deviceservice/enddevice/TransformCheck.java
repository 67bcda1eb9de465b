package io.ponix.deviceservice.enddevice;

import com.google.rpc.BadRequest;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompiler;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Refuses transforms that do not compile. Many devices share few transforms, and compiling takes
 * milliseconds: what was accepted lately is not compiled again. Safe for use by several threads at
 * once.
 */
final class TransformCheck {

    private static final int REMEMBERED = 1_000;

    /**
     * Longer expressions are compiled every time, so that what is remembered stays below some 20
     * MB.
     */
    private static final int LONGEST_REMEMBERED = 10_000;

    private final TransformCompiler compiler;

    private final Map<String, Boolean> accepted =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > REMEMBERED;
                }
            };

    TransformCheck(TransformCompiler compiler) {
        this.compiler = compiler;
    }

    /**
     * Returns if the expression compiles or is empty, which means that a device has none.
     *
     * @throws RequestException INVALID_ARGUMENT with line, column and message of every mistake
     */
    void require(String payloadConversion) {
        if (payloadConversion.isEmpty() || isRemembered(payloadConversion)) {
            return;
        }
        try {
            compiler.compile(payloadConversion);
        } catch (TransformCompilationException exception) {
            throw refusal(exception);
        }
        if (payloadConversion.length() <= LONGEST_REMEMBERED) {
            synchronized (accepted) {
                accepted.put(payloadConversion, true);
            }
        }
    }

    private boolean isRemembered(String payloadConversion) {
        synchronized (accepted) {
            // get, not containsKey: it counts as a use.
            return accepted.get(payloadConversion) != null;
        }
    }

    private static RequestException refusal(TransformCompilationException exception) {
        BadRequest.Builder details = BadRequest.newBuilder();
        for (TransformCompilationException.Issue issue : exception.issues()) {
            details.addFieldViolations(
                    BadRequest.FieldViolation.newBuilder()
                            .setField("payload_conversion")
                            .setDescription(
                                    issue.line() + ":" + issue.column() + " " + issue.message()));
        }
        return RequestException.invalidArgument(
                "Payload conversion does not compile:\n" + exception.getMessage(), details.build());
    }
}
