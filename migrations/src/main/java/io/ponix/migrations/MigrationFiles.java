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
 * Reads migration files. The format is that of MyBatis Migrations: {@code
 * <timestamp>_<description>.sql}, what applies the change first, then a line {@code -- //@UNDO},
 * then what undoes it.
 *
 * <p>A statement ends at a semicolon at the end of a line, unless a {@code $$} body is open.
 * Comment lines between statements are left out.
 */
final class MigrationFiles {

    private static final Pattern FILE_NAME = Pattern.compile("(\\d{14})_([A-Za-z0-9_]+)\\.sql");
    private static final Pattern UNDO = Pattern.compile("\\s*--\\s*//\\s*@UNDO\\s*");

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
        int undo = 0;
        while (undo < lines.size() && !UNDO.matcher(lines.get(undo)).matches()) {
            undo++;
        }
        if (undo == lines.size()) {
            throw new MigrationException(
                    fileName + " has no line \"-- //@UNDO\" and so could not be undone");
        }
        return new Migration(
                Long.parseLong(name.group(1)),
                name.group(2).replace('_', ' '),
                fileName,
                statements(fileName, lines, 0, undo),
                statements(fileName, lines, undo + 1, lines.size()));
    }

    private static List<SqlStatement> statements(
            String fileName, List<String> lines, int from, int to) {
        List<SqlStatement> statements = new ArrayList<>();
        StringBuilder sql = new StringBuilder();
        int begin = 0;
        boolean inBody = false;
        for (int index = from; index < to; index++) {
            String line = lines.get(index).stripTrailing();
            if (sql.isEmpty()) {
                if (line.isBlank() || line.stripLeading().startsWith("--")) {
                    continue;
                }
                begin = index + 1;
            }
            for (int at = line.indexOf("$$"); at >= 0; at = line.indexOf("$$", at + 2)) {
                inBody = !inBody;
            }
            if (!inBody && line.endsWith(";")) {
                sql.append(line, 0, line.length() - 1);
                statements.add(new SqlStatement(sql.toString(), begin));
                sql.setLength(0);
            } else {
                sql.append(line).append('\n');
            }
        }
        if (!sql.isEmpty()) {
            throw new MigrationException(
                    fileName
                            + " line "
                            + begin
                            + ": the statement has no semicolon at the end of a line:\n"
                            + sql);
        }
        return statements;
    }
}
