package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Somebody else keeps the disk busy that all servers share: each of them waits for seconds until
 * what it wrote is on it, and answers nobody meanwhile.
 */
record BusyDiskFault() implements Fault {

    private static final Duration BUSY = Duration.ofSeconds(20);
    private static final int MEBIBYTE = 1 << 20;
    private static final int MEBIBYTES_PER_SYNC = 50;

    @Override
    public String id() {
        return "busy-disk";
    }

    @Override
    public String title() {
        return BUSY.toSeconds() + " s of others' synced writes to the disk";
    }

    @Override
    public void inject(ChaosStack stack, Load load, SplittableRandom random) {
        Path file = stack.process("nats").home().resolve("busy-disk");
        ByteBuffer written = ByteBuffer.allocateDirect(MEBIBYTE);
        long until = System.nanoTime() + BUSY.toNanos();
        try (FileChannel others =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            while (System.nanoTime() - until < 0) {
                for (int i = 0; i < MEBIBYTES_PER_SYNC; i++) {
                    others.write(written.clear(), (long) i * MEBIBYTE);
                }
                others.force(true);
            }
        } catch (IOException e) {
            throw new CommandException("cannot keep the disk busy: " + e.getMessage(), e);
        }
    }
}
