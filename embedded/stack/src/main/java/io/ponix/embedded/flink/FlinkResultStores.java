package io.ponix.embedded.flink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where a JobManager notes, in its folder for high availability, which jobs have ended and are not
 * yet cleaned up ("dirty"), so that its successor does that and does not run them again.
 *
 * <p>Flink 2.3 cannot start from some of what it leaves there itself:
 *
 * <ul>
 *   <li>A job that fails before its tasks are scheduled, as for want of its savepoint, is noted
 *       without the application that each job belongs to, and that application never ends, so the
 *       note stays.
 *   <li>A JobManager killed between noting the end of a job and that of its application leaves a
 *       job whose application nobody knows.
 *   <li>A JobManager killed while it writes a note leaves half of it.
 * </ul>
 *
 * No JobManager starts after that. {@link #mend} makes of these notes what Flink would have made of
 * them, and the next JobManager cleans up. To take them away instead would let it run a job that
 * has ended.
 */
final class FlinkResultStores {

    /** Of a job that {@code flink run} submits the application has the same id. */
    private static final Pattern DIRTY = Pattern.compile("([0-9a-f]{32})_DIRTY\\.json");

    private static final String DIRTY_ENDING = "_DIRTY.json";

    private static final String SUCCEEDED = "SUCCEEDED";
    private static final String CANCELED = "CANCELED";
    private static final String FAILED = "FAILED";

    /** {@code UNKNOWN}, which Flink writes too, it cannot clean up. */
    private static final Set<String> JOB_STATES = Set.of(SUCCEEDED, CANCELED, FAILED);

    private static final Set<String> APPLICATION_STATES = Set.of("FINISHED", CANCELED, FAILED);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path jobs;
    private final Path applications;
    private final Path setAside;

    /**
     * @param folder the value of {@code high-availability.storageDir}
     */
    FlinkResultStores(Path folder) {
        this.jobs = folder.resolve("job-result-store").resolve("default");
        this.applications = folder.resolve("application-result-store").resolve("default");
        this.setAside = folder.resolve("set-aside");
    }

    /**
     * Completes what a JobManager could not start from; what cannot be read is kept in the folder
     * {@code set-aside}. To be called while no JobManager runs.
     *
     * @return what was done, a line for each note
     */
    List<String> mend() throws IOException {
        List<String> done = new ArrayList<>();
        for (Path file : dirtyFiles(applications)) {
            mendApplication(file, done);
        }
        for (Path file : dirtyFiles(jobs)) {
            mendJob(file, done);
        }
        return done;
    }

    private void mendApplication(Path file, List<String> done) throws IOException {
        Optional<String> id = id(file);
        ObjectNode result = readResult(file);
        if (id.isPresent()
                && text(result, "application-id").equals(id.get())
                && APPLICATION_STATES.contains(text(result, "application-state"))) {
            return;
        }
        setAside(file, done);
        if (id.isPresent()) {
            writeApplication(id.get(), "unknown", FAILED);
        }
    }

    private void mendJob(Path file, List<String> done) throws IOException {
        Optional<String> id = id(file);
        ObjectNode result = readResult(file);
        if (id.isEmpty()
                || !text(result, "id").equals(id.get())
                || !JOB_STATES.contains(text(result, "application-status"))) {
            setAside(file, done);
            if (id.isEmpty()) {
                return;
            }
            result = failedJob(id.get());
            write(file, result);
        }
        if (text(result, "application-id").isEmpty()) {
            result.put("application-id", id.get());
            write(file, result);
        }
        Path application = applications.resolve(id.get() + DIRTY_ENDING);
        if (text(result, "application-id").equals(id.get()) && !Files.exists(application)) {
            String state = text(result, "application-status");
            done.add(
                    "job "
                            + id.get()
                            + " had ended ("
                            + state
                            + cause(result)
                            + ") without being cleaned up: completed Flink's note, the JobManager goes on from there");
            writeApplication(
                    id.get(), text(result, "name"), state.equals(SUCCEEDED) ? "FINISHED" : state);
        }
    }

    private static List<Path> dirtyFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(DIRTY_ENDING))
                    .sorted()
                    .toList();
        }
    }

    private static Optional<String> id(Path file) {
        Matcher name = DIRTY.matcher(file.getFileName().toString());
        return name.matches() ? Optional.of(name.group(1)) : Optional.empty();
    }

    /** Empty where the file does not hold a result. */
    private static ObjectNode readResult(Path file) throws IOException {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            return root.get("result") instanceof ObjectNode result
                    ? result
                    : JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode();
        }
    }

    private static String text(ObjectNode result, String field) {
        return result.path(field).asText("");
    }

    /** The innermost cause, after a colon; nothing where none is recorded. */
    private static String cause(ObjectNode result) {
        String[] causes =
                result.path("failure-cause").path("stack-trace").asText("").split("Caused by: ");
        return causes[causes.length - 1].lines().findFirst().map(line -> ": " + line).orElse("");
    }

    /** Failed: then Flink keeps the job's retained checkpoints. */
    private static ObjectNode failedJob(String id) {
        ObjectNode result = JSON.createObjectNode();
        result.put("id", id);
        result.put("name", "unknown");
        result.put("application-status", FAILED);
        result.putObject("accumulator-results");
        result.put("net-runtime", 0);
        result.put("application-id", id);
        return result;
    }

    private void writeApplication(String id, String name, String state) throws IOException {
        ObjectNode result = JSON.createObjectNode();
        result.put("application-id", id);
        result.put("application-state", state);
        result.put("application-name", name);
        long now = System.currentTimeMillis();
        result.put("start-time", now);
        result.put("end-time", now);
        Files.createDirectories(applications);
        write(applications.resolve(id + DIRTY_ENDING), result);
    }

    /** Whole or not at all, whenever this process ends. */
    private static void write(Path file, ObjectNode result) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.set("result", result);
        root.put("version", 1);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, JSON.writeValueAsBytes(root));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void setAside(Path file, List<String> done) throws IOException {
        Path store = file.getParent().getParent();
        Path kept =
                Files.createDirectories(setAside)
                        .resolve(store.getFileName() + "-" + file.getFileName());
        Files.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
        done.add("Flink's note of an ended job cannot be read: it is kept as " + kept);
    }
}
