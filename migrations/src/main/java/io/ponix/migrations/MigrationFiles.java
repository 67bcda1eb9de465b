package io.ponix.migrations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads migration files, in goose's format: {@code <timestamp>_<description>.sql}, a line {@code --
 * +goose Up}, what applies the change, a line {@code -- +goose Down}, what undoes it.
 *
 * <p>A statement ends at a line whose last word before a comment ends with a semicolon; between
 * {@code -- +goose StatementBegin} and {@code -- +goose StatementEnd} it ends at the latter only.
 * Comment lines between statements are left out. {@code -- +goose NO TRANSACTION} is known; {@code
 * ENVSUB} is refused: what a migration does is in its file.
 *
 * <p>Stricter than goose where it would do something that nobody means: without a Down part, with a
 * statement that is not finished where another begins, and with a dollar-quoted body that is cut at
 * its first semicolon.
 */
final class MigrationFiles {

    private static final Pattern FILE_NAME = Pattern.compile("(\\d{14})_([A-Za-z0-9_]+)\\.sql");

    private MigrationFiles() {}

    /**
     * Reads the files of a folder.
     *
     * @throws MigrationException when there is no such folder; the message names {@code setting}
     */
    static List<Migration> inDirectory(Path directory, String setting) {
        if (!Files.isDirectory(directory)) {
            throw new MigrationException(
                    "There is no folder " + directory + " to read migrations from: see " + setting);
        }
        try {
            return read(directory);
        } catch (IOException exception) {
            throw new MigrationException(
                    "Cannot read the migrations in " + directory + " (" + setting + ")", exception);
        }
    }

    /** Reads the files packaged with this class, in the folder {@code name} beside it. */
    static List<Migration> packaged(String name) {
        URL folder = MigrationFiles.class.getResource(name);
        if (folder == null) {
            throw new IllegalStateException(
                    "The migrations of " + name + " are not packaged with " + MigrationFiles.class);
        }
        try {
            if (!folder.getProtocol().equals("jar")) {
                return read(Path.of(folder.toURI()));
            }
            JarURLConnection jar = (JarURLConnection) folder.openConnection();
            // A file system of our own: the one that newFileSystem(URI) makes is shared by the JVM
            // and fails when it is open.
            try (FileSystem files =
                    FileSystems.newFileSystem(Path.of(jar.getJarFileURL().toURI()))) {
                return read(files.getPath(jar.getEntryName()));
            }
        } catch (IOException exception) {
            throw new UncheckedIOException(
                    "Cannot read the packaged migrations " + folder, exception);
        } catch (URISyntaxException exception) {
            throw new IllegalStateException(
                    "Cannot read the packaged migrations " + folder, exception);
        }
    }

    private static List<Migration> read(Path directory) throws IOException {
        List<Migration> migrations = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".sql")).sorted().toList()) {
                Migration migration =
                        parse(file.getFileName().toString(), Files.readAllLines(file));
                if (!migrations.isEmpty()
                        && migrations.get(migrations.size() - 1).id() == migration.id()) {
                    throw new MigrationException(
                            "Two migrations have the same timestamp: "
                                    + migrations.get(migrations.size() - 1)
                                    + " and "
                                    + migration);
                }
                migrations.add(migration);
            }
        }
        return migrations;
    }

    /** Parses the lines of one file. */
    static Migration parse(String fileName, List<String> lines) {
        Matcher name = FILE_NAME.matcher(fileName);
        if (!name.matches()) {
            throw new MigrationException(
                    "Not the name of a migration: "
                            + fileName
                            + " (should be like 20261121093000_what_it_does.sql)");
        }
        MigrationParser parser = new MigrationParser(fileName);
        lines.forEach(parser::read);
        parser.end();
        return new Migration(
                Long.parseLong(name.group(1)),
                name.group(2).replace('_', ' '),
                fileName,
                parser.statements(Direction.UP),
                parser.statements(Direction.DOWN),
                parser.isTransactional());
    }
}
