package io.ponix.cli.stack;

import io.ponix.jobs.descriptor.JobDescriptor;
import java.nio.file.Path;
import java.util.List;

/**
 * A job that commands can submit.
 *
 * @param reference by which {@link JobCatalog#find} finds it again
 * @param jar the file that {@code flink run} is given
 */
public record KnownJob(String reference, JobDescriptor descriptor, Path jar) {

    /** By which a person calls it. */
    public String id() {
        return descriptor.id();
    }

    /** By which Flink knows it. */
    public String name() {
        return descriptor.name();
    }

    /** How {@code flink run} is told which program to submit; its own arguments follow. */
    public List<String> asProgram() {
        return List.of("-c", descriptor.mainClass(), jar.toString());
    }

    /** Whether it is the one that is meant where none is named. */
    public boolean isEnvelopePipeline() {
        return id().equals(JobCatalog.ENVELOPE_PIPELINE);
    }
}
