package io.ponix.embedded.install;

import io.ponix.embedded.process.CommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fetches Debian's packages into a folder of ours. Needs no privileges and changes nothing in the
 * system.
 */
public final class AptGet {

    private final Path work;
    private List<String> options = List.of();

    /**
     * @param work an empty folder, for what is downloaded and on the way
     */
    public AptGet(Path work) {
        this.work = work;
    }

    /** Downloads packages, as files in the folder. */
    public CommandRunner.Result download(List<String> packages) throws IOException {
        return run(Stream.concat(Stream.of("download"), packages.stream()).toList());
    }

    /** Tells what would be installed, a line each, for a package and what it needs. */
    CommandRunner.Result simulateInstall(String packageName) throws IOException {
        return run(List.of("--simulate", "--no-install-recommends", "install", packageName));
    }

    private CommandRunner.Result run(List<String> arguments) throws IOException {
        CommandRunner.Result result = runWithOptions(arguments);
        if (!result.succeeded() && options.isEmpty()) {
            CommandRunner.Result update = useOwnLists();
            return update.succeeded() ? runWithOptions(arguments) : update;
        }
        return result;
    }

    /** Where the system has no package lists, fetches them into the folder. */
    private CommandRunner.Result useOwnLists() throws IOException {
        Files.createDirectories(work.resolve("lists/partial"));
        Files.createDirectories(work.resolve("archives/partial"));
        options =
                List.of(
                        "-o",
                        "Dir::State::lists=" + work.resolve("lists"),
                        "-o",
                        "Dir::Cache=" + work,
                        "-o",
                        "Dir::Cache::archives=" + work.resolve("archives"));
        return runWithOptions(List.of("update"));
    }

    private CommandRunner.Result runWithOptions(List<String> arguments) {
        return CommandRunner.run(
                work,
                Stream.of(Stream.of("apt-get"), options.stream(), arguments.stream())
                        .flatMap(part -> part)
                        .toList());
    }

    /**
     * Unpacks what was downloaded, over one another.
     *
     * @param target made where it is missing
     */
    public CommandRunner.Result unpackInto(Path target) throws IOException {
        List<Path> packages;
        try (Stream<Path> files = Files.list(work)) {
            packages = files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
        }
        if (packages.isEmpty()) {
            return new CommandRunner.Result(1, "apt-get download left no package");
        }
        CommandRunner.Result result = null;
        for (Path file : packages) {
            result =
                    CommandRunner.run(
                            work, List.of("dpkg-deb", "-x", file.toString(), target.toString()));
            if (!result.succeeded()) {
                return result;
            }
            Files.delete(file);
        }
        return result;
    }
}
