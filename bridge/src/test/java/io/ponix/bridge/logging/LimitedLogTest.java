package io.ponix.bridge.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class LimitedLogTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Lines lines = new Lines();
    private final LimitedLog log = new LimitedLog(lines, "nonsense", 2, now::get);

    @Test
    void soManyAMinuteAreWrittenAndTheOthersCounted() {
        for (int i = 1; i <= 5; i++) {
            log.warn("line {} of {}", i, 5);
        }
        assertThat(lines.warnings).containsExactly("line 1 of 5", "line 2 of 5");

        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        log.warn("line {}", 6);

        assertThat(lines.warnings.subList(2, 4))
                .containsExactly("3 more lines about nonsense were left out", "line 6");
    }

    @Test
    void aQuietMinuteSaysNothing() {
        log.warn("one");
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        log.warn("two");

        assertThat(lines.warnings).containsExactly("one", "two");
    }

    private static final class Lines extends LegacyAbstractLogger {

        private static final long serialVersionUID = 1L;

        final transient List<String> warnings = new ArrayList<>();

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                Marker marker,
                String pattern,
                Object[] arguments,
                Throwable throwable) {
            warnings.add(MessageFormatter.basicArrayFormat(pattern, arguments));
        }
    }
}
