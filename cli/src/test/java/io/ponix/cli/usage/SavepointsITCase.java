package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixProcess;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The job ends with a savepoint, and goes on from there. */
@ExtendWith(RunningStack.Shared.class)
class SavepointsITCase {

    private static final Pattern SAVEPOINT = Pattern.compile("Path: (.+)");

    private final RunningStack stack;

    SavepointsITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void aSavepointResumesWithoutLossOrDoublingWhateverCameAfterIt() throws Exception {
        String before = stack.rows();
        stack.run("simulate", "--devices", "10", "--envelopes", "1000");
        stack.awaitRows(before, 1_000);
        Matcher savepoint = SAVEPOINT.matcher(stack.run("flink", "savepoint").output());
        assertThat(savepoint.find()).isTrue();

        // These rows are in the table, and after the savepoint: the resumed job reads them again.
        stack.run("simulate", "--devices", "10", "--envelopes", "500");
        stack.awaitRows(before, 1_500);
        stack.run("flink", "cancel");
        stack.run("simulate", "--devices", "10", "--envelopes", "500");
        stack.run("flink", "run", "-d", "-s", savepoint.group(1));

        stack.awaitRows(before, 2_000);
        assertThat(stack.rowsAndUniqueRows()).matches("(\\d+)\t\\1");
    }

    @Test
    void aMistypedSavepointIsNamedAndNothingIsSubmitted() throws Exception {
        String jobs = stack.run("flink", "list", "--all").output();
        PonixProcess.Outcome outcome = stack.ponix().run("flink", "run", "-d", "-s", "/nope");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors())
                .contains("there is no savepoint /nope", "flink/savepoints")
                .doesNotContain("\tat ");
        assertThat(stack.run("flink", "list", "--all").output()).isEqualTo(jobs);
    }

    @Test
    void downStopsWithASavepointAndUpGoesOnFromThere() throws Exception {
        String before = stack.rows();
        stack.run("simulate", "--devices", "10", "--envelopes", "300");
        assertThat(stack.run("down").errors()).contains("savepoint file:");

        // What was stopped with a savepoint is not for the JobManager to take up again.
        assertThat(stack.run("up").errors()).contains("submitting the job from savepoint-");
        stack.awaitRows(before, 300);
        assertThat(stack.rowsAndUniqueRows()).matches("(\\d+)\t\\1");
    }

    @Test
    void downRightAfterASubmissionStopsWithASavepointToo() throws Exception {
        String before = stack.rows();
        stack.run("simulate", "--devices", "10", "--envelopes", "300");
        stack.awaitRows(before, 300);
        Matcher savepoint = SAVEPOINT.matcher(stack.run("flink", "stop").output());
        assertThat(savepoint.find()).isTrue();
        stack.run("flink", "run", "-d", "-s", savepoint.group(1));

        assertThat(stack.run("down").errors()).contains("savepoint file:");

        assertThat(stack.run("up").errors()).contains("submitting the job from savepoint-");
        assertThat(stack.rowsAndUniqueRows()).matches("(\\d+)\t\\1");
    }
}
