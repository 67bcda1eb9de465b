package io.ponix.bench.measurement;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class ProcessCpuTest {

    @Test
    void theNameMayHoldWhatSeparatesFields() {
        String stat =
                "42 (a) (b c) S 1 42 42 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0 500 1000 10";

        assertThat(ProcessCpu.ticks(stat)).isEqualTo(11 + 22 + 33 + 44);
    }

    @Test
    void whatThisProcessUsesIsSeen() {
        long pid = ProcessHandle.current().pid();
        long before = ProcessCpu.micros(pid);
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        while (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start
                < 100_000_000) {
            Thread.onSpinWait();
        }

        assertThat(ProcessCpu.micros(pid) - before).isGreaterThanOrEqualTo(80_000);
    }

    @Test
    void aProcessThatIsGoneUsesNothing() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();

        assertThat(ProcessCpu.micros(process.pid())).isZero();
    }
}
