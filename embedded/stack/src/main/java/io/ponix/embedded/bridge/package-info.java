/** The bridge, as a process of its own. */
package io.ponix.embedded.bridge;
