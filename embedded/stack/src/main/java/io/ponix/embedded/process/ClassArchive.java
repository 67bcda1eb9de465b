package io.ponix.embedded.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The classes of a Java program in the form in which the JVM has them in memory (<a
 * href="https://openjdk.org/jeps/350">JEP 350</a>): loading and verifying them takes a third of the
 * time that a program needs to start. The first run writes them when it ends, every later one maps
 * them.
 *
 * <p>An archive belongs to a JVM and to jars, which its name says; the JVM itself would not notice
 * everything. It is not used before it is whole and on the disk: of half an archive the JVM dies.
 */
public final class ClassArchive {

    private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

    /** The JVM would report every class that it leaves out and every archive that it cannot use. */
    private static final List<String> QUIET = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");

    /** CDS_DYNAMIC_ARCHIVE_MAGIC of JDK 17, little-endian; the header is written last. */
    private static final byte[] MAGIC = {(byte) 0xa8, (byte) 0xab, 0x0b, (byte) 0xf0};

    private static final int KEY_BYTES = 8;

    private final String program;
    private final Path archive;
    private final Path written;

    /**
     * @param classPath the jars that are the program's whole class path
     * @param archives where archives are kept
     * @param run a folder that no other run writes to
     * @param program a name for the program
     */
    public ClassArchive(List<Path> classPath, Path archives, Path run, String program)
            throws IOException {
        String name = program + "-" + key(classPath) + ".jsa";
        this.program = program;
        this.archive = archives.resolve(name);
        this.written = run.resolve(name);
    }

    /** What a run of the program is to be started with; {@link #keep} belongs after its end. */
    public List<String> options() throws IOException {
        Path folder = Files.createDirectories(written.getParent());
        // By a run that nobody stopped, perhaps from other jars.
        try (Stream<Path> left = Files.list(folder)) {
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
        }
        return isUsable() ? reading() : quiet("-XX:ArchiveClassesAtExit=" + written);
    }

    /** What another program of the same jars is to be started with, which writes nothing. */
    public List<String> optionsForOthers() {
        return isUsable() ? reading() : List.of();
    }

    private boolean isUsable() {
        // A colon in the option would separate two archives.
        return Files.exists(archive) && !archive.toString().contains(":");
    }

    private List<String> reading() {
        return quiet("-XX:SharedArchiveFile=" + archive);
    }

    private static List<String> quiet(String option) {
        return Stream.concat(Stream.of(option), QUIET.stream()).toList();
    }

    /** Keeps what a run that has ended has written. Costs a later start time if it fails. */
    public void keep() {
        try {
            if (!Files.exists(archive) && isWhole(written)) {
                putInPlace();
            }
        } catch (IOException e) {
            LOG.debug("The class archive {} is not kept", archive, e);
        }
        discard();
    }

    /** Deletes what a run that has ended has written. */
    public void discard() {
        try {
            Files.deleteIfExists(written);
            Files.deleteIfExists(written.getParent());
        } catch (IOException e) {
            LOG.debug("The class archive {} stays", written, e);
        }
    }

    private void putInPlace() throws IOException {
        Path folder = Files.createDirectories(archive.getParent());
        Path copy = Files.createTempFile(folder, archive.getFileName().toString(), ".new");
        // The JVM makes it read-only, a copy is not.
        Files.copy(written, copy, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(copy, archive, StandardCopyOption.ATOMIC_MOVE);
        deleteThoseOfOtherJars(folder);
    }

    /** Each is some 50 MB, and a build makes other jars. A JVM that has one mapped keeps it. */
    private void deleteThoseOfOtherJars(Path folder) throws IOException {
        Pattern name = Pattern.compile(Pattern.quote(program) + "-[0-9a-f]{16}\\.jsa");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> !each.equals(archive)).toList()) {
                if (name.matcher(file.getFileName().toString()).matches()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isWhole(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        }
    }

    /** Of the JVM and of the jars, as far as the JVM compares them: name, size and time. */
    private static String key(List<Path> classPath) throws IOException {
        StringBuilder text = new StringBuilder(System.getProperty("java.vm.version"));
        for (Path jar : classPath) {
            text.append('\n').append(jar).append(' ').append(Files.size(jar));
            text.append(' ').append(Files.getLastModifiedTime(jar).toMillis());
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, KEY_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
