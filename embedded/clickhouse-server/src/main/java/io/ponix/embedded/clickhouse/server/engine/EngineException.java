package io.ponix.embedded.clickhouse.server.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An error that ClickHouse reports: its numeric code and its message. */
public final class EngineException extends Exception {

    private static final long serialVersionUID = 1L;

    /** {@code UNKNOWN_EXCEPTION}: what the engine reports without a code. */
    public static final int UNKNOWN_EXCEPTION = 1002;

    private static final Pattern CODE = Pattern.compile("Code: (\\d+)\\. ");

    private final int code;

    private EngineException(int code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * An error in ClickHouse's own words, whose text begins with {@code Code: 60. DB::Exception:}.
     */
    public static EngineException parse(String message) {
        Matcher matcher = CODE.matcher(message);
        if (matcher.find()) {
            return new EngineException(Integer.parseInt(matcher.group(1)), message);
        }
        return of(UNKNOWN_EXCEPTION, message, "UNKNOWN_EXCEPTION");
    }

    /**
     * An error raised by the server around the engine, worded as ClickHouse does.
     *
     * @param name ClickHouse's name of the code, for example {@code SYNTAX_ERROR}
     */
    public static EngineException of(int code, String message, String name) {
        return new EngineException(
                code, "Code: " + code + ". DB::Exception: " + message + " (" + name + ")");
    }

    /** ClickHouse's numeric error code. */
    public int code() {
        return code;
    }

    /** The same error without a text that the server had put into the query. */
    EngineException without(String text) {
        return text.isEmpty() || !getMessage().contains(text)
                ? this
                : new EngineException(code, getMessage().replace(text, ""));
    }
}
