package io.ponix.cli.program;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What went wrong with a file, as a person is told it. */
public final class FileProblem {

    private FileProblem() {}

    /** The file, where it is known, and the reason: Java has most reasons as names of classes. */
    public static String of(Exception exception) {
        Throwable problem =
                exception instanceof UncheckedIOException ? exception.getCause() : exception;
        if (problem instanceof FileSystemException known && known.getFile() != null) {
            return known.getFile() + ": " + reason(known);
        }
        return problem.getMessage() == null
                ? problem.getClass().getSimpleName()
                : problem.getMessage();
    }

    private static String reason(FileSystemException problem) {
        if (problem.getReason() != null) {
            return problem.getReason();
        }
        if (problem instanceof AccessDeniedException) {
            return "Permission denied";
        }
        if (problem instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (problem instanceof FileAlreadyExistsException
                || problem instanceof NotDirectoryException) {
            return "Not a directory";
        }
        return problem instanceof DirectoryNotEmptyException
                ? "Directory not empty"
                : problem.getClass().getSimpleName();
    }
}
