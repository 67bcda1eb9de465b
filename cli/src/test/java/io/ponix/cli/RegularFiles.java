package io.ponix.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Files of a stack that runs: some of them are gone before they are looked at. */
public final class RegularFiles {

    private RegularFiles() {}

    /**
     * What the files below a folder hold, byte for character, by their names relative to it.
     *
     * @param names of those that are read
     */
    public static Map<String, String> below(Path folder, Predicate<String> names)
            throws IOException {
        Map<String, String> contents = new TreeMap<>();
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        String name = folder.relativize(file).toString();
                        if (attributes.isRegularFile() && names.test(name)) {
                            try {
                                contents.put(
                                        name, Files.readString(file, StandardCharsets.ISO_8859_1));
                            } catch (NoSuchFileException e) {
                                // As below.
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException problem)
                            throws IOException {
                        if (problem instanceof NoSuchFileException) {
                            // A checkpoint that was replaced meanwhile, or a log.
                            return FileVisitResult.CONTINUE;
                        }
                        throw problem;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path each, IOException problem)
                            throws IOException {
                        return problem instanceof NoSuchFileException
                                ? FileVisitResult.CONTINUE
                                : super.postVisitDirectory(each, problem);
                    }
                });
        return contents;
    }
}
