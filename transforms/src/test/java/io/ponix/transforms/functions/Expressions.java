package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.Transform;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformException.Kind;
import io.ponix.transforms.TransformInput;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Evaluates expressions of any type, as a person would try them. */
final class Expressions {
    private static final TransformCompiler COMPILER = TransformCompiler.create();
    private static final Map<String, Transform> TRANSFORMS = new ConcurrentHashMap<>();

    private Expressions() {}

    /** The JSON of an expression; the payload may hold spaces. */
    static String json(String expression, String payloadHex) throws Exception {
        byte[] payload = HexFormat.of().parseHex(payloadHex.replace(" ", ""));
        return json(expression, payload);
    }

    /** The JSON of an expression whose payload is text. */
    static String jsonOfText(String expression, String payload) throws Exception {
        return json(expression, payload.getBytes(StandardCharsets.UTF_8));
    }

    static String json(String expression, byte[] payload) throws Exception {
        JsonBuffer out = new JsonBuffer();
        Transform transform = TRANSFORMS.get(expression);
        if (transform == null) {
            transform = COMPILER.compile("{'v': " + expression + "}");
            TRANSFORMS.put(expression, transform);
        }
        transform.evaluate(new TransformInput().setPayload(payload), out);
        String json = out.toString();
        return json.substring("{\"v\":".length(), json.length() - 1);
    }

    /** The message with which an evaluation fails, after its line and column. */
    static String error(String expression, String payloadHex) {
        return error(expression, HexFormat.of().parseHex(payloadHex.replace(" ", "")));
    }

    static String error(String expression, byte[] payload) {
        TransformException e =
                catchThrowableOfType(TransformException.class, () -> json(expression, payload));
        assertThat(e).as("evaluated: %s", expression).isNotNull();
        assertThat(e.kind()).isEqualTo(Kind.EVALUATION_FAILED);
        assertThat(e.getMessage()).matches("(?s)\\d+:\\d+ .*");
        return e.getMessage().replaceFirst("^\\d+:\\d+ ", "");
    }
}
