package io.ponix.embedded.clickhouse.server.engine;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.StringArray;

/** The few calls of the C library that the JDK does not offer. */
public interface LibC extends Library {

    /** The process's C library. */
    LibC INSTANCE = Native.load("c", LibC.class);

    /** {@code O_CLOEXEC} on Linux x86-64. */
    int O_CLOEXEC = 0x80000;

    /** {@code F_SETPIPE_SZ}: sets the capacity of a pipe. */
    int F_SETPIPE_SZ = 1031;

    /** Makes a pipe: {@code descriptors[0]} reads what is written to {@code descriptors[1]}. */
    int pipe2(int[] descriptors, int flags) throws LastErrorException;

    /** Closes a file descriptor. */
    int close(int descriptor) throws LastErrorException;

    /** Changes a property of a file descriptor; returns -1 when that is refused. */
    int fcntl(int descriptor, int command, int argument);

    /** Replaces the process's program; returns only by throwing. */
    int execve(String path, StringArray arguments, StringArray environment)
            throws LastErrorException;
}
