package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobArgumentsTest {

    private static final String RUNNING = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "fedcba9876543210fedcba9876543210";
    private static final String HERE = "file:" + Path.of("").toAbsolutePath();

    @Test
    void theRunningJobIsPutInWhereNoneIsNamed() {
        assertThat(completed("savepoint")).isEqualTo("savepoint " + RUNNING);
        assertThat(completed("savepoint /sp")).isEqualTo("savepoint " + RUNNING + " file:/sp");
        assertThat(completed("savepoint -type native"))
                .isEqualTo("savepoint " + RUNNING + " -type native");
        assertThat(completed("stop --drain")).isEqualTo("stop --drain " + RUNNING);
        assertThat(completed("cancel -s")).isEqualTo("cancel -s " + RUNNING);
    }

    @Test
    void aJobThatIsNamedStays() {
        assertThat(completed("savepoint " + OTHER)).isEqualTo("savepoint " + OTHER);
        assertThat(completed("cancel -s " + OTHER)).isEqualTo("cancel -s " + OTHER);
        assertThat(completed("stop -m localhost:8081 " + OTHER))
                .isEqualTo("stop -m localhost:8081 " + OTHER);
    }

    /** The JobManager would take it from its own folder. */
    @Test
    void aFolderIsMeantFromWhereThePersonIs() {
        assertThat(completed("savepoint " + OTHER + " sp"))
                .isEqualTo("savepoint " + OTHER + " " + HERE + "/sp");
        assertThat(completed("savepoint ./sp"))
                .isEqualTo("savepoint " + RUNNING + " " + HERE + "/sp");
        assertThat(completed("stop -p sp")).isEqualTo("stop -p " + HERE + "/sp " + RUNNING);
        assertThat(completed("stop --savepointPath=sp " + OTHER))
                .isEqualTo("stop --savepointPath=" + HERE + "/sp " + OTHER);
        assertThat(completed("cancel -s sp " + OTHER))
                .isEqualTo("cancel -s " + HERE + "/sp " + OTHER);
        assertThat(completed("savepoint s3://bucket/sp"))
                .isEqualTo("savepoint " + RUNNING + " s3://bucket/sp");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "savepoint nope",
                "savepoint 0123456789abcdef0123456789abcde",
                "savepoint 0123456789ABCDEF0123456789ABCDEF",
                "savepoint nope " + OTHER,
                "stop nope",
                "stop /nope",
                "stop --drain nope",
                "cancel nope",
                "cancel -s /sp nope"
            })
    void whatStandsInTheJobsPlaceAndIsNoneIsRefused(String line) {
        assertThatThrownBy(() -> completed(line))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("is no job id, which has 32 hexadecimal digits")
                .hasMessageContaining("./ponix flink list");
    }

    private static String completed(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
        JobArguments.complete(arguments, () -> RUNNING);
        return String.join(" ", arguments);
    }
}
