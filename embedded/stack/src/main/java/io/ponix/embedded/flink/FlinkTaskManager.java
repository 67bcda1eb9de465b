package io.ponix.embedded.flink;

import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.HttpProbe;
import io.ponix.embedded.process.Ports;
import io.ponix.embedded.process.ProcessSpecification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TaskManager of a session cluster. It serves once the JobManager has registered this very
 * process.
 */
final class FlinkTaskManager extends EmbeddedProcess {

    private static final Pattern DATA_PORT = Pattern.compile("\"dataPort\":(\\d+)");

    /** Slots are reported a moment after the registration. */
    private static final Pattern SLOTS = Pattern.compile("\"slotsNumber\":[1-9]");

    private final FlinkJobManager jobManager;

    FlinkTaskManager(EmbeddedFlinkCluster.Builder builder, FlinkJobManager jobManager, int number) {
        super(builder, name(number), "Flink TaskManager " + number, 0);
        this.jobManager = jobManager;
    }

    static String name(int number) {
        return "taskmanager-" + number;
    }

    @Override
    protected boolean hasPort() {
        return false;
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        FlinkDistribution distribution = new FlinkDistribution(jobManager.configurationFolder());
        return new ProcessSpecification(
                distribution.daemon(
                        "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                        "GET_TM_RESOURCE_PARAMS",
                        logFile(),
                        Map.of("taskmanager.resource-id", name()),
                        jobManager.javaOptions("taskmanager"),
                        distribution.classArchive("taskmanager", name())),
                distribution.environment(),
                jobManager.configurationFolder().getParent());
    }

    @Override
    protected void afterStop() {
        jobManager.keepClassArchive("taskmanager", name());
    }

    @Override
    protected Path outputFile() {
        return home().resolve("logs").resolve(name() + ".out");
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        // Of a killed predecessor with the same id the JobManager goes on telling for a while: the
        // data port tells them apart. The list is asked, as the JobManager logs an error with its
        // stack for every question about a TaskManager that it does not know yet.
        String registered =
                description(
                        HttpProbe.get("http://localhost:" + jobManager.port() + "/taskmanagers"));
        Matcher dataPort = DATA_PORT.matcher(registered);
        if (!dataPort.find()
                || !SLOTS.matcher(registered).find()
                || !Ports.isListening(pid, Integer.parseInt(dataPort.group(1)))) {
            throw new IOException("the JobManager has not registered it yet");
        }
    }

    /** This TaskManager's part of the list, or nothing. */
    private String description(String list) {
        int start = list.indexOf("\"id\":\"" + name() + "\"");
        if (start < 0) {
            return "";
        }
        int next = list.indexOf("\"id\":", start + 1);
        return next < 0 ? list.substring(start) : list.substring(start, next);
    }
}
