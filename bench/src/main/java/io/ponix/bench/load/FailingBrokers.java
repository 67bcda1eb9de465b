package io.ponix.bench.load;

import io.ponix.cli.program.CommandException;
import io.ponix.embedded.mqtt.EmbeddedMqttBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Brokers that cannot be used, each in its way: of a host that nobody knows, one that refuses the
 * login, and one that accepts connections and never answers.
 */
public final class FailingBrokers implements AutoCloseable {

    private static final int KINDS = 3;
    private static final int BACKLOG = 1_024;
    private static final int SKIPPED_AT_ONCE = 4_096;

    private final EmbeddedMqttBroker refusing;
    private final Selector selector;
    private final ServerSocketChannel silent;
    private final Thread holding = new Thread(this::hold, "silent-broker");
    private volatile boolean ended;

    /**
     * Starts them.
     *
     * @param home for data and logs
     */
    public FailingBrokers(Path home) {
        refusing =
                EmbeddedMqttBroker.builder()
                        .home(home)
                        .user("somebody", "whom nobody knows")
                        .build();
        try {
            selector = Selector.open();
            silent =
                    ServerSocketChannel.open()
                            .bind(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                    BACKLOG);
            silent.configureBlocking(false);
            silent.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            throw new CommandException("no port can be opened: " + e.getMessage(), e);
        }
        refusing.start();
        holding.setDaemon(true);
        holding.start();
    }

    /** The URL of one of them: of each kind the third part. */
    public String url(int number) {
        return switch (number % KINDS) {
            case 0 -> "mqtt://nowhere-" + number + ".invalid:1883";
            case 1 -> refusing.url();
            default -> "mqtt://127.0.0.1:" + silent.socket().getLocalPort();
        };
    }

    /** Takes what comes, and answers nothing, until the other side ends it. */
    private void hold() {
        ByteBuffer skipped = ByteBuffer.allocate(SKIPPED_AT_ONCE);
        try {
            while (!ended) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    if (key.isAcceptable()) {
                        SocketChannel connection = silent.accept();
                        connection.configureBlocking(false);
                        connection.register(selector, SelectionKey.OP_READ);
                    } else if (isEnded((SocketChannel) key.channel(), skipped)) {
                        key.channel().close();
                    }
                }
                selector.selectedKeys().clear();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEnded(SocketChannel connection, ByteBuffer skipped) {
        try {
            return connection.read(skipped.clear()) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        refusing.stop();
        ended = true;
        selector.wakeup();
        try {
            holding.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
