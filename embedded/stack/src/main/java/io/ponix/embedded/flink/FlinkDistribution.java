package io.ponix.embedded.flink;

import io.ponix.embedded.install.FlinkFolder;
import io.ponix.embedded.process.ClassArchive;
import io.ponix.embedded.process.CommandRunner;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.embedded.process.JavaProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Flink that the build put together: how its programs are executed, the way Flink's own start
 * scripts do.
 */
final class FlinkDistribution {

    /** What BashJavaUtils puts before the lines that count; the others are logging. */
    private static final String RESULT_PREFIX = "BASH_JAVA_UTILS_EXEC_RESULT:";

    private final FlinkFolder folder = FlinkFolder.locate();
    private final Path configurationFolder;

    FlinkDistribution(Path configurationFolder) {
        this.configurationFolder = configurationFolder;
    }

    /**
     * The command of a JobManager or TaskManager.
     *
     * @param mainClass the entry point
     * @param resources which of BashJavaUtils's commands computes the memory settings
     * @param log the log file
     * @param options entries that override the configuration
     * @param archive the program's
     */
    List<String> daemon(
            String mainClass,
            String resources,
            Path log,
            Map<String, String> options,
            String javaOptions,
            ClassArchive archive)
            throws IOException {
        List<String> resourceParameters = resourceParameters(resources, archive);
        List<String> command = new ArrayList<>(List.of(JavaProgram.path()));
        command.addAll(archive.options());
        command.addAll(words(resourceParameters.get(0)));
        command.addAll(words(javaOptions));
        command.add("-Dlog.file=" + log);
        command.add(
                "-Dlog4j.configurationFile="
                        + configurationFolder.resolve("log4j.properties").toUri());
        command.addAll(
                List.of(
                        "-cp",
                        folder.classpath(),
                        mainClass,
                        "--configDir",
                        configurationFolder.toString()));
        command.addAll(words(resourceParameters.get(1)));
        options.forEach((key, value) -> command.addAll(List.of("-D", key + "=" + value)));
        return command;
    }

    /** The command of Flink's command line client. */
    List<String> client(List<String> arguments, Path log, String javaOptions, ClassArchive archive)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(JavaProgram.path()));
        command.addAll(archive.options());
        command.addAll(words(javaOptions));
        command.add("-Dlog.file=" + log);
        command.add(
                "-Dlog4j.configurationFile="
                        + configurationFolder.resolve("log4j-cli.properties").toUri());
        command.addAll(
                List.of("-cp", folder.classpath(), "org.apache.flink.client.cli.CliFrontend"));
        command.addAll(arguments);
        return command;
    }

    /**
     * The archive of a program's classes, kept beside the distribution.
     *
     * @param program a name for the program
     * @param run a name that no other process of the same home has at the same time
     */
    ClassArchive classArchive(String program, String run) throws IOException {
        return folder.classArchive(
                program, configurationFolder.resolveSibling("class-archives").resolve(run));
    }

    Map<String, String> environment() {
        return Map.of(
                "FLINK_CONF_DIR",
                configurationFolder.toString(),
                "FLINK_LIB_DIR",
                folder.lib().toString(),
                "FLINK_PLUGINS_DIR",
                folder.plugins().toString());
    }

    /**
     * JVM parameters (first) and dynamic properties (second), computed by Flink from its
     * configuration.
     */
    private List<String> resourceParameters(String resources, ClassArchive archive) {
        List<String> command = new ArrayList<>(List.of(JavaProgram.path()));
        command.addAll(archive.optionsForOthers());
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        folder.classpath(),
                        "org.apache.flink.runtime.util.bash.BashJavaUtils",
                        resources,
                        "--configDir",
                        configurationFolder.toString()));
        CommandRunner.Result result = CommandRunner.run(configurationFolder, command);
        List<String> lines =
                result.output()
                        .lines()
                        .filter(line -> line.startsWith(RESULT_PREFIX))
                        .map(line -> line.substring(RESULT_PREFIX.length()))
                        .toList();
        if (!result.succeeded() || lines.size() != 2) {
            throw new EmbeddedProcessException(
                    "Flink refuses the memory settings in flink-conf/config.yaml:\n"
                            + result.output().strip().indent(2).stripTrailing());
        }
        return lines;
    }

    private static List<String> words(String line) {
        return line.isBlank() ? List.of() : List.of(line.strip().split("\\s+"));
    }
}
