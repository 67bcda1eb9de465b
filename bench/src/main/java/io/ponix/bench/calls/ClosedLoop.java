package io.ponix.bench.calls;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.ponix.bench.measurement.Percentiles;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc.EndDeviceServiceFutureStub;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** Asks for a device again and again, with so many calls in flight. */
final class ClosedLoop {

    private final EndDeviceServiceFutureStub service;
    private final GetEndDeviceRequest request;
    private final int concurrent;

    private long[] nanos = new long[1 << 16];
    private int answered;
    private long nanosOfRounds;

    ClosedLoop(EndDeviceServiceFutureStub service, EndDevice device, int concurrent) {
        this.service = service;
        this.request = GetEndDeviceRequest.newBuilder().setDeviceId(device.getDeviceId()).build();
        this.concurrent = concurrent;
    }

    /**
     * Calls for some time, and waits for the answers.
     *
     * @param counted whether it is not to warm up
     */
    void round(Duration duration, boolean counted) {
        Semaphore free = new Semaphore(concurrent);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long begin = System.nanoTime();
        long end = begin + duration.toNanos();
        while (System.nanoTime() < end && failure.get() == null) {
            free.acquireUninterruptibly();
            long called = System.nanoTime();
            Futures.addCallback(
                    service.getEndDevice(request),
                    new FutureCallback<GetEndDeviceResponse>() {
                        @Override
                        public void onSuccess(GetEndDeviceResponse response) {
                            if (counted) {
                                add(System.nanoTime() - called);
                            }
                            free.release();
                        }

                        @Override
                        public void onFailure(Throwable problem) {
                            failure.compareAndSet(null, problem);
                            free.release();
                        }
                    },
                    MoreExecutors.directExecutor());
        }
        free.acquireUninterruptibly(concurrent);
        if (failure.get() != null) {
            throw new CommandException(
                    "the device service did not answer: " + failure.get().getMessage(),
                    failure.get());
        }
        if (counted) {
            nanosOfRounds += System.nanoTime() - begin;
        }
    }

    private synchronized void add(long nanosOfCall) {
        if (answered == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * nanos.length);
        }
        nanos[answered++] = nanosOfCall;
    }

    synchronized CallsResult.Way result() {
        return new CallsResult.Way(
                answered,
                answered * 1e9 / nanosOfRounds,
                Percentiles.ofNanos(Arrays.copyOf(nanos, answered)));
    }
}
