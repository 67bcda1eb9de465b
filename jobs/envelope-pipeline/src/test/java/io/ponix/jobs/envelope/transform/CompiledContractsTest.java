package io.ponix.jobs.envelope.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformLimits;
import org.junit.jupiter.api.Test;

class CompiledContractsTest {
    private static final int ROOM_FOR_ABOUT_TEN = 60_000;

    private final CompiledContracts compiled =
            new CompiledContracts(TransformLimits.DEFAULT, ROOM_FOR_ABOUT_TEN);

    @Test
    void dropsWhatWasNotUsedForTheLongestTime() throws Exception {
        compile(0);
        for (int i = 1; i <= 200; i++) {
            compile(i);
            assertThat(compiled.get(key(0))).as("used with every envelope").isNotNull();
        }
        assertThat(known(200)).isBetween(5, 15);
        assertThat(compiled.get(key(1))).isNull();
        assertThat(compiled.get(key(200))).isNotNull();

        JsonBuffer json = new JsonBuffer();
        compile(1).contracts().evaluate(new TransformInput(), json);
        assertThat(json).hasToString("{\"v\":1}");
    }

    @Test
    void whatIsForgottenMakesRoom() {
        for (int i = 0; i < 5; i++) {
            compile(i);
        }
        for (int i = 5; i < 1_000; i++) {
            compile(i);
            compiled.forget(key(i));
            compiled.forget(key(i));
        }
        assertThat(known(1_000)).isEqualTo(5);
    }

    @Test
    void whatDoesNotCompileTakesRoomToo() {
        for (int i = 0; i < 200; i++) {
            compiled.compile(key(i), "unknown" + i, false);
        }
        assertThat(known(200)).isBetween(5, 20);
    }

    @Test
    void oneThatIsLargerThanTheRoomIsStillCompiled() {
        String large = "{'v': '" + "x".repeat(20_000) + "'}";
        assertThat(compiled.compile(key(0), large, false).contracts()).isNotNull();
        assertThat(compiled.get(key(0))).isNotNull();
    }

    private CompiledContracts.Compilation compile(int number) {
        return compiled.compile(key(number), "{'v': " + number + "}", false);
    }

    private int known(int numbers) {
        int known = 0;
        for (int i = 0; i <= numbers; i++) {
            known += compiled.get(key(i)) != null ? 1 : 0;
        }
        return known;
    }

    private static TransformKey key(int number) {
        return TransformKey.of("key " + number);
    }
}
