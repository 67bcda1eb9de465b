/** Messages of a stream as jobs read them: bytes that nobody has looked at, and where they are. */
package io.ponix.jobs.message;
