/** What the services of {@code ponix.charging.v1} have in common. */
package io.ponix.deviceservice.charging.store;
