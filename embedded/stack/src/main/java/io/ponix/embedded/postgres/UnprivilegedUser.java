package io.ponix.embedded.postgres;

import io.ponix.embedded.process.CommandRunner;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;

/**
 * How a program that refuses to run as root (Postgres) is started by root. An ordinary user starts
 * it plainly.
 *
 * <p>Two ways, tried in this order:
 *
 * <ol>
 *   <li>{@code unshare --user}: in a user namespace without mappings every id reads as "nobody",
 *       while the kernel goes on checking files against the real one. So the data stays root's,
 *       wherever it is, also below a folder only root may enter.
 *   <li>{@code setpriv} to {@code nobody}, where a container forbids user namespaces: the data
 *       folder is given to nobody, and the capability to override file permissions lets it reach a
 *       folder below one that only root may enter.
 * </ol>
 */
final class UnprivilegedUser {

    private static final String NOBODY = "nobody";

    private static final List<String> USER_NAMESPACE = List.of("unshare", "--user");
    private static final List<String> NOBODY_WITH_ACCESS =
            List.of(
                    "setpriv",
                    // access(2), by which Postgres looks for its own programs, leaves capabilities
                    // out of account otherwise: they may be in a folder that only root may enter.
                    "--securebits=+no_setuid_fixup",
                    "--reuid=" + NOBODY,
                    "--regid=nogroup",
                    "--clear-groups",
                    "--inh-caps=+dac_override",
                    "--ambient-caps=+dac_override");

    private final List<String> prefix;

    /** Who must own the data. */
    private final String owner;

    private UnprivilegedUser(List<String> prefix, String owner) {
        this.prefix = prefix;
        this.owner = owner;
    }

    static UnprivilegedUser determine() {
        String user = System.getProperty("user.name");
        if (!user.equals("root")) {
            return new UnprivilegedUser(List.of(), user);
        }
        if (works(USER_NAMESPACE)) {
            return userNamespace();
        }
        if (works(NOBODY_WITH_ACCESS)) {
            return nobody();
        }
        throw new EmbeddedProcessException(
                "Postgres refuses to run as root, and neither unshare --user nor setpriv (package util-linux) works here: run as an"
                        + " ordinary user, or point PONIX_POSTGRES_HOST and PONIX_POSTGRES_PORT at a server that runs.");
    }

    /** The first way. */
    static UnprivilegedUser userNamespace() {
        return new UnprivilegedUser(USER_NAMESPACE, System.getProperty("user.name"));
    }

    /** The second way; root only. */
    static UnprivilegedUser nobody() {
        return new UnprivilegedUser(NOBODY_WITH_ACCESS, NOBODY);
    }

    private static boolean works(List<String> prefix) {
        return CommandRunner.run(Path.of("/"), command(prefix, List.of("true"))).succeeded();
    }

    /** The command that executes the given one as this user. The process keeps its pid. */
    List<String> command(List<String> command) {
        return command(prefix, command);
    }

    /**
     * Gives the folder and what is in it to this user; a folder may have been written in the other
     * way before.
     */
    void own(Path folder) throws IOException {
        if (prefix.isEmpty()) {
            return;
        }
        UserPrincipal principal =
                folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner);
        if (Files.getOwner(folder).equals(principal)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.setOwner(file, principal);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path directory, IOException failure)
                            throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        // The folder last: its owner says that everything in it is done.
                        Files.setOwner(directory, principal);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static List<String> command(List<String> prefix, List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return whole;
    }
}
