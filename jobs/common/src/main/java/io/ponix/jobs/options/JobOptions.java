package io.ponix.jobs.options;

/** Everything that can be set of a job, as an object whose fields picocli fills. */
@FunctionalInterface
public interface JobOptions {

    /** Notes what cannot be used, once all options are read. */
    void validate(Problems problems);
}
