package io.ponix.jobs.options;

import java.time.Duration;
import java.util.Optional;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Read durations and sizes in the notation of Flink's own configuration. */
public final class Converters {

    private Converters() {}

    /** {@code 500 ms}, {@code 10 s}, {@code 2 min}, {@code 24 h}. */
    public static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            try {
                return TimeUtils.parseDuration(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "'" + value + "' is not a duration such as 500ms, 10s, 2min or 24h");
            }
        }
    }

    /** A duration, or {@code unlimited}. */
    public static final class RetentionConverter implements ITypeConverter<Retention> {
        @Override
        public Retention convert(String value) {
            try {
                return value.strip().equalsIgnoreCase(Retention.UNLIMITED)
                        ? Retention.FOR_EVER
                        : new Retention(Optional.of(TimeUtils.parseDuration(value)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "'" + value + "' is neither unlimited nor a duration such as 36h or 30d");
            }
        }
    }

    /** {@code 512 kb}, {@code 32 mb}; binary units. */
    public static final class MemorySizeConverter implements ITypeConverter<MemorySize> {
        @Override
        public MemorySize convert(String value) {
            try {
                return MemorySize.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "'" + value + "' is not a size such as 512kb, 32mb or 1gb");
            }
        }
    }
}
