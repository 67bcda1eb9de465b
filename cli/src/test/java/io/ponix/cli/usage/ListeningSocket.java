package io.ponix.cli.usage;

import io.ponix.embedded.process.EmbeddedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A socket at which a process can be reached, as the kernel has it: one of TCP that listens, or one
 * of UDP that no peer is set for.
 *
 * @param table of {@code /proc/net}: tcp, tcp6, udp or udp6
 */
record ListeningSocket(String table, InetAddress address, int port) {

    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    /** LISTEN of TCP; of UDP what has no peer is in the state of a closed one. */
    private static final List<String> REACHABLE = List.of("0A", "07");

    /** Of all of the processes, and of those that they have started. */
    static List<ListeningSocket> of(List<EmbeddedProcess> processes) throws IOException {
        Set<String> theirs = new HashSet<>();
        for (EmbeddedProcess process : processes) {
            ProcessHandle handle = ProcessHandle.of(process.pid().orElseThrow()).orElseThrow();
            for (ProcessHandle each :
                    Stream.concat(Stream.of(handle), handle.descendants()).toList()) {
                theirs.addAll(sockets(each.pid()));
            }
        }
        List<ListeningSocket> found = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/net", table))) {
                String[] columns = line.strip().split("\\s+");
                if (columns.length > INODE
                        && REACHABLE.contains(columns[STATE])
                        && theirs.contains("socket:[" + columns[INODE] + "]")) {
                    String[] address = columns[LOCAL_ADDRESS].split(":");
                    found.add(
                            new ListeningSocket(
                                    table, address(address[0]), Integer.parseInt(address[1], 16)));
                }
            }
        }
        return found;
    }

    private static Set<String> sockets(long pid) throws IOException {
        Set<String> sockets = new HashSet<>();
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    sockets.add(Files.readSymbolicLink(descriptor).toString());
                } catch (NoSuchFileException closed) {
                    // While they were listed.
                }
            }
        } catch (NoSuchFileException ended) {
            // A child.
        }
        return sockets;
    }

    /** The kernel has words of 32 bits, each in the order of bytes of the processor. */
    private static InetAddress address(String hexadecimal) throws UnknownHostException {
        byte[] bytes = new byte[hexadecimal.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int at = i - i % 4 + 3 - i % 4;
            bytes[i] = (byte) Integer.parseInt(hexadecimal.substring(2 * at, 2 * at + 2), 16);
        }
        return InetAddress.getByAddress(bytes);
    }
}
