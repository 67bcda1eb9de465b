package io.ponix.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the command line asks of Flink's REST API. */
public final class FlinkRest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** As Java prints it before a message: packages, the class, and a colon where one follows. */
    private static final Pattern EXCEPTION_NAME =
            Pattern.compile("(?:[a-z_][\\w]*\\.)+(?:\\w+\\$)*([A-Z]\\w*)(?::\\s|:?$)");

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;

    /**
     * @param url the dashboard's address, {@code http://host:port}
     */
    public FlinkRest(String url) {
        this.url = url;
    }

    /**
     * A job as the cluster knows it.
     *
     * @param id 32 hexadecimal digits
     * @param name as submitted
     * @param state Flink's job status, for instance RUNNING
     * @param startTime milliseconds since the epoch
     * @param runningTasks tasks in state RUNNING
     * @param totalTasks tasks of the job
     */
    public record Job(
            String id,
            String name,
            String state,
            long startTime,
            int runningTasks,
            int totalTasks) {

        /** Whether the job and every one of its tasks run. */
        public boolean isFullyRunning() {
            return state.equals("RUNNING") && runningTasks == totalTasks;
        }

        /** Whether the job holds, or will hold again, slots of the cluster. */
        public boolean isActive() {
            return switch (state) {
                case "FINISHED", "CANCELED", "FAILED", "SUSPENDED" -> false;
                default -> true;
            };
        }

        /**
         * Whether its JobManager no longer leads the cluster, and whoever does next will take the
         * job up again.
         */
        public boolean isSuspended() {
            return state.equals("SUSPENDED");
        }
    }

    /**
     * Checkpoints of a job since it was submitted.
     *
     * @param completed how many completed
     * @param failing whether the latest that ended failed; while the tasks of a job start, each
     *     does
     * @param latestDuration how long the latest took, in milliseconds; 0 before the first
     * @param latestSize bytes of the latest
     */
    public record Checkpoints(
            long completed, boolean failing, long latestDuration, long latestSize) {}

    /**
     * A completed checkpoint.
     *
     * @param id its number, growing within a job
     * @param triggeredAt milliseconds since the epoch
     * @param duration from trigger to completion, in milliseconds
     * @param size bytes
     */
    public record CompletedCheckpoint(long id, long triggeredAt, long duration, long size) {}

    /**
     * Nobody leads the cluster at the moment, as after ZooKeeper was away. It passes where both
     * ZooKeeper and the JobManager run.
     */
    public static final class NoLeaderException extends CommandException {

        private static final long serialVersionUID = 1L;

        NoLeaderException(String answer) {
            super(answer);
        }
    }

    /** Every job the cluster remembers. */
    public List<Job> jobs() {
        List<Job> jobs = new ArrayList<>();
        for (JsonNode job : get("/jobs/overview").path("jobs")) {
            jobs.add(
                    new Job(
                            job.path("jid").asText(),
                            job.path("name").asText(),
                            job.path("state").asText(),
                            job.path("start-time").asLong(),
                            job.path("tasks").path("running").asInt(),
                            job.path("tasks").path("total").asInt()));
        }
        return jobs;
    }

    /** The jobs with a name, active or not, the newest first: Flink lists them in no order. */
    public List<Job> jobs(String name) {
        return jobs().stream()
                .filter(job -> job.name().equals(name))
                .sorted(Comparator.comparingLong(Job::startTime).reversed())
                .toList();
    }

    /** The newest active job with a name. */
    public Optional<Job> activeJob(String name) {
        return jobs(name).stream().filter(Job::isActive).findFirst();
    }

    /** The slots of all TaskManagers that have reported, whether taken or free. */
    public int slots() {
        return get("/overview").path("slots-total").asInt();
    }

    /** The checkpoints of a job. */
    public Checkpoints checkpoints(String jobId) {
        JsonNode checkpoints = get("/jobs/" + jobId + "/checkpoints");
        JsonNode latest = checkpoints.path("latest").path("completed");
        return new Checkpoints(
                checkpoints.path("counts").path("completed").asLong(),
                checkpoints.path("latest").path("failed").path("id").asLong(0)
                        > latest.path("id").asLong(0),
                latest.path("end_to_end_duration").asLong(),
                latest.path("state_size").asLong());
    }

    /** The latest completed checkpoints of a job, as many as the JobManager remembers. */
    public List<CompletedCheckpoint> recentCheckpoints(String jobId) {
        List<CompletedCheckpoint> completed = new ArrayList<>();
        for (JsonNode checkpoint : get("/jobs/" + jobId + "/checkpoints").path("history")) {
            if (checkpoint.path("status").asText().equals("COMPLETED")) {
                completed.add(
                        new CompletedCheckpoint(
                                checkpoint.path("id").asLong(),
                                checkpoint.path("trigger_timestamp").asLong(),
                                checkpoint.path("end_to_end_duration").asLong(),
                                checkpoint.path("state_size").asLong()));
            }
        }
        return completed;
    }

    /** How often a job restarted after a failure. */
    public long restarts(String jobId) {
        for (JsonNode metric : get("/jobs/" + jobId + "/metrics?get=numRestarts")) {
            return metric.path("value").asLong();
        }
        return 0;
    }

    /** The root cause of a job's latest failure, its message in one line. */
    public Optional<String> latestFailure(String jobId) {
        JsonNode entries =
                get("/jobs/" + jobId + "/exceptions").path("exceptionHistory").path("entries");
        String stack = entries.path(0).path("stacktrace").asText("");
        if (stack.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(rootCause(stack));
    }

    /**
     * The message of a stack trace's root cause in one line; where that is no sentence, behind the
     * exception's name, which then says more.
     */
    static String rootCause(String stack) {
        int cause = stack.lastIndexOf("Caused by: ");
        String line =
                stack.substring(Math.max(cause, 0))
                        .lines()
                        .takeWhile(each -> !each.startsWith("\t"))
                        .map(String::strip)
                        .collect(Collectors.joining(" "))
                        .replace("Caused by: ", "");
        Matcher named = EXCEPTION_NAME.matcher(line);
        if (!named.lookingAt()) {
            return line;
        }
        String message = line.substring(named.end());
        return message.contains(" ")
                ? message
                : message.isEmpty() ? named.group(1) : named.group(1) + ": " + message;
    }

    /**
     * The sum of an operator's metric over all vertices and subtasks of a job.
     *
     * @param metric the metric's own name, the last part of its identifier
     * @return empty where no task reports it, as while the tasks start or are gone
     */
    public OptionalLong sumOfMetric(String jobId, String metric) {
        boolean reported = false;
        long sum = 0;
        for (JsonNode vertex : get("/jobs/" + jobId).path("vertices")) {
            String metrics =
                    "/jobs/"
                            + jobId
                            + "/vertices/"
                            + vertex.path("id").asText()
                            + "/subtasks/metrics";
            List<String> identifiers = new ArrayList<>();
            for (JsonNode identifier : get(metrics)) {
                String id = identifier.path("id").asText();
                if (id.endsWith("." + metric)) {
                    identifiers.add(URLEncoder.encode(id, StandardCharsets.UTF_8));
                }
            }
            if (!identifiers.isEmpty()) {
                for (JsonNode value :
                        get(metrics + "?agg=sum&get=" + String.join(",", identifiers))) {
                    sum += Math.round(value.path("sum").asDouble());
                    reported = true;
                }
            }
        }
        return reported ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    /**
     * As {@link #sumOfMetric}, of a job whose tasks run. The JobManager asks them for their metrics
     * only when it is asked itself, and answers before they have: nothing at first.
     *
     * @param longest how long to wait for any
     */
    public OptionalLong awaitSumOfMetric(String jobId, String metric, Duration longest) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (true) {
            OptionalLong sum = sumOfMetric(jobId, metric);
            if (sum.isPresent() || System.nanoTime() > deadline) {
                return sum;
            }
            Polling.pause();
        }
    }

    /**
     * Stops a job with a savepoint in the cluster's savepoint folder, without draining it.
     *
     * @return where the savepoint is
     * @throws CommandException when the savepoint fails, or is not there in time
     */
    public String stopWithSavepoint(String jobId, Duration timeout) {
        String trigger =
                send(request("/jobs/" + jobId + "/stop")
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"drain\": false}")))
                        .path("request-id")
                        .asText();
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline) {
            JsonNode savepoint = get("/jobs/" + jobId + "/savepoints/" + trigger);
            if (savepoint.path("status").path("id").asText().equals("COMPLETED")) {
                JsonNode operation = savepoint.path("operation");
                if (operation.has("failure-cause")) {
                    String stack = operation.path("failure-cause").path("stack-trace").asText("");
                    throw new CommandException(
                            stack.isEmpty() ? "the savepoint failed" : rootCause(stack));
                }
                return operation.path("location").asText();
            }
            Polling.pause();
        }
        throw new CommandException("it is not there after " + timeout.toSeconds() + " s");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT);
    }

    private JsonNode get(String path) {
        return send(request(path));
    }

    private JsonNode send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<byte[]> response =
                    client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() / 100 != 2) {
                String answer =
                        "Flink's REST API answered "
                                + response.statusCode()
                                + " to "
                                + request.uri().getPath()
                                + ": "
                                + new String(response.body(), StandardCharsets.UTF_8).strip();
                throw switch (response.statusCode()) {
                    // While one leader gives way to the next it is either of them.
                    case HttpURLConnection.HTTP_UNAVAILABLE,
                            HttpURLConnection.HTTP_INTERNAL_ERROR ->
                            new NoLeaderException(answer);
                    default -> new CommandException(answer);
                };
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new CommandException(
                    "the Flink JobManager does not answer at "
                            + url
                            + "; is the stack up? ./ponix status",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
