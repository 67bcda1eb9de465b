package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.jobs.descriptor.JobDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The jobs that there are: those of the checkout, each in a folder below {@code jobs/} with a
 * {@linkplain JobDescriptor descriptor} among its resources, and any jar that has one.
 */
public final class JobCatalog {

    /** The job that is meant where none is named. */
    public static final String ENVELOPE_PIPELINE = "envelope-pipeline";

    /** The job of charging stations and the like. */
    public static final String METERED_SESSIONS = "metered-sessions";

    private final Path folder;

    /**
     * @param checkout the folder in which {@code jobs/} is
     */
    JobCatalog(Path checkout) {
        this.folder = checkout.resolve("jobs");
    }

    /** The jobs of this checkout, and any jar. */
    public static JobCatalog ofThisCheckout() {
        return new JobCatalog(Path.of(System.getProperty("ponix.root")));
    }

    /** The job that is meant where none is named. */
    public KnownJob envelopePipeline() {
        return find(ENVELOPE_PIPELINE);
    }

    /**
     * The jobs that are called so; the envelope pipeline where none is.
     *
     * @throws CommandException as {@link #find}, and where one is named twice
     */
    public List<KnownJob> findAll(List<String> references) {
        if (references.isEmpty()) {
            return List.of(envelopePipeline());
        }
        List<KnownJob> jobs = references.stream().map(this::find).toList();
        List<String> ids = jobs.stream().map(KnownJob::id).distinct().toList();
        if (ids.size() < jobs.size()) {
            throw CommandException.calledWrongly(
                    "--job names a job twice: " + String.join(", ", references));
        }
        return jobs;
    }

    /**
     * A job by its id, where it is one of the checkout's, or by the path of its jar.
     *
     * @throws CommandException where there is none; the message names those that there are
     */
    public KnownJob find(String reference) {
        if (reference.endsWith(".jar")) {
            return ofJar(Path.of(reference).toAbsolutePath().normalize());
        }
        List<KnownJob> jobs = all();
        return jobs.stream()
                .filter(job -> job.id().equals(reference))
                .findFirst()
                .orElseThrow(
                        () ->
                                CommandException.calledWrongly(
                                        "there is no job '"
                                                + reference
                                                + "'; there are "
                                                + jobs.stream()
                                                        .map(KnownJob::id)
                                                        .collect(Collectors.joining(", "))
                                                + ", and any jar with a "
                                                + JobDescriptor.RESOURCE));
    }

    private static KnownJob ofJar(Path jar) {
        try {
            return new KnownJob(jar.toString(), JobDescriptor.ofJar(jar), jar);
        } catch (NoSuchFileException e) {
            throw new CommandException("there is no job " + jar, e);
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException("the job " + jar + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** The jobs of the checkout, in the order of their folders. */
    public List<KnownJob> all() {
        List<KnownJob> jobs = new ArrayList<>();
        for (Path job : folders()) {
            Path file = job.resolve("src/main/resources").resolve(JobDescriptor.RESOURCE);
            if (Files.exists(file)) {
                try {
                    JobDescriptor descriptor = JobDescriptor.ofFile(file);
                    jobs.add(
                            new KnownJob(
                                    descriptor.id(),
                                    descriptor,
                                    job.resolve("target").resolve(descriptor.jar())));
                } catch (IOException | IllegalArgumentException e) {
                    throw new CommandException(e.getMessage(), e);
                }
            }
        }
        return jobs;
    }

    private List<Path> folders() {
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.sorted().toList();
        } catch (IOException e) {
            throw new CommandException(
                    "cannot look for jobs in " + folder + ": " + FileProblem.of(e), e);
        }
    }
}
