package io.ponix.jobs.descriptor;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What commands, images and tests know of a job without running it: the file {@value #RESOURCE} of
 * its jar, with these properties, all but the last of which have to be there.
 *
 * @param id by which a person calls it: lower-case letters, digits and {@code -}
 * @param name by which Flink's dashboard shows it
 * @param jar name of the file that {@code flink run} is given
 * @param mainClass its main class
 * @param uids of its operators; savepoints name their state by them, so that one never changes, nor
 *     is it given to another operator
 * @param readsProcessedEnvelopes whether it reads the decoded envelopes that the envelope pipeline
 *     publishes where it is told to; without the property it does not
 */
public record JobDescriptor(
        String id,
        String name,
        String jar,
        String mainClass,
        Set<String> uids,
        boolean readsProcessedEnvelopes) {

    /** Where it is in the jar, and below the resources of the job's sources. */
    public static final String RESOURCE = "META-INF/ponix/job.properties";

    /** Parts are checked: a descriptor that lacks one is none. */
    public JobDescriptor {
        require("id", id, "[a-z0-9]+(-[a-z0-9]+)*");
        require("name", name, ".+");
        require("jar", jar, "[^/]+\\.jar");
        require("main-class", mainClass, "[\\w.$]+");
        uids = Set.copyOf(uids);
        if (uids.isEmpty()) {
            throw new IllegalArgumentException("uids: there has to be at least one");
        }
    }

    /**
     * The descriptor of the job whose main class this is, from the class path.
     *
     * @throws IllegalStateException where the job's jar or folder has none
     */
    public static JobDescriptor of(Class<?> mainClass) {
        try {
            // Where several jobs are on the class path each has its own.
            for (URL url : resources(mainClass.getClassLoader())) {
                JobDescriptor descriptor = read(url.toString(), url.openStream());
                if (descriptor.mainClass().equals(mainClass.getName())) {
                    return descriptor;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException(
                "No " + RESOURCE + " has main-class " + mainClass.getName());
    }

    private static List<URL> resources(ClassLoader loader) throws IOException {
        return Collections.list(loader.getResources(RESOURCE));
    }

    /**
     * The descriptor of a job's jar.
     *
     * @throws NoSuchFileException where there is no such jar
     * @throws IOException if it cannot be read; the message says which file it is
     * @throws IllegalArgumentException if it is no job's, or what is said of the job means nothing
     */
    public static JobDescriptor ofJar(Path jar) throws IOException {
        if (!Files.exists(jar)) {
            throw new NoSuchFileException(jar.toString());
        }
        try (ZipFile file = new ZipFile(jar.toFile())) {
            ZipEntry entry = file.getEntry(RESOURCE);
            if (entry == null) {
                throw new IllegalArgumentException(jar + " is no job's jar: it has no " + RESOURCE);
            }
            return read(jar.toString(), file.getInputStream(entry));
        }
    }

    /**
     * The descriptor that a file holds.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if what it says means nothing
     */
    public static JobDescriptor ofFile(Path file) throws IOException {
        return read(file.toString(), Files.newInputStream(file));
    }

    private static JobDescriptor read(String source, InputStream input) throws IOException {
        Properties properties = new Properties();
        try (input) {
            properties.load(new InputStreamReader(input, StandardCharsets.UTF_8));
        }
        try {
            return new JobDescriptor(
                    properties.getProperty("id", ""),
                    properties.getProperty("name", ""),
                    properties.getProperty("jar", ""),
                    properties.getProperty("main-class", ""),
                    Set.copyOf(uids(properties.getProperty("uids", ""))),
                    isTrue(properties, "reads-processed-envelopes"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The job of " + source + ": " + e.getMessage(), e);
        }
    }

    private static boolean isTrue(Properties properties, String key) {
        String value = properties.getProperty(key, "false");
        require(key, value, "true|false");
        return value.equals("true");
    }

    private static List<String> uids(String text) {
        List<String> uids = new ArrayList<>();
        Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(uid -> !uid.isEmpty())
                .forEach(uids::add);
        return uids;
    }

    /**
     * Whether a savepoint or checkpoint is of this job, of whatever version: it names more than
     * half of its operators.
     *
     * @param metadata content of the file {@code _metadata}
     */
    public boolean isNamedIn(byte[] metadata) {
        String text = new String(metadata, StandardCharsets.ISO_8859_1);
        long named = uids.stream().filter(uid -> text.contains(written(uid))).count();
        return named * 2 > uids.size();
    }

    /** As {@link java.io.DataOutput#writeUTF} writes it: the length goes before the characters. */
    private static String written(String uid) {
        byte[] bytes = uid.getBytes(StandardCharsets.UTF_8);
        return ""
                + (char) (bytes.length >> 8)
                + (char) (bytes.length & 0xff)
                + new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void require(String key, String value, String pattern) {
        if (!value.matches(pattern)) {
            throw new IllegalArgumentException(
                    value.isEmpty() ? key + " is missing" : key + " cannot be '" + value + "'");
        }
    }
}
