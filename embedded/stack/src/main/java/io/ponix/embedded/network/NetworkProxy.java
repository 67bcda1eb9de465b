package io.ponix.embedded.network;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The network between clients and one server at a time: connections to its port on 127.0.0.1 go to
 * the server, as long as the network is not disturbed. They can be reset, stalled or delayed, all
 * at once, while both ends are well.
 *
 * <p>Where the server does not take a connection, the client's is reset. A disturbance is for the
 * connections that exist and those that are made while it lasts. Methods may be called from any
 * thread.
 */
public final class NetworkProxy implements AutoCloseable {

    private static final int CHUNK_BYTES = 16 * 1024;

    /** With {@link #CHUNK_BYTES} the most that is on its way in one direction of a connection. */
    private static final int CHUNKS_ON_THE_WAY = 256;

    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private volatile InetSocketAddress server;
    private final ServerSocket front;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Lock lock = new ReentrantLock();
    private final Condition passing = lock.newCondition();
    private boolean stalled;
    private volatile long delayNanos;
    private final AtomicLong untilStall = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean closed;

    private NetworkProxy(InetSocketAddress server) throws IOException {
        this.server = server;
        this.front = new ServerSocket();
        front.setReuseAddress(true);
        front.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /**
     * A network that is well.
     *
     * @throws EmbeddedProcessException if no port can be had
     */
    public static NetworkProxy to(String host, int port) {
        try {
            NetworkProxy proxy = new NetworkProxy(new InetSocketAddress(host, port));
            proxy.run("accept", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot listen for connections to " + host + ":" + port + ": " + e, e);
        }
    }

    /** The port on 127.0.0.1 that stands for the server's. */
    public int port() {
        return front.getLocalPort();
    }

    /** Ends every connection as a router does that has forgotten them: both ends see a reset. */
    public void reset() {
        links.forEach(Link::reset);
    }

    /**
     * Leads to another server from now on, as an address that moves: what is open is reset, and no
     * byte of it that was held back arrives.
     */
    public void moveTo(String host, int port) {
        server = new InetSocketAddress(host, port);
        reset();
    }

    /** Lets no byte pass; connections stay open, and new ones are made. */
    public void stall() {
        lock.lock();
        try {
            stalled = true;
        } finally {
            lock.unlock();
        }
    }

    /** Stalls once that many more bytes have passed, in both directions and all connections. */
    public void stallAfter(long bytes) {
        untilStall.set(bytes);
    }

    /** Lets every byte arrive later by this, in each direction. */
    public void delay(Duration eachWay) {
        delayNanos = eachWay.toNanos();
    }

    /** Lets bytes pass at once, those that were held back too. */
    public void pass() {
        delayNanos = 0;
        untilStall.set(Long.MAX_VALUE);
        lock.lock();
        try {
            stalled = false;
            passing.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Resets what is open and listens no longer. */
    @Override
    public void close() {
        closed = true;
        closeQuietly(front);
        pass();
        reset();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket client = front.accept();
                run("connect", () -> connect(client));
            } catch (IOException closedOrOutOfDescriptors) {
                if (!closed) {
                    Thread.yield();
                }
            }
        }
    }

    private void connect(Socket client) {
        Socket back = new Socket();
        Link link = new Link(client, back);
        links.add(link);
        try {
            back.connect(server, CONNECT_TIMEOUT_MILLIS);
            client.setTcpNoDelay(true);
            back.setTcpNoDelay(true);
            link.pump(client, back);
            link.pump(back, client);
        } catch (IOException refused) {
            link.reset();
        }
        // A reset that came before the last of its threads was known, or the end of all.
        if (closed || client.isClosed()) {
            link.reset();
        }
    }

    private void awaitPassing() throws InterruptedException {
        lock.lock();
        try {
            while (stalled) {
                passing.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private Thread run(String what, Runnable body) {
        Thread thread = new Thread(body, "network-" + server.getPort() + "-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception alreadyBroken) {
            // It is gone, which is what was wanted.
        }
    }

    /**
     * Bytes on their way.
     *
     * @param bytes empty for the end of the stream
     */
    private record Chunk(byte[] bytes, long readAt) {}

    /** A client's connection and the one to the server that carries it on. */
    private final class Link {

        private final Socket client;
        private final Socket back;
        private final List<Thread> threads = new CopyOnWriteArrayList<>();
        private int open = 2;

        Link(Socket client, Socket back) {
            this.client = client;
            this.back = back;
        }

        void pump(Socket from, Socket to) throws IOException {
            // Read ahead of what is written, or a delay would be a limit to the rate, too.
            BlockingQueue<Chunk> onTheWay = new ArrayBlockingQueue<>(CHUNKS_ON_THE_WAY);
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            threads.add(run("read", () -> orReset(() -> read(in, onTheWay))));
            threads.add(
                    run(
                            "write",
                            () ->
                                    orReset(
                                            () -> {
                                                write(onTheWay, out);
                                                to.shutdownOutput();
                                                endOne();
                                            })));
        }

        private void read(InputStream in, BlockingQueue<Chunk> onTheWay)
                throws IOException, InterruptedException {
            byte[] buffer = new byte[CHUNK_BYTES];
            int length;
            do {
                length = in.read(buffer);
                onTheWay.put(
                        new Chunk(Arrays.copyOf(buffer, Math.max(length, 0)), System.nanoTime()));
            } while (length >= 0);
        }

        private void write(BlockingQueue<Chunk> onTheWay, OutputStream out)
                throws IOException, InterruptedException {
            while (true) {
                Chunk chunk = onTheWay.take();
                for (long early = chunk.readAt() + delayNanos - System.nanoTime();
                        early > 0;
                        early = chunk.readAt() + delayNanos - System.nanoTime()) {
                    Thread.sleep(Duration.ofNanos(Math.min(early, 20_000_000)).toMillis() + 1);
                }
                awaitPassing();
                if (chunk.bytes().length == 0) {
                    return;
                }
                out.write(chunk.bytes());
                if (untilStall.addAndGet(-chunk.bytes().length) <= 0) {
                    stall();
                }
            }
        }

        private void endOne() {
            synchronized (this) {
                open--;
            }
            if (open == 0) {
                links.remove(this);
                closeQuietly(client);
                closeQuietly(back);
            }
        }

        void reset() {
            links.remove(this);
            for (Socket socket : new Socket[] {client, back}) {
                try {
                    // Closed with nothing to linger for: a reset, not an orderly end.
                    socket.setSoLinger(true, 0);
                } catch (IOException alreadyBroken) {
                    // Closing it is all that is left.
                }
                closeQuietly(socket);
            }
            // Some wait for each other, and for the network to be well again.
            threads.forEach(Thread::interrupt);
        }

        private void orReset(Transfer transfer) {
            try {
                transfer.run();
            } catch (IOException broken) {
                reset();
            } catch (InterruptedException ofAReset) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @FunctionalInterface
    private interface Transfer {
        void run() throws IOException, InterruptedException;
    }
}
