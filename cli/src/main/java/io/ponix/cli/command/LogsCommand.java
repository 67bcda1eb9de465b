package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.terminal.TextTable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ponix logs}: shows what the parts of the stack logged. */
@Command(
        name = "logs",
        description = "Show the log of a part of the stack, or list the logs.",
        footer = {
            "",
            "Examples:",
            "  ./ponix logs",
            "  ./ponix logs taskmanager-1 --lines 200",
            "  ./ponix logs device-service --follow"
        })
public final class LogsCommand implements Runnable {

    private static final String SUFFIX = ".log";
    private static final int POLL_MILLIS = 200;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    @Mixin private HomeOption home;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "The part, as ./ponix status names it.")
    private String name;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many of the last lines. Default: ${DEFAULT-VALUE}.")
    private int lines;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as the log grows, until Ctrl-C.")
    private boolean follow;

    @Override
    public void run() {
        OptionRange.check("--lines", lines, 1, Integer.MAX_VALUE);
        Path directory = home.runningDirectory().resolve("logs");
        try {
            if (name == null) {
                list(directory);
                return;
            }
            Path log = directory.resolve(name + SUFFIX);
            if (!Files.isRegularFile(log)) {
                throw new CommandException(
                        "no log "
                                + name
                                + " in "
                                + directory
                                + "; there are: "
                                + String.join(", ", names(directory)));
            }
            show(log);
        } catch (IOException e) {
            throw new CommandException(
                    "cannot read the logs in " + directory + ": " + FileProblem.of(e), e);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new CommandException(
                    "no logs in " + directory + "; start a stack with ./ponix up");
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(SUFFIX))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    private static void list(Path directory) throws IOException {
        TextTable table = new TextTable("NAME", ">BYTES", "LAST WRITTEN");
        for (String log : names(directory)) {
            Path file = directory.resolve(log + SUFFIX);
            Instant written = Files.getLastModifiedTime(file).toInstant();
            table.row(log, Files.size(file), TIME.format(written.atZone(ZoneId.systemDefault())));
        }
        table.print(System.out, "");
    }

    private void show(Path log) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(startOfLastLines(file, lines));
            byte[] buffer = new byte[64 * 1024];
            while (true) {
                int read = file.read(buffer);
                if (read > 0) {
                    System.out.write(buffer, 0, read);
                    System.out.flush();
                } else if (!follow) {
                    return;
                } else {
                    Thread.sleep(POLL_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads backwards, so that a log of gigabytes is as quick as a short one. */
    private static long startOfLastLines(RandomAccessFile file, int lines) throws IOException {
        byte[] block = new byte[64 * 1024];
        long end = file.length();
        int newlines = 0;
        long position = end;
        while (position > 0) {
            int length = (int) Math.min(block.length, position);
            position -= length;
            file.seek(position);
            file.readFully(block, 0, length);
            for (int index = length - 1; index >= 0; index--) {
                boolean closesLastLine = position + index == end - 1;
                if (block[index] == '\n' && !closesLastLine && ++newlines == lines) {
                    return position + index + 1;
                }
            }
        }
        return 0;
    }
}
