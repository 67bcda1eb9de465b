/** How much the bridge holds in memory of what is not stored yet. */
package io.ponix.bridge.memory;
