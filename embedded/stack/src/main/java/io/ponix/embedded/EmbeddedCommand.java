package io.ponix.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Any other program that belongs to the stack, started and found again like its servers: for
 * instance the device service.
 */
public final class EmbeddedCommand extends EmbeddedProcess {

    private final List<String> command;
    private final Map<String, String> environment;
    private final ReadinessCheck readiness;

    private EmbeddedCommand(Builder builder) {
        super(builder);
        this.command = builder.command;
        this.environment = builder.environment;
        this.readiness = builder.readiness;
    }

    /**
     * A builder; {@link Builder#home}, {@link Builder#port} and {@link Builder#command} are
     * required.
     *
     * @param name names the log and pid files: {@code device-service}
     * @param title as a person reads it: {@code device service}
     * @param portOption how a person changes the port: {@code --grpc-port}
     */
    public static Builder builder(String name, String title, String portOption) {
        return new Builder(name, title, portOption);
    }

    /** Asks a program whether it serves. */
    @FunctionalInterface
    public interface ReadinessCheck {
        /**
         * Returns if it does; within about a second.
         *
         * @throws IOException if it does not yet; the message is shown when the start times out
         */
        void check() throws IOException;
    }

    @Override
    ProcessSpecification prepare(int port) throws IOException {
        return new ProcessSpecification(command, environment, Files.createDirectories(home()));
    }

    @Override
    void checkServing(long pid, int port) throws IOException {
        readiness.check();
    }

    /** Builds an {@link EmbeddedCommand}. */
    public static final class Builder extends EmbeddedProcess.Builder<Builder> {

        private List<String> command = List.of();
        private final Map<String, String> environment = new HashMap<>();
        private ReadinessCheck readiness = () -> {};

        private Builder(String name, String title, String portOption) {
            super(name, title, portOption);
        }

        @Override
        Builder self() {
            return this;
        }

        /** Program and arguments. */
        public Builder command(List<String> programAndArguments) {
            this.command = List.copyOf(programAndArguments);
            return this;
        }

        /** A Java program in a runnable jar, on the Java that runs this. */
        public Builder javaProgram(Path jar, List<String> jvmOptions) {
            return command(
                    Stream.of(
                                    List.of(FlinkDistribution.java()),
                                    jvmOptions,
                                    List.of("-jar", jar.toString()))
                            .flatMap(List::stream)
                            .toList());
        }

        /** A variable added to the program's environment. */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Asked after the program was seen to listen on the port; by default that is enough. */
        public Builder readiness(ReadinessCheck check) {
            this.readiness = check;
            return this;
        }

        /** Builds the process without starting it. */
        public EmbeddedCommand build() {
            validatedHome();
            if (command.isEmpty()) {
                throw new IllegalArgumentException("command: a program is required");
            }
            if (requestedPort() == 0) {
                throw new IllegalArgumentException(
                        "port: the program must be told its port, so 0 cannot be chosen here");
            }
            return new EmbeddedCommand(this);
        }
    }
}
