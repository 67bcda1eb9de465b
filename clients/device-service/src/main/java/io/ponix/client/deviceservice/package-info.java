/** How programs of Ponix reach the device service. It knows nothing of its methods. */
package io.ponix.client.deviceservice;
