package io.ponix.connector.clickhouse.sink;

import java.io.Serializable;
import java.time.Duration;

/**
 * When a batch is closed, and how much may wait.
 *
 * @param rows most rows
 * @param bytes encoded bytes at which it is closed
 * @param window longest time it is open; zero: until the checkpoint
 * @param pendingBytes bytes of closed batches from which records are held back
 */
record BatchLimits(int rows, int bytes, Duration window, long pendingBytes)
        implements Serializable {}
