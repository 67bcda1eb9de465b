/** How jobs try again what may work the next time. */
package io.ponix.jobs.retry;
