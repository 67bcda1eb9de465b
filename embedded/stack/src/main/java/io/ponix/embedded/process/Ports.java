package io.ponix.embedded.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** TCP ports of this machine: which are free, and who listens on the others. */
public final class Ports {

    // Below the range from which Linux takes the local ports of outgoing connections (32768 and
    // up by default): a port from that range could be taken by any client's connection while the
    // server that owns it is being restarted.
    private static final int FIRST_FREE = 20_000;
    private static final int LAST_FREE = 32_000;

    // Processes that are started at the same time must not be given the same port.
    private static final Set<Integer> HANDED_OUT = ConcurrentHashMap.newKeySet();

    private static final String STATE_LISTEN = "0A";
    private static final int COLUMN_LOCAL_ADDRESS = 1;
    private static final int COLUMN_STATE = 3;
    private static final int COLUMN_INODE = 9;

    private Ports() {}

    /**
     * A port on which nothing listens now, and that was not handed out before in this JVM. Another
     * program may take it before it is used: callers try another one then.
     */
    public static int free() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_FREE, LAST_FREE);
            if (isFree(port) && HANDED_OUT.add(port)) {
                return port;
            }
        }
        throw new EmbeddedProcessException(
                "No free TCP port between " + FIRST_FREE + " and " + LAST_FREE);
    }

    /** Whether a server could listen on the port on all addresses. */
    static boolean isFree(int port) {
        try (ServerSocket any = new ServerSocket()) {
            any.setReuseAddress(true);
            any.bind(new InetSocketAddress((InetAddress) null, port));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    /**
     * Refuses a port that is in use.
     *
     * @param title for what the port is wanted
     * @param portOption the option that chooses another one
     * @throws EmbeddedProcessException that says by whom it is used
     */
    public static void requireFree(int port, String title, String portOption) {
        if (!isFree(port)) {
            throw new EmbeddedProcessException(taken(port, title, portOption));
        }
    }

    /**
     * Whether the process listens on the port, as {@code /proc/net/tcp} and the process's
     * descriptors tell.
     */
    public static boolean isListening(long pid, int port) {
        Set<String> sockets = listeningSockets(port);
        return !sockets.isEmpty() && holdsAny(Path.of("/proc/" + pid + "/fd"), sockets);
    }

    /**
     * Says that a port is in use, by whom as far as this user may know, and what to do.
     *
     * @param title for what the port is wanted
     * @param portOption the option that chooses another one
     */
    static String taken(int port, String title, String portOption) {
        String inUse = "Port " + port + " for " + title + " is in use";
        Optional<ProcessHandle> listener = listener(port);
        if (listener.isEmpty()) {
            return inUse + ": end what uses it or choose another port with " + portOption;
        }
        long pid = listener.get().pid();
        Optional<Path> home = RunningHomes.of(pid);
        if (home.isPresent()) {
            return inUse
                    + " by the stack in "
                    + home.get()
                    + " (pid "
                    + pid
                    + "): stop that one with ./ponix down --home "
                    + home.get()
                    + ", or choose other ports ("
                    + portOption
                    + " and the like; 0 takes a free one)";
        }
        return inUse
                + " by pid "
                + pid
                + listener.get().info().command().map(c -> " (" + c + ")").orElse("")
                + ": end that process or choose another port with "
                + portOption;
    }

    private static Optional<ProcessHandle> listener(int port) {
        Set<String> sockets = listeningSockets(port);
        if (sockets.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.allProcesses()
                .filter(process -> holdsAny(Path.of("/proc/" + process.pid() + "/fd"), sockets))
                .findFirst();
    }

    private static Set<String> listeningSockets(int port) {
        Set<String> sockets = new HashSet<>();
        String suffix = ":%04X".formatted(port);
        for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            try {
                for (String line : Files.readAllLines(Path.of(table))) {
                    String[] columns = line.trim().split("\\s+");
                    if (columns.length > COLUMN_INODE
                            && columns[COLUMN_LOCAL_ADDRESS].endsWith(suffix)
                            && columns[COLUMN_STATE].equals(STATE_LISTEN)) {
                        sockets.add("socket:[" + columns[COLUMN_INODE] + "]");
                    }
                }
            } catch (IOException absent) {
                // No IPv6 in this kernel.
            }
        }
        return sockets;
    }

    private static boolean holdsAny(Path descriptors, Set<String> sockets) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
            for (Path entry : entries) {
                try {
                    if (sockets.contains(Files.readSymbolicLink(entry).toString())) {
                        return true;
                    }
                } catch (IOException closed) {
                    // The descriptor was closed while we looked.
                }
            }
        } catch (IOException goneOrForeign) {
            return false;
        }
        return false;
    }
}
