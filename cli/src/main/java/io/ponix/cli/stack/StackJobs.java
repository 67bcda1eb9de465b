package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Which jobs a stack has: those that {@code up} or {@code flink run} was told last, and the
 * envelope pipeline where neither was told any. The file lies in the stack's home.
 */
public final class StackJobs {

    private static final String FILE_NAME = "jobs";

    private static final String PUBLISH = "PONIX_PUBLISH_PROCESSED_ENVELOPES";

    private final Path home;
    private final JobCatalog catalog;

    public StackJobs(Path home, JobCatalog catalog) {
        this.home = home;
        this.catalog = catalog;
    }

    /**
     * The stack's jobs.
     *
     * @throws CommandException where one of them is not there any more
     */
    public List<KnownJob> all() {
        return catalog.findAll(references(home));
    }

    /**
     * Those of the stack's jobs that are there.
     *
     * @param missing told of each that is not
     */
    List<KnownJob> present(Consumer<String> missing) {
        List<KnownJob> present = new ArrayList<>();
        List<String> references = references(home);
        for (String reference :
                references.isEmpty() ? List.of(JobCatalog.ENVELOPE_PIPELINE) : references) {
            try {
                present.add(catalog.find(reference));
            } catch (CommandException e) {
                missing.accept(e.getMessage());
            }
        }
        return present;
    }

    /**
     * What the jobs are told as there are the others: the pipeline publishes what another one
     * reads, unless the environment says whether it does.
     *
     * @param environment what a person has said
     */
    public Map<String, String> environment(Map<String, String> environment) {
        boolean areRead = present(missing -> {}).stream().anyMatch(StackJobs::isReader);
        return areRead && environment.getOrDefault(PUBLISH, "").isBlank()
                ? Map.of(PUBLISH, "true")
                : Map.of();
    }

    /** Whether these, unlike those that the stack has, need what the pipeline may not publish. */
    boolean areFirstToRead(List<KnownJob> jobs) {
        return jobs.stream().anyMatch(StackJobs::isReader)
                && present(missing -> {}).stream().noneMatch(StackJobs::isReader);
    }

    private static boolean isReader(KnownJob job) {
        return job.descriptor().readsProcessedEnvelopes();
    }

    /** How many jobs the stack in a home has, whether they are all there or not; at least 1. */
    public static int count(Path home) {
        return Math.max(1, references(home).size());
    }

    /** From now on the stack has these, and no others. */
    void replaceBy(List<KnownJob> jobs) {
        write(jobs.stream().map(KnownJob::reference).toList());
    }

    /** From now on the stack has this one too. */
    public void add(KnownJob job) {
        List<KnownJob> jobs = new ArrayList<>(all());
        // A jar of another folder, perhaps.
        jobs.removeIf(other -> other.id().equals(job.id()));
        jobs.add(job);
        replaceBy(jobs);
    }

    private static List<String> references(Path home) {
        try {
            return Files.readAllLines(home.resolve(FILE_NAME));
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (IOException e) {
            throw new CommandException(
                    "cannot read " + home.resolve(FILE_NAME) + ": " + FileProblem.of(e), e);
        }
    }

    private void write(List<String> references) {
        try {
            Path written = Files.createTempFile(home, FILE_NAME, ".new");
            Files.write(written, references);
            Files.move(
                    written,
                    home.resolve(FILE_NAME),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandException("cannot write to " + home + ": " + FileProblem.of(e), e);
        }
    }
}
